"""Learns topics from examples, with everything that is decided set on examples and topics left out of the training.

Unlabelled sentences of the same company may help: labels spread from the examples over a graph of nearest sentences (Zhou et al.,
"Learning with Local and Global Consistency", 2003), and what they reach is learnt from too, as far as it is sure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.classify.learnt import LearntTopics, Linear, Shown, accepted, joined, log_odds, normal, within
from insights.classify.lexical import counted, lexicon_of

FOLDS = 5
VERSION = "1"
_NONE = -1
_STRENGTH, _STEPS = 10.0, 60  # inverse of the regularisation; most steps of the solver
_LEXICAL, _LEAST_LEXICAL = (
    0.12,
    0.3,
)  # words say more the more examples a topic has: weight beside the vector's 1, times the root of their number
_MOST_PROVED = 20  # examples a topic in the cross-validation: enough to set a few numbers
_MANY = 2_000  # from here on a word must stand in two examples
_NEVER = -1000.0
_GUARD = (1.0, 6.0, -3.0)  # where no topic can be left out: a likeness of a half speaks neither for nor against
_PRIOR, _STAYS, _ROUNDS, _NEIGHBOURS, _WIDTH, _TRUST = 0.3, 0.2, 30, 15, 0.1, 0.5  # of the spreading to unlabelled sentences
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is learnt from.

    Attributes:
        keys: A topic's key a text; the empty key for a text that is none of the topics.
        texts: The examples.
        vectors: (n_texts, n_dims), of length 1.
        kinds: Topics' kinds by key: whoever asks for the topic of a finding knows its kind.
        labels: Topics' names by key: each is one more example.
        label_vectors: (n_labels, n_dims), in the order of ``labels``.
        history: Sentences of the same company without a topic.
        history_vectors: (n_history, n_dims).
    """

    keys: Sequence[str]
    texts: Sequence[str]
    vectors: NDArray[np.float32]
    kinds: Mapping[str, str]
    labels: Mapping[str, str]
    label_vectors: NDArray[np.float32]
    history: Sequence[str] = ()
    history_vectors: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class _Data:
    """Texts as numbers: ``y`` is the topic's place, ``weight`` how much a text counts."""

    counts: Sequence[Counter[int]]
    vectors: NDArray[np.float32]
    y: NDArray[np.int64]
    weight: NDArray[np.float64]

    def only(self, rows: NDArray[np.int64]) -> _Data:
        return _Data([self.counts[row] for row in rows.tolist()], self.vectors[rows], self.y[rows], self.weight[rows])

    def plus(self, other: _Data) -> _Data:
        return _Data(
            [*self.counts, *other.counts],
            np.concatenate([self.vectors, other.vectors]),
            np.concatenate([self.y, other.y]),
            np.concatenate([self.weight, other.weight]),
        )


@dataclass(frozen=True, slots=True)
class _Proof:
    """Examples judged by models that have not seen them.

    Attributes:
        true: Place of the topic, or ``_NONE`` for a text that is none of those the model was taught.
        best: The topic judged the most probable.
        logs: (n_texts, n_topics) logarithms of probabilities.
        likeness: Cosine with the nearest example of ``best``.
        sharpness: Of the probabilities.
    """

    true: NDArray[np.int64]
    best: NDArray[np.int64]
    logs: NDArray[np.float64]
    likeness: NDArray[np.float64]
    sharpness: float

    @property
    def weight(self) -> NDArray[np.float64]:
        """Texts of a topic weigh as much, all together, as those of none."""
        none = self.true == _NONE
        return np.where(none, 0.5 / max(int(none.sum()), 1), 0.5 / max(int((~none).sum()), 1)) * len(none)


def learn(lesson: Lesson, *, encoder: str, seed: int) -> LearntTopics:
    """Learns the topics of a lesson; the same lesson and seed give the same model.

    Args:
        lesson: Examples of two keys at least.
        encoder: Id of the encoder the vectors are of.
        seed: Of the folds.

    Returns:
        A model whose ``details`` hold the figures on examples left out.
    """
    topics = tuple(sorted(set(lesson.keys)))
    place = {key: number for number, key in enumerate(topics)}
    order = sorted(range(len(lesson.keys)), key=lambda row: (place[lesson.keys[row]], lesson.texts[row]))
    examples = _data([lesson.texts[row] for row in order], lesson.vectors[order], [place[lesson.keys[row]] for row in order])
    named = [row for row, key in enumerate(lesson.labels) if key in place]
    labels = [list(lesson.labels.items())[row] for row in named]
    names = _data([label for _, label in labels], lesson.label_vectors[named], [place[key] for key, _ in labels])
    proof = _prove(examples, names, topics, _same_kind(topics, lesson.kinds), seed)
    shown = Shown(examples.y, tuple(lesson.texts[row] for row in order), examples.vectors)
    acceptance = _acceptance(proof)
    threshold, figures = _judge(proof, acceptance, topics)
    details = {"version": VERSION, "examples": len(order), "history": len(lesson.history), **figures}
    taught = examples.plus(names)
    model = LearntTopics("unsaved", encoder, topics, _fit(taught, len(topics)), proof.sharpness, acceptance, threshold, shown, details)
    if lesson.history_vectors is not None and len(lesson.history):
        reached = _reached(model, taught, lesson.history, lesson.history_vectors)
        model = replace(model, linear=_fit(taught.plus(reached), len(topics)))
    return model


def _data(texts: Sequence[str], vectors: NDArray[np.float32], y: Sequence[int]) -> _Data:
    return _Data([counted(text) for text in texts], vectors, np.array(y, np.int64), np.ones(len(texts)))


def _fit(data: _Data, topics: int) -> Linear:
    """Fits a multinomial logistic regression; a topic without an example gets no probability."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.linear_model import LogisticRegression

    lexicon = lexicon_of(data.counts, least=1 if len(data.y) < _MANY else 2)
    bags, dims = lexicon.bags(data.counts), data.vectors.shape[1]
    weight = np.float32(min(max(_LEXICAL * np.sqrt(data.weight.sum() / topics), _LEAST_LEXICAL), 1.0))
    words = csr_matrix((bags.values * weight, bags.places, bags.edges), shape=(len(data.y), len(lexicon.buckets)))
    model = LogisticRegression(C=_STRENGTH, max_iter=_STEPS, tol=1e-3)
    model.fit(hstack([csr_matrix(data.vectors), words]).tocsr(), data.y, sample_weight=data.weight)
    several = len(model.classes_) > 2
    weights, intercepts = np.zeros((topics, dims + len(lexicon.buckets)), np.float32), np.full(topics, _NEVER, np.float32)
    weights[model.classes_] = model.coef_ if several else np.vstack([np.zeros_like(model.coef_), model.coef_])
    intercepts[model.classes_] = model.intercept_ if several else [0.0, model.intercept_[0]]
    return Linear(weights.T[:dims].copy(), lexicon, weights.T[dims:] * weight, intercepts)


def _prove(data: _Data, names: _Data, topics: Sequence[str], same_kind: NDArray[np.bool_], seed: int) -> _Proof:
    """Judges examples by models that were taught neither them nor, of some topics, anything at all."""
    random = np.random.default_rng(seed)
    fold, taken = np.zeros(len(data.y), np.int64), np.zeros(len(data.y), bool)
    for topic in range(len(topics)):
        rows = random.permutation(np.flatnonzero(data.y == topic))[:_MOST_PROVED]
        taken[rows], fold[rows] = True, np.arange(len(rows)) % FOLDS
    group, real = np.full(len(topics), -1), [place for place, key in enumerate(topics) if key]
    if len(real) > 2:
        group[random.permutation(real)] = np.arange(len(real)) % FOLDS
    parts = []
    for number in range(FOLDS):
        away = group[data.y] == number
        known, asked = (data.only(np.flatnonzero(taken & rows)) for rows in (~away & (fold != number), away | (fold == number)))
        if not len(asked.y) or len(set(known.y.tolist())) < 2:
            continue
        linear = _fit(known.plus(names.only(np.flatnonzero(group[names.y] != number))), len(topics))
        shown = Shown(known.y, (), known.vectors)
        taught = group[asked.y] != number
        logs = joined(linear.scores(asked.counts, asked.vectors), shown.shares(asked.vectors, len(topics)), 1.0)
        logs = within(logs, same_kind[asked.y])
        best = logs.argmax(axis=1)
        able = taught & np.array([bool(topics[one]) for one in asked.y.tolist()])
        parts.append((np.where(able, asked.y, _NONE), best, logs, shown.nearest(asked.vectors, best)[1]))
    true, best, logs, likeness = (np.concatenate(part) for part in zip(*parts, strict=True))
    sharpness = _sharpness(true, logs)
    return _Proof(true, best, normal(sharpness * logs), likeness, sharpness)


def _same_kind(topics: Sequence[str], kinds: Mapping[str, str]) -> NDArray[np.bool_]:
    """Returns (n_topics, n_topics) which topics a text of each topic can be told among; none of them is always possible."""
    own = [kinds.get(key, "") for key in topics]
    return np.array([[not one or not other or one == other for other in own] for one in own])


def _sharpness(true: NDArray[np.int64], logs: NDArray[np.float64]) -> float:
    """The factor under which the examples left out are most probable."""
    rows = np.flatnonzero(true != _NONE)
    tried = np.geomspace(0.25, 8.0, 41).tolist()
    return float(max(tried, key=lambda factor: float(normal(factor * logs[rows])[np.arange(len(rows)), true[rows]].sum())))


def _acceptance(proof: _Proof) -> tuple[float, float, float]:
    """Fits when the best topic is right; what is none of the topics counts as much, all together, as what is one."""
    from sklearn.linear_model import LogisticRegression

    if not (proof.true == _NONE).any():
        return _GUARD
    right = proof.true == proof.best
    if right.all() or not right.any():
        return _GUARD
    logs = proof.logs[np.arange(len(right)), proof.best]
    fitted = LogisticRegression(C=10.0).fit(np.column_stack([log_odds(logs), proof.likeness]), right, sample_weight=proof.weight)
    first, second = fitted.coef_[0].tolist()
    return round(first, 4), round(second, 4), round(float(fitted.intercept_[0]), 4)


def _judge(proof: _Proof, acceptance: tuple[float, float, float], topics: Sequence[str]) -> tuple[float, dict[str, Any]]:
    """Returns the threshold of the best F1 among the topics, a half at least, and the figures at it."""
    probabilities = accepted(proof.logs[np.arange(len(proof.best)), proof.best], proof.likeness, acceptance)
    named = np.array([bool(topics[one]) for one in proof.best.tolist()])
    right, known = proof.true == proof.best, proof.true != _NONE

    def f1(threshold: float) -> float:
        said = named & (probabilities >= threshold)
        return float(2 * (proof.weight * (said & right)).sum() / max((proof.weight * said).sum() + (proof.weight * known).sum(), 1e-9))

    threshold = max((round(step / 50, 2) for step in range(25, 48)), key=f1)
    said = named & (probabilities >= threshold)
    rows = {}
    for place, key in enumerate(topics):
        mine = proof.true == place
        if key:
            wrong = Counter(topics[one] for one in proof.best[mine & ~right].tolist())
            rows[key] = {
                "asked": int(mine.sum()),
                "right": int((mine & right).sum()),
                "given": int((mine & right & said).sum()),
                "taken for": next((other for other, _ in wrong.most_common(1)), ""),
            }
    figures = {
        "topics": rows,
        "accuracy": _share(right & known, known),
        "given": _share(said & right, known),
        "wrong": _share(said & ~right & known, known),
        "strangers given": _share(said & ~known, ~known),
    }
    return threshold, figures


def _share(some: NDArray[np.bool_], of: NDArray[np.bool_]) -> float | None:
    return round(float(some.sum() / of.sum()), 4) if of.any() else None


def _reached(model: LearntTopics, taught: _Data, texts: Sequence[str], vectors: NDArray[np.float32]) -> _Data:
    """Spreads the topics to sentences without one; each counts by how sure the spreading and the model are."""
    counts = [counted(text) for text in texts]
    logs = joined(model.linear.scores(counts, vectors), model.shown.shares(vectors, len(model.topics)), model.sharpness)
    best = logs.argmax(axis=1)
    likely = accepted(logs[np.arange(len(best)), best], model.shown.nearest(vectors, best)[1], model.acceptance)
    start = np.zeros((len(taught.y) + len(texts), len(model.topics)))
    start[np.arange(len(taught.y)), taught.y] = 1.0
    start[len(taught.y) :] = _PRIOR * np.exp(logs) * likely[:, None]
    graph = _neighbours(np.concatenate([taught.vectors, vectors]))
    spread = start
    for _ in range(_ROUNDS):
        spread = (1.0 - _STAYS) * (graph @ spread) + _STAYS * start
    found = spread[len(taught.y) :]
    sure = found.max(axis=1) / np.maximum(found.sum(axis=1), 1e-12)
    return _Data(counts, vectors, found.argmax(axis=1), _TRUST * sure * likely)


def _neighbours(vectors: NDArray[np.float32]) -> Any:
    """Returns the (n, n) sparse graph of nearest vectors, symmetric, its rows normalised on both sides."""
    from scipy.sparse import csr_matrix, diags

    count, most = len(vectors), min(_NEIGHBOURS, len(vectors) - 1)
    places, values = np.zeros((count, most), np.int64), np.zeros((count, most))
    for start in range(0, count, _AT_ONCE):
        likeness = vectors[start : start + _AT_ONCE] @ vectors.T
        likeness[np.arange(len(likeness)), start + np.arange(len(likeness))] = -1.0
        places[start : start + _AT_ONCE] = np.argpartition(-likeness, most - 1, axis=1)[:, :most]
        values[start : start + _AT_ONCE] = np.take_along_axis(likeness, places[start : start + _AT_ONCE], axis=1)
    graph = csr_matrix((np.exp((values.ravel() - 1.0) / _WIDTH), (np.repeat(np.arange(count), most), places.ravel())), shape=(count, count))
    graph = graph.maximum(graph.T)
    scale = diags(1.0 / np.sqrt(np.maximum(np.asarray(graph.sum(axis=1)).ravel(), 1e-12)))
    return scale @ graph @ scale
