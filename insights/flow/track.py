"""Topics over time into issues: rates with their denominators, declared fixes, the register brought up to date."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from insights.config.calendar import last_periods, local_day, period_holding
from insights.config.load import Loaded
from insights.domain import Issue, IssueStatus, Kind, Period, Verdict
from insights.errors import ConfigError, Fault, UsageError
from insights.store import Store
from insights.track.issues import TopicHistory, update
from insights.track.verify import verify

# Two years of weeks are enough for a baseline and bound the work of a run.
_WEEKS = 104
# What recurs and can be put right; praise and demand have their sections in the digest.
FOLLOWED = frozenset({Kind.PRODUCT_ISSUE, Kind.PROCESS_FAILURE, Kind.COMPETITIVE_MENTION, Kind.IMPROVEMENT_IDEA})


@dataclass(frozen=True, slots=True)
class TrackReport:
    """Topics looked at, issues on the register, how many of them are open or closed."""

    topics: int
    issues: int
    open: int
    closed: int


@dataclass(frozen=True, slots=True)
class DeclaredFix:
    """A line of the file of fixes: topic key or id, day, promised reduction as a fraction."""

    topic: str
    date: date
    target: float


def track_store(loaded: Loaded, store: Store, *, as_of: datetime) -> TrackReport:
    """Brings the register of issues up to date.

    Args:
        loaded: The workspace.
        store: Open for writing.
        as_of: Data after this time are not looked at.
    """
    histories = topic_histories(loaded, store, as_of=as_of)
    fixes = [(fix.topic, fix.date, fix.target) for fix in declared_fixes(loaded, store) if fix.date <= local_day(as_of, loaded.zone)]
    issues = update(
        store.issues(),
        histories,
        as_of=as_of,
        min_customers=loaded.settings.track.min_customers,
        next_number=store.next_issue_number(),
        fixes=fixes,
        zone=loaded.zone,
    )
    store.save_issues(issues)
    closed = sum(issue.status is IssueStatus.CLOSED for issue in issues)
    candidates = sum(issue.status is IssueStatus.CANDIDATE for issue in issues)
    return TrackReport(len(histories), len(issues), len(issues) - closed - candidates, closed)


def weeks_until(loaded: Loaded, store: Store, as_of: datetime) -> list[Period]:
    """Returns the complete weeks from the first dated contact to ``as_of``, at most two years of them."""
    spans = store.topic_spans(until=as_of)
    if not spans:
        return []
    newest = period_holding(local_day(as_of - timedelta(microseconds=1), loaded.zone), "weekly", loaded.zone)
    first = min(begin for begin, _ in spans.values())
    weeks = last_periods(newest, "weekly", loaded.zone, _WEEKS)
    return [week for week in weeks if week.end > first and week.end <= as_of]


def topic_histories(loaded: Loaded, store: Store, *, as_of: datetime) -> list[TopicHistory]:
    """Returns the weeks of each topic that is followed, with their denominators, as far as was known at ``as_of``."""
    spans = store.topic_spans(until=as_of)
    weeks = weeks_until(loaded, store, as_of)
    edges = edges_of(weeks)
    handled = store.handled(edges) if weeks else []
    series = store.topic_series(edges) if weeks else {}
    recent = store.topic_series([as_of - timedelta(days=28), as_of])
    totals = store.topic_series([min((begin for begin, _ in spans.values()), default=as_of), as_of]) if spans else {}
    topics = {topic.id: topic for topic in store.topics()}
    owners = store.topic_owners()
    histories = []
    for topic_id, (first, last) in sorted(spans.items()):
        if topics[topic_id].kind not in FOLLOWED:
            continue
        counted = series.get(topic_id, [(0, 0)] * len(weeks))
        contacts, customers = totals.get(topic_id, [(0, 0)])[0]
        histories.append(
            TopicHistory(
                topic_id=topic_id,
                label=topics[topic_id].label,
                kind=topics[topic_id].kind,
                owner=owners.get(topic_id, loaded.ownership.triage),
                weeks=tuple((week.start, *count, total) for week, count, total in zip(weeks, counted, handled, strict=True)),
                customers_28d=recent.get(topic_id, [(0, 0)])[0][1],
                first_seen=first,
                last_seen=last,
                contacts_total=contacts,
                customers_total=customers,
            )
        )
    return histories


def edges_of(periods: Sequence[Period]) -> list[datetime]:
    """Returns the n + 1 times that bound n consecutive periods."""
    return [period.start for period in periods] + [period.end for period in periods[-1:]]


def declared_fixes(loaded: Loaded, store: Store) -> list[DeclaredFix]:
    """Reads the file of declared fixes, with the topics' lasting ids; raises as ``read_fixes``."""
    topics = store.topics()
    ids = {topic.key: topic.id for topic in topics if topic.key} | {topic.id: topic.id for topic in topics}
    return read_fixes(loaded, ids.get)


def read_fixes(loaded: Loaded, topic_id: Callable[[str], str | None]) -> list[DeclaredFix]:
    """Reads the file of declared fixes.

    Args:
        loaded: The workspace.
        topic_id: Returns the id of a topic by key or id, None for one nobody knows.

    Raises:
        ConfigError: A line has a fault.
        UsageError: The file is missing.
    """
    name = loaded.settings.track.fixes
    fixes: list[DeclaredFix] = []
    faults: list[Fault] = []
    for number, row in enumerate(_rows(loaded, name) if name else (), start=2):
        topic = topic_id(row["topic"].strip())
        if topic is None:
            faults.append(
                Fault(
                    name or "",
                    number,
                    "topic",
                    f'no topic "{row["topic"]}"',
                    "use a key of the taxonomy or an id of `insights topics list`",
                )
            )
            continue
        try:
            fixes.append(DeclaredFix(topic, date.fromisoformat(row["fix_date"].strip()), _target(row.get("target"))))
        except ValueError:
            faults.append(Fault(name or "", number, "", "expected topic,fix_date,target such as refund_late,2026-06-22,0.3"))
    if faults:
        raise ConfigError(faults)
    return fixes


def _rows(loaded: Loaded, name: str) -> list[dict[str, str]]:
    try:
        with (loaded.root / name).open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            if not reader.fieldnames or not {"topic", "fix_date"} <= set(reader.fieldnames):
                raise ConfigError([Fault(name, 1, "", "expected the columns topic,fix_date and perhaps target")])
            return [{key: value or "" for key, value in row.items() if key} for row in reader]
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror}", "correct track.fixes in insights.toml") from error


def _target(text: str | None) -> float:
    """A promised reduction, as a fraction or in per cent."""
    if not text or not text.strip():
        return 0.3
    target = float(text.strip().removesuffix("%")) / (100 if text.strip().endswith("%") else 1)
    if not 0 < target <= 1:
        raise ValueError("out of range")
    return target


def verdicts(loaded: Loaded, issues: Sequence[Issue], histories: Sequence[TopicHistory], *, as_of: datetime) -> dict[str, Verdict]:
    """Returns topic id to what the figures say of the newest fix of its issue; a baseline never reaches back over the fix before."""
    by_topic = {history.topic_id: history for history in histories}
    found: dict[str, Verdict] = {}
    for issue in issues:
        today = local_day(as_of - timedelta(microseconds=1), loaded.zone)
        fixes = [fix for fix in issue.fixes if fix.date <= today]
        if fixes and issue.topic in by_topic:
            since = fixes[-2].date if len(fixes) > 1 else None
            found[issue.topic] = verify(fixes[-1], by_topic[issue.topic].weeks, as_of=as_of, zone=loaded.zone, since=since)
    return found
