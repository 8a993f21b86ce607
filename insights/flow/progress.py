"""How long work tells how far it is, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told after each batch; the command line draws a bar, a library caller may ignore it."""

    def __call__(self, step: str, done: int, total: int | None) -> None:
        """Takes the step's name, how many records are done, and how many there are (None while unknown)."""


def silent(step: str, done: int, total: int | None) -> None:
    """Tells nobody."""
