"""Times: read strictly, in whatever form, and never with a zone that nobody declared."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reader_files import lines, only, options, readings, refused

from insights.errors import UsageError
from insights.readers import read
from insights.readers.times import AMBIGUOUS, IN_GAP, BadTimeError, read_time

DUBLIN = ZoneInfo("Europe/Dublin")
NINE = datetime(2026, 3, 2, 9, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-02T09:14:00Z",
        "2026-03-02 09:14:00+00:00",
        "2026-03-02T10:14:00+01:00",
        "2026-03-02T10:14+0100",
        "2026-03-02 09:14:00 UTC",
        "2026-03-02 09:14:00 GMT",
        " 2026-03-02T09:14:00.000Z ",
        "Mon, 02 Mar 2026 10:14:00 +0100",
        "2 Mar 2026 09:14:00 +0000",
        1772442840,
        1772442840.0,
        "1772442840",
        1772442840000,
        "1772442840000",
        1772442840000000,
        "1772442840000000000",
        datetime(2026, 3, 2, 10, 14, tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_explicit_times(value: object) -> None:
    """A time that says its zone, or counts from the epoch, needs no declared zone and ignores one."""
    for zone in (None, ZoneInfo("Asia/Tokyo")):
        moment = read_time(value, zone=zone)
        assert moment is not None
        assert (moment.at, moment.used_zone, moment.repair) == (NINE, False, "")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-02T09:14:00", NINE),
        ("2026-07-01 09:00", datetime(2026, 7, 1, 8, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 6, 30, 23, tzinfo=UTC)),
        ("20260701", datetime(2026, 6, 30, 23, tzinfo=UTC)),
        (date(2026, 7, 1), datetime(2026, 6, 30, 23, tzinfo=UTC)),
        (datetime(2026, 7, 1, 9), datetime(2026, 7, 1, 8, tzinfo=UTC)),
    ],
)
def test_local_times(value: object, expected: datetime) -> None:
    """A time without a zone takes the declared one, a date alone is its midnight, and without a zone both are refused."""
    moment = read_time(value, zone=DUBLIN)
    assert moment is not None
    assert (moment.at, moment.used_zone) == (expected, True)
    with pytest.raises(BadTimeError, match="declare timezone"):
        read_time(value, zone=None)


@pytest.mark.parametrize("value", [None, "", "  ", float("nan")])
def test_no_time(value: object) -> None:
    """Nothing is no time, which is no fault."""
    assert read_time(value, zone=None) is None


@pytest.mark.parametrize(
    "value",
    [
        "2026-02-30",
        "2026-13-01T00:00:00Z",
        "2026-03-02T25:00:00Z",
        "0000-00-00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59+00:00",
        "yesterday",
        "02/03/2026",
        "202603020914",
        5,
        -1,
        10**30,
        float("inf"),
        True,
        ["2026-03-02"],
        {"at": 1},
    ],
)
def test_impossible_times(value: object) -> None:
    """An impossible time, a form nobody declared and a wrong type are refused without showing the value."""
    with pytest.raises(BadTimeError) as caught:
        read_time(value, zone=DUBLIN)
    assert "yesterday" not in caught.value.reason
    assert "2026" not in caught.value.reason


def test_declared_form() -> None:
    """A declared form is tried first, and ISO 8601 is still understood."""
    form = "%d/%m/%Y %H:%M"
    for value in ("02/03/2026 09:14", "2026-03-02T09:14"):
        moment = read_time(value, zone=DUBLIN, date_format=form)
        assert moment is not None
        assert moment.at == NINE


def test_clock_changes() -> None:
    """A time that never was or was twice is settled as the first reading, and noted."""
    gap = read_time("2026-03-29T01:30:00", zone=DUBLIN)
    twice = read_time("2026-10-25T01:30:00", zone=DUBLIN)
    assert gap is not None
    assert twice is not None
    assert (gap.at, gap.repair) == (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), IN_GAP)
    assert (twice.at, twice.repair) == (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), AMBIGUOUS)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(value=st.one_of(st.text(max_size=40), st.integers(), st.floats(), st.datetimes(), st.dates(), st.from_regex(r"[0-9T:+\-. ]{4,30}")))
def test_any_value(value: object) -> None:
    """Any value is a time in UTC, nothing, or refused."""
    try:
        moment = read_time(value, zone=DUBLIN)
    except BadTimeError:
        return
    assert moment is None or moment.at.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("mapping", "zone", "used"),
    [({"timezone": "Europe/Dublin"}, "Asia/Tokyo", "Europe/Dublin"), ({}, "Asia/Tokyo", "Asia/Tokyo"), (None, "Asia/Tokyo", "Asia/Tokyo")],
)
def test_which_zone(tmp_path: Path, mapping: dict[str, str] | None, zone: str, used: str) -> None:
    """The mapping's zone comes before the source's; the one used is recorded."""
    record = lines({"id": "a", "text": "Hello.", "started_at": "2026-03-02T09:14:00", "timezone": "theirs"})
    found = only(readings(tmp_path, record, mapping=mapping, timezone=zone))
    assert found.meta["timezone"] == f"declared {used}"
    assert found.meta["source_timezone"] == "theirs"


def test_zone_not_needed(tmp_path: Path) -> None:
    """A zone that was not needed is not recorded."""
    record = lines({"id": "a", "text": "Hello.", "started_at": "2026-03-02T09:14:00Z"})
    found = only(readings(tmp_path, record, timezone="Asia/Tokyo"))
    assert found.started_at == NINE
    assert "timezone" not in found.meta


def test_no_zone(tmp_path: Path) -> None:
    """Without a declared zone a time that has none sets its record aside."""
    record = lines({"id": "a", "text": "Hello.", "started_at": "2026-03-02T09:14:00"})
    assert refused(readings(tmp_path, record)).reason == "started_at: time without a zone; declare timezone"


def test_turn_time_costs_itself(tmp_path: Path) -> None:
    """An unusable time of one turn is dropped and noted; the contact stays."""
    turns = [{"role": "customer", "text": "Hello.", "at": "2026-02-31"}, {"role": "agent", "text": "Hi.", "at": "2026-03-02T09:14:00Z"}]
    found = only(readings(tmp_path, lines({"id": "a", "turns": turns})))
    assert [turn.at for turn in found.turns] == [None, NINE]
    assert found.repairs == ("unusable time of a turn dropped",)


def test_unknown_zone(tmp_path: Path) -> None:
    """An unknown zone stops before anything is read."""
    path = tmp_path / "file"
    path.write_text(lines({"id": "a", "text": "Hello."}))
    with pytest.raises(UsageError, match="unknown time zone"):
        next(read(path, options(timezone="Mars/Olympus")))
