"""Times of sources as aware UTC: read strictly, and no zone is ever invented."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from insights.errors import UsageError

NO_ZONE = "time without a zone; declare timezone"
IN_GAP = "time inside a clock change moved forward"
AMBIGUOUS = "ambiguous time of a clock change taken as the first"

_EARLIEST, _LATEST = 1970, 2099
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"^\d{9,19}(?:\.\d+)?$")
_NAMED_UTC = re.compile(r"\s*(?:UTC|GMT|Z)$", re.IGNORECASE)
# Least and greatest epoch counts in nano-, micro-, milliseconds and seconds: 1998 to 2099 (seconds from 1979). Between them
# lie numbers such as 202603020914, which is a date run together and must not be taken for a count.
_SCALES = ((9e17, 4.1e18, 1e9), (9e14, 4.1e15, 1e6), (9e11, 4.1e12, 1e3), (3e8, 4.1e9, 1.0))


class BadTimeError(ValueError):
    """A time that cannot be used; ``reason`` never holds the value, only its shape."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Moment:
    """A time read.

    Attributes:
        at: Aware, UTC.
        used_zone: Whether the declared zone was needed.
        repair: What was odd, or empty.
    """

    at: datetime
    used_zone: bool = False
    repair: str = ""


def zone_named(name: str | None) -> ZoneInfo | None:
    """Returns a zone by its name.

    Raises:
        UsageError: There is no such zone.
    """
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise UsageError(f'unknown time zone "{name}"', 'write a name such as "Europe/Dublin" or "UTC"') from error


def read_time(value: object, *, zone: ZoneInfo | None, date_format: str | None = None) -> Moment | None:
    """Reads a time: ISO 8601, epoch seconds to nanoseconds, RFC 5322, ``date_format``, or a date or datetime object.

    A date alone is midnight without a zone. Years outside 1970 to 2099 count as impossible.

    Returns:
        None where the value is None or blank.

    Raises:
        BadTimeError: Impossible, of a wrong type, or without a zone while none is declared.
    """
    if value is None or value != value:
        return None
    if isinstance(value, str):
        value = value.strip()
        if not value:
            return None
    try:
        found = _parse(value, date_format)
        if not _EARLIEST <= found.year <= _LATEST:
            raise BadTimeError(f"impossible time ({shape_of(value)})")
        if found.tzinfo is not None and found.utcoffset() is not None:
            return Moment(found.astimezone(UTC))
        return _local(found, zone)
    except (ValueError, OverflowError, OSError, TypeError, LookupError) as error:
        if isinstance(error, BadTimeError):
            raise
        raise BadTimeError(f"impossible time ({shape_of(value)})") from error


@lru_cache(maxsize=64)
def _shape_of_text(text: str) -> str:
    shape = re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", text[:30]))
    return f'text shaped "{shape}"' + (f" and {len(text) - 30} characters more" if len(text) > 30 else "")


def shape_of(value: object) -> str:
    """Describes a value without showing it: digits as 9, letters as a."""
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, str):
        return _shape_of_text(value) if value else "empty text"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    return {datetime: "a time", date: "a date", type(None): "nothing"}.get(type(value), "another type")


def _parse(value: object, date_format: str | None) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadTimeError(f"expected a time, got {shape_of(value)}")
    if not isinstance(value, str):
        return _from_epoch(float(value))
    if date_format:
        try:
            return datetime.strptime(value, date_format)
        except ValueError:
            pass
    if _NUMBER.match(value):
        return _from_epoch(float(value))
    return _from_text(value)


def _from_text(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        pass
    if named := _NAMED_UTC.search(value):
        return datetime.fromisoformat(value[: named.start()]).replace(tzinfo=UTC)
    if re.match(r"^(?:[A-Za-z]{3},? )?\d{1,2} [A-Za-z]{3} \d{4} ", value):
        return parsedate_to_datetime(value)
    raise ValueError("no known form")


def _from_epoch(number: float) -> datetime:
    for least, greatest, scale in _SCALES:
        if least <= number <= greatest:
            return _EPOCH + timedelta(seconds=number / scale)
    raise BadTimeError("impossible time (a number that is no epoch time)")


def _local(naive: datetime, zone: ZoneInfo | None) -> Moment:
    if zone is None:
        raise BadTimeError(NO_ZONE)
    naive = naive.replace(tzinfo=None, fold=0)
    local = naive.replace(tzinfo=zone)
    at = local.astimezone(UTC)
    if local.utcoffset() == local.replace(fold=1).utcoffset():
        return Moment(at, used_zone=True)
    exists = at.astimezone(zone).replace(tzinfo=None, fold=0) == naive
    return Moment(at, used_zone=True, repair=AMBIGUOUS if exists else IN_GAP)
