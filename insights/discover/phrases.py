"""Words and phrases of a text that could name what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib.resources import files

# Words that say nothing of the matter: grammar, courtesy, the fillers of speech, and the verbs every contact is full of.
_EMPTY = frozenset(files(__package__).joinpath("empty_words.txt").read_text(encoding="utf-8").split())
_PARTICLES = frozenset({"up", "off", "out", "down", "back"})

_MARK = re.compile(r"\[[A-Z_]+\]|https?://\S+|www\.\S+|\S+@\S+")
_BREAK = re.compile(r"[.,;:!?()\[\]{}\"“”…/|<>*=•\n\r\t]+| [-–—]+ ")
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_MOST_CHARACTERS = 4_000
_LONGEST = 5
_MOST_EMPTY_INSIDE = 2
_SEPARATOR = "_"


def phrases(text: str) -> dict[str, str]:
    """Returns the text's phrases: key to wording, in order of first appearance.

    A phrase runs over at most five words within a clause, begins and ends with a telling word, and has one to three of them; its
    key are those in simplest form, joined by underscores, so ``forgot my passwords`` and ``Forgot password`` share a key. A
    particle that follows stays with its verb in the wording: ``top up``.
    """
    found: dict[str, str] = {}
    for clause in _clauses(text):
        telling = [_key(word) for word in clause]
        for start, first in enumerate(telling):
            if not first:
                continue
            for end in range(start + 1, min(start + _LONGEST, len(clause)) + 1):
                keys = [key for key in telling[start:end] if key]
                if len(keys) > 3 or end - start - len(keys) > _MOST_EMPTY_INSIDE:
                    break
                if telling[end - 1] and len(set(keys)) == len(keys):
                    found.setdefault(_SEPARATOR.join(keys), _wording(clause, start, end))
    return found


def words_of(key: str) -> list[str]:
    """Returns the telling words of a phrase's key."""
    return key.split(_SEPARATOR)


def says_something(text: str) -> bool:
    """Whether a text holds a telling word; ``yes okay thank you`` does not."""
    return any(_key(word) for clause in _clauses(text) for word in clause)


def _wording(clause: Sequence[str], start: int, end: int) -> str:
    with_particle = end < len(clause) and clause[end].lower() in _PARTICLES
    return " ".join(clause[start : end + with_particle])


def _clauses(text: str) -> Iterator[list[str]]:
    for clause in _BREAK.split(_MARK.sub(" | ", text[:_MOST_CHARACTERS]).replace("’", "'")):
        words = _WORD.findall(clause)
        if words:
            yield words


def _key(word: str) -> str:
    """The simplest form of a telling word, or nothing for an empty one, a number or a single letter."""
    lower = word.lower()
    bare = lower.removesuffix("'s")
    # One sign repeated is a mask (XXXX) or a cry (aaah), no word.
    if lower in _EMPTY or bare in _EMPTY or len(set(bare)) < 2 or not any(character.isalpha() for character in bare):
        return ""
    if len(bare) > 4 and bare.endswith("ies"):
        return bare[:-3] + "y"
    if len(bare) > 3 and bare.endswith("s") and not bare.endswith(("ss", "us", "is")):
        return bare[:-1]
    return bare
