"""Counts with their denominators: rates, the ratio of two rates with its interval, and what a baseline would lead one to expect.

Weekly counts of one topic vary more than chance alone (a campaign, a bad day, one customer writing thrice), so every figure
here takes a dispersion: the variance over what a Poisson count would have. It is estimated from the topic's own past.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from insights.domain import Trend

Count = tuple[int, int]
"""Contacts (or customers) with the topic, and contacts handled in the same period."""

LEAST_PAST = 4
"""Fewest past periods from which something is expected."""

# What is assumed of the dispersion before anything is seen, worth four observations: topics of contact centres mostly lie
# between 1 and 3, and an interval from two weeks of data must not pretend to know better.
_PRIOR_DISPERSION = 1.5
_PRIOR_WEIGHT = 4.0
_OUTBREAK = 2.58
# Median of the square of a standard normal value.
_MEDIAN_SQUARE = 0.455


@dataclass(frozen=True, slots=True)
class Dispersion:
    """How much more than chance a topic's counts vary.

    Attributes:
        value: Variance over mean, at least 1.
        freedom: Degrees of freedom of the estimate; infinite where it is known.
    """

    value: float
    freedom: float


POISSON = Dispersion(1.0, math.inf)
"""No more than chance."""


@dataclass(frozen=True, slots=True)
class RateRatio:
    """A rate now over a rate before.

    Attributes:
        ratio: None where it cannot be told: nothing handled, or nothing counted before.
        low, high: Interval; ``high`` is None where nothing was counted before, both are None where nothing is known.
        method: ``exact``, ``log-normal``, or empty where there is no interval.
    """

    ratio: float | None
    low: float | None
    high: float | None
    method: str

    @property
    def direction(self) -> str:
        """``up`` or ``down`` where the interval excludes 1, else an empty text."""
        if self.low is not None and self.low > 1:
            return "up"
        return "down" if self.high is not None and self.high < 1 else ""


@dataclass(frozen=True, slots=True)
class Baseline:
    """A topic's usual rate.

    Attributes:
        rate: Expected count for each contact handled.
        handled: Contacts handled behind ``rate``, those of past outbreaks counted for less.
        dispersion: Of the counts around it.
        periods: Periods it rests on.
    """

    rate: float
    handled: float
    dispersion: Dispersion
    periods: int


def per_1000(count: int, handled: int) -> float:
    """Returns ``1000 * count / handled``, 0.0 where nothing was handled."""
    return 1000.0 * count / handled if handled > 0 else 0.0


def dispersion_of(past: Sequence[Count]) -> Dispersion:
    """Estimates the dispersion from neighbouring periods, so that neither a trend nor a lasting step counts as noise.

    For two neighbours the statistic ``(a - n p)² / (n p (1 - p))``, with n = a + b and p the first one's share of the contacts
    handled, is 1 on average for Poisson counts whatever their rate. The mean over all pairs is drawn towards 1.5 by a weight
    of four pairs. Overlapping pairs carry about two thirds of the freedom that independent ones would (von Neumann).

    Args:
        past: The topic's own series, oldest first, without the period in question; a period without contacts is passed over.
    """
    seen = [(count, handled) for count, handled in past if handled > 0]
    total, pairs = 0.0, 0
    for (first, handled_first), (second, handled_second) in pairwise(seen):
        both = first + second
        if both:
            share = handled_first / (handled_first + handled_second)
            total += (first - both * share) ** 2 / (both * share * (1 - share))
            pairs += 1
    value = (total + _PRIOR_WEIGHT * _PRIOR_DISPERSION) / (pairs + _PRIOR_WEIGHT)
    return Dispersion(max(1.0, value), pairs * 2 / 3 + _PRIOR_WEIGHT)


def rate_ratio(now: Count, before: Count, *, dispersion: Dispersion = POISSON, confidence: float = 0.95) -> RateRatio:
    """Compares two rates.

    With dispersion 1 the interval is the exact conditional one: given the sum of both counts, the first is binomial, and
    Clopper and Pearson's limits (1934) turn into limits of the ratio. With more it is log-normal, with half a contact added
    to both counts and Student's t for an estimated dispersion, and never narrower than the exact one.

    Args:
        now: Count and contacts handled.
        before: The same of the period compared with.
        dispersion: From ``dispersion_of``.
        confidence: Of the two-sided interval, in (0, 1).
    """
    (count, handled), (count_before, handled_before) = now, before
    if handled <= 0 or handled_before <= 0 or count + count_before == 0:
        return RateRatio(None, None, None, "")
    scale = handled_before / handled
    ratio = count / count_before * scale if count_before else None
    low, high = _exact_limits(count, count_before, scale, confidence)
    method = "exact"
    if dispersion.value > 1:
        middle, spread = _log_limits(count, count_before, scale, dispersion, confidence)
        low = min(low, math.exp(middle - spread)) if count else 0.0
        high = max(high, math.exp(middle + spread)) if count_before else math.inf
        method = "log-normal"
    return RateRatio(ratio, low, high if math.isfinite(high) else None, method)


def baseline_of(past: Sequence[Count]) -> Baseline | None:
    """Returns the usual rate of a series, or None with fewer than four periods in which contacts were handled.

    Past outbreaks count for less: a period whose Anscombe residual s exceeds 2.58 has weight (2.58 / s)² (after Noufaily and
    others 2013), first around the median rate and once more around the weighted one. A rate of zero becomes half a contact, so that a topic never seen has an expectation too. The dispersion is
    Pearson's around the rate, drawn towards 1.5 by a weight of four periods; so a slow drift widens it.
    """
    seen = [(count, handled) for count, handled in past if handled > 0]
    if len(seen) < LEAST_PAST:
        return None
    weights = _robust_weights(seen)
    rate, handled, value = _weighted(seen, weights)
    weights = [_weight(count, rate * size, value * (1 - size / handled)) for count, size in seen]
    rate, handled, value = _weighted(seen, weights)
    return Baseline(rate, handled, Dispersion(value, len(seen) - 1 + _PRIOR_WEIGHT), len(seen))


def expected(baseline: Baseline, handled: int) -> float:
    """Returns the count a baseline leads one to expect among ``handled`` contacts."""
    return baseline.rate * handled


def chance_of_more(count: int, baseline: Baseline, handled: int) -> float:
    """Returns the probability of ``count`` or more by chance: a negative binomial tail that includes the rate's own error.

    Where nothing was handled it is 1: nothing can be told.
    """
    if count <= 0 or handled <= 0:
        return 1.0
    mean, spread = _mean_and_spread(baseline, handled)
    return _tail(count, mean, spread)


def chance_of_fewer(count: int, baseline: Baseline, handled: int) -> float:
    """Returns the probability of ``count`` or fewer by chance."""
    mean, spread = _mean_and_spread(baseline, handled)
    return 1.0 - _tail(count + 1, mean, spread)


def upper_limit(baseline: Baseline, handled: int, *, alpha: float = 0.01) -> int:
    """Returns the highest count that chance reaches or exceeds with at least probability ``alpha``: above it is an alarm."""
    mean, spread = _mean_and_spread(baseline, handled)
    above = max(1, math.ceil(mean))
    while _tail(above, mean, spread) >= alpha:
        above *= 2
    least = 0
    while above - least > 1:
        middle = (least + above) // 2
        if _tail(middle, mean, spread) >= alpha:
            least = middle
        else:
            above = middle
    return least


def trend_of(period: str, now: Count, past: Sequence[Count], *, alpha: float = 0.01) -> Trend:
    """Returns a period's count with its rate and, from four past periods on, what was to be expected of it.

    Args:
        period: Label such as ``2026-W40``.
        now: Count and contacts handled in the period.
        past: The topic's earlier periods of the same length, oldest first.
        alpha: Chance with which the upper limit is exceeded although nothing changed.
    """
    count, handled = now
    rate = per_1000(count, handled)
    baseline = baseline_of(past)
    if baseline is None or handled <= 0:
        return Trend(period, count, handled, rate)
    mean = expected(baseline, handled)
    upper = upper_limit(baseline, handled, alpha=alpha)
    chance = chance_of_more(count, baseline, handled)
    return Trend(period, count, handled, rate, mean, float(upper), count / mean, chance, "quasi-poisson")


def _exact_limits(count: int, before: int, scale: float, confidence: float) -> tuple[float, float]:
    from scipy.special import betaincinv

    tail = (1 - confidence) / 2
    low = float(betaincinv(count, before + 1, tail)) if count else 0.0
    high = float(betaincinv(count + 1, before, 1 - tail)) if before else 1.0
    return low / (1 - low) * scale, high / (1 - high) * scale if high < 1 else math.inf


def _log_limits(count: int, before: int, scale: float, dispersion: Dispersion, confidence: float) -> tuple[float, float]:
    middle = math.log((count + 0.5) / (before + 0.5) * scale)
    error = math.sqrt(dispersion.value * (1 / (count + 0.5) + 1 / (before + 0.5)))
    return middle, student(dispersion.freedom, 0.5 + confidence / 2) * error


def student(freedom: float, share: float) -> float:
    """Returns the quantile of Student's t, the normal one for infinite ``freedom``."""
    from scipy.special import ndtri, stdtrit

    return float(ndtri(share) if math.isinf(freedom) else stdtrit(freedom, share))


def _weighted(seen: Sequence[Count], weights: Sequence[float]) -> tuple[float, float, float]:
    """Returns rate, contacts handled behind it, and dispersion."""
    handled = sum(weight * size for weight, (_, size) in zip(weights, seen, strict=True))
    total = sum(weight * count for weight, (count, _) in zip(weights, seen, strict=True))
    rate = max(total, 0.5) / handled
    squares = sum(weight * (count - rate * size) ** 2 / (rate * size) for weight, (count, size) in zip(weights, seen, strict=True))
    value = (squares + _PRIOR_WEIGHT * _PRIOR_DISPERSION) / (len(seen) - 1 + _PRIOR_WEIGHT)
    return rate, handled, max(1.0, value)


def _weight(count: int, mean: float, variance: float) -> float:
    residual = 1.5 * (count ** (2 / 3) * mean ** (-1 / 6) - math.sqrt(mean)) / math.sqrt(max(variance, 1e-9))
    return (_OUTBREAK / residual) ** 2 if residual > _OUTBREAK else 1.0


def _mean_and_spread(baseline: Baseline, handled: int) -> tuple[float, float]:
    """The mean, and its variance over it: the counts' own and that of the rate they are compared with."""
    return baseline.rate * max(handled, 0), baseline.dispersion.value * (1 + max(handled, 0) / baseline.handled)


def _tail(count: int, mean: float, spread: float) -> float:
    """P(Y >= count) of a negative binomial with variance ``spread * mean``, by the incomplete beta function: it cannot run away."""
    from scipy.special import betainc

    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    return float(betainc(count, mean / (spread - 1), 1 - 1 / spread))


def _robust_weights(seen: Sequence[Count]) -> list[float]:
    """Weights around the median rate, so that an outbreak neither lifts the rate nor widens the noise it is judged by."""
    rate = max(median(count / size for count, size in seen), 0.5 / sum(size for _, size in seen))
    squares = median((count - rate * size) ** 2 / (rate * size) for count, size in seen)
    value = max(1.0, squares / _MEDIAN_SQUARE)
    return [_weight(count, rate * size, value) for count, size in seen]
