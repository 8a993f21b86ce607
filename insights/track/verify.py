"""Whether a fix worked: the rate after it against the rate before, with the weeks that made people act left out.

A fix follows a bad week, and after a bad week things look better anyway. So the baseline ends two weeks before the fix, the
weeks' own dispersion widens the limits, and a verdict needs limits that exclude chance, not just a lower count.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from insights.domain import Fix, Outcome, Verdict
from insights.track.history import Week, WeekRow, complete
from insights.track.trend import student

LOOKS = (4, 8, 12)
"""Whole weeks after the fix at which it is judged; the first look that decides counts."""

_BASELINE_WEEKS = 26
_LEFT_OUT = timedelta(days=14)
_LEAST_BASELINE_WEEKS = 4
_FIRST_LOOK_NEEDS = 40
# The first look takes stricter limits, so that three looks together call a useless fix a success in about 5 % of cases or less.
_FIRST_LOOK_SHARE, _SHARE = 0.975, 0.95
_DECIDED = (Outcome.VERIFIED, Outcome.INEFFECTIVE)


@dataclass(frozen=True, slots=True)
class _Phase:
    customers: int
    handled: int
    squares: float
    freedom: int
    weeks: int

    @property
    def rate(self) -> float:
        return (self.customers + 0.5) / self.handled


def verify(fix: Fix, weeks: Sequence[WeekRow], *, as_of: datetime, zone: tzinfo = UTC, since: date | None = None) -> Verdict:
    """Judges a fix at four, eight and twelve whole weeks after it; the same data give the same verdict whenever it is asked.

    Baseline: up to 26 weeks that end two weeks before the fix. Ratio of the rates of distinct customers per contact handled,
    half a customer added to both; its standard error on the log scale is ``sqrt(φ (1/(A + .5) + 1/(B + .5)))`` with φ, at
    least 1, from Pearson's residuals within both phases, and Student's t. ``verified``: the upper limit is below 1 and the
    ratio at or below ``1 - target``; ``partial``: only the former; ``ineffective``: the lower limit is above ``1 - target``;
    otherwise ``inconclusive``. Each limit holds with 95 % (one-sided), at the first look with 97.5 %; that look decides only
    with at least 40 customers in the baseline. ``low`` and ``high`` of the verdict are those limits.

    Args:
        fix: Date (local) and target.
        weeks: The topic's weeks as in ``TopicHistory``, oldest first.
        as_of: Only weeks that have ended by then count.
        zone: Zone of the weeks and of the fix's date.
        since: Date of the fix before this one: weeks before it are no baseline.
    """
    whole = complete(weeks, as_of=as_of, zone=zone)
    last = fix.date - _LEFT_OUT
    before = [week for week in whole if week.day(zone) + timedelta(days=7) <= last and (since is None or week.day(zone) >= since)]
    after = [week for week in whole if week.day(zone) >= fix.date]
    today = as_of.astimezone(zone).date()
    if len(before) < _LEAST_BASELINE_WEEKS:
        why = f"only {len(before)} whole weeks before the fix (without the two before it): at least {_LEAST_BASELINE_WEEKS} are needed"
        return Verdict(fix.issue_id, Outcome.INCONCLUSIVE, None, None, None, len(after), today, why)
    if len(after) < LOOKS[0]:
        why = f"{len(after)} of {LOOKS[0]} whole weeks after the fix have passed"
        return Verdict(fix.issue_id, Outcome.INCONCLUSIVE, None, None, None, len(after), today, why)
    baseline = _phase(before[-_BASELINE_WEEKS:])
    verdicts = [_judge(fix, baseline, _phase(after[:look]), today) for look in LOOKS if look <= len(after)]
    return next((verdict for verdict in verdicts if verdict.outcome in _DECIDED), verdicts[-1])


def _judge(fix: Fix, before: _Phase, after: _Phase, today: date) -> Verdict:
    goal = 1 - fix.target
    ratio = after.rate / before.rate
    freedom = before.freedom + after.freedom
    spread = max(1.0, (before.squares + after.squares) / freedom)
    first = after.weeks == LOOKS[0]
    error = math.sqrt(spread * (1 / (after.customers + 0.5) + 1 / (before.customers + 0.5)))
    margin = student(freedom, _FIRST_LOOK_SHARE if first else _SHARE) * error
    low, high = ratio * math.exp(-margin), ratio * math.exp(margin)
    outcome = _outcome(ratio, low, high, goal)
    why = (
        f"{after.customers} customers of {after.handled} contacts in {after.weeks} weeks after, "
        f"{before.customers} of {before.handled} in {before.weeks} weeks before: rate × {ratio:.2f} ({low:.2f}–{high:.2f}), "
        f"promised × {goal:.2f} or less"
    )
    if first and before.customers < _FIRST_LOOK_NEEDS and outcome in _DECIDED:
        outcome = Outcome.INCONCLUSIVE
        why += f"; with fewer than {_FIRST_LOOK_NEEDS} customers before, four weeks cannot decide"
    elif outcome is Outcome.INCONCLUSIVE:
        why += _further(ratio, spread, before, after)
    return Verdict(fix.issue_id, outcome, ratio, low, high, after.weeks, today, why)


def _outcome(ratio: float, low: float, high: float, goal: float) -> Outcome:
    if high < 1:
        return Outcome.VERIFIED if ratio <= goal else Outcome.PARTIAL
    return Outcome.INEFFECTIVE if low > goal else Outcome.INCONCLUSIVE


def _further(ratio: float, spread: float, before: _Phase, after: _Phase) -> str:
    """Says how many more weeks at the present rate would exclude chance, where any number would."""
    if ratio >= 1:
        return "; no sign of an improvement"
    room = (math.log(ratio) / student(math.inf, _SHARE)) ** 2 / spread - 1 / (before.customers + 0.5)
    if room <= 0:
        return "; too little was seen before the fix for any number of weeks to tell"
    needed = math.ceil(after.weeks / room / (after.customers + 0.5)) - after.weeks
    return f"; about {max(1, needed)} more weeks at this rate would tell"


def _phase(weeks: Sequence[Week]) -> _Phase:
    customers, handled = sum(week.customers for week in weeks), sum(week.handled for week in weeks)
    rate = customers / handled
    squares = sum((week.customers - rate * week.handled) ** 2 / (rate * week.handled) for week in weeks) if rate else 0.0
    return _Phase(customers, handled, squares, len(weeks) - 1, len(weeks))
