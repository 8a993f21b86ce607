"""How common a kind truly is: counts corrected for how often the model errs, with an interval that carries both uncertainties.

A model that finds half of what is there and cries wolf in one contact of twenty counts wrongly, and by how much depends on how
common the kind is. Error rates measured on labelled contacts undo that on average; the interval says how far they can be trusted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from insights.domain import ErrorRates, KindCount, Prevalence
from insights.track.trend import Count, dispersion_of, rate_ratio, student


def corrected(period: str, count: int, handled: int, errors: ErrorRates | None, *, confidence: float = 0.95) -> Prevalence:
    """Returns a count with what it most likely would be if the model made no mistakes.

    Args:
        period: Label such as ``2026-W40``.
        count: Contacts in which the model found the kind.
        handled: Contacts it looked at.
        errors: The model's measured errors on the kind, or None where nobody measured them.
        confidence: Of the two-sided interval, in (0, 1).

    Returns:
        Without ``about`` and limits where nothing was handled or measured, where the model tells the kind hardly better than
        chance, so that its count says nothing, and where no share of contacts explains the count (such as fewer findings than
        false alarms alone would make): there the measured errors are not those made here.
    """
    plain = Prevalence(period, count, handled)
    if errors is None or handled <= 0 or not min(sum(errors.sensitivity), sum(errors.specificity)):
        return plain
    (found, missed), (left, alarms) = errors.sensitivity, errors.specificity
    normal = student(math.inf, 0.5 + confidence / 2)
    told = shares(count, handled, found, missed, left, alarms, normal=normal)
    if not np.isfinite(told).all() or told[2] < 0 or told[1] > 1:
        return plain
    about, low, high = (handled * float(np.clip(value, 0, 1)) for value in told)
    return Prevalence(period, count, handled, about, low, high)


def shares(
    count: ArrayLike, handled: ArrayLike, found: ArrayLike, missed: ArrayLike, left: ArrayLike, alarms: ArrayLike, *, normal: float
) -> NDArray[np.float64]:
    """Returns the true share of contacts with a kind and the limits of its interval, before they are cut to [0, 1].

    The share is Rogan and Gladen's (1978): (q + Sp - 1) / (Se + Sp - 1) with q the share counted. The interval holds every
    share p whose expected q, p Se + (1 - p)(1 - Sp), chance does not exclude: the score interval (Wilson 1927) with the
    variances of the estimated Se and Sp added as in Fieller (1954), so the limits solve a quadratic equation in p. As
    Lang and Reiczigel (2014) advise, one success and one failure are added to the counts behind Se and Sp. Their own interval
    is as good where the model is; this one also keeps its word for kinds the model hardly knows.

    Args:
        count: Contacts in which the model found the kind, of ``handled``.
        handled: At least 1.
        found: Labelled contacts with the kind in which the model found it.
        missed: Labelled contacts with the kind in which it did not.
        left: Labelled contacts without the kind in which the model found none.
        alarms: Labelled contacts without the kind in which it did.
        normal: Quantile of the normal distribution, such as 1.96.

    Returns:
        (3, ...) shares, lower and upper limits of the shape given; NaN where the model cannot be told from chance.
    """
    k, n, a, b, c, d = np.broadcast_arrays(
        *(np.asarray(value, dtype=np.float64) for value in (count, handled, found, missed, left, alarms))
    )
    sensitivity, false = (a + 1) / (a + b + 2), (d + 1) / (c + d + 2)
    noise_with, noise_without = sensitivity * (1 - sensitivity) / (a + b + 2), false * (1 - false) / (c + d + 2)
    slope, rise, square = sensitivity - false, k / n - false, normal * normal
    curve = slope**2 * (1 + square / n) - square * (noise_with + noise_without)
    lean = 2 * rise * slope + square * (slope * (1 - 2 * false) / n - 2 * noise_without)
    start = rise**2 - square * (false * (1 - false) / n + noise_without)
    usable = (curve > 0) & (slope > 0)
    width = np.sqrt(np.maximum(lean**2 - 4 * curve * start, 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        told = np.stack([rise / slope, (lean - width) / (2 * curve), (lean + width) / (2 * curve)])
    return np.where(usable, told, np.nan)


def error_rates(measured: Sequence[tuple[int, int, int, int]]) -> ErrorRates:
    """Returns a kind's error rates for contacts of a further source, from those measured on some.

    How far a rate measured on some sources can be trusted on another depends on how much it differs between them: on their
    intraclass correlation (the moment estimate of DerSimonian and Laird 1986). The counts returned have the rate of all
    contacts together and are as many as would, drawn from one source, leave the same doubt about the further one's rate.

    Args:
        measured: True positives, false positives, false negatives and true negatives of each source.
    """
    return ErrorRates(
        _worth([(found, missed) for found, _, missed, _ in measured]), _worth([(left, alarms) for _, alarms, _, left in measured])
    )


def _worth(pairs: Sequence[tuple[int, int]]) -> tuple[float, float]:
    sizes = [sum(pair) for pair in pairs if sum(pair)]
    total, hits = sum(sizes), sum(hit for hit, _ in pairs)
    if total == 0:
        return 0.0, 0.0
    rate, squares = hits / total, sum(size * size for size in sizes) / total
    spread = rate * (1 - rate)
    if spread == 0 or len(sizes) < 2 or total <= squares:
        return float(hits), float(total - hits)
    excess = sum((hit - (hit + miss) * rate) ** 2 / (hit + miss) for hit, miss in pairs if hit + miss) / spread - (len(sizes) - 1)
    alike = min(1.0, max(0.0, excess / (total - squares)))
    worth = 1 / (alike * (1 + squares / total) + (1 - alike) / total)
    return rate * worth, (1 - rate) * worth


def kind_count(periods: Sequence[str], counts: Sequence[Count], errors: ErrorRates | None) -> KindCount:
    """Returns the newest of a series of counts and the one before, both corrected, and whether the kind's rate changed.

    The direction is judged on the counts as they were made: errors that stay as they are cannot make a rate rise or fall, and
    without the correction's own uncertainty less change is enough to show.

    Args:
        periods: Labels of two or more consecutive periods, oldest first.
        counts: Contacts with the kind, and contacts handled, of each.
        errors: The model's measured errors on the kind, or None.
    """
    before, now = (corrected(label, *count, errors) for label, count in zip(periods[-2:], counts[-2:], strict=True))
    ratio = rate_ratio(counts[-1], counts[-2], dispersion=dispersion_of(counts[:-1]))
    return KindCount(now, before, ratio.direction)
