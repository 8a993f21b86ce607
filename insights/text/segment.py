"""Sentences of what may be analysed, by a blank spaCy pipeline with a sentencizer; overlong ones are cut where a speaker pauses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from insights.domain import Interaction, Sentence, Turn
from insights.errors import DocumentTooLongError
from insights.text.clean import analysable

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

_LONG = 60
_PIECE = 40
_SHORTEST_PIECE = 8
_WORD = re.compile(r"\S+")
_LINE_BREAK = re.compile(r"[ \t]*(?:\r?\n|\r)(?:[ \t]*(?:\r?\n|\r))*[ \t]*")
_PAUSE = re.compile(
    r"(?<=[,;:–—])\s+|\s+(?=(?:but|and then|so then|so|because|however|although|anyway|then|and (?:i|we|they|he|she|it|now|the|that)|which|i mean|you know|plus)\b)",
    re.IGNORECASE,
)


class Segmenter:
    """Cuts interactions into sentences.

    Args:
        boilerplate: Sentences left out of analysis wherever they stand.
        max_characters: Longest interaction taken, all turns together.
    """

    def __init__(self, *, boilerplate: Sequence[str] = (), max_characters: int = 200_000) -> None:
        self._boilerplate = tuple(boilerplate)
        self._max_characters = max_characters

    def sentences(self, interaction: Interaction) -> tuple[Sentence, ...]:
        """Returns the sentences of all turns, of every role and visibility, in order.

        Every sentence is a stripped, verbatim part of its turn: ``text == turn.text[start:end]``.

        Raises:
            DocumentTooLongError: The interaction has more than ``max_characters``; the caller sets it aside.
        """
        size = sum(len(turn.text) for turn in interaction.turns)
        if size > self._max_characters:
            raise DocumentTooLongError(
                f"the interaction has {size:,} characters, more than the {self._max_characters:,} taken",
                "raise text.max_characters in insights.toml",
            )
        return tuple(sentence for turn in interaction.turns for sentence in self._of_turn(turn, interaction.channel))

    def _of_turn(self, turn: Turn, channel: str) -> Iterator[Sentence]:
        for start, end in analysable(turn.text, channel=channel, boilerplate=self._boilerplate):
            for first, last in self._split(turn.text, start, end):
                yield Sentence(turn.index, first, last, turn.text[first:last], turn.role, turn.visibility)

    def _split(self, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        for line_start, line_end in _lines(text, start, end):
            for first, last in self._by_spacy(text, line_start, line_end):
                yield from _cut_long(text, *_strip(text, first, last))

    def _by_spacy(self, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yields the sentences spaCy finds; a stretch without any mark that could end one is a sentence as it is."""
        words, offsets = _skeleton(text, start, end)
        if len(words) < 2:
            yield start, end
            return
        begins = self._nlp(self._document(words)).to_array("SENT_START").tolist()
        starts = [offset for offset, begin in zip(offsets, begins, strict=True) if begin == 1]
        yield from zip(starts, [*starts[1:], end], strict=True)

    def _document(self, words: list[str]) -> Doc:
        from spacy.tokens import Doc

        return Doc(self._nlp.vocab, words=words)

    @cached_property
    def _nlp(self) -> Language:
        import spacy

        nlp = spacy.blank("en")
        nlp.add_pipe("sentencizer")
        return nlp


_CLAUSE = "x"
# Marks after which another sentence may begin, with the quotes and brackets that close after them.
_END = re.compile(r"([.!?…。！？؟।]+)([\"'”’»)\]]*)(?=\s|\Z)|(?<=[a-z][a-z])([.!?]+)(?=[A-Z][a-z])|([。！？]+)")
_NEVER_LAST = re.compile(
    r"mr|mrs|ms|dr|prof|st|vs|e\.g|i\.e|eg|ie|approx|dept|ext|fig|tel|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|a\.k\.a|aka|cf"
)
_SELDOM_LAST = re.compile(r"etc|inc|ltd|co|corp|jr|sr|est|min|max|hr|hrs|ave|rd|blvd|mon|tue|wed|thu|fri|a\.m|p\.m|am|pm|u\.s|u\.k")
_LAST_WORD = re.compile(r"[\w.]+\Z")


def _skeleton(text: str, start: int, end: int) -> tuple[list[str], list[int]]:
    """Returns what the sentencizer needs of a stretch, as tokens with their offsets.

    The marks that end sentences stand for themselves and all that stands between two of them is one token, "x": the sentencizer looks at
    nothing else, a dozen tokens are read ten times faster than a hundred, and spaCy's vocabulary, which keeps what it has seen, never
    sees a customer's word. Abbreviations, initials, numbers of lists and dots that only trail off are no ends.
    """
    words: list[str] = []
    offsets: list[int] = []
    at = start
    for match in _END.finditer(text, start, end):
        if not _is_end(text, at, match):
            continue
        if match.start() > at:
            words.append(_CLAUSE)
            offsets.append(at)
        words += match[0]
        offsets += range(match.start(), match.end())
        at = match.end()
    if at < end:
        words.append(_CLAUSE)
        offsets.append(at)
    return words, offsets


def _is_end(text: str, at: int, match: re.Match[str]) -> bool:
    """Whether a mark really ends a sentence that began at ``at``."""
    marks = match[1]
    if not marks or marks[0] != ".":
        return True
    following = text[match.end() : match.end() + 12].lstrip()[:1]
    if len(marks) > 1:
        return not following.islower()
    before = _LAST_WORD.search(text, max(at, match.start() - 20), match.start())
    word = before[0].lower() if before else ""
    if _NEVER_LAST.fullmatch(word) or (word == "no" and following.isdigit()):
        return False
    if _SELDOM_LAST.fullmatch(word):
        return not following.islower()
    initial = len(word) == 1 and word.isalpha() and word != "i" and following.isupper()
    return not initial and not text[at : match.start()].strip().isdecimal()


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yields paragraphs and list items: an empty line, or a line break after what is no running text, ends a sentence."""
    at = start
    for match in _LINE_BREAK.finditer(text, start, end):
        if match[0].count("\n") > 1 or _ends_line(text, at, match.start(), match.end(), end):
            yield at, match.start()
            at = match.end()
    if at < end:
        yield at, end


_BULLET = re.compile(r"[-*•·–]\s|\d{1,2}[.)]\s")
_SHORT_LINE = 40


def _ends_line(text: str, line_start: int, line_end: int, next_start: int, end: int) -> bool:
    """Whether a single line break ends a sentence: before a bullet, or after a short line that the next begins anew."""
    if _BULLET.match(text, next_start, end):
        return True
    last_line = text.rfind("\n", line_start, line_end) + 1 or line_start
    return line_end - max(last_line, line_start) <= _SHORT_LINE and not text[next_start : next_start + 1].islower()


def _cut_long(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cuts a sentence of more than sixty words, as transcripts without punctuation have them, into pieces of at most forty."""
    if end - start < 2 * _LONG:
        if end > start:
            yield start, end
        return
    words = [match.span() for match in _WORD.finditer(text, start, end)]
    if len(words) <= _LONG:
        yield start, end
        return
    pauses = {match.end() for match in _PAUSE.finditer(text, start, end)}
    first = 0
    while len(words) - first > _PIECE:
        stops = [at for at in range(first + _SHORTEST_PIECE, first + _PIECE + 1) if words[at][0] in pauses]
        cut = min(stops, key=lambda at: abs(at - first - _PIECE // 2)) if stops else first + _PIECE
        yield words[first][0], words[cut - 1][1]
        first = cut
    yield words[first][0], words[-1][1]


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
