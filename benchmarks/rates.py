"""Rates of right answers with 95 % bootstrap intervals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from insights.evaluate.figures import Figure, draw, figure_of, ratio

_ROWS = 100


def detection(present: NDArray[np.bool_], said: NDArray[np.bool_], *, seed: int) -> tuple[Figure, Figure, Figure]:
    """Returns precision, recall and F1 of yes or no answers, each (n,)."""
    counts = draw(len(present), seed=seed).sums(np.stack([present & said, said, present], axis=1))
    found, told, there = counts.T
    return figure_of(ratio(found, told)), figure_of(ratio(found, there)), figure_of(ratio(2 * found, told + there))


def accuracy(truth: NDArray[np.str_], said: NDArray[np.str_], *, seed: int) -> Figure:
    """Returns the share of right answers, each of one class; it is the micro F1."""
    return figure_of(draw(len(truth), seed=seed).sums(truth == said) / len(truth))


def macro_f1(truth: NDArray[np.str_], said: NDArray[np.str_], *, seed: int) -> Figure:
    """Returns the mean F1 of the classes that stand in the truth."""
    classes = np.unique(truth)
    there, told = truth[:, None] == classes, said[:, None] == classes
    draws = draw(len(truth), seed=seed)
    found, both = draws.sums(there & told), draws.sums(there) + draws.sums(told)
    return figure_of(np.nan_to_num(ratio(2 * found, both)).mean(axis=1))


def average_precision(present: NDArray[np.bool_], scores: NDArray[np.float64], *, seed: int) -> Figure:
    """Returns the precision averaged over the recall gained at each score (Salton and McGill 1983); equal scores come at once.

    Args:
        present: (n,) what is true.
        scores: (n,) larger where more sure.
        seed: Of the bootstrap.
    """
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    weights = draw(len(present), seed=seed).weights
    found = [_averaged(weights[start : start + _ROWS, order], present[order], ends) for start in range(0, len(weights), _ROWS)]
    return figure_of(np.concatenate(found))


def _averaged(weights: NDArray[np.float64], present: NDArray[np.bool_], ends: NDArray[np.int64]) -> NDArray[np.float64]:
    """Average precision of each row of (n_samples, n) weights, texts in the order of their scores, which change after ``ends``."""
    found = np.cumsum(weights * present, axis=1)[:, ends]
    precision = np.nan_to_num(ratio(found, np.cumsum(weights, axis=1)[:, ends]))
    gained = np.diff(found, axis=1, prepend=0.0)
    return ratio((precision * gained).sum(axis=1), found[:, -1])
