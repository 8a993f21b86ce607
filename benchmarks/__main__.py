"""``python -m benchmarks``: prints the figures we publish.

Without arguments, those that need nothing from outside; ``--gold FILE`` and ``--data DIR`` add those on outside data.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import (
    beside,
    gold,
    language,
    learnt,
    parts,
    prevalence,
    real,
    replay,
    routing,
    scale,
    start,
    subjects,
    taxonomy,
    unseen,
)


def _gold(given: argparse.Namespace) -> None:
    for path in given.gold:
        print(f"-- {path.name}")
        gold.report(path)


def _real(given: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        real.report(given.data, given.keep or Path(temporary) / "real")


# What needs nothing from outside, in the order it is run; then what needs labels, and what needs the public data sets.
ALONE: dict[str, Callable[[argparse.Namespace], None]] = {
    "start": lambda _: start.report(),
    "taxonomy": lambda _: taxonomy.report(),
    "subjects": lambda _: subjects.report(),
    "language": lambda _: language.report(),
    "routing": lambda _: routing.report(),
    "prevalence": lambda _: prevalence.report(),
    "scale": lambda _: scale.report(),
    "beside": lambda given: beside.report(given.peer, given.peer_model, given.workers),
    "replay": lambda given: replay.report(given.interactions),
}
WITH_GOLD: dict[str, Callable[[argparse.Namespace], None]] = {"gold": _gold, "unseen": lambda given: unseen.report_unseen(given.gold)}
WITH_DATA: dict[str, Callable[[argparse.Namespace], None]] = {
    "parts": lambda given: parts.report(given.data, most=given.most, workers=given.workers),
    "learnt": lambda given: learnt.report(given.data),
    "real": _real,
}


def main() -> None:
    """Runs what was asked for, or everything that can be run."""
    reports = {**ALONE, **WITH_GOLD, **WITH_DATA}
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("which", nargs="*", choices=[*reports, []], help="only these")
    parser.add_argument("--gold", type=Path, action="append", help="gold labels in the codebook's JSON Lines; may be given more than once")
    parser.add_argument("--data", type=Path, help="folder of the public data sets")
    parser.add_argument("--most", type=int, default=1500, help="texts of a data set, beside its own test part, for `parts`")
    parser.add_argument("--keep", type=Path, help="keep the workspace of `real` here")
    parser.add_argument("--peer", help="interpreter with presidio and sentence-transformers, for `beside`")
    parser.add_argument("--peer-model", type=Path, help="folder of the sentence-transformers model, for `beside`")
    parser.add_argument("--workers", type=int, default=2, help="processes, for `beside` and `parts`")
    parser.add_argument("--interactions", type=int, default=20_000, help="stored interactions that `replay` replays")
    given = parser.parse_args()
    for name in given.which or [*ALONE, *(WITH_GOLD if given.gold else ()), *(WITH_DATA if given.data else ())]:
        print(f"== {name}", flush=True)
        reports[name](given)


if __name__ == "__main__":
    main()
