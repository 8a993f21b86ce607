"""From sentences to a contact: a small logistic model a kind over the strongest of what was said of its sentences.

It is fitted, and its thresholds set, on scores of contacts whose whole source the annotators had not seen.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from insights.classify.annotate import Annotated, Annotator, kinds_of
from insights.domain import Kind

KINDS = tuple(Kind)
UNREAD = -6.0
"""Log-odds of a sentence nobody read, and of a contact without a sentence that may give evidence."""

SUMMARY = ("strongest by words", "strongest by reading", "cues", "strongest of other kinds")
LEAST_THRESHOLD = 0.05
LEAST_SAID = 10


def summarise(
    words: NDArray[np.float64], readings: NDArray[np.float64] | None, sentences: Sequence[Annotated], annotator: Annotator
) -> NDArray[np.float64]:
    """Returns (n_kinds, len(SUMMARY)): what the model reads of one contact.

    Args:
        words: (n_sentences, n_kinds) log-odds by the linear annotator.
        readings: (n_sentences, n_kinds) log-odds by the encoder, ``UNREAD`` where it did not look; None without one.
        sentences: The sentences.
        annotator: Knows the cues.
    """
    summary = np.zeros((len(KINDS), len(SUMMARY)))
    summary[:, 0] = _strongest(words)
    if readings is not None:
        summary[:, 1] = _strongest(readings)
    for item in sentences:
        for kind in kinds_of(item.hits, annotator.cues):
            summary[KINDS.index(kind), 2] += 1
    summary[:, 2] = np.log1p(summary[:, 2])
    leading = summary[:, 0 if readings is None else 1]
    first, second = np.sort(leading)[[-1, -2]]
    summary[:, 3] = np.where(leading == first, second, first)
    return summary


def _strongest(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The strongest score a kind."""
    strongest: NDArray[np.float64] = np.clip(scores.max(axis=0, initial=UNREAD), UNREAD, -UNREAD)
    return strongest


def summaries_of(
    words: NDArray[np.float64],
    readings: NDArray[np.float64] | None,
    rows: Sequence[Annotated],
    owner: NDArray[np.int64],
    contacts: int,
    annotator: Annotator,
) -> NDArray[np.float64]:
    """Returns (n_contacts, n_kinds, len(SUMMARY)); ``owner`` names the contact of each row, in order."""
    edges = np.searchsorted(owner, np.arange(contacts + 1))
    parts = [(slice(a, b), rows[a:b]) for a, b in itertools.pairwise(edges.tolist())]
    return np.stack([summarise(words[part], None if readings is None else readings[part], own, annotator) for part, own in parts])


def probabilities(weights: NDArray[np.floating], summaries: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns (n_contacts, n_kinds) calibrated probabilities.

    Args:
        weights: (n_kinds, len(SUMMARY) + 1); the last is the intercept.
        summaries: (n_contacts, n_kinds, len(SUMMARY)).
    """
    logits = np.einsum("ikf,kf->ik", summaries, weights[:, :-1].astype(np.float64)) + weights[:, -1]
    found: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(logits, -30, 30)))
    return found


def fit(
    summaries: NDArray[np.float64], present: NDArray[np.bool_], scored: NDArray[np.bool_], sources: NDArray[np.str_]
) -> NDArray[np.float64]:
    """Returns the weights (n_kinds, len(SUMMARY) + 1), sources balanced by the square root of their size.

    Args:
        summaries: (n_contacts, n_kinds, len(SUMMARY)), by annotators that had not seen the contact's source.
        present: (n_contacts, n_kinds) what people found.
        scored: (n_contacts, n_kinds) where they were sure.
        sources: (n_contacts,).
    """
    from sklearn.linear_model import LogisticRegression

    by_source = balance(sources)
    fitted = np.zeros((len(KINDS), len(SUMMARY) + 1))
    for k in range(len(KINDS)):
        rows = scored[:, k]
        if len(set(present[rows, k].tolist())) < 2:
            fitted[k, -1] = -30.0
            continue
        model = LogisticRegression(C=1.0, max_iter=2000)
        model.fit(summaries[rows, k], present[rows, k], sample_weight=by_source[rows] / by_source[rows].mean())
        fitted[k] = [*model.coef_[0], model.intercept_[0]]
    return fitted


def held_out(
    summaries: NDArray[np.float64], present: NDArray[np.bool_], scored: NDArray[np.bool_], sources: NDArray[np.str_]
) -> NDArray[np.float64]:
    """Returns (n_contacts, n_kinds) probabilities by weights fitted without the contact's source."""
    found = np.zeros(present.shape)
    for source in sorted(set(sources.tolist())):
        away = sources == source
        weights = fit(summaries[~away], present[~away], scored[~away], sources[~away])
        found[away] = probabilities(weights, summaries[away])
    return found


def best_threshold(judged: NDArray[np.float64], present: NDArray[np.bool_], scored: NDArray[np.bool_], sources: NDArray[np.str_]) -> float:
    """Returns the threshold of the best F1 of one kind, sources balanced by the square root of their size.

    Args:
        judged: (n_contacts,) probabilities of the kind, each by a model that had not seen the contact's source.
        present: (n_contacts,) what people found.
        scored: (n_contacts,) where they were sure.
        sources: (n_contacts,).
    """
    weight = balance(sources) * scored
    best, chosen = -1.0, 0.5
    for threshold in np.arange(LEAST_THRESHOLD, 0.96, 0.01):
        said = judged >= threshold
        hits = float((weight * (said & present)).sum())
        score = 2 * hits / max(float((weight * said).sum() + (weight * present).sum()), 1e-9)
        if score > best + 1e-9:
            best, chosen = score, float(threshold)
    return round(chosen, 2)


def precise_threshold(judged: NDArray[np.float64], present: NDArray[np.bool_], scored: NDArray[np.bool_], precision: float) -> float | None:
    """Returns the least threshold from which on a share ``precision`` of the yes's of one kind are right; None where none is.

    Args:
        judged: (n_contacts,) probabilities, each by a model that had not seen the contact's source.
        present: (n_contacts,) what people found.
        scored: (n_contacts,) where they were sure.
        precision: In (0, 1].
    """
    order = np.argsort(-judged[scored], kind="stable")
    sure, right = judged[scored][order], np.cumsum(present[scored][order])
    said = np.arange(1, len(order) + 1)
    # A handful of lucky yes's promises nothing.
    able = np.flatnonzero((right / said >= precision) & (said >= LEAST_SAID))
    return round(float(np.ceil(sure[able[-1]] * 10_000) / 10_000), 4) if len(able) else None


def balance(sources: NDArray[np.str_]) -> NDArray[np.float64]:
    """Returns a weight a contact, such that a source counts by the square root of its size."""
    sizes = Counter(sources.tolist())
    return np.array([sizes[source] ** -0.5 for source in sources.tolist()])
