"""The register of issues: problems that recur, followed from the first customers to the proof that they went away.

Workflow and signal are two things. The workflow moves on facts (enough customers, a declared fix, its verdict, a return) and
on what people set; the signal is read anew from the figures each run. Every move is a dated line of the issue's history, and
a run on the same data at the same time changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo

from insights.domain import Fix, Issue, IssueStatus, Outcome, Signal, Verdict
from insights.track.history import TopicHistory, Week, complete
from insights.track.signals import Reading, read_signals
from insights.track.verify import verify

__all__ = ["DeclaredFix", "TopicHistory", "Week", "update"]

DeclaredFix = tuple[str, date, float]
"""Topic id, local date of the fix, promised reduction as a fraction in (0, 1]."""

_UNSEEN = timedelta(days=90)
_HELD = timedelta(days=7)
_RESTART_AFTER = timedelta(days=21)
_REGRESSED = "regressed:"


@dataclass(frozen=True, slots=True)
class _Run:
    """What holds for every issue of one update."""

    as_of: datetime
    today: date
    zone: tzinfo
    min_customers: int
    readings: Mapping[str, Reading]
    fixes: Mapping[str, tuple[tuple[date, float], ...]]


def update(
    known: Sequence[Issue],
    histories: Sequence[TopicHistory],
    *,
    as_of: datetime,
    min_customers: int,
    next_number: int,
    fixes: Sequence[DeclaredFix] = (),
    zone: tzinfo = UTC,
) -> tuple[Issue, ...]:
    """Brings the register up to date and returns all of it, in the order of the ids.

    A topic becomes a candidate with ``min_customers`` customers over all time. It opens with as many in 28 days or in one
    past week (a first run over old data), when the alert rule fires, or when a fix is declared. A fix whose date has come
    leads to ``verifying``; ``verified`` closes the issue, ``ineffective`` makes it a ``known`` one again, anything else waits.
    A closed issue opens again under its id when the alert rule fires against the weeks after the fix, or five customers come
    back in a week after four silent ones. What was merged stays as it is, and no issue is made for its topic.

    Args:
        known: The register so far.
        histories: Every topic that is followed, with at least one dated contact.
        as_of: Nothing after it is looked at.
        min_customers: Distinct customers in 28 days that make an issue.
        next_number: Number of the next new issue; numbers are given by first contact, then topic id.
        fixes: All declared fixes; those of topics without a history are passed over.
        zone: Zone of the weeks, of the fixes' dates and of the dates in histories.
    """
    run = _prepare(known, histories, as_of=as_of, min_customers=min_customers, fixes=fixes, zone=zone)
    by_topic = {history.topic_id: history for history in histories}
    updated = [_advance(issue, by_topic.get(issue.topic), run) for issue in known]
    taken = {issue.topic for issue in known}
    for history in sorted(histories, key=lambda one: (one.first_seen, one.topic_id)):
        if history.topic_id not in taken and (issue := _found(history, next_number, run)):
            updated.append(_advance(issue, history, run))
            next_number += 1
    return tuple(sorted(updated, key=lambda issue: issue.id))


def _prepare(
    known: Sequence[Issue],
    histories: Sequence[TopicHistory],
    *,
    as_of: datetime,
    min_customers: int,
    fixes: Sequence[DeclaredFix],
    zone: tzinfo,
) -> _Run:
    today = as_of.astimezone(zone).date()
    declared: dict[str, set[tuple[date, float]]] = {}
    for topic, day, target in fixes:
        declared.setdefault(topic, set()).add((day, target))
    dates = [(topic, day) for topic, given in declared.items() for day, _ in given]
    dates += [(issue.topic, fix.date) for issue in known for fix in issue.fixes]
    restarts = {topic: day for topic, day in sorted(dates) if today - day >= _RESTART_AFTER}
    readings = read_signals(histories, as_of=as_of, min_customers=min_customers, restarts=restarts, zone=zone)
    return _Run(as_of, today, zone, min_customers, readings, {topic: tuple(sorted(given)) for topic, given in declared.items()})


def _found(history: TopicHistory, number: int, run: _Run) -> Issue | None:
    """Returns a new issue where the topic has customers enough or a fix was declared for it."""
    if history.customers_total < run.min_customers and history.topic_id not in run.fixes:
        return None
    issue = Issue(
        id=f"ISS-{number:06d}",
        title=history.label,
        kind=history.kind,
        topic=history.topic_id,
        status=IssueStatus.CANDIDATE,
        signal=Signal.STEADY,
        owner=history.owner,
        first_seen=history.first_seen,
        last_seen=history.last_seen,
        contacts=history.contacts_total,
        customers=history.customers_total,
    )
    return _noted(issue, run, f"candidate: {history.customers_total} customers in all")


def _advance(issue: Issue, history: TopicHistory | None, run: _Run) -> Issue:
    if issue.status is IssueStatus.MERGED or (issue.history and issue.history[-1][:10] > run.today.isoformat()):
        return issue
    if history is None:
        return _signalled(issue, None, run)
    reading = run.readings[history.topic_id]
    moved = _refreshed(issue, history, run)
    moved = _opened(moved, history, reading, run)
    moved = _fixes_noted(moved, run)
    moved = _judged(moved, history, reading, run)
    return _signalled(moved, reading, run)


def _refreshed(issue: Issue, history: TopicHistory, run: _Run) -> Issue:
    if history.owner != issue.owner:
        issue = _noted(issue, run, f"owner: {issue.owner} → {history.owner}")
    return replace(
        issue,
        title=history.label,
        owner=history.owner,
        first_seen=history.first_seen,
        last_seen=history.last_seen,
        contacts=history.contacts_total,
        customers=history.customers_total,
    )


def _opened(issue: Issue, history: TopicHistory, reading: Reading, run: _Run) -> Issue:
    if issue.status is IssueStatus.ARCHIVED and reading.fires:
        return _moved(issue, IssueStatus.OPEN, run, f"open: archived until emerging; {_seen(reading)}")
    if issue.status is not IssueStatus.CANDIDATE:
        return issue
    if history.customers_28d >= run.min_customers:
        return _moved(issue, IssueStatus.OPEN, run, f"open: {history.customers_28d} customers in 28 days")
    if reading.fires:
        return _moved(issue, IssueStatus.OPEN, run, f"open: {_seen(reading)}")
    busy = [week for week in complete(history.weeks, as_of=run.as_of, zone=run.zone) if week.customers >= run.min_customers]
    if busy:
        return _moved(issue, IssueStatus.OPEN, run, f"open: {busy[-1].customers} customers in the week of {busy[-1].day(run.zone)}")
    return issue


def _fixes_noted(issue: Issue, run: _Run) -> Issue:
    for day, target in run.fixes.get(issue.topic, ()):
        if all(fix.date != day for fix in issue.fixes):
            fixes = sorted((*issue.fixes, Fix(issue.id, day, target)), key=lambda fix: fix.date)
            verb = "dated" if day <= run.today else "planned for"
            issue = _noted(replace(issue, fixes=tuple(fixes)), run, f"fix: {verb} {day}, promised −{target:.0%}")
            if day == fixes[-1].date:
                issue = replace(issue, status=IssueStatus.FIXING)
    if issue.status is IssueStatus.FIXING and issue.fixes and issue.fixes[-1].date <= run.today:
        return _moved(issue, IssueStatus.VERIFYING, run, f"verifying: the fix of {issue.fixes[-1].date}")
    return issue


def _judged(issue: Issue, history: TopicHistory, reading: Reading, run: _Run) -> Issue:
    verdict = _verdict(issue, history, run)
    if issue.status is IssueStatus.VERIFYING and verdict and verdict.outcome is Outcome.VERIFIED:
        issue = _moved(issue, IssueStatus.CLOSED, run, f"closed: fix verified; {verdict.why}")
    elif issue.status is IssueStatus.VERIFYING and verdict and verdict.outcome is Outcome.INEFFECTIVE:
        issue = _moved(issue, IssueStatus.KNOWN, run, f"known: fix ineffective; {verdict.why}")
    if issue.status is IssueStatus.CLOSED and (reading.fires or reading.returned) and _is_later(reading, verdict, issue, run):
        issue = _moved(issue, IssueStatus.OPEN, run, f"{_REGRESSED} {_seen(reading)}")
    return issue


def _verdict(issue: Issue, history: TopicHistory, run: _Run) -> Verdict | None:
    if not issue.fixes:
        return None
    since = issue.fixes[-2].date if len(issue.fixes) > 1 else None
    return verify(issue.fixes[-1], history.weeks, as_of=run.as_of, zone=run.zone, since=since)


def _is_later(reading: Reading, verdict: Verdict | None, issue: Issue, run: _Run) -> bool:
    """Whether the newest week came after those that closed the issue: what proved the fix is no proof of a return."""
    if verdict is None or reading.week is None:
        return True
    return reading.week.day(run.zone) >= issue.fixes[-1].date + timedelta(weeks=verdict.weeks)


def _signalled(issue: Issue, reading: Reading | None, run: _Run) -> Issue:
    signal = _signal(issue, reading, run)
    if signal is issue.signal:
        return issue
    return _noted(replace(issue, signal=signal), run, f"signal: {signal.value}{_because(signal, reading)}")


def _signal(issue: Issue, reading: Reading | None, run: _Run) -> Signal:
    """The most telling signal that holds."""
    if any(line[11:].startswith(_REGRESSED) and run.today - date.fromisoformat(line[:10]) < _HELD for line in issue.history):
        return Signal.REGRESSED
    if reading is None:
        return Signal.SILENT if run.as_of - issue.last_seen >= _UNSEEN else issue.signal
    holds = (
        (reading.silent, Signal.SILENT),
        (reading.new, Signal.NEW),
        (reading.fires, Signal.EMERGING),
        (reading.falling, Signal.FALLING),
    )
    return next((signal for held, signal in holds if held), Signal.STEADY)


def _because(signal: Signal, reading: Reading | None) -> str:
    return f", {_seen(reading)}" if signal is Signal.EMERGING and reading else ""


def _seen(reading: Reading) -> str:
    if reading.week is None:
        return "no complete week yet"
    usual = "" if reading.expected is None else f", {reading.expected:.1f} expected"
    return f"{reading.week.customers} customers in a week{usual}"


def _moved(issue: Issue, status: IssueStatus, run: _Run, line: str) -> Issue:
    return _noted(replace(issue, status=status), run, line)


def _noted(issue: Issue, run: _Run, line: str) -> Issue:
    return replace(issue, history=(*issue.history, f"{run.today} {line}"))
