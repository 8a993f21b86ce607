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


@dataclass(slots=True)
class WordTable:
    """Scores of words and pairs under a linear model, computed once a word.

    Attributes:
        vocabulary: Known terms.
        term_weights: (n_terms, n_outputs), already times the terms' inverse document frequency.
        piece_weights: (PIECES, n_outputs), likewise.
    """

    vocabulary: Vocabulary
    term_weights: NDArray[np.float32]
    piece_weights: NDArray[np.float32]

    def scores(self, sentences: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Returns (n_sentences, n_outputs): the summed scores over the square root of the number of words."""
        known: dict[str, int] = {}
        rows: list[NDArray[np.float32]] = []
        places = self.vocabulary.places
        word_ids: list[int] = []
        pair_ids: list[int] = []
        pair_rows: list[int] = []
        lengths: list[int] = []
        for row, words in enumerate(sentences):
            previous = ""
            for word in words:
                number = known.get(word)
                if number is None:
                    number = known[word] = len(rows)
                    rows.append(self.word(word))
                word_ids.append(number)
                if previous and (place := places.get(f"{previous} {word}")) is not None:
                    pair_ids.append(place)
                    pair_rows.append(row)
                previous = word
            lengths.append(len(words))
        outputs = self.term_weights.shape[1]
        total = np.zeros((len(lengths), outputs))
        if rows:
            table = np.asarray(rows, dtype=np.float64)
            owners = np.repeat(np.arange(len(lengths)), lengths)
            for column in range(outputs):
                total[:, column] = np.bincount(owners, table[word_ids, column], minlength=len(lengths))
                if pair_ids:
                    total[:, column] += np.bincount(pair_rows, self.term_weights[pair_ids, column], minlength=len(lengths))
        scaled: NDArray[np.float64] = total / np.sqrt(np.maximum(np.asarray(lengths, dtype=np.float64), 1.0))[:, None]
        return scaled

    def word(self, word: str) -> NDArray[np.float32]:
        """Returns the scores (n_outputs,) of one word with its pieces, the pair terms apart."""
        total = self.piece_weights[pieces(word)].sum(axis=0)
        place = self.vocabulary.places.get(word)
        if place is not None:
            total = total + self.term_weights[place]
        return np.asarray(total, dtype=np.float32)

    def contributions(self, words: Sequence[str], output: int) -> list[float]:
        """Returns what each word moved one output by (a pair's share goes to its second word)."""
        scale = 1.0 / math.sqrt(max(len(words), 1))
        moved = []
        previous = ""
        for word in words:
            value = float(self.word(word)[output])
            place = self.vocabulary.places.get(f"{previous} {word}") if previous else None
            if place is not None:
                value += float(self.term_weights[place, output])
            moved.append(value * scale)
            previous = word
        return moved
