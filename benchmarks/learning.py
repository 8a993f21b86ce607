"""Classes learnt from a labelled set over what the engine made of its texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.classify.stacking import best_threshold

FOLDS, INNER_FOLDS = 5, 3
STRENGTH = 1.0
_LEAST = 1e-4


def held_out(
    texts: Sequence[str],
    probabilities: NDArray[np.float64],
    vectors: NDArray[np.float32],
    labels: NDArray[np.str_],
    *,
    part: NDArray[np.bool_] | None,
    seed: int,
) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    """Learns from some texts and tells the classes of others.

    Args:
        texts: The texts.
        probabilities: (n_texts, n_kinds) the engine's.
        vectors: (n_texts, ...) the encoder's.
        labels: (n_texts,) classes; of two, the last in the alphabet is the one looked for, at the threshold of best F1.
        part: (n_texts,) what is measured on; five folds where None.
        seed: Of the folds.

    Returns:
        Places of the texts that were told, in order, and their classes.
    """
    told = np.zeros(len(labels), dtype=labels.dtype)
    measured = np.zeros(len(labels), dtype=bool)
    for train, test in _parts(labels, part, seed):
        told[test] = _told(texts, probabilities, vectors, labels, train, test)
        measured[test] = True
    places = np.flatnonzero(measured)
    return places, told[places]


def _parts(labels: NDArray[np.str_], part: NDArray[np.bool_] | None, seed: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    from sklearn.model_selection import StratifiedKFold

    if part is not None:
        yield np.flatnonzero(~part), np.flatnonzero(part)
        return
    yield from StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(labels, labels)


def _told(
    texts: Sequence[str],
    probabilities: NDArray[np.float64],
    vectors: NDArray[np.float32],
    labels: NDArray[np.str_],
    train: NDArray[np.int64],
    test: NDArray[np.int64],
) -> NDArray[np.str_]:
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict
    from sklearn.preprocessing import StandardScaler

    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    scaler = StandardScaler()
    sure = np.clip(probabilities, _LEAST, 1 - _LEAST)
    dense = np.hstack([np.log(sure / (1 - sure)), vectors])
    scaler.fit(dense[train])

    def seen(places: NDArray[np.int64], by_words: Any) -> Any:
        # A text's dense numbers together have the length its words have.
        return hstack([by_words, csr_matrix(scaler.transform(dense[places]) / np.sqrt(dense.shape[1]))], format="csr")

    learnt = seen(train, words.fit_transform([texts[place] for place in train]))
    asked = seen(test, words.transform([texts[place] for place in test]))
    model = LogisticRegression(C=STRENGTH, max_iter=1000)
    classes = np.unique(labels[train])
    if len(classes) > 2:
        found: NDArray[np.str_] = model.fit(learnt, labels[train]).predict(asked)
        return found
    inner = cross_val_predict(model, learnt, labels[train], cv=INNER_FOLDS, method="predict_proba")[:, 1]
    everywhere = np.ones(len(inner), dtype=bool)
    least = best_threshold(inner, labels[train] == classes[1], everywhere, np.full(len(inner), "one source"))
    sure_of_yes = model.fit(learnt, labels[train]).predict_proba(asked)[:, 1]
    told: NDArray[np.str_] = classes[(sure_of_yes >= least).astype(int)]
    return told
