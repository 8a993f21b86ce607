"""What people call a time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from insights.errors import UsageError
from insights.store.periods import UNITS, Clock

NOW = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)  # half past eleven in the evening in Dublin, whose clocks changed on the 29th
DUBLIN = Clock(NOW, ZoneInfo("Europe/Dublin"))


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "start", "end"),
    [
        ("today", "2026-03-30T23:00", "2026-03-31T23:00"),
        ("Yesterday", "2026-03-29T23:00", "2026-03-30T23:00"),
        ("2026-03-29", "2026-03-29T00:00", "2026-03-29T23:00"),
        ("2026-W13", "2026-03-23T00:00", "2026-03-29T23:00"),
        ("2026-w1", "2025-12-29T00:00", "2026-01-05T00:00"),
        ("2026-12", "2026-12-01T00:00", "2027-01-01T00:00"),
        ("2026-Q4", "2026-09-30T23:00", "2027-01-01T00:00"),
        ("2026", "2026-01-01T00:00", "2027-01-01T00:00"),
    ],
)
def test_a_stretch_begins_and_ends_at_local_midnight(word: str, start: str, end: str) -> None:
    """A day of a clock change has 23 hours."""
    assert DUBLIN.stretch(word) == (_utc(start), _utc(end))
    assert DUBLIN.ago(word) is None


@pytest.mark.parametrize(
    ("word", "at"),
    [
        ("0d", "2026-03-31T22:30"),
        ("1d", "2026-03-30T22:30"),
        ("2w", "2026-03-17T23:30"),
        ("1m", "2026-02-28T23:30"),
        ("13M", "2025-02-28T23:30"),
        ("2y", "2024-03-31T22:30"),
    ],
)
def test_ago_counts_back_on_the_local_clock(word: str, at: str) -> None:
    """The same time of day, and the last day of a month that is too short."""
    assert DUBLIN.ago(word) == _utc(at)


@pytest.mark.parametrize(
    "word", ["", "soon", "2026-13", "2026-02-30", "2026-W54", "2026-Q5", "0000", "9999", "30", "30x", "9999-12-31", "٢٠٢٦"]
)
def test_anything_else_names_no_time(word: str) -> None:
    """And is told with what would."""
    with pytest.raises(UsageError) as caught:
        DUBLIN.stretch(word)
    assert "2026-W40" in caught.value.hint


@pytest.mark.parametrize("word", ["999999d", "999999w", "999999m", "99999y"])
def test_before_the_calendar_there_is_no_time(word: str) -> None:
    """Too long ago is a usage error, not an overflow."""
    with pytest.raises(UsageError):
        DUBLIN.ago(word)


def test_a_label_names_the_stretch_that_holds_the_day() -> None:
    """Labels and stretches are each other's inverse, for every unit and day of some years."""
    for ordinal in range(date(2024, 12, 20).toordinal(), date(2027, 1, 10).toordinal(), 3):
        day = date.fromordinal(ordinal)
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        for unit in UNITS:
            start, end = DUBLIN.stretch(DUBLIN.label(day, unit))
            assert start <= noon < end
