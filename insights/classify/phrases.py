"""The phrase mini-language of taxonomies and cues, and an index that finds many phrases in a sentence.

A phrase is words in order. ``a|b`` is either word, ``word*`` a beginning, ``*`` up to three words between, ``word?`` may
be missing. Case does not count, nor do apostrophes: "can't", "can’t" and "cant" are the same word.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from insights.config.tokens import PLAIN_WORDS_ONLY, token_attribute

GAP_WORDS = 3
MOST_VARIANTS = 64
MOST_GAPS = 4
MOST_WAYS = 4_096  # in which a phrase may lie on the words that follow one place of a sentence
_MOST_REMEMBERED = 100_000

# A word, with its clitics even where a corpus has cut them off ("did n't"); a typed mark such as [NAME] is one word.
_WORD = re.compile(r"\[[A-Z_]+\]|[^\W_]+(?:\s?n['’]t\b|\s?['’](?:s|ve|re|ll|d|m)\b|['’][^\W_]+)*")
_CLITIC = re.compile(r"[\s'’]")
# What a regular expression has and words have not.
_EXPRESSION = re.compile(r"\\|[()^{}\[\]]|\.[*+]|(?<=[a-z])\$(?=[|\s]|$)")
_MARK = re.compile(r"\[(?:[A-Z_]+|name)\]")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Words of a text, normalised, with half-open code-point offsets into it."""

    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One place of a phrase: a word out of ``words`` or one beginning with one of ``prefixes``; neither is a gap."""

    words: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    optional: bool = False

    @property
    def is_gap(self) -> bool:
        """Whether up to ``GAP_WORDS`` words of any kind may stand here."""
        return not self.words and not self.prefixes


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase as it was written, and the sequences of steps it stands for."""

    text: str
    variants: tuple[tuple[Step, ...], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """An occurrence of phrase ``phrase`` of owner ``owner``: words ``start`` to ``end`` (half-open)."""

    owner: int
    phrase: int
    start: int
    end: int


class PhraseError(ValueError):
    """A phrase that cannot be read or can never match; the message says why, ``hint`` how to mend it."""

    def __init__(self, problem: str, hint: str = "write at least one plain word") -> None:
        super().__init__(problem)
        self.hint = hint


def word_set(words: str) -> frozenset[str]:
    """Returns the blank-separated words as a set: lists of words read better as a line."""
    return frozenset(words.split())


def tokens_of(text: str) -> Tokens:
    """Splits a text into normalised words with their offsets."""
    words, starts, ends = [], [], []
    for match in _WORD.finditer(text):
        start, end = match.span()
        word = match.group().lower()
        words.append(word if word.isalnum() else _CLITIC.sub("", word))
        starts.append(start)
        ends.append(end)
    return Tokens(tuple(words), tuple(starts), tuple(ends))


def parse_phrase(text: str) -> Phrase:
    """Reads a phrase of the mini-language.

    A word fits a place of a phrase in one way at most, so on the words after one place of a sentence a phrase is tried in no more than
    ``MOST_WAYS`` ways: variants times 4 for each gap times 2 for each word that may be missing. No phrase can be slow on hostile text.

    Raises:
        PhraseError: It has no word that must stand, too many gaps, stands for too many sequences, can be read in too many
            ways, or is no phrase but a regular expression or a token pattern.
    """
    _refuse_other_languages(text)
    places = [_place(part) for part in text.split()]
    count = math.prod(len(place) for place in places)
    if count > MOST_VARIANTS:
        raise PhraseError(f"stands for {count} sequences of words, at most {MOST_VARIANTS} are allowed", "make several phrases of it")
    if sum(part == "*" for part in text.split()) > MOST_GAPS:
        raise PhraseError(f"has more than {MOST_GAPS} gaps", "make it shorter, or two phrases under all")
    variants = tuple(_trim(tuple(itertools.chain.from_iterable(choice))) for choice in itertools.product(*places))
    if not all(any(not step.is_gap and not step.optional for step in variant) for variant in variants):
        raise PhraseError("has no word that must stand")
    ways = sum(_ways(variant) for variant in variants)
    if ways > MOST_WAYS:
        raise PhraseError(f"can be read in {ways} ways, at most {MOST_WAYS} are allowed", "use fewer gaps and words that may be missing")
    return Phrase(text, variants)


def _refuse_other_languages(text: str) -> None:
    if attribute := token_attribute(text):
        raise PhraseError(f"is a token pattern ({attribute})", PLAIN_WORDS_ONLY)
    if found := _EXPRESSION.search(_MARK.sub("", text)):
        hint = "phrases are plain words: a|b for either, word* for a beginning, * for a gap, word? for a word that may be missing"
        raise PhraseError(f'is a regular expression ("{found.group()}")', hint)


def _ways(variant: Sequence[Step]) -> int:
    return math.prod(GAP_WORDS + 1 if step.is_gap else 2 if step.optional else 1 for step in variant)


def _place(part: str) -> list[tuple[Step, ...]]:
    """Alternatives for one blank-separated part; several only where an alternative is of several words."""
    if part == "*":
        return [(Step(),)]
    optional = part.endswith("?") and len(part) > 1
    words: set[str] = set()
    prefixes: set[str] = set()
    longer: list[tuple[Step, ...]] = []
    for choice in part.removesuffix("?").split("|"):
        is_prefix = choice.endswith("*")
        if "*" in choice.removesuffix("*") or "?" in choice:
            raise PhraseError(f'"{part}" has a sign inside', "* stands alone or ends a word, ? ends the last of the alternatives")
        normal = tokens_of(choice.removesuffix("*")).words
        if not normal:
            raise PhraseError(f'"{part}" holds no word')
        if len(normal) > 1:
            tail = Step(prefixes=frozenset(normal[-1:])) if is_prefix else Step(frozenset(normal[-1:]))
            longer.append((*(Step(frozenset((word,))) for word in normal[:-1]), tail))
        else:
            (prefixes if is_prefix else words).add(normal[0])
    places = [(_one_way(words, prefixes, optional),)] if words or prefixes else []
    if optional and longer:
        raise PhraseError(f'"{part}": only a single word may be missing', "make two phrases of it")
    return places + longer


def _one_way(words: set[str], prefixes: set[str], optional: bool) -> Step:
    """A step that a word fits in one way at most: what a shorter beginning finds already is left out."""
    shortest = {prefix for prefix in prefixes if not any(prefix.startswith(other) for other in prefixes - {prefix})}
    return Step(frozenset(word for word in words if not word.startswith(tuple(shortest))), frozenset(shortest), optional)


def _trim(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Drops gaps at the ends, where they would change nothing but the length of the match."""
    first, last = 0, len(steps)
    while first < last and steps[first].is_gap:
        first += 1
    while last > first and steps[last - 1].is_gap:
        last -= 1
    return steps[first:last]


class PhraseIndex:
    """Finds the phrases of many owners in one sentence.

    Each phrase is a regular expression over the line of normalised words, tried only on sentences that hold its most telling
    word: the cost follows what might match and not the number of phrases.

    Args:
        owners: For each owner its phrases; ``Found.owner`` and ``Found.phrase`` are positions in these sequences.
    """

    def __init__(self, owners: Sequence[Sequence[Phrase]]) -> None:
        self._places: list[tuple[int, int]] = []
        self._patterns: list[re.Pattern[str]] = []
        self._needed: list[tuple[frozenset[str], ...]] = []
        self._by_word: dict[str, list[int]] = {}
        self._by_prefix: dict[str, list[int]] = {}
        self._seen: dict[str, tuple[int, ...]] = {}
        for owner, phrases in enumerate(owners):
            for position, phrase in enumerate(phrases):
                self._file_under(phrase, len(self._patterns))
                self._places.append((owner, position))
                self._patterns.append(re.compile(_expression(phrase)))
                self._needed.append(_needed(phrase))
        self._lengths = sorted({len(prefix) for prefix in self._by_prefix})

    def find(self, words: Sequence[str]) -> list[Found]:
        """Returns the first occurrence of each phrase, ordered by owner and phrase."""
        if not self._patterns:
            return []
        present = set(words)
        candidates: set[int] = set()
        for word in present:
            numbers = self._seen.get(word)
            candidates.update(self._anchored(word) if numbers is None else numbers)
        if not candidates:
            return []
        line = " " + " ".join(words) + " "
        found = []
        for number in sorted(candidates):
            if any(map(present.isdisjoint, self._needed[number])):
                continue
            if match := self._patterns[number].search(line):
                start = line.count(" ", 0, match.start()) - 1
                found.append(Found(*self._places[number], start, start + match.group().count(" ")))
        return found

    def _anchored(self, word: str) -> tuple[int, ...]:
        if len(self._seen) >= _MOST_REMEMBERED:
            self._seen.clear()
        under = [*self._by_word.get(word, ())]
        for length in self._lengths:
            under += self._by_prefix.get(word[:length], ()) if length <= len(word) else ()
        numbers = self._seen[word] = tuple(under)
        return numbers

    def _file_under(self, phrase: Phrase, number: int) -> None:
        for variant in phrase.variants:
            anchor = max((step for step in variant if not step.is_gap and not step.optional), key=_telling)
            for word in sorted(anchor.words):
                _add(self._by_word, word, number)
            for prefix in sorted(anchor.prefixes):
                _add(self._by_prefix, prefix, number)


def _needed(phrase: Phrase) -> tuple[frozenset[str], ...]:
    """Sets of words of which a sentence must hold one each; beginnings are left to the expression."""
    if len(phrase.variants) > 1:
        return ()
    return tuple(step.words for step in phrase.variants[0] if step.words and not step.prefixes and not step.optional)


def _telling(step: Step) -> tuple[int, int]:
    """Longer words are rarer; a choice is as common as its shortest word."""
    return min(len(word) for word in step.words | step.prefixes), -len(step.words | step.prefixes)


def _add(index: dict[str, list[int]], key: str, number: int) -> None:
    numbers = index.setdefault(key, [])
    if number not in numbers:
        numbers.append(number)


def _expression(phrase: Phrase) -> str:
    """A regular expression over words that are each followed by one blank."""
    return "(?<= )(?:" + "|".join("".join(_step(step) for step in variant) for variant in phrase.variants) + ")"


def _step(step: Step) -> str:
    if step.is_gap:
        return rf"(?:[^ ]+ ){{0,{GAP_WORDS}}}?"
    choices = [re.escape(word) for word in sorted(step.words)] + [re.escape(prefix) + "[^ ]*" for prefix in sorted(step.prefixes)]
    return "(?:" + "|".join(choices) + ") " if not step.optional else "(?:(?:" + "|".join(choices) + ") )?"


def parse_phrases(texts: Iterable[str]) -> tuple[Phrase, ...]:
    """Reads several phrases; raises as ``parse_phrase``."""
    return tuple(parse_phrase(text) for text in texts)
