"""Sentence encoders as ONNX files: tokens, mean pooling, length 1."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.encoder.passages import passages, readable
from insights.errors import ModelError
from insights.registry import Manifest, read_manifest

LEAST_COSINE = 0.99
"""A probe further than this from its vector means that this machine computes something else than the one that shipped it."""

_MEND = "restore the model folder from where it came, or install the package again"


@dataclass(frozen=True, slots=True)
class OnnxEncoder:
    """An encoder whose graph turns ``input_ids (1, tokens)`` into token vectors ``(1, tokens, dimensions)``.

    Every text is a run of its own. Activations are quantised by the largest value in a run, so in a shared run a text's vector
    would hang on its neighbours and on padding; a single run costs a sixth more on short texts, nothing on long ones.
    """

    id: str
    dimensions: int
    threads: int
    session: Any
    tokenizer: Any

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Returns one row of length 1 a text, ``(len(texts), dimensions)``; the same text always has the same row.

        Only the beginning of a text counts (256 word pieces in the shipped model). Equal texts are encoded once.
        """
        distinct = list(dict.fromkeys(texts))
        if self.threads > 1:
            with ThreadPoolExecutor(self.threads) as pool:
                rows = list(pool.map(self._encode_one, distinct))
        else:
            rows = [self._encode_one(text) for text in distinct]
        place = {text: row for row, text in enumerate(distinct)}
        found = np.array(rows, np.float32).reshape(len(distinct), self.dimensions)
        return found[[place[text] for text in texts]]

    def encode_sentences(self, turns: Sequence[Sequence[str]]) -> NDArray[np.float32]:
        """Returns the mean of each sentence's own token vectors, ``(n_sentences, dimensions)``, not scaled to length 1.

        A contact's rows depend on nothing but the contact; see ``passages``.
        """
        rows: list[NDArray[np.float32]] = []
        for ids, spans in passages(self.tokenizer, turns):
            tokens = self.session.run(None, {"input_ids": np.array([ids], np.int64)})[0][0]
            rows += [tokens[start:end].mean(axis=0) for start, end in spans]
        return np.array(rows, np.float32).reshape(len(rows), self.dimensions)

    def _encode_one(self, text: str) -> NDArray[np.float32]:
        ids = np.array([self.tokenizer.encode(readable(text)).ids], np.int64)
        pooled = self.session.run(None, {"input_ids": ids})[0][0].mean(axis=0)
        unit: NDArray[np.float32] = pooled / np.linalg.norm(pooled)
        return unit


def load(folder: Path, *, threads: int) -> OnnxEncoder:
    """Loads and proves an encoder; see ``insights.encoder.load_encoder``."""
    manifest = read_manifest(folder)
    try:
        session = _session(folder / "model.onnx")
        tokenizer = _tokenizer(folder / "tokenizer.json", int(manifest.details["max_tokens"]))
        dimensions = int(manifest.details["dimensions"])
        encoder = OnnxEncoder(manifest.id, dimensions, max(1, threads), session, tokenizer)
        _prove(encoder, manifest)
    except ModelError:
        raise
    except Exception as error:
        # onnxruntime and tokenizers raise classes of their own, even bare Exception.
        raise ModelError(f"model {folder.name} cannot be run ({type(error).__name__})", _MEND) from error
    return encoder


def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(os.fspath(path), options, providers=["CPUExecutionProvider"])


def _tokenizer(path: Path, max_tokens: int) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(os.fspath(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def _prove(encoder: OnnxEncoder, manifest: Manifest) -> None:
    probes: Sequence[Mapping[str, Any]] = manifest.details["probes"]
    if not probes:
        raise ModelError(f"model {manifest.name} has no probes to be proved by", _MEND)
    expected = np.array([probe["vector"] for probe in probes], np.float32)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    least = float(np.sum(encoder.encode([probe["text"] for probe in probes]) * expected, axis=1).min())
    if not least >= LEAST_COSINE:
        problem = f"model {manifest.name} gives other vectors here than where it was made (cosine {least:.3f}, at least {LEAST_COSINE})"
        raise ModelError(problem, "update onnxruntime; if that does not help, report the processor with `insights doctor`")
