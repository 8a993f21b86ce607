"""What the newest figures say of every topic: emerging, falling, silent or new, with the numbers behind it.

The weekly alert rule: among all topics of a run Benjamini and Hochberg's bound at 5 %, a chance below 0.0005, at least five
customers in the week, and well above what was expected. A rare topic among many must not alarm each week by luck.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo

from insights.track.history import TopicHistory, Week, complete
from insights.track.trend import LEAST_PAST, Count, baseline_of, chance_of_fewer, chance_of_more, expected

_WINDOW_WEEKS = 156
_GUARD_WEEKS = 4
_SEASON_KNOWN_WEEKS = 78
_FALSE_SHARE = 0.05
_CHANCE = 0.0005
_LEAST_CUSTOMERS = 5
_RATIO, _RATIO_WITHOUT_SEASON = 1.3, 1.5
_FALLING_LEAST_EXPECTED = 10.0
_SILENT_LEAST_EXPECTED = 5.0
_UNSEEN = timedelta(days=90)
_NEW = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the figures say of one topic at the as-of time.

    Attributes:
        week: Newest complete week, or None.
        expected: Customers expected in it from the weeks before, or None with too few of them.
        p_value: Chance of so many, or None.
        fires: Whether the alert rule holds.
        falling, silent, new: The other signals; more than one may hold.
        returned: At least five customers in the newest week after four weeks without any.
    """

    week: Week | None
    expected: float | None
    p_value: float | None
    fires: bool
    falling: bool
    silent: bool
    new: bool
    returned: bool


def read_signals(
    histories: Sequence[TopicHistory], *, as_of: datetime, min_customers: int, restarts: Mapping[str, date], zone: tzinfo = UTC
) -> dict[str, Reading]:
    """Reads every topic's newest figures.

    Args:
        histories: All topics of the run: the bound on false alarms is over all of them.
        as_of: Weeks that end later are left out.
        min_customers: Customers in 28 days from which a topic is an issue; decides how long it is new.
        restarts: Topic id to the date from which its baseline counts, such as that of a fix.
        zone: Zone of the weeks.
    """
    readings = {
        history.topic_id: _read(history, as_of=as_of, min_customers=min_customers, restart=restarts.get(history.topic_id), zone=zone)
        for history in histories
    }
    bound = _bound([reading.p_value for reading, _ in readings.values() if reading.p_value is not None])
    return {topic: _with_alert(reading, bound, weeks) for topic, (reading, weeks) in readings.items()}


def _read(history: TopicHistory, *, as_of: datetime, min_customers: int, restart: date | None, zone: tzinfo) -> tuple[Reading, int]:
    """Returns the reading, not firing yet, and the number of weeks before the newest."""
    whole = complete(history.weeks, as_of=as_of, zone=zone)
    week, past = (whole[-1], whole[:-1]) if whole else (None, [])
    counting = [earlier for earlier in past if restart is None or earlier.day(zone) >= restart]
    mean, chance = _against_baseline(week, counting) if week else (None, None)
    recent = whole[-4:]
    older = [earlier for earlier in whole[:-4] if restart is None or earlier.day(zone) >= restart]
    silent_28d, falling = _quiet(recent, older, history.customers_28d)
    reading = Reading(
        week=week,
        expected=mean,
        p_value=chance,
        fires=False,
        falling=falling,
        silent=silent_28d or as_of - history.last_seen >= _UNSEEN,
        new=as_of - _crossed(whole, min_customers, as_of, zone) < _NEW,
        returned=bool(week and week.customers >= _LEAST_CUSTOMERS and len(past) >= 4 and not any(w.customers for w in past[-4:])),
    )
    return reading, len(past)


def _against_baseline(week: Week, past: Sequence[Week]) -> tuple[float | None, float | None]:
    """Leaves out up to four weeks before the newest, so that an outbreak that began there does not hide itself."""
    guard = max(0, min(_GUARD_WEEKS, (len(past) - LEAST_PAST) // 2))
    baseline = baseline_of(_counts(past[: len(past) - guard][-_WINDOW_WEEKS:]))
    if baseline is None:
        return None, None
    return expected(baseline, week.handled), chance_of_more(week.customers, baseline, week.handled)


def _quiet(recent: Sequence[Week], older: Sequence[Week], customers_28d: int) -> tuple[bool, bool]:
    """Whether the last four weeks are silent, and whether they are falling."""
    baseline = baseline_of(_counts(older[-_WINDOW_WEEKS:])) if len(recent) == 4 else None
    if baseline is None:
        return False, False
    customers, handled = sum(week.customers for week in recent), sum(week.handled for week in recent)
    mean = expected(baseline, handled)
    silent = customers == 0 and customers_28d == 0 and mean >= _SILENT_LEAST_EXPECTED
    falling = mean >= _FALLING_LEAST_EXPECTED and customers <= mean / 2 and chance_of_fewer(customers, baseline, handled) < _CHANCE
    return silent, falling


def _crossed(whole: Sequence[Week], min_customers: int, as_of: datetime, zone: tzinfo) -> datetime:
    """When the topic had first enough customers in four weeks; the as-of time where no complete weeks show it.

    Weekly customers are added up, which counts one who comes back in another week twice: near enough to tell new from old.
    """
    for index in range(len(whole)):
        if sum(week.customers for week in whole[max(0, index - 3) : index + 1]) >= min_customers:
            return whole[index].end(zone)
    return as_of


def _counts(weeks: Sequence[Week]) -> list[Count]:
    return [(week.customers, week.handled) for week in weeks]


def _bound(chances: Sequence[float]) -> float:
    """Benjamini and Hochberg's bound (1995): the largest p that is at most its rank's share of 5 %."""
    ranked = sorted(chances)
    passing = [chance for rank, chance in enumerate(ranked, start=1) if chance <= _FALSE_SHARE * rank / len(ranked)]
    return passing[-1] if passing else -1.0


def _with_alert(reading: Reading, bound: float, weeks: int) -> Reading:
    if reading.week is None or reading.expected is None or reading.p_value is None:
        return reading
    ratio = _RATIO if weeks >= _SEASON_KNOWN_WEEKS else _RATIO_WITHOUT_SEASON
    fires = (
        reading.p_value <= bound
        and reading.p_value < _CHANCE
        and reading.week.customers >= _LEAST_CUSTOMERS
        and reading.week.customers >= ratio * reading.expected
    )
    return replace(reading, fires=fires)
