"""Topics learnt from examples: Banking77 with ten examples a topic and with all, complaints to products in five folds.

Beside them, in the same run, what one would build instead: TF-IDF + linear support vector machine, and the frozen encoder + logistic
regression. Every text is encoded once; the seconds of a training hold its share of the encoding.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.classify.learning import Lesson, learn
from insights.classify.learnt import vectors_of
from insights.flow.learnt import learners_encoder

SHOTS, DRAWS, FOLDS, MOST_HISTORY = 10, 5, 5, 10_000
_RESAMPLES = 2_000
_PROFILE = 100  # texts encoded to tell the seconds of one


@dataclass(frozen=True, slots=True)
class Texts:
    """Labelled texts with their vectors, and the processor seconds of encoding one."""

    texts: NDArray[np.object_]
    labels: NDArray[np.str_]
    vectors: NDArray[np.float32]
    seconds: float

    def named(self) -> tuple[dict[str, str], NDArray[np.float32]]:
        """Labels as people would write them, with their vectors."""
        names = {key: " ".join(key.replace("_", " ").replace("?", "").split()) for key in sorted(set(self.labels.tolist()))}
        return names, vectors_of(learners_encoder(), list(names.values()))


@dataclass(frozen=True, slots=True)
class Told:
    """What was said of texts: right or not, how many were given their topic with how many of them right, and processor seconds."""

    right: NDArray[np.bool_]
    seconds: float
    given: NDArray[np.bool_] | None = None


Method = Callable[[NDArray[np.int64], NDArray[np.int64]], Told]


def report(data: Path) -> None:
    """Prints the figures of both sets."""
    import pandas as pd

    table = pd.read_parquet(data / "banking77.parquet")
    _banking(_encoded(table), np.flatnonzero(table["split"] == "train"), np.flatnonzero(table["split"] == "test"))
    _complaints(_encoded(pd.read_parquet(data / "complaints_products.parquet")))


def _encoded(table: Any) -> Texts:
    texts = table["text"].to_numpy(object)
    began = time.process_time()
    vectors = vectors_of(learners_encoder(), texts.tolist())
    return Texts(texts, table["label"].to_numpy(str), vectors, (time.process_time() - began) / len(texts))


def _banking(data: Texts, train: NDArray[np.int64], test: NDArray[np.int64]) -> None:
    names, name_vectors = data.named()
    methods: Mapping[str, Method] = {
        "learnt topics": lambda rows, asked: _learnt(data, rows, asked, names, name_vectors),
        "learnt topics, rest as history": lambda rows, asked: _learnt(data, rows, asked, names, name_vectors, np.setdiff1d(train, rows)),
        **_baselines(data),
    }
    drawn = [_draw(data.labels, train, seed) for seed in range(DRAWS)]
    for name, method in methods.items():
        told = [method(rows, test) for rows in drawn]
        shares = np.array([one.right.mean() for one in told])
        spread = 2.776 * shares.std(ddof=1) / np.sqrt(DRAWS)  # Student's t, four degrees of freedom
        low, high = shares.mean() - spread, shares.mean() + spread
        print(f"banking77 {SHOTS} a topic, {DRAWS} draws: {name:32s} {shares.mean():.4f} [{low:.4f}, {high:.4f}]{_rest(told)}", flush=True)
    for name, method in methods.items():
        if "history" not in name:
            told = method(train, test)
            print(f"banking77 all {len(train)}: {name:32s} {_with_interval(told.right)}{_rest([told])}", flush=True)


def _complaints(data: Texts) -> None:
    from sklearn.model_selection import StratifiedKFold

    names, name_vectors = data.named()
    methods: Mapping[str, Method] = {
        "learnt topics": lambda rows, asked: _learnt(data, rows, asked, names, name_vectors),
        **_baselines(data),
    }
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(data.texts, data.labels))
    for name, method in methods.items():
        told = [method(rows, asked) for rows, asked in folds]
        right = np.concatenate([one.right for one in told])
        print(f"complaints {FOLDS} folds: {name:32s} {_with_interval(right)}{_rest(told)}", flush=True)


def _learnt(
    data: Texts,
    rows: NDArray[np.int64],
    asked: NDArray[np.int64],
    names: Mapping[str, str],
    name_vectors: NDArray[np.float32],
    history: NDArray[np.int64] | None = None,
) -> Told:
    began = time.process_time()
    rest = np.zeros(0, np.int64) if history is None else history[:MOST_HISTORY]
    lesson = Lesson(
        data.labels[rows].tolist(),
        data.texts[rows].tolist(),
        data.vectors[rows],
        {},
        names,
        name_vectors,
        data.texts[rest].tolist(),
        data.vectors[rest],
    )
    model = learn(lesson, encoder="minilm", seed=0)
    seconds = time.process_time() - began + data.seconds * (len(rows) + len(rest))
    placed = model.place(data.texts[asked].tolist(), data.vectors[asked])
    right = np.array([one is not None and one.topic == label for one, label in zip(placed, data.labels[asked], strict=True)])
    return Told(right, seconds, np.array([one is not None and one.probability >= model.threshold for one in placed]))


def _baselines(data: Texts) -> dict[str, Method]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    def words(rows: NDArray[np.int64], asked: NDArray[np.int64]) -> Told:
        began = time.process_time()
        table = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
        model = LinearSVC().fit(table.fit_transform(data.texts[rows]), data.labels[rows])
        return Told(model.predict(table.transform(data.texts[asked])) == data.labels[asked], time.process_time() - began)

    def frozen(rows: NDArray[np.int64], asked: NDArray[np.int64]) -> Told:
        began = time.process_time()
        model = LogisticRegression(C=10.0, max_iter=200).fit(data.vectors[rows], data.labels[rows])
        seconds = time.process_time() - began + data.seconds * len(rows)
        return Told(model.predict(data.vectors[asked]) == data.labels[asked], seconds)

    return {"TF-IDF + linear SVM": words, "frozen MiniLM + logistic": frozen}


def _draw(labels: NDArray[np.str_], rows: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    random = np.random.default_rng(seed)
    return np.concatenate(
        [random.choice(rows[labels[rows] == label], SHOTS, replace=False) for label in sorted(set(labels[rows].tolist()))]
    )


def _with_interval(right: NDArray[np.bool_]) -> str:
    shares = np.random.default_rng(0).binomial(len(right), right.mean(), _RESAMPLES) / len(right)
    low, high = np.quantile(shares, [0.025, 0.975])
    return f"{right.mean():.4f} [{low:.4f}, {high:.4f}]"


def _rest(told: Sequence[Told]) -> str:
    seconds = f", training {np.mean([one.seconds for one in told]):.0f} processor seconds"
    given = [(one.given, one.right) for one in told if one.given is not None]
    if not given:
        return seconds
    sure, right = (np.concatenate(parts) for parts in zip(*given, strict=True))
    return f"{seconds}; sure enough of {sure.mean():.3f}, of these right {right[sure].mean():.3f}"
