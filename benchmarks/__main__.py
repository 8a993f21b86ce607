"""``python -m benchmarks``: prints the figures we publish.

Without arguments, those that need nothing from outside; ``--gold FILE`` and ``--data DIR`` add those on outside data.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks import gold, language, learnt, prevalence, real, replay, routing, scale, start, subjects, taxonomy


def main() -> None:
    """Runs what was asked for, or everything that can be run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument(
        "which",
        nargs="*",
        choices=["start", "taxonomy", "replay", "scale", "routing", "prevalence", "subjects", "language", "gold", "real", "learnt", []],
        help="only these",
    )
    parser.add_argument("--gold", type=Path, help="gold labels in the codebook's JSON Lines")
    parser.add_argument("--data", type=Path, help="folder of the public data sets")
    parser.add_argument("--keep", type=Path, help="keep the workspace of `real` here")
    parser.add_argument("--interactions", type=int, default=20_000, help="stored interactions that `replay` replays")
    given = parser.parse_args()
    which = given.which or [
        "start",
        "taxonomy",
        "subjects",
        "language",
        "routing",
        "prevalence",
        "scale",
        "replay",
        *(["gold"] if given.gold else []),
        *(["real", "learnt"] if given.data else []),
    ]
    for name in which:
        print(f"== {name}")
        if name == "start":
            start.report()
        elif name == "taxonomy":
            taxonomy.report()
        elif name == "replay":
            replay.report(given.interactions)
        elif name == "routing":
            routing.report()
        elif name == "prevalence":
            prevalence.report()
        elif name == "subjects":
            subjects.report()
        elif name == "language":
            language.report()
        elif name == "scale":
            scale.report()
        elif name == "learnt":
            learnt.report(given.data)
        elif name == "gold":
            gold.report(given.gold)
        else:
            with tempfile.TemporaryDirectory() as temporary:
                real.report(given.data, given.keep or Path(temporary) / "real")


if __name__ == "__main__":
    main()
