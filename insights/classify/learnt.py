"""Topics learnt from examples: which topic a text is about, how probable that is, and which example it resembles.

A linear model over a text's vector and its words gives each topic a score. Whether the best topic is right is a second, small
logistic model: of that topic's log-odds and of the likeness to its nearest example. It is fitted on examples, and on whole topics,
that the first model has not seen, so that a text far from all that was shown is none of the topics. Plain numbers in ``topics.npz``
and ``topics.json``; nothing of scikit-learn is needed to predict.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.classify.lexical import Lexicon, counted
from insights.encoder import Encoder
from insights.errors import ModelError
from insights.registry import Manifest, read_manifest, write_manifest

ARRAYS, FACTS = "topics.npz", "topics.json"
PIECE_WORDS = 130
"""Words of a piece: an encoder reads the beginning of a text only, so a long one is read in pieces."""

_MOST_LOGIT = 12.0
_NEAREST, _STEEP = 20, 30.0  # examples looked at, and how much more a nearer one says
_NEIGHBOURS_SAY, _LEAST_SHARE = 0.2, 1e-3
_AT_ONCE = 1_000
_NEVER = -1000.0


@dataclass(frozen=True, slots=True)
class Placed:
    """The topic a text is most probably about.

    Attributes:
        topic: Its key.
        probability: That the text is about it, in [0, 1]; low where the text is like no example.
        example: Place of the topic's example it resembles most.
        likeness: Cosine of the two.
    """

    topic: str
    probability: float
    example: int
    likeness: float


@dataclass(frozen=True, slots=True)
class Linear:
    """Scores of topics, linear in a text's vector and words.

    Attributes:
        dense: (n_dims, n_topics).
        lexicon: The words known.
        sparse: (n_buckets, n_topics).
        intercepts: (n_topics,).
    """

    dense: NDArray[np.float32]
    lexicon: Lexicon
    sparse: NDArray[np.float32]
    intercepts: NDArray[np.float32]

    def scores(self, counts: Sequence[Counter[int]], vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Returns (n_texts, n_topics) logarithms of probabilities that add up to 1 for each text.

        Args:
            counts: The texts, see ``lexical.counted``.
            vectors: (n_texts, n_dims).
        """
        return normal(vectors.astype(np.float64) @ self.dense + self.intercepts + self.lexicon.bags(counts).scores(self.sparse))


@dataclass(frozen=True, slots=True)
class Shown:
    """The examples: places of their topics in ``LearntTopics.topics``, sorted, their texts and vectors (n_examples, n_dims)."""

    topics: NDArray[np.int64]
    texts: tuple[str, ...]
    vectors: NDArray[np.float32]

    def shares(self, vectors: NDArray[np.float32], topics: int) -> NDArray[np.float64]:
        """Returns (n_texts, n_topics) how much of the likeness of the nearest examples is each topic's; each row adds up to 1."""
        found = np.zeros((len(vectors), topics))
        nearest = min(_NEAREST, len(self.topics))
        for start in range(0, len(vectors), _AT_ONCE):
            likeness = vectors[start : start + _AT_ONCE] @ self.vectors.T
            places = np.argpartition(-likeness, nearest - 1, axis=1)[:, :nearest]
            close = np.exp(_STEEP * (np.take_along_axis(likeness, places, axis=1).astype(np.float64) - 1.0))
            np.add.at(found, (start + np.arange(len(places))[:, None], self.topics[places]), close)
        shares: NDArray[np.float64] = found / found.sum(axis=1, keepdims=True)
        return shares

    def nearest(self, vectors: NDArray[np.float32], topics: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Returns for each vector the place of the nearest example of its topic, and the cosine (-1.0 where the topic has none)."""
        places, cosines = np.zeros(len(vectors), np.int64), np.full(len(vectors), -1.0)
        for topic in np.unique(topics).tolist():
            start, stop = np.searchsorted(self.topics, [topic, topic + 1]).tolist()
            rows = np.flatnonzero(topics == topic)
            if start < stop:
                likeness = vectors[rows] @ self.vectors[start:stop].T
                places[rows] = start + likeness.argmax(axis=1)
                cosines[rows] = likeness.max(axis=1)
        return places, cosines


def joined(scores: NDArray[np.float64], shares: NDArray[np.float64], sharpness: float) -> NDArray[np.float64]:
    """Returns logarithms of probabilities from the scores of a ``Linear`` and what the nearest examples say."""
    return normal(sharpness * (scores + _NEIGHBOURS_SAY * np.log(shares + _LEAST_SHARE)))


def normal(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns (n_texts, n_topics) scores moved so that their exponentials add up to 1 for each text."""
    moved = scores - scores.max(axis=1, keepdims=True, initial=-np.inf)
    logs: NDArray[np.float64] = moved - np.log(np.exp(moved).sum(axis=1, keepdims=True))
    return logs


@dataclass(frozen=True, slots=True)
class LearntTopics:
    """A trained model of topics.

    Attributes:
        id: Name and hash; ``unsaved`` until read from a folder.
        encoder: Id of the encoder whose vectors it reads.
        topics: Keys in the order of all arrays; the empty key stands for none of them.
        linear: Scores of topics.
        sharpness: Scores are multiplied by it before they become probabilities.
        acceptance: Weights of log-odds and of likeness, and the intercept, of the probability that the best topic is right.
        threshold: Least probability at which a text is given its topic.
        shown: The examples.
        details: What it was learnt from, and the figures on examples left out.
    """

    id: str
    encoder: str
    topics: tuple[str, ...]
    linear: Linear
    sharpness: float
    acceptance: tuple[float, float, float]
    threshold: float
    shown: Shown
    details: Mapping[str, Any] = field(default_factory=dict)

    def place(self, texts: Sequence[str], vectors: NDArray[np.float32], *, among: NDArray[np.bool_] | None = None) -> list[Placed | None]:
        """Returns the most probable topic of each text, whatever its probability; None where it is none of them.

        Args:
            texts: The texts.
            vectors: (n_texts, n_dims), see ``vectors_of``.
            among: (n_texts, n_topics) which topics a text can be about; all where None.
        """
        if not texts:
            return []
        logs = joined(
            self.linear.scores([counted(text) for text in texts], vectors), self.shown.shares(vectors, len(self.topics)), self.sharpness
        )
        logs = logs if among is None else within(logs, among)
        best = logs.argmax(axis=1)
        examples, likeness = self.shown.nearest(vectors, best)
        probabilities = accepted(logs[np.arange(len(best)), best], likeness, self.acceptance)
        possible = [bool(self.topics[topic]) and (among is None or bool(among[row, topic])) for row, topic in enumerate(best.tolist())]
        return [
            Placed(self.topics[best[row]], float(probabilities[row]), int(examples[row]), float(likeness[row])) if possible[row] else None
            for row in range(len(texts))
        ]

    def save(self, folder: Path, name: str, *, version: str) -> Manifest:
        """Writes the model with its manifest; the same model gives the same bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            folder / ARRAYS,
            dense=self.linear.dense,
            buckets=self.linear.lexicon.buckets,
            idf=self.linear.lexicon.idf,
            sparse=self.linear.sparse.astype(np.float16),  # half the file, no figure changes
            intercepts=self.linear.intercepts,
            shown=self.shown.topics,
            vectors=self.shown.vectors.astype(np.float16),
        )
        facts = {
            "encoder": self.encoder,
            "topics": list(self.topics),
            "sharpness": self.sharpness,
            "acceptance": list(self.acceptance),
            "threshold": self.threshold,
            "texts": list(self.shown.texts),
        }
        (folder / FACTS).write_text(json.dumps(facts, indent=0, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
        return write_manifest(folder, name, version=version, files=[ARRAYS, FACTS], details=self.details)

    @classmethod
    def load(cls, folder: Path) -> LearntTopics:
        """Reads a model through its manifest.

        Raises:
            ModelError: The manifest does not verify, or the files are of another shape than this program writes.
        """
        manifest = read_manifest(folder)
        try:
            facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
            with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
                lexicon = Lexicon(arrays["buckets"], arrays["idf"])
                linear = Linear(arrays["dense"], lexicon, arrays["sparse"].astype(np.float32), arrays["intercepts"])
                shown = Shown(arrays["shown"], tuple(facts["texts"]), arrays["vectors"].astype(np.float32))
            first, second, intercept = map(float, facts["acceptance"])
            topics, sharpness, threshold = tuple(facts["topics"]), float(facts["sharpness"]), float(facts["threshold"])
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"the learnt topics of {folder.name} cannot be read", "learn them again with `insights taxonomy learn`"
            ) from error
        return cls(
            manifest.id, str(facts["encoder"]), topics, linear, sharpness, (first, second, intercept), threshold, shown, manifest.details
        )


def within(logs: NDArray[np.float64], among: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Returns (n_texts, n_topics) logarithms of probabilities among the topics marked for each text; for the others next to nothing."""
    return normal(np.where(among, logs, _NEVER))


def accepted(logs: NDArray[np.float64], likeness: NDArray[np.float64], acceptance: tuple[float, float, float]) -> NDArray[np.float64]:
    """Returns the probability that a text's best topic is right.

    Args:
        logs: Logarithms of the topic's probability among the topics.
        likeness: Cosines with its nearest example.
        acceptance: Weights of log-odds and likeness, and the intercept.
    """
    first, second, intercept = acceptance
    moved = first * log_odds(logs) + second * likeness + intercept
    probabilities: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(moved, -30, 30)))
    return probabilities


def log_odds(logs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the log-odds of probabilities given by their logarithms, held within what fits a calibration."""
    others = np.log(-np.expm1(np.minimum(logs, -1e-9)))
    odds: NDArray[np.float64] = np.clip(logs - others, -_MOST_LOGIT, _MOST_LOGIT)
    return odds


def vectors_of(encoder: Encoder, texts: Sequence[str]) -> NDArray[np.float32]:
    """Returns one vector of length 1 a text, (n_texts, n_dims): the mean over pieces of even length, so that the end counts as the beginning."""
    cut = [_pieces_of(text) for text in texts]
    flat = encoder.encode([piece for pieces in cut for piece in pieces])
    found = np.zeros((len(texts), encoder.dimensions), np.float32)
    start = 0
    for row, pieces in enumerate(cut):
        found[row] = flat[start : start + len(pieces)].mean(axis=0)
        start += len(pieces)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    units: NDArray[np.float32] = found / np.maximum(lengths, 1e-9)
    return units


def _pieces_of(text: str) -> list[str]:
    words = text.split()
    count = -(-len(words) // PIECE_WORDS)
    if count <= 1:
        return [text]
    size = -(-len(words) // count)
    return [" ".join(words[start : start + size]) for start in range(0, len(words), size)]
