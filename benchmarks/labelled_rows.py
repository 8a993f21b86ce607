"""Our own labelled sentences, and a share with its interval."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).with_name("labelled")
WRITTEN = ("before", "after")
"""When a line was written: before the rules, which were tuned on it, or after they were frozen."""


def rows(name: str, written: str) -> list[dict[str, Any]]:
    """Returns the lines of a file that were written then."""
    lines = (_FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["written"] == written]


def share(right: Sequence[bool]) -> str:
    """Returns a fraction with its 95 % interval by Wilson (1927)."""
    if not right:
        return "-"
    count, z = len(right), 1.96
    rate = sum(right) / count
    middle = (rate + z * z / (2 * count)) / (1 + z * z / count)
    reach = z * ((rate * (1 - rate) + z * z / (4 * count)) / count) ** 0.5 / (1 + z * z / count)
    return f"{rate:.3f} [{max(0.0, middle - reach):.3f}, {min(1.0, middle + reach):.3f}]"
