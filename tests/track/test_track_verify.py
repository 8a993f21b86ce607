"""Whether a fix worked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from insights.domain import Fix, Outcome
from insights.track.history import Week
from insights.track.verify import verify

START = datetime(2026, 1, 5, tzinfo=UTC)
FIX = Fix("ISS-000001", date(2026, 7, 6), 0.3)  # the Monday after 26 weeks


def weeks_of(counts: Sequence[int], handled: Sequence[int] | int = 1_000, *, start: datetime = START) -> tuple[Week, ...]:
    sizes = [handled] * len(counts) if isinstance(handled, int) else handled
    return tuple(
        Week(start + timedelta(weeks=index), count, count, size) for index, (count, size) in enumerate(zip(counts, sizes, strict=True))
    )


def after(weeks: Sequence[Week]) -> datetime:
    return weeks[-1].start + timedelta(weeks=1)


@pytest.mark.parametrize(
    ("before", "later", "outcome", "looked"),
    [
        ([20, 19, 21, 20] * 6 + [20, 20], [10] * 4, Outcome.VERIFIED, 4),
        ([20, 19, 21, 20] * 6 + [20, 20], [10] * 12, Outcome.VERIFIED, 4),
        ([20, 19, 21, 20] * 6 + [20, 20], [21, 20, 19, 22], Outcome.INEFFECTIVE, 4),
        ([20, 19, 21, 20] * 6 + [20, 20], [15] * 12, Outcome.PARTIAL, 12),
        ([20, 19, 21, 20] * 6 + [20, 20], [25, 6, 30, 5], Outcome.INCONCLUSIVE, 4),
        ([1, 0, 2, 1] * 6 + [1, 1], [0] * 4, Outcome.INCONCLUSIVE, 4),
        ([2, 1, 2, 2] * 6 + [1, 2], [0] * 8, Outcome.VERIFIED, 8),
        ([0] * 26, [0] * 12, Outcome.INCONCLUSIVE, 12),
    ],
)
def test_verdicts_on_plain_series(before: list[int], later: list[int], outcome: Outcome, looked: int) -> None:
    """The four outcomes, and the look at which each is reached."""
    weeks = weeks_of(before + later)
    verdict = verify(FIX, weeks, as_of=after(weeks))
    assert (verdict.outcome, verdict.weeks, verdict.issue_id) == (outcome, looked, "ISS-000001")
    assert verdict.ratio is not None
    assert verdict.low is not None
    assert verdict.high is not None
    assert verdict.low < verdict.ratio < verdict.high
    assert f"in {looked} weeks after" in verdict.why


def test_the_figures_agree_with_a_calculation_by_hand() -> None:
    """40 of 4,000 against 480 of 24,000, no more dispersed than chance: limits at 97.5 % for the first look."""
    weeks = weeks_of([20] * 26 + [10] * 4)
    verdict = verify(FIX, weeks, as_of=after(weeks))
    ratio = (40.5 / 4_000) / (480.5 / 24_000)
    margin = 2.0555 * (1 / 40.5 + 1 / 480.5) ** 0.5  # Student's t of 23 + 3 degrees of freedom
    assert verdict.ratio == pytest.approx(ratio)
    assert verdict.high == pytest.approx(ratio * np.exp(margin), rel=1e-4)
    assert verdict.low == pytest.approx(ratio * np.exp(-margin), rel=1e-4)


def test_the_weeks_that_made_people_act_are_left_out() -> None:
    """Two terrible weeks just before the fix do not make a useless fix look good."""
    weeks = weeks_of([20] * 24 + [60, 70] + [20] * 12)
    verdict = verify(FIX, weeks, as_of=after(weeks))
    assert verdict.outcome is Outcome.INEFFECTIVE
    assert verdict.ratio == pytest.approx(1.0, abs=0.02)


def test_falling_volume_is_no_success() -> None:
    """Half the customers among half the contacts is the same rate."""
    weeks = weeks_of([20] * 26 + [10] * 8, [1_000] * 26 + [500] * 8)
    assert verify(FIX, weeks, as_of=after(weeks)).outcome is Outcome.INEFFECTIVE


@pytest.mark.parametrize(
    ("counts", "fix", "why"),
    [
        ([20] * 26 + [5] * 3, FIX, "3 of 4 whole weeks after the fix have passed"),
        ([20] * 26, FIX, "0 of 4 whole weeks after the fix have passed"),
        ([20] * 5 + [5] * 10, Fix("ISS-000001", date(2026, 2, 9)), "only 3 whole weeks before the fix"),
    ],
)
def test_too_early_is_said_without_a_ratio(counts: list[int], fix: Fix, why: str) -> None:
    """Before there is enough on both sides the verdict is inconclusive and says what is missing."""
    weeks = weeks_of(counts)
    verdict = verify(fix, weeks, as_of=after(weeks))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert (verdict.ratio, verdict.low, verdict.high) == (None, None, None)
    assert why in verdict.why


def test_only_whole_weeks_after_the_fix_count() -> None:
    """The week of a fix on a Wednesday belongs to neither side, a running week neither."""
    weeks = weeks_of([20] * 26 + [99] + [10] * 4 + [0])
    wednesday = Fix("ISS-000001", date(2026, 7, 8), 0.3)
    verdict = verify(wednesday, weeks, as_of=after(weeks) - timedelta(days=3))
    assert (verdict.outcome, verdict.weeks) == (Outcome.VERIFIED, 4)
    assert "40 customers of 4000 contacts" in verdict.why


def test_weeks_of_another_zone_begin_at_its_midnight() -> None:
    """A fix on a local Monday has the week of that Monday on its side, also where local midnight is Sunday in UTC."""
    zone = ZoneInfo("Europe/Dublin")
    starts = [datetime.combine(date(2026, 1, 5) + timedelta(weeks=index), datetime.min.time(), zone).astimezone(UTC) for index in range(30)]
    weeks = tuple(Week(start, 20 if index < 26 else 10, 20 if index < 26 else 10, 1_000) for index, start in enumerate(starts))
    verdict = verify(FIX, weeks, as_of=weeks[-1].end(zone), zone=zone)
    assert (verdict.outcome, verdict.weeks) == (Outcome.VERIFIED, 4)


def test_plain_rows_serve_as_weeks() -> None:
    """Rows straight from a store need no wrapping."""
    weeks = weeks_of([20] * 26 + [10] * 4)
    assert verify(FIX, [tuple(week) for week in weeks], as_of=after(weeks)) == verify(FIX, weeks, as_of=after(weeks))


def test_a_second_fix_is_compared_with_the_time_since_the_first() -> None:
    """What the first fix achieved is not credited to the second."""
    weeks = weeks_of([40] * 13 + [10] * 21)
    second = Fix("ISS-000001", date(2026, 7, 6), 0.3)
    assert verify(second, weeks, as_of=after(weeks)).outcome is Outcome.VERIFIED
    assert verify(second, weeks, as_of=after(weeks), since=date(2026, 4, 6)).outcome is Outcome.INEFFECTIVE


def test_the_verdict_does_not_depend_on_when_it_is_asked() -> None:
    """The first look that decides stands, whatever the later weeks bring."""
    weeks = weeks_of([20] * 26 + [10] * 4 + [40] * 8)
    first = verify(FIX, weeks, as_of=weeks[30].start)
    last = verify(FIX, weeks, as_of=after(weeks))
    assert (first.outcome, first.ratio, first.weeks) == (last.outcome, last.ratio, last.weeks)


def _outcomes(mean: float, phi: float, effect: float, *, weeks_after: int, runs: int, seed: int) -> list[Outcome]:
    """Fixes placed right after the worst of eight weeks, as people do, on counts with variance ``phi`` times the mean."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(runs):
        counts = rng.negative_binomial(mean / (phi - 1), 1 / phi, 40)
        worst = 32 + int(counts[32:].argmax())
        later = rng.negative_binomial(mean * effect / (phi - 1), 1 / phi, weeks_after)
        weeks = weeks_of([*counts[: worst + 1].tolist(), *later.tolist()])
        day = weeks[worst + 1].start.date()
        found.append(verify(Fix("ISS-000001", day, 0.3), weeks, as_of=after(weeks)).outcome)
    return found


@pytest.mark.parametrize(("mean", "phi", "least"), [(20.0, 1.5, 0.97), (10.0, 2.0, 0.83)])
def test_a_fix_that_halves_the_rate_is_verified_after_eight_weeks(mean: float, phi: float, least: float) -> None:
    """At twenty a week almost always, at ten noisy ones in most cases; seeded."""
    outcomes = _outcomes(mean, phi, 0.5, weeks_after=8, runs=300, seed=8)
    assert outcomes.count(Outcome.VERIFIED) / 300 >= least


@pytest.mark.parametrize(("mean", "phi"), [(3.0, 2.0), (10.0, 1.5), (10.0, 2.0), (50.0, 2.0)])
def test_a_fix_without_effect_is_rarely_verified(mean: float, phi: float) -> None:
    """Over all three looks together, although fixes follow the worst week; seeded."""
    outcomes = _outcomes(mean, phi, 1.0, weeks_after=12, runs=300, seed=9)
    assert outcomes.count(Outcome.VERIFIED) / 300 <= 0.055
