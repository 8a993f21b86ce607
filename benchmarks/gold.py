"""The shipped model on labelled interactions it was not trained on: in all, and by source."""

from __future__ import annotations

from pathlib import Path

from insights.flow.evaluate import as_text, evaluate


def report(gold: Path) -> None:
    """Prints precision, recall and F1 a kind with 95 % intervals, evidence match and calibration."""
    print(as_text(evaluate([gold])))
