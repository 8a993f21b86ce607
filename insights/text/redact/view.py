"""What detectors see of a text: the characters, and cheap facts that let most of them stay asleep."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class View:
    """A text with its prefilters.

    Attributes:
        text: The text, marks hidden behind barriers.
        low: The same in lower case; of another length for a few letters, so used for presence only, never for offsets.
        words: The words of ``low`` in order.
        vocabulary: The set of ``words``.
        has_digit: Whether any digit occurs.
        asked: What the other speaker's last turn asked for, such as ``name`` or ``cvv``; empty if nothing.
        by_agent: Whether an agent speaks.
    """

    text: str
    low: str
    words: tuple[str, ...]
    vocabulary: frozenset[str]
    has_digit: bool
    asked: frozenset[str] = frozenset()
    by_agent: bool = False

    def any_of(self, words: frozenset[str]) -> bool:
        """Whether at least one of ``words`` occurs."""
        return not words.isdisjoint(self.vocabulary)


def look(text: str, *, asked: frozenset[str] = frozenset(), by_agent: bool = False) -> View:
    """Returns the view of a text."""
    low = text.lower()
    words = tuple(_WORD.findall(low))
    return View(text, low, words, frozenset(words), _DIGIT.search(text) is not None, asked, by_agent)
