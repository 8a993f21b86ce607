"""Names that are known: those a record carries or gave away, to be replaced; those of organisations and products, to be kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from insights.text.redact.lexicon import AMBIGUOUS, NAMED_AFTER_PEOPLE, ORGANISATION, PARTICLES, STOP
from insights.text.redact.marks import Mark, Span
from insights.text.redact.people import CODE_AFTER, EVERYDAY, ROLE_WORDS, shouts
from insights.text.redact.view import View

_SENTENCE_END = re.compile(r"(?:\A|[.!?:;\n•\"“(>\]*-])\s*\Z")
_PART = re.compile(r"[^\W\d_]+")


class KnownNames:
    """Names a record carries or that were found in it, word by word.

    Args:
        names: Whole names; those of teams, bots and roles are passed over.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._plain: set[str] = set()
        self._everyday: set[str] = set()
        self._phrases: set[tuple[str, ...]] = set()
        for name in names:
            self.add(name)

    def add(self, name: str) -> bool:
        """Takes in a name; returns whether it taught anything new."""
        parts = tuple(_PART.findall(name.lower()))
        if not parts or len(parts) > 8 or not ROLE_WORDS.isdisjoint(parts):
            return False
        before = self.size
        for part in parts:
            if len(part) >= 3 and part not in PARTICLES:
                everyday = part in STOP or part in AMBIGUOUS or part in EVERYDAY or part in ORGANISATION
                (self._everyday if everyday else self._plain).add(part)
        if len(parts) > 1 and any(len(part) < 3 or part in self._everyday for part in parts):
            self._phrases.add(parts)
        return self.size > before

    @property
    def size(self) -> int:
        """How many parts and phrases are known; grows with every name that teaches something."""
        return len(self._plain) + len(self._everyday) + len(self._phrases)

    def find(self, view: View) -> Iterator[Span]:
        """Yields where the names stand: plain parts in any case, everyday words only written like names and amid a sentence."""
        for start, end in view.places(frozenset(self._plain)):
            if view.text[end : end + 1] not in CODE_AFTER and view.text[max(0, start - 1) : start] != "_":
                yield Span(start, end, Mark.NAME)
        for start, end in view.places(frozenset(self._everyday)):
            if self._stands_as_name(view, view.text[start:end], start):
                yield Span(start, end, Mark.NAME)
        for phrase in sorted(self._phrases):
            if view.vocabulary.issuperset(phrase):
                pattern = r"(?<!\w)" + r"[\W\d_]{1,3}".join(map(re.escape, phrase)) + r"(?!\w)"
                yield from (Span(*match.span(), Mark.NAME) for match in re.finditer(pattern, view.low))

    def _stands_as_name(self, view: View, token: str, start: int) -> bool:
        if not token[0].isupper() or shouts(view.text):
            return False
        return _SENTENCE_END.search(view.text[max(0, start - 3) : start]) is None


class Protected:
    """Names of organisations, products and places that stay readable inside what looks like a name.

    Args:
        phrases: The user's own, added to a few firms that are called after people.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, set[tuple[str, ...]]] = {}
        for phrase in (*phrases, *NAMED_AFTER_PEOPLE):
            words = tuple(re.findall(r"\w+", phrase.lower()))
            if words:
                self._by_first.setdefault(words[0], set()).add(words)
        self._letters = frozenset(part for first in self._by_first for part in _PART.findall(first))
        self._numeric = any(not _PART.search(first) for first in self._by_first)

    def keep(self, view: View, span: Span) -> list[Span]:
        """Returns ``span`` without the protected names in it: nothing, the whole, or what is left on both sides."""
        if view.vocabulary.isdisjoint(self._letters) and not self._numeric:
            return [span]
        text = view.text
        start, end = max(0, span.start - 60), min(len(text), span.end + 60)
        tokens = [(match[0].lower(), start + match.start(), start + match.end()) for match in re.finditer(r"\w+", text[start:end])]
        at = span.start
        kept: list[Span] = []
        for index, (word, begin, _) in enumerate(tokens):
            for phrase in self._by_first.get(word, ()):
                found = tokens[index : index + len(phrase)]
                if tuple(token[0] for token in found) == phrase and found[-1][2] > span.start and begin < span.end:
                    kept.append(_trimmed(text, at, begin))
                    at = max(at, found[-1][2])
        kept.append(_trimmed(text, at, span.end))
        return [part for part in kept if part.end > part.start]


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return Span(start, end, Mark.NAME)
