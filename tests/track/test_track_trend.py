"""Rates, their ratio with an interval, and what a baseline leads one to expect."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.track.trend import (
    POISSON,
    Dispersion,
    baseline_of,
    chance_of_fewer,
    chance_of_more,
    dispersion_of,
    expected,
    per_1000,
    rate_ratio,
    trend_of,
    upper_limit,
)

COUNTS = st.tuples(st.integers(0, 500), st.integers(0, 5_000))


def noisy(rng: np.random.Generator, mean: np.ndarray | float, phi: float, size: int | None = None) -> np.ndarray:
    """Counts with the mean given and ``phi`` times the variance of chance."""
    if phi <= 1:
        return rng.poisson(mean, size)
    return rng.negative_binomial(np.asarray(mean) / (phi - 1), 1 / phi, size)


def test_a_rate_is_per_thousand_handled() -> None:
    """Nothing handled is a rate of nothing, not an error."""
    assert per_1000(12, 3_000) == 4.0
    assert per_1000(3, 0) == 0.0


@pytest.mark.parametrize(
    ("now", "before", "low", "high"),
    [
        # By hand: 5 of 5 to the one side is binomial with p in [0.025^(1/5), 1].
        ((5, 1000), (0, 1000), 0.025**0.2 / (1 - 0.025**0.2), None),
        ((0, 1000), (5, 1000), 0.0, (1 - 0.025**0.2) / 0.025**0.2),
        # One of two is binomial with p in [1 - sqrt(0.975), sqrt(0.975)].
        ((1, 1000), (1, 1000), (1 - math.sqrt(0.975)) / math.sqrt(0.975), math.sqrt(0.975) / (1 - math.sqrt(0.975))),
        # Clopper and Pearson's limits of 8 in 10 are 0.4439 and 0.9748 in published tables; handled contacts scale them.
        ((8, 1000), (2, 2000), 2 * 0.44390 / 0.55610, 2 * 0.97479 / 0.02521),
    ],
)
def test_the_exact_interval_agrees_with_hand_and_tables(
    now: tuple[int, int], before: tuple[int, int], low: float, high: float | None
) -> None:
    """Conditional on the sum the first count is binomial; its limits turn into those of the ratio."""
    found = rate_ratio(now, before)
    assert found.method == "exact"
    assert found.low == pytest.approx(low, rel=1e-3)
    assert found.high == (None if high is None else pytest.approx(high, rel=1e-3))


@pytest.mark.parametrize(("now", "before"), [((0, 1000), (0, 1000)), ((3, 0), (2, 1000)), ((3, 1000), (2, 0))])
def test_nothing_can_be_said_of_nothing(now: tuple[int, int], before: tuple[int, int]) -> None:
    """Without counts or without contacts handled there is neither ratio nor interval nor direction."""
    found = rate_ratio(now, before)
    assert (found.ratio, found.low, found.high, found.direction) == (None, None, None, "")


@pytest.mark.parametrize(
    ("now", "before", "direction"),
    [
        ((40, 1000), (15, 1000), "up"),
        ((15, 1000), (40, 1000), "down"),
        ((40, 1000), (15, 375), ""),
        ((4, 1000), (2, 1000), ""),
        ((6, 1000), (0, 1000), "up"),
    ],
)
def test_a_direction_needs_an_interval_that_excludes_no_change(now: tuple[int, int], before: tuple[int, int], direction: str) -> None:
    """Twice as many is no rise when it may be chance, and no rise when twice as many contacts were handled."""
    assert rate_ratio(now, before).direction == direction


@settings(derandomize=True, deadline=None, max_examples=200)
@given(now=COUNTS, before=COUNTS, phi=st.floats(1, 6), freedom=st.floats(2, 60))
def test_intervals_hold_the_ratio_and_only_grow_with_dispersion(
    now: tuple[int, int], before: tuple[int, int], phi: float, freedom: float
) -> None:
    """An interval always contains its ratio, and more noise never narrows it."""
    exact = rate_ratio(now, before)
    wide = rate_ratio(now, before, dispersion=Dispersion(phi, freedom))
    if exact.low is None:
        assert wide == exact
        return
    assert wide.low is not None
    assert wide.low <= exact.low
    assert (exact.high or math.inf) <= (wide.high or math.inf)
    if exact.ratio is not None:
        assert exact.low <= exact.ratio <= (exact.high or math.inf)


@pytest.mark.parametrize(("mean", "phi", "least"), [(20.0, 1.0, 0.94), (20.0, 2.0, 0.94), (80.0, 3.0, 0.93)])
def test_the_interval_covers_the_truth_in_about_95_of_100(mean: float, phi: float, least: float) -> None:
    """With the dispersion estimated from 26 past weeks, on seeded noise around a rate that rose by half."""
    rng = np.random.default_rng(11)
    held = 0
    for _ in range(600):
        weeks = noisy(rng, mean, phi, 26).tolist()
        now = int(noisy(rng, mean * 1.5, phi))
        found = rate_ratio((now, 1000), (weeks[-1], 1000), dispersion=dispersion_of([(count, 1000) for count in weeks]))
        held += (found.low or 0.0) <= 1.5 <= (found.high or math.inf)
    assert least <= held / 600 <= 0.995


@pytest.mark.parametrize("phi", [1.0, 2.0, 4.0])
def test_the_dispersion_is_found_and_neither_a_step_nor_a_trend_counts_as_noise(phi: float) -> None:
    """On average near the truth for a level series, and hardly more for one that doubles or grows throughout."""
    rng = np.random.default_rng(5)
    level = np.full(52, 30.0)
    shapes = {"level": level, "step": np.where(np.arange(52) < 26, 30.0, 60.0), "growth": 30 * np.exp(np.arange(52) / 52)}
    for shape in shapes.values():
        values = [dispersion_of([(int(count), 1000) for count in noisy(rng, shape, phi)]).value for _ in range(150)]
        assert np.mean(values) == pytest.approx(max(phi, 1.1), rel=0.15)


def test_without_a_past_the_dispersion_is_presumed_not_denied() -> None:
    """Two weeks of data do not pretend to be free of noise."""
    assert dispersion_of([]) == dispersion_of([(3, 100)]) == Dispersion(1.5, 4.0)
    assert rate_ratio((20, 1000), (10, 1000), dispersion=dispersion_of([])).low < rate_ratio((20, 1000), (10, 1000)).low  # type: ignore[operator]
    assert POISSON.value == 1.0


def test_expectation_needs_four_periods_and_speaks_of_the_contacts_handled() -> None:
    """Twice the contacts, twice the expectation: volume alone is no news."""
    past = [(10, 1000), (12, 1100), (9, 900), (11, 1000)]
    assert trend_of("2026-W10", (20, 2000), past[:3]).expected is None
    trend = trend_of("2026-W10", (20, 2000), past)
    assert (trend.count, trend.handled, trend.per_1000, trend.method) == (20, 2000, 10.0, "quasi-poisson")
    assert trend.expected == pytest.approx(21.0)
    assert trend.ratio == pytest.approx(20 / 21)
    assert trend.upper is not None
    assert trend.p_value is not None
    assert trend.upper > 30
    assert trend.p_value > 0.3


def test_the_upper_limit_is_where_chance_falls_below_alpha() -> None:
    """The count at the limit is still ordinary, one more is not."""
    baseline = baseline_of([(10, 1000), (14, 1000), (7, 1000), (11, 1000), (9, 1000)])
    assert baseline is not None
    limit = upper_limit(baseline, 1000)
    assert chance_of_more(limit, baseline, 1000) >= 0.01 > chance_of_more(limit + 1, baseline, 1000)


def test_tails_add_up_and_agree_with_a_sum_of_the_probabilities() -> None:
    """At a known mean and variance the tail is that of the negative binomial, summed by hand."""
    baseline = baseline_of([(10, 1000)] * 8)
    assert baseline is not None
    mean, spread = expected(baseline, 500), baseline.dispersion.value * (1 + 500 / 8000)
    size, share = mean / (spread - 1), 1 / spread
    below = sum(
        math.exp(math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1) + size * math.log(share) + k * math.log(1 - share))
        for k in range(8)
    )
    assert chance_of_more(8, baseline, 500) == pytest.approx(1 - below)
    assert chance_of_fewer(7, baseline, 500) == pytest.approx(below)


def test_a_past_outbreak_does_not_hide_the_next() -> None:
    """One week of ten times the usual counts for little in the baseline."""
    calm = baseline_of([(10, 1000)] * 20)
    after = baseline_of([(10, 1000)] * 19 + [(100, 1000)])
    assert calm is not None
    assert after is not None
    assert expected(after, 1000) < 1.02 * expected(calm, 1000)
    assert chance_of_more(60, after, 1000) < 0.0005


def test_a_topic_never_seen_has_a_finite_expectation() -> None:
    """Six at once where nothing was ever said is no chance; one is."""
    baseline = baseline_of([(0, 1000)] * 12)
    assert baseline is not None
    assert 0 < expected(baseline, 1000) < 0.1
    assert chance_of_more(6, baseline, 1000) < 0.0005
    assert chance_of_more(1, baseline, 1000) > 0.01


def test_weeks_without_contacts_are_passed_over() -> None:
    """A week in which nothing was handled says nothing about the topic."""
    past = [(10, 1000), (0, 0), (12, 1000), (9, 1000), (0, 0), (11, 1000)]
    assert baseline_of(past) == baseline_of([week for week in past if week[1]])
    assert trend_of("2026-W10", (0, 0), past).expected is None


@pytest.mark.parametrize(("phi", "most"), [(1.0, 0.012), (2.0, 0.022)])
def test_an_unchanged_topic_seldom_exceeds_its_limit(phi: float, most: float) -> None:
    """About one week in a hundred, with 26 weeks of past; seeded."""
    rng = np.random.default_rng(3)
    alarms = 0
    for _ in range(1_000):
        weeks = noisy(rng, 12.0, phi, 27).tolist()
        baseline = baseline_of([(count, 1000) for count in weeks[:-1]])
        assert baseline is not None
        alarms += chance_of_more(weeks[-1], baseline, 1000) < 0.01
    assert alarms / 1_000 <= most


@settings(derandomize=True, deadline=None, max_examples=100)
@given(past=st.lists(COUNTS, max_size=30), now=COUNTS)
def test_any_series_gives_sane_figures(past: list[tuple[int, int]], now: tuple[int, int]) -> None:
    """No series of counts breaks the arithmetic."""
    trend = trend_of("2026-W01", now, past)
    if trend.expected is not None:
        assert trend.expected > 0
        assert 0 <= (trend.p_value or 0.0) <= 1
        assert math.isfinite(trend.upper or 0.0)
