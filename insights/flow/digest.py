"""A unit's facts of a period, gathered from store, register and trends, composed and rendered, put into the outbox."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from insights.config.calendar import last_complete, last_periods, local_day, midnight, parse_period
from insights.config.load import Loaded
from insights.digest import render
from insights.digest.compose import DigestFacts, TopicFacts, compose
from insights.domain import BusinessUnit, Digest, IssueStatus, Kind, KindCount, Message, Period, Quote, Severity, Trend, Verdict
from insights.errors import NotFoundError, UsageError, nearest
from insights.flow.deliver import destination_of
from insights.flow.prevalence import kind_counts, looked_at, measured_errors
from insights.flow.progress import Progress, silent
from insights.flow.route import router_of
from insights.flow.track import edges_of, topic_histories, verdicts
from insights.store import Store, UnitTopic
from insights.text.language import code_of, is_read
from insights.track.trend import dispersion_of, per_1000, rate_ratio, trend_of

# Enough periods for a sparkline and a baseline.
_PERIODS = 13
FORMATS = ("html", "md", "txt", "json")
# Delivering the same period again overwrites a file and disturbs nobody; a second mail would.
_OVERWRITTEN = frozenset({"folder"})


@dataclass(frozen=True, slots=True)
class DigestReport:
    """Units served, digests made, new entries of the outbox."""

    units: int
    digests: int
    queued: int


@dataclass(frozen=True, slots=True)
class _Past:
    """The last periods of all topics, shared by every unit of one cadence."""

    periods: list[Period]
    handled: list[int]
    series: Mapping[str, Sequence[tuple[int, int]]]
    issues: Mapping[str, str]
    verdicts: Mapping[str, Verdict]
    kinds: Mapping[Kind, KindCount]
    errors: str
    languages: tuple[tuple[str, int], ...]


def make_digests(loaded: Loaded, store: Store, *, as_of: datetime, periods: int, run_id: str, progress: Progress = silent) -> DigestReport:
    """Makes every unit's digests of the last complete periods of its cadence and queues them, all of one digest in one transaction.

    Args:
        loaded: The workspace.
        store: Open for writing.
        as_of: Periods that end after this time are not complete.
        periods: How many past periods of each cadence.
        run_id: The run, for the footer.
        progress: Told after each unit.
    """
    units = list(router_of(loaded).units.values())
    made = queued = 0
    pasts: dict[str, _Past] = {}
    for position, unit in enumerate(units, start=1):
        newest = last_complete(as_of, unit.cadence, loaded.zone)
        for period in last_periods(newest, unit.cadence, loaded.zone, periods):
            if period.label not in pasts:
                pasts[period.label] = _past(loaded, store, period, unit.cadence)
            digest = _compose(loaded, store, unit, period, pasts[period.label], run_id)
            messages = [(message_for(loaded, digest, name, at=period.end), name) for name in unit.destinations]
            queued += store.save_digest(digest, render.to_json(digest), messages, at=as_of)
            made += 1
        progress("digest", position, len(units))
    return DigestReport(len(units), made, queued)


def one_digest(loaded: Loaded, store: Store, unit_id: str, label: str | None, *, format: str) -> str:
    """Returns one unit's digest of a period, rendered.

    Raises:
        NotFoundError: There is no such unit.
        UsageError: An unknown format, or a label that names no period.
    """
    if format not in FORMATS:
        raise UsageError(f'a digest has no format "{format}"', nearest(format, FORMATS))
    units = router_of(loaded).units
    if unit_id not in units:
        raise NotFoundError(f'no unit named "{unit_id}"', nearest(unit_id, units))
    unit = units[unit_id]
    period, cadence = parse_period(label, loaded.zone) if label else (_newest_period(loaded, store, unit), unit.cadence)
    digest = _compose(loaded, store, unit, period, _past(loaded, store, period, cadence), "ad hoc")
    match format:
        case "html":
            return render.html(digest, zone=loaded.zone)
        case "md":
            return render.markdown(digest, zone=loaded.zone)
        case "txt":
            return render.text(digest, zone=loaded.zone)
    return render.to_json(digest)


def message_for(loaded: Loaded, digest: Digest, destination: str, *, at: datetime) -> Message:
    """Returns a digest on its way to a destination.

    Its key names unit and period, so that each period is sent once; for a folder also the content, so that a digest made anew replaces the file.
    """
    version = digest.id if destination_of(loaded, destination).type in _OVERWRITTEN else ""
    return render.message(digest, destination=destination, version=version, at=at, zone=loaded.zone)


def _newest_period(loaded: Loaded, store: Store, unit: BusinessUnit) -> Period:
    newest = store.newest_time()
    if newest is None:
        raise NotFoundError("the store is empty", "run `insights run`")
    # The day of the newest contact counts as over, as it does in a run.
    return last_complete(midnight(local_day(newest, loaded.zone) + timedelta(days=1), loaded.zone), unit.cadence, loaded.zone)


def _past(loaded: Loaded, store: Store, period: Period, cadence: str) -> _Past:
    periods = last_periods(period, cadence, loaded.zone, _PERIODS)
    edges = edges_of(periods)
    issues = store.issues()
    shown = {issue.topic: issue.id for issue in issues if issue.status is not IssueStatus.CANDIDATE}
    known = verdicts(loaded, issues, topic_histories(loaded, store, as_of=period.end), as_of=period.end)
    measured = measured_errors(loaded)
    kinds = kind_counts(store.kind_series(edges), looked_at(loaded, store, periods), periods, measured.rates)
    return _Past(
        periods, store.handled(edges), store.topic_series(edges), shown, known, kinds, measured.note, _left_alone(loaded, store, period)
    )


def _left_alone(loaded: Loaded, store: Store, period: Period) -> tuple[tuple[str, int], ...]:
    """Contacts of a period a language that were not analysed, the most first."""
    counted: Counter[str] = Counter()
    for language, count in store.languages(period).items():
        if not is_read(language, loaded.settings.text.languages):
            counted[code_of(language)] += count
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _compose(loaded: Loaded, store: Store, unit: BusinessUnit, period: Period, past: _Past, run_id: str) -> Digest:
    table = loaded.settings.digest
    facts = _facts(store, unit, period, past)
    return compose(unit, period, facts, items=table.items, quotes=table.quotes, min_contacts=table.min_contacts, run_id=run_id)


def _facts(store: Store, unit: BusinessUnit, period: Period, past: _Past) -> DigestFacts:
    rows = store.unit_topics(unit.id, period)
    owned = store.topic_series(edges_of(past.periods), unit=unit.id)
    counted = [_topic(store, unit, period, past, row, owned if row.owns else past.series, dated=True) for row in rows if row.topic_id]
    undated = [_topic(store, unit, period, past, row, {}, dated=False) for row in store.undated(period, unit=unit.id) if row.topic_id]
    received = store.received()
    return DigestFacts(
        handled=past.handled[-1],
        handled_before=past.handled[-2],
        topics=(*counted, *_vanished(store, unit, period, past, {row.topic_id for row in rows}, owned)),
        undated=tuple(undated),
        read=received,
        set_aside=store.counts()["dead_letters"],
        unassigned=sum(row.contacts for row in rows if not row.topic_id),
        languages=past.languages,
        kinds=past.kinds,
        errors=past.errors,
    )


def _topic(
    store: Store,
    unit: BusinessUnit,
    period: Period,
    past: _Past,
    row: UnitTopic,
    series: Mapping[str, Sequence[tuple[int, int]]],
    *,
    dated: bool,
) -> TopicFacts:
    counts = [
        (contacts, handled) for (contacts, _), handled in zip(series.get(row.topic_id, [(0, 0)] * _PERIODS), past.handled, strict=True)
    ]
    found = store.quotes(row.topic_id, period, unit=unit.id, limit=6, allow_internal=not unit.customer_facing, dated=dated)
    return _topic_facts(period, past, row, counts if dated else None, tuple(quote for quote, _, _ in found), unit)


def _drift(counts: Sequence[tuple[int, int]]) -> tuple[float, float, float] | None:
    """The rate of the last four periods over the four that came four before them: what one week's step cannot show."""
    recent, earlier = counts[-4:], counts[-12:-8]
    if len(earlier) < 4 or not all(handled for _, handled in earlier):
        return None
    sums = [(sum(count for count, _ in part), sum(handled for _, handled in part)) for part in (recent, earlier)]
    found = rate_ratio(sums[0], sums[1], dispersion=dispersion_of(counts[:-4]))
    if found.ratio is None or found.low is None or found.high is None:
        return None
    return found.ratio, found.low, found.high


def _vanished(
    store: Store, unit: BusinessUnit, period: Period, past: _Past, seen: set[str], owned: Mapping[str, Sequence[tuple[int, int]]]
) -> list[TopicFacts]:
    """Topics with a verdict and not one contact in the period: what was fixed so well that nobody speaks of it."""
    topics = {topic.id: topic for topic in store.topics()}
    owners = store.topic_owners()
    spans = store.topic_spans(until=period.end)
    facts = []
    for topic_id in sorted(past.verdicts):
        if topic_id in seen or owners.get(topic_id) != unit.id or topic_id not in spans:
            continue
        topic, (first, last) = topics[topic_id], spans[topic_id]
        row = UnitTopic(topic_id, topic.label, topic.kind, 0, 0, Severity.LOW, f"{unit.name} owns it", True, first, last)
        counts = [
            (contacts, handled) for (contacts, _), handled in zip(owned.get(topic_id, [(0, 0)] * _PERIODS), past.handled, strict=True)
        ]
        facts.append(_topic_facts(period, past, row, counts, (), unit))
    return facts


def _topic_facts(
    period: Period, past: _Past, row: UnitTopic, counts: list[tuple[int, int]] | None, quotes: tuple[Quote, ...], unit: BusinessUnit
) -> TopicFacts:
    """Facts of one topic; without ``counts`` it is undated and stays outside rates."""
    if counts is None:
        now = Trend(period.label, row.contacts, 0, 0.0)
        before, ratio = Trend(past.periods[-2].label, 0, 0, 0.0), None
        series: tuple[float, ...] = ()
    else:
        now = trend_of(period.label, counts[-1], counts[:-1])
        before = trend_of(past.periods[-2].label, counts[-2], counts[:-2])
        ratio = rate_ratio(counts[-1], counts[-2], dispersion=dispersion_of(counts[:-1]))
        # Before the first record nothing was handled: a gap, not a zero.
        series = tuple(per_1000(*count) for count in itertools.dropwhile(lambda count: not count[1], counts))
    return TopicFacts(
        topic=row.topic_id,
        label=row.label,
        kind=row.kind,
        severity=row.severity,
        customers=row.customers,
        reason=row.reason,
        owns=row.owns,
        now=now,
        before=before,
        ratio=ratio.ratio if ratio else None,
        low=ratio.low if ratio else None,
        high=ratio.high if ratio else None,
        series=series,
        first_seen=row.first_seen,
        quotes=quotes,
        issue=past.issues.get(row.topic_id, ""),
        verdict=past.verdicts.get(row.topic_id),
        drift=_drift(counts) if counts else None,
        query=f"topic:{row.topic_id} on:{period.label} owner:{unit.id}" if row.owns else f"topic:{row.topic_id} on:{period.label}",
    )
