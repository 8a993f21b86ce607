"""Days, weeks and months are half-open stretches of UTC that begin at local midnight."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.config import calendar
from insights.errors import UsageError

DUBLIN = ZoneInfo("Europe/Dublin")


@pytest.mark.parametrize(
    ("label", "start", "hours"),
    [
        ("2026-W13", "2026-03-23T00:00:00+00:00", 167),  # clocks go forward on 29 March
        ("2026-W43", "2026-10-18T23:00:00+00:00", 169),  # clocks go back on 25 October
        ("2026-W01", "2025-12-29T00:00:00+00:00", 168),
        ("2026-06-30", "2026-06-29T23:00:00+00:00", 24),
        ("2026-10-25", "2026-10-24T23:00:00+00:00", 25),
        ("2026-02", "2026-02-01T00:00:00+00:00", 28 * 24),
    ],
)
def test_a_label_names_a_stretch_of_local_time(label, start, hours):
    """A week with a change of clocks has 167 or 169 hours."""
    period, _ = calendar.parse_period(label, DUBLIN)
    assert period.start.isoformat() == start
    assert period.end - period.start == timedelta(hours=hours)
    assert period.label == label


@pytest.mark.parametrize("label", ["2026-W54", "2026-13", "2026-02-30", "last week", "", "2026", "0000-00-00"])
def test_what_is_no_period_is_refused_with_a_hint(label):
    """An impossible week, month or day is refused, and the error shows the right form."""
    with pytest.raises(UsageError) as caught:
        calendar.parse_period(label, DUBLIN)
    assert "2026-W40" in caught.value.hint


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(["daily", "weekly", "monthly"]))
def test_periods_join_without_gap_or_overlap(day, cadence):
    """The period before ends where this one starts, and the label leads back to the same period."""
    period = calendar.period_holding(day, cadence, DUBLIN)
    assert calendar.period_before(period, cadence, DUBLIN).end == period.start
    assert calendar.parse_period(period.label, DUBLIN) == (period, cadence)


def test_only_a_period_that_has_passed_is_complete():
    """At the last second of Sunday the week still runs; at midnight it is complete."""
    sunday = datetime(2026, 8, 30, 22, 59, 59, tzinfo=UTC)
    assert calendar.last_complete(sunday, "weekly", DUBLIN).label == "2026-W34"
    assert calendar.last_complete(sunday + timedelta(seconds=1), "weekly", DUBLIN).label == "2026-W35"


def test_last_periods_end_with_the_one_given():
    """Four weeks come oldest first and end with the week asked for."""
    period, cadence = calendar.parse_period("2026-W02", DUBLIN)
    assert [item.label for item in calendar.last_periods(period, cadence, DUBLIN, 4)] == ["2025-W51", "2025-W52", "2026-W01", "2026-W02"]
