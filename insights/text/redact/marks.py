"""Typed marks, the spans they replace, and the way back from a redacted text to the original."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple


class Mark(StrEnum):
    """What stood in a text before it was redacted; ``Mark.EMAIL`` is written ``[EMAIL]``.

    The order is the precedence where spans of different types overlap: the earlier type names the whole.
    """

    CARD = "CARD"
    IBAN = "IBAN"
    URL = "URL"
    EMAIL = "EMAIL"
    ADDRESS = "ADDRESS"
    SECRET = "SECRET"  # noqa: S105 - the name of a mark
    CVV = "CVV"
    ID = "ID"
    IP = "IP"
    PHONE = "PHONE"
    ACCOUNT = "ACCOUNT"
    BIRTHDATE = "BIRTHDATE"
    NAME = "NAME"


class Span(NamedTuple):
    """A half-open range of code points and the mark to stand for it."""

    start: int
    end: int
    mark: Mark


_RANK = {mark: rank for rank, mark in enumerate(Mark)}
_WRITTEN = re.compile(r"\[(?:" + "|".join(Mark) + r")\]")
# Stands for a mark while detectors look at a text: no letter, no digit, no space, so that no pattern runs through it.
_BARRIER = "\ue000"


def hide_marks(text: str) -> str:
    """Returns ``text`` with every mark replaced by a barrier of the same length, so that detectors leave marks alone."""
    if "[" not in text:
        return text
    return _WRITTEN.sub(lambda match: _BARRIER * len(match[0]), text)


def merge(spans: Iterable[Span]) -> list[Span]:
    """Returns the spans in order, overlapping ones joined under the mark of the highest precedence."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            mark = min(last.mark, span.mark, key=_RANK.__getitem__)
            merged[-1] = Span(last.start, max(last.end, span.end), mark)
        else:
            merged.append(span)
    return merged


class Redacted:
    """A text under redaction that remembers which ranges of the original its marks stand for.

    Attributes:
        original: The text before any replacement.
        text: The text with the marks put in so far.
        replaced: Ranges of ``original`` that stand replaced, in order and disjoint.
    """

    __slots__ = ("_ends", "_starts", "original", "replaced", "text")

    def __init__(self, original: str) -> None:
        self.original = original
        self.text = original
        self.replaced: list[Span] = []
        self._starts: list[int] = []
        self._ends: list[int] = []

    def replace(self, spans: Sequence[Span]) -> None:
        """Replaces ``spans`` (merged, offsets into the present text) by marks."""
        mapped = [Span(self._back(span.start, False), self._back(span.end, True), span.mark) for span in spans]
        self.replaced = merge([*self.replaced, *mapped])
        self._render()

    def _back(self, offset: int, is_end: bool) -> int:
        """Returns the place in the original of a place in the present text; inside a mark, its outer edge."""
        before = bisect_left(self._starts, offset) if is_end else bisect_right(self._starts, offset)
        if not before:
            return offset
        start, end, _ = self.replaced[before - 1]
        if offset < self._ends[before - 1]:
            return end if is_end else start
        return end + offset - self._ends[before - 1]

    def _render(self) -> None:
        pieces: list[str] = []
        self._starts, self._ends = [], []
        at = shift = 0
        for start, end, mark in self.replaced:
            pieces += (self.original[at:start], "[", mark, "]")
            self._starts.append(start + shift)
            self._ends.append(start + shift + len(mark) + 2)
            shift += len(mark) + 2 - (end - start)
            at = end
        pieces.append(self.original[at:])
        self.text = "".join(pieces)
