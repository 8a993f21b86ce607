"""What people call a time in a search, as stretches of UTC: ``2026-W40``, ``2026-Q4``, ``yesterday``, ``30d`` before now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from insights.config.calendar import local_day, midnight, parse_period, period_holding
from insights.errors import UsageError

_AGO = re.compile(r"([0-9]{1,6})([dwmy])")
_YEAR = re.compile(r"[0-9]{4}")
_QUARTER = re.compile(r"([0-9]{4})-q([1-4])")
_CADENCES = {"day": "daily", "week": "weekly", "month": "monthly"}
UNITS = (*_CADENCES, "quarter", "year")


@dataclass(frozen=True, slots=True)
class Clock:
    """What "now" and "today" mean: an aware time, and the zone that sets days and weeks."""

    now: datetime
    zone: ZoneInfo

    def ago(self, word: str) -> datetime | None:
        """Returns the UTC time that ``30d``, ``6w``, ``3m`` or ``1y`` names, by the zone's calendar; None if it is no such word.

        Raises:
            UsageError: It lies before the calendar begins.
        """
        found = _AGO.fullmatch(word.casefold())
        if found is None:
            return None
        count, unit = int(found[1]), found[2]
        local = self.now.astimezone(self.zone)
        try:
            if unit in "dw":
                return (local - timedelta(days=count * (7 if unit == "w" else 1))).astimezone(UTC)
            first = _month(local.year, local.month - count * (12 if unit == "y" else 1))
            last_day = (_month(first.year, first.month + 1) - first).days
            return local.replace(year=first.year, month=first.month, day=min(local.day, last_day)).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise _unknown(word) from error

    def stretch(self, word: str) -> tuple[datetime, datetime]:
        """Returns the half-open UTC stretch that a day, week, month, quarter or year covers in the zone.

        Raises:
            UsageError: It names none.
        """
        text = word.casefold()
        try:
            if text in ("today", "yesterday"):
                day = local_day(self.now, self.zone) - timedelta(days=1 if text == "yesterday" else 0)
                period = period_holding(day, "daily", self.zone)
            elif _YEAR.fullmatch(text):
                return self._months(int(text), 1, 12)
            elif found := _QUARTER.fullmatch(text):
                return self._months(int(found[1]), 3 * int(found[2]) - 2, 3)
            else:
                period, _ = parse_period(text, self.zone)
        except (ValueError, OverflowError) as error:
            raise _unknown(word) from error
        return period.start, period.end

    def _months(self, year: int, month: int, count: int) -> tuple[datetime, datetime]:
        return midnight(_month(year, month), self.zone), midnight(_month(year, month + count), self.zone)

    def label(self, day: date, unit: str) -> str:
        """Returns the day, ISO week, month, quarter or year (``UNITS``) that a local day falls in, such as ``2026-W40``."""
        if unit in _CADENCES:
            return period_holding(day, _CADENCES[unit], self.zone).label
        return f"{day.year:04d}" if unit == "year" else f"{day.year:04d}-Q{(day.month + 2) // 3}"


def _month(year: int, month: int) -> date:
    """The first of a month counted on from January of ``year``, which may lie beyond that year or before it."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _unknown(word: str) -> UsageError:
    return UsageError(f'"{word}" names no time', "write 30d, 6w, 3m, 2026-10-01, 2026-10, 2026-Q4, 2026-W40, today or yesterday")
