"""Whom a public post is addressed to is not what it says: the company's account at its beginning is left out of what the encoder reads.

Otherwise a post at a company's help account looks like a mention of another company. Offsets and evidence stay those of the whole text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from insights.classify.phrases import word_set
from insights.domain import Sentence

_HANDLES = re.compile(r"^(?:\s*@\w+[:,]?)+\s*")
# An account's name written as one word: SouthlineTrains, AskNorthbank, parcelhelp, HometelCares.
_ACCOUNT = re.compile(
    r"^(?:[A-Za-z]\w{2,}(?:help|helps|cares|support|Help|Helps|Cares|Care|Support|Service|Team)|[Aa]sk[A-Z]\w+"
    r"|[A-Z]?[a-z]+(?:[A-Z][a-z]*)+\w*|[A-Z]{2,}[a-z]+[A-Z]\w*)\s+(?=\S)",
    re.ASCII,
)
_BEGINNINGS = 2  # turns of a contact that begin with the same name
_PLAIN = word_set(
    "i im ive it the this that my we you no yes so but and what why how when where is are can could did do for thank thanks hi hello ok okay "
    "well just not now please if they he she have got still there your our a an to in on at of with all any some one sorry yeah hey"
)


def without_addresses(sentences: Sequence[Sentence]) -> list[str]:
    """Returns the texts of a contact's sentences without the accounts they are addressed to; never an empty one for want of them."""
    openings = {place for place, sentence in enumerate(sentences) if not place or sentences[place - 1].turn != sentence.turn}
    first_words = Counter(_first_word(sentences[place].text) for place in openings)
    return [_stripped(sentence.text, first_words if place in openings else None) for place, sentence in enumerate(sentences)]


def _stripped(text: str, first_words: Counter[str] | None) -> str:
    rest = _HANDLES.sub("", text)
    if first_words is not None:
        rest = _without_account(rest, first_words)
    return rest if any(letter.isalnum() for letter in rest) else text


def _without_account(text: str, first_words: Counter[str]) -> str:
    if found := _ACCOUNT.match(text):
        return text[found.end() :]
    word = text.split(maxsplit=1)[0] if text.strip() else ""
    often = first_words[word.casefold()] >= _BEGINNINGS and word.casefold() not in _PLAIN
    if often and word != text.strip() and (word[0].isupper() or any(letter.isdigit() for letter in word)):
        return text[text.index(word) + len(word) :].lstrip()
    return text


def _first_word(text: str) -> str:
    rest = _HANDLES.sub("", text).split(maxsplit=1)
    return rest[0].casefold() if rest else ""
