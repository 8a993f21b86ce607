"""Sentences as numbers: words, pairs of words, pieces of words, cues, and where the sentence stands.

A sentence's features are the sum of its words' features over the square root of their number, so a linear model over them is a
table from word to scores: a word is looked at once a batch, however often it occurs.
"""

from __future__ import annotations

import itertools
import math
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.classify.phrases import Tokens

PIECES = 1 << 15
_SHORTEST, _LONGEST = 3, 5
_MOST_REMEMBERED = 50_000


def normal_words(tokens: Tokens) -> tuple[str, ...]:
    """Returns the words the model knows: numbers are all one, marks and masked words (``[NAME]``, ``XXXX``) are left out."""
    return tuple(_NUMBER if word.isdigit() else word for word in tokens.words if word[0] != "[" and word.strip("x"))


_NUMBER = "0"


def pieces(word: str) -> list[int]:
    """Returns the hashed character n-grams (3 to 5) of a word and its edges, each in ``[0, PIECES)``."""
    padded = f"<{word[:40]}>"
    found = []
    for length in range(_SHORTEST, _LONGEST + 1):
        for start in range(len(padded) - length + 1):
            found.append(zlib.crc32(padded[start : start + length].encode("utf-8", "replace")) % PIECES)
    return found


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words and pairs of words the model knows, each with its place; pairs are written with a blank between."""

    places: dict[str, int]

    @classmethod
    def of(cls, terms: Iterable[str]) -> Vocabulary:
        """Numbers the terms in sorted order."""
        return cls({term: place for place, term in enumerate(sorted(set(terms)))})

    def terms(self) -> list[str]:
        """Returns the terms in the order of their places."""
        return sorted(self.places, key=self.places.__getitem__)


def terms_of(words: Sequence[str]) -> list[str]:
    """Returns the words and the pairs of neighbours of a sentence."""
    return [*words, *(f"{first} {second}" for first, second in itertools.pairwise(words))]


class WordTable:
    """Scores of words and pairs under a linear model, computed once a word and remembered.

    Args:
        vocabulary: Known terms.
        term_weights: (n_terms, n_outputs), already times the terms' inverse document frequency.
        piece_weights: (PIECES, n_outputs), likewise.
    """

    def __init__(self, vocabulary: Vocabulary, term_weights: NDArray[np.float32], piece_weights: NDArray[np.float32]) -> None:
        self._terms = term_weights
        self._pieces = piece_weights
        self._places = vocabulary.places
        self._pairs: dict[str, dict[str, int]] = {}
        for term, place in vocabulary.places.items():
            first, _, second = term.partition(" ")
            if second:
                self._pairs.setdefault(first, {})[second] = place
        self._known: dict[str, int] = {}
        self._rows = np.zeros((1 << 10, term_weights.shape[1]))

    def scores(self, sentences: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Returns (n_sentences, n_outputs): the summed scores over the square root of the number of words."""
        self._forget_if_many()
        word_ids: list[int] = []
        pair_ids: list[int] = []
        pair_rows: list[int] = []
        for row, words in enumerate(sentences):
            following: dict[str, int] | None = None
            for word in words:
                number = self._known.get(word)
                word_ids.append(self._number(word) if number is None else number)
                if following and word in following:
                    pair_ids.append(following[word])
                    pair_rows.append(row)
                following = self._pairs.get(word)
        lengths = np.array([len(words) for words in sentences], dtype=np.int64)
        owners = np.repeat(np.arange(len(lengths)), lengths)
        total = np.zeros((len(lengths), self._terms.shape[1]))
        for column in range(total.shape[1]):
            total[:, column] = np.bincount(owners, self._rows[word_ids, column], minlength=len(lengths))
            total[:, column] += np.bincount(pair_rows, self._terms[pair_ids, column], minlength=len(lengths))
        scaled: NDArray[np.float64] = total / np.sqrt(np.maximum(lengths, 1))[:, None]
        return scaled

    def word(self, word: str) -> NDArray[np.float64]:
        """Returns the scores (n_outputs,) of one word with its pieces, the pairs apart."""
        row: NDArray[np.float64] = self._rows[self._number(word)]
        return row

    def contributions(self, words: Sequence[str], output: int) -> list[float]:
        """Returns what each word moved one output by (a pair's share goes to its second word)."""
        scale = 1.0 / math.sqrt(max(len(words), 1))
        moved = []
        following: dict[str, int] | None = None
        for word in words:
            value = float(self.word(word)[output])
            if following and word in following:
                value += float(self._terms[following[word], output])
            moved.append(value * scale)
            following = self._pairs.get(word)
        return moved

    def _number(self, word: str) -> int:
        number = self._known.get(word)
        if number is None:
            number = self._known[word] = len(self._known)
            if number >= len(self._rows):
                self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
            self._rows[number] = self._pieces[pieces(word)].sum(axis=0)
            if (place := self._places.get(word)) is not None:
                self._rows[number] += self._terms[place]
        return number

    def _forget_if_many(self) -> None:
        """Keeps memory bounded: typing errors never end."""
        if len(self._known) > _MOST_REMEMBERED:
            self._known.clear()
