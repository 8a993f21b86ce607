"""Classes learnt from a labelled set over what the engine made of its texts: one model of words, one of vectors, their log-odds averaged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.classify.stacking import best_threshold

FOLDS, INNER_FOLDS = 5, 3
STRENGTH = 10.0
_LEAST = 1e-4


@dataclass(frozen=True)
class Material:
    """What is learnt from, a text a row.

    Attributes:
        words: Texts for TF-IDF.
        dense: (n_texts, n_numbers) all else that is known of them.
    """

    words: Sequence[str]
    dense: NDArray[np.float64]


def material(words: Sequence[str], probabilities: NDArray[np.float64], vectors: NDArray[np.float32]) -> Material:
    """Returns texts with the engine's (n_texts, n_kinds) probabilities and the encoder's (n_texts, ...) vectors."""
    return Material(words, np.hstack([_log_odds(probabilities), vectors]))


def held_out(
    known: Material, labels: NDArray[np.str_], *, part: NDArray[np.bool_] | None, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    """Learns from some texts and tells the classes of others.

    Args:
        known: The texts.
        labels: (n_texts,) classes; of two, the last in the alphabet is the one looked for, at the threshold of best F1.
        part: (n_texts,) what is measured on; five folds where None.
        seed: Of the folds.

    Returns:
        Places of the texts that were told, in order, and their classes.
    """
    told = np.zeros(len(labels), dtype=labels.dtype)
    measured = np.zeros(len(labels), dtype=bool)
    everywhere = np.arange(len(labels))
    folds = _folds(everywhere, labels, FOLDS, seed) if part is None else [(np.flatnonzero(~part), np.flatnonzero(part))]
    for train, test in folds:
        classes = np.unique(labels[train])
        sure = _sure(known, labels, train, test)
        if len(classes) == 2:
            told[test] = classes[(sure[:, 1] >= _threshold(known, labels, train, seed)).astype(int)]
        else:
            told[test] = classes[sure.argmax(axis=1)]
        measured[test] = True
    places = np.flatnonzero(measured)
    return places, told[places]


def _folds(
    places: NDArray[np.int64], labels: NDArray[np.str_], count: int, seed: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    from sklearn.model_selection import StratifiedKFold

    for train, test in StratifiedKFold(count, shuffle=True, random_state=seed).split(places, labels[places]):
        yield places[train], places[test]


def _threshold(known: Material, labels: NDArray[np.str_], train: NDArray[np.int64], seed: int) -> float:
    """The threshold of the best F1 of the last class, on texts of ``train`` that were not learnt from."""
    sure = np.zeros(len(labels))
    for inner, away in _folds(train, labels, INNER_FOLDS, seed):
        sure[away] = _sure(known, labels, inner, away)[:, 1]
    present = labels[train] == np.unique(labels[train])[-1]
    return best_threshold(sure[train], present, np.ones(len(train), dtype=bool), np.full(len(train), "one source"))


def _sure(known: Material, labels: NDArray[np.str_], train: NDArray[np.int64], test: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n_test, n_classes) how sure both models together are of each class."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    scaler = StandardScaler().fit(known.dense[train])
    # Together as long as a text's words.
    size = np.sqrt(known.dense.shape[1])
    views = (
        (vectorizer.fit_transform([known.words[n] for n in train]), vectorizer.transform([known.words[n] for n in test])),
        (scaler.transform(known.dense[train]) / size, scaler.transform(known.dense[test]) / size),
    )
    said = [LogisticRegression(C=STRENGTH, max_iter=1000).fit(seen, labels[train]).predict_proba(asked) for seen, asked in views]
    together: NDArray[np.float64] = 1 / (1 + np.exp(-np.mean([_log_odds(one) for one in said], axis=0)))
    return together


def _log_odds(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    sure = np.clip(probabilities, _LEAST, 1 - _LEAST)
    odds: NDArray[np.float64] = np.log(sure / (1 - sure))
    return odds
