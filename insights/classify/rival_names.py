"""Words of a sentence that may name a rival: declared names, well-known ones, those with a capital, and "another bank"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from insights.classify.phrases import Tokens, word_set
from insights.classify.rival_rules import rival_rules

_MOST_NAME_WORDS = 4
_JOINED = re.compile(r"\s?&\s?|[-. ]")
_STOP = re.compile(r"[,;:.!?()\n–—\"]|\s-+\s")
# What may follow a name directly; anything else after "three" or "orange" makes them a number and a colour.
AFTER_NAME = word_set(
    "a an the and or but so as at if in on for from of to with by because since before after when while until instead now then too also either though although next this last"
    " is are was were has have had do does did dont doesnt didnt can could will would wont wouldnt offer offers offered quoted quote charge charges give gives gave let lets never always"
    " who which that it its they their them you your we i im ive my me not just both again ever soon already today tomorrow yesterday later please"
)
_STREETS = word_set("street road lane avenue park square hill mall centre center drive close")
_NOT_COMPARATIVES = word_set(
    "never ever over after other another under rather later further either whether however number answer customer offer order letter router computer"
)
DETERMINERS = word_set(
    "a an the my your our his her their this that these those some any every each another other two four five all both no one"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Words that may name a rival; ``sure`` where it is one by the name alone, ``initial`` where a capital says nothing, ``left`` for "my old bank"."""

    name: str
    start: int
    end: int
    declared: bool = False
    named: bool = True
    sure: bool = False
    initial: bool = False
    left: bool = False


def words_of(tokens: Tokens, start: int, end: int) -> tuple[int, int]:
    """Returns the words, half-open, that stand in a stretch of code points; none where it holds no word."""
    inside = [place for place in range(len(tokens.words)) if tokens.starts[place] < end and tokens.ends[place] > start]
    return (inside[0], inside[-1] + 1) if inside else (0, 0)


def may_be_name(text: str, tokens: Tokens, first: int, last: int) -> bool:
    """Whether a name that is also an everyday word may be one by its capital or by what follows it; arguments as for ``stands_as_name``."""
    start, end = words_of(tokens, first, last)
    return has_capital(text, tokens, start) or may_end_name(text, tokens, end)


def has_capital(text: str, tokens: Tokens, start: int) -> bool:
    """Whether a word has a capital that a name alone gives it."""
    return text[tokens.starts[start]].isupper() and not text.isupper() and not _begins_sentence(text, tokens, start)


def candidates_in(text: str, tokens: Tokens, declared: Sequence[tuple[str, int, int]]) -> list[Candidate]:
    """Everything in a sentence that may name a rival, in the order of the words, none overlapping another."""
    found: list[Candidate] = []
    taken: set[int] = set()
    for candidate in (*_declared(tokens, declared), *_unnamed(tokens), *_names(text, tokens)):
        words = range(candidate.start, candidate.end)
        if taken.isdisjoint(words):
            taken.update(words)
            found.append(candidate)
    return found


def _declared(tokens: Tokens, declared: Sequence[tuple[str, int, int]]) -> Iterable[Candidate]:
    for label, start, end in declared:
        first, last = words_of(tokens, start, end)
        if last > first:
            yield Candidate(label, first, last, declared=True, sure=True)


def _names(text: str, tokens: Tokens) -> Iterable[Candidate]:
    """Well-known names however they are written, and others by their capitals."""
    shouted = text.isupper()
    place = 0
    while place < len(tokens.words):
        known = _known_at(tokens, place)
        end = place + known if known else place
        if not shouted:
            while end < len(tokens.words) and end - place < _MOST_NAME_WORDS and _continues(text, tokens, place, end):
                end += 1
        if end == place:
            place += 1
            continue
        initial = _begins_sentence(text, tokens, place) and not known
        spelt = rival_rules().known.get(_plain(tokens.words[place:end])) or _bare(text[tokens.starts[place] : tokens.ends[end - 1]])
        if end - place > 1 and tokens.words[end - 1] in _STREETS and not known:
            place = end
            continue
        yield Candidate(spelt, place, end, sure=bool(known), initial=initial)
        place = end


def _known_at(tokens: Tokens, place: int) -> int:
    """How many words from ``place`` on are a well-known name; the longest counts."""
    known = rival_rules().known
    return next(
        (
            size
            for size in range(_MOST_NAME_WORDS - 1, 0, -1)
            if _plain(tokens.words[place : place + size]) in known and place + size <= len(tokens.words)
        ),
        0,
    )


def _plain(words: Sequence[str]) -> tuple[str, ...]:
    """Words of a name without the s of a possessive."""
    own = tuple(words)
    return (*own[:-1], own[-1][:-1]) if own and own not in rival_rules().known and own[-1].endswith("s") else own


def _continues(text: str, tokens: Tokens, start: int, place: int) -> bool:
    """Whether the word at ``place`` belongs to a name that begins at ``start``, by its capital."""
    word = tokens.words[place]
    first = text[tokens.starts[place]]
    if not first.isupper() or word in rival_rules().never or word[0] == "[":
        return False
    if place > start:
        if _begins_sentence(text, tokens, start) and _known_at(tokens, place):
            return False
        return _JOINED.fullmatch(text, tokens.ends[place - 1], tokens.starts[place]) is not None and not tokens.words[place - 1].endswith(
            "s'"
        )
    if _begins_sentence(text, tokens, place):
        return word not in AFTER_NAME and word not in DETERMINERS and not word.endswith(("ing", "ly", "ed"))
    return True


def _begins_sentence(text: str, tokens: Tokens, place: int) -> bool:
    return place == 0 or re.search(r"[.!?\n:]", text[tokens.ends[place - 1] : tokens.starts[place]]) is not None


def _bare(name: str) -> str:
    """A name as people spell it, without a possessive."""
    name = " ".join(re.sub(r"['’]s?$", "", name).split())
    return name if name[:1].isupper() else name.title()


def _unnamed(tokens: Tokens) -> Iterable[Candidate]:
    found = rival_rules().unnamed.find(tokens.words)
    if any(one.owner == 2 for one in found):
        return
    for one in sorted(found, key=lambda one: (one.owner, one.start, -one.end)):
        yield Candidate(" ".join(tokens.words[one.start : one.end]), one.start, one.end, named=False, sure=True, left=one.owner == 1)


def may_end_name(text: str, tokens: Tokens, end: int) -> bool:
    """Whether a name may end before word ``end``: at a break, or before a word that follows names."""
    if end >= len(tokens.words) or _STOP.search(text, tokens.ends[end - 1], tokens.starts[end]):
        return True
    return tokens.words[end] in AFTER_NAME or tokens.words[end].endswith(("ed", "ing"))
