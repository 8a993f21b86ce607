"""Whether a confidence of .8 is right in eight of ten, and what is left when only the surest are taken."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.domain import Kind
from insights.evaluate.figures import Draws, Figure, figure_of, ratio
from insights.evaluate.truth import KINDS, Said, Truth

BINS = 10
FOLDS = 5
LEAST_KEPT = 10
"""Fewest findings above a threshold that may set it: a lucky few prove no precision."""

_NORMAL = 1.96


@dataclass(frozen=True, slots=True)
class Bin:
    """Findings of like confidence, yes and undecided.

    Attributes:
        low: Confidence from which the bin counts; it is a tenth wide.
        count: Findings in it.
        confidence: Their mean confidence.
        right: Share in which people found the kind too.
        least, most: 95 % score interval of ``right`` (Wilson 1927).
    """

    low: float
    count: int
    confidence: float
    right: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far confidences can be taken at their word: ``kind`` None is all kinds together, ``bins`` without the empty ones."""

    kind: Kind | None
    findings: int
    error: Figure
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is left of the yes's of a kind where a precision is asked for.

    Attributes:
        kind: The kind.
        target: Precision asked for.
        threshold: Least confidence that reaches it on all data, or None where none does.
        claims: Yes's at the usual threshold.
        kept: Of these, kept.
        precision: Of those kept, each judged by a threshold set on other interactions.
        share: Of the yes's, kept.
        recall: Of what people found, kept.
    """

    kind: Kind
    target: float
    threshold: float | None
    claims: int
    kept: int
    precision: Figure
    share: Figure
    recall: Figure


def calibration_error(pairs: Sequence[tuple[Truth, Said]], draws: Draws, kinds: Iterable[Kind] = KINDS) -> Figure:
    """Returns the expected calibration error of the confidences given, in [0, 1] (Guo et al. 2017, ten bins of equal width)."""
    count, confidence, right = np.moveaxis(draws.sums(_binned(pairs, kinds)), -1, 0)
    return figure_of(ratio(np.abs(confidence - right).sum(axis=-1), count.sum(axis=-1)))


def calibration(pairs: Sequence[tuple[Truth, Said]], draws: Draws, kind: Kind | None = None) -> Calibration:
    """Returns the calibration of one kind, or of all together."""
    kinds = KINDS if kind is None else (kind,)
    sums = _binned(pairs, kinds).sum(axis=0)
    bins = tuple(_bin(number, *values) for number, values in enumerate(sums.tolist()) if values[0])
    return Calibration(kind, int(sums[:, 0].sum()), calibration_error(pairs, draws, kinds), bins)


def coverage(pairs: Sequence[tuple[Truth, Said]], draws: Draws, kind: Kind, *, target: float, seed: int) -> Coverage:
    """Returns what is left of a kind's yes's at a target precision.

    Args:
        pairs: What people found, and what was said.
        draws: Samples for the intervals.
        kind: The kind.
        target: Precision asked for, in (0, 1].
        seed: Of the five folds: the threshold applied to one is set on the other four.
    """
    yes = np.array([kind in one.quotes and kind not in truth.uncertain for truth, one in pairs], dtype=bool)
    right = np.array([kind in truth.evidence and kind not in truth.uncertain for truth, _ in pairs], dtype=bool)
    sure = np.array([one.confidences.get(kind, 0.0) for _, one in pairs])
    fold = np.random.default_rng(seed).permutation(len(pairs)) % FOLDS
    kept = np.zeros(len(pairs), dtype=bool)
    for held_out in range(FOLDS):
        known = yes & (fold != held_out)
        threshold = _threshold(sure[known], right[known], target)
        if threshold is not None:
            kept |= yes & (fold == held_out) & (sure >= threshold)
    sums = draws.sums(np.stack([kept & right, kept, yes, right], axis=1))
    hits, left, claims, positives = np.moveaxis(sums, -1, 0)
    return Coverage(
        kind,
        target,
        _threshold(sure[yes], right[yes], target),
        int(yes.sum()),
        int(kept.sum()),
        precision=figure_of(ratio(hits, left)),
        share=figure_of(ratio(left, claims)),
        recall=figure_of(ratio(hits, positives)),
    )


def _threshold(sure: NDArray[np.float64], right: NDArray[np.bool_], target: float) -> float | None:
    """The least confidence above which the share right reaches the target."""
    order = np.argsort(-sure, kind="stable")
    ordered, hits = sure[order], np.cumsum(right[order])
    # Findings of equal confidence are kept or left together.
    last = np.append(ordered[1:] != ordered[:-1], True) if len(ordered) else np.zeros(0, dtype=bool)
    sizes = np.arange(1, len(ordered) + 1)
    good = np.flatnonzero(last & (sizes >= LEAST_KEPT) & (hits >= target * sizes))
    return float(ordered[good[-1]]) if len(good) else None


def _binned(pairs: Sequence[tuple[Truth, Said]], kinds: Iterable[Kind]) -> NDArray[np.float64]:
    """(n_interactions, BINS, 3): findings, sum of their confidences, those that are right."""
    sums = np.zeros((len(pairs), BINS, 3))
    for row, (truth, one) in enumerate(pairs):
        for kind in kinds:
            confidence = one.confidences.get(kind)
            if confidence is not None and kind not in truth.uncertain:
                sums[row, min(int(confidence * BINS), BINS - 1)] += (1, confidence, kind in truth.evidence)
    return sums


def _bin(number: int, count: float, confidence: float, right: float) -> Bin:
    share, square = right / count, _NORMAL * _NORMAL
    middle = (share + square / (2 * count)) / (1 + square / count)
    width = _NORMAL / (1 + square / count) * math.sqrt(share * (1 - share) / count + square / (4 * count * count))
    return Bin(number / BINS, int(count), confidence / count, share, max(0.0, middle - width), min(1.0, middle + width))
