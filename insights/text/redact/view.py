"""What detectors see of a text: the characters, and cheap facts that let most of them stay asleep."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_NO_LETTER = re.compile(r"[\W\d_]")
_DIGITS = re.compile(r"\d+")
_ASCII_GAPS = {code: " " for code in range(128) if not chr(code).isalpha()}


def words_of(block: str) -> frozenset[str]:
    """Returns the set of the words in ``block``."""
    return frozenset(block.split())


@dataclass(frozen=True, slots=True)
class View:
    """A text with its prefilters.

    Attributes:
        text: The text, marks hidden behind barriers.
        low: The same in lower case and of the same length, so that offsets agree.
        words: The words of ``low`` in order; what is not a letter separates them.
        vocabulary: The set of ``words``.
        spaced: ``low`` with a blank for whatever is no letter, and one more at either end: a whole word stands between blanks.
        digits: Start and end of every run of digits.
        stretches: Windows around the digits, joined where they touch; most detectors of numbers look nowhere else.
        asked: What the other speaker's last turn asked for, such as ``name`` or ``cvv``; empty if nothing.
        by_agent: Whether an agent speaks.
    """

    text: str
    low: str
    words: tuple[str, ...]
    vocabulary: frozenset[str]
    spaced: str
    digits: tuple[tuple[int, int], ...]
    stretches: tuple[tuple[int, int], ...] = ()
    asked: frozenset[str] = frozenset()
    by_agent: bool = False

    def any_of(self, words: frozenset[str]) -> bool:
        """Whether at least one of ``words`` occurs."""
        return not self.vocabulary.isdisjoint(words)

    def places(self, words: frozenset[str]) -> list[tuple[int, int]]:
        """Returns start and end of every occurrence of ``words`` as whole words, in order."""
        if self.vocabulary.isdisjoint(words):
            return []
        found: list[tuple[int, int]] = []
        spaced = self.spaced
        for word in self.vocabulary & words:
            bounded, size = f" {word} ", len(word)
            at = spaced.find(bounded)
            while at >= 0:
                found.append((at, at + size))
                at = spaced.find(bounded, at + size + 1)
        found.sort()
        return found

    def around(self, places: Iterable[tuple[int, int]], before: int, after: int) -> list[tuple[int, int]]:
        """Returns windows around ``places`` (in order), those that touch joined."""
        return windows(self.text, places, before, after)


def look(text: str, *, asked: frozenset[str] = frozenset(), by_agent: bool = False) -> View:
    """Returns the view of a text."""
    low = text.lower()
    if len(low) != len(text):
        low = "".join(map(_lower_of_one, text))
    gaps = low.translate(_ASCII_GAPS) if low.isascii() else _NO_LETTER.sub(" ", low)
    words = tuple(gaps.split())
    digits = tuple(match.span() for match in _DIGITS.finditer(text))
    stretches = tuple(windows(text, digits, 12, 30))
    return View(text, low, words, frozenset(words), f" {gaps} ", digits, stretches, asked, by_agent)


_LONGEST_WORD = 40


def windows(text: str, places: Iterable[tuple[int, int]], before: int, after: int) -> list[tuple[int, int]]:
    """Returns windows around ``places`` (in order), joined where they touch; edges fall on blanks where one is near."""
    found: list[tuple[int, int]] = []
    for place_start, place_end in places:
        if found and place_end + after <= found[-1][1]:
            continue
        start, end = max(0, place_start - before), min(len(text), place_end + after)
        blank = text.rfind(" ", max(0, start - _LONGEST_WORD), start + 1)
        start = blank if blank >= 0 else max(0, start - _LONGEST_WORD)
        blank = text.find(" ", end, end + _LONGEST_WORD)
        end = blank if blank >= 0 else min(len(text), end + _LONGEST_WORD)
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


@lru_cache(maxsize=4096)
def _lower_of_one(char: str) -> str:
    low = char.lower()
    return low if len(low) == 1 else char
