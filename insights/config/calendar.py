"""Days, weeks and months of the workspace's zone as half-open stretches of UTC.

A local day begins at local midnight, so a day has 23 or 25 hours where clocks change.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from insights.domain import Period
from insights.errors import UsageError

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_WEEK = re.compile(r"(\d{4})-[Ww](\d{1,2})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Returns the UTC time at which a local day begins."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """Returns the local day of an aware time."""
    return moment.astimezone(zone).date()


def period_holding(day: date, cadence: str, zone: ZoneInfo) -> Period:
    """Returns the day, ISO week or month that holds ``day``; ``cadence`` is daily, weekly or monthly."""
    if cadence == "daily":
        first, last, label = day, day + timedelta(days=1), day.isoformat()
    elif cadence == "weekly":
        year, week, _ = day.isocalendar()
        first = date.fromisocalendar(year, week, 1)
        last, label = first + timedelta(days=7), f"{year}-W{week:02d}"
    else:
        first = day.replace(day=1)
        last, label = (first + timedelta(days=32)).replace(day=1), f"{first:%Y-%m}"
    return Period(label, midnight(first, zone), midnight(last, zone))


def period_before(period: Period, cadence: str, zone: ZoneInfo) -> Period:
    """Returns the period just before ``period``."""
    return period_holding(local_day(period.start, zone) - timedelta(days=1), cadence, zone)


def last_periods(period: Period, cadence: str, zone: ZoneInfo, count: int) -> list[Period]:
    """Returns ``count`` consecutive periods ending with ``period``, oldest first."""
    periods = [period]
    while len(periods) < count:
        periods.append(period_before(periods[-1], cadence, zone))
    return periods[::-1]


def last_complete(as_of: datetime, cadence: str, zone: ZoneInfo) -> Period:
    """Returns the newest period that has wholly passed at ``as_of``."""
    period = period_holding(local_day(as_of, zone), cadence, zone)
    return period if period.end <= as_of else period_before(period, cadence, zone)


def parse_period(label: str, zone: ZoneInfo) -> tuple[Period, str]:
    """Reads ``2026-W40``, ``2026-10`` or ``2026-10-05`` into a period and its cadence.

    Raises:
        UsageError: The label names no day, week or month.
    """
    text = label.strip()
    try:
        if found := _DAY.fullmatch(text):
            return period_holding(date(*map(int, found.groups())), "daily", zone), "daily"
        if found := _WEEK.fullmatch(text):
            return period_holding(date.fromisocalendar(int(found[1]), int(found[2]), 1), "weekly", zone), "weekly"
        if found := _MONTH.fullmatch(text):
            return period_holding(date(int(found[1]), int(found[2]), 1), "monthly", zone), "monthly"
    except ValueError:
        pass
    raise UsageError(f'no such period: "{label[:40]}"', "write a week as 2026-W40, a month as 2026-10 or a day as 2026-10-05")
