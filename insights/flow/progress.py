"""How long work tells how far it is, without knowing who listens."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int | None], None]
"""Told after each batch: the step's name, records done, and how many there are (None while unknown)."""


def silent(step: str, done: int, total: int | None) -> None:
    """Tells nobody."""
