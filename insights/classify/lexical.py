"""Texts as weighted bags of hashed words, pairs of words and pieces of words: the lexical half of learnt topics."""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.classify.features import PIECES, normal_words, pieces, terms_of
from insights.classify.phrases import tokens_of

_TERMS = 1 << 17


@dataclass(frozen=True, slots=True)
class Bags:
    """Texts as sparse rows over the buckets of a ``Lexicon``.

    Attributes:
        edges: (n_texts + 1,) where each text's entries begin.
        places: Places in the lexicon.
        values: Weights; the words of a text have length 1 together, and so have its pieces.
    """

    edges: NDArray[np.int64]
    places: NDArray[np.int64]
    values: NDArray[np.float32]

    def scores(self, weights: NDArray[np.float32]) -> NDArray[np.float64]:
        """Returns (n_texts, n_outputs) for weights (n_buckets, n_outputs)."""
        found = np.zeros((len(self.edges) - 1, weights.shape[1]))
        for row, (start, stop) in enumerate(zip(self.edges[:-1].tolist(), self.edges[1:].tolist(), strict=True)):
            if stop > start:
                found[row] = self.values[start:stop] @ weights[self.places[start:stop]]
        return found


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The buckets that training knew, sorted, each with its inverse document frequency."""

    buckets: NDArray[np.int32]
    idf: NDArray[np.float32]

    def bags(self, counts: Sequence[Counter[int]]) -> Bags:
        """Returns texts, counted by ``counted``, as rows; what training did not know counts for nothing."""
        place = {int(bucket): number for number, bucket in enumerate(self.buckets)}
        edges: list[int] = [0]
        places: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
        values: list[NDArray[np.float32]] = [np.zeros(0, np.float32)]
        for count in counts:
            known = [(place[bucket], bucket, times) for bucket, times in count.items() if bucket in place]
            rows = np.array([one for one, _, _ in known], np.int64)
            weights = self.idf[rows] * np.array([1.0 + math.log(times) for _, _, times in known], np.float32)
            of_pieces = np.array([bucket < PIECES for _, bucket, _ in known], bool)
            for part in (of_pieces, ~of_pieces):
                weights[part] /= max(float(np.linalg.norm(weights[part])), 1e-9)
            places.append(rows)
            values.append(weights.astype(np.float32))
            edges.append(edges[-1] + len(rows))
        return Bags(np.array(edges, np.int64), np.concatenate(places), np.concatenate(values))


def lexicon_of(counts: Sequence[Counter[int]], *, least: int) -> Lexicon:
    """Returns the buckets that stand in ``least`` texts at least.

    Inverse document frequencies are smoothed: ``log((1 + n) / (1 + df)) + 1``.
    """
    found = Counter(bucket for count in counts for bucket in count)
    kept = sorted(bucket for bucket, times in found.items() if times >= least)
    idf = [math.log((1 + len(counts)) / (1 + found[bucket])) + 1.0 for bucket in kept]
    return Lexicon(np.array(kept, np.int32), np.array(idf, np.float32))


def counted(text: str) -> Counter[int]:
    """Returns how often each bucket stands in a text: pieces below ``PIECES``, words and pairs of words above."""
    words = normal_words(tokens_of(text))
    found: Counter[int] = Counter(PIECES + zlib.crc32(term.encode("utf-8", "replace")) % _TERMS for term in terms_of(words))
    for word, times in Counter(words).items():
        for piece in pieces(word):
            found[piece] += times
    return found
