"""Figures: distinct contacts and customers of topics over time, and the words behind them.

Only contacts that say when they began count in rates. Every period is half-open.
"""

# ruff: noqa: S608 - statements are put together from this room's own constants; every value is bound.

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from insights.domain import Kind, Period, Quote, Role, Severity, Visibility
from insights.store.connection import Database, Row, micros, moment, moment_or_none
from insights.store.ingest import turn_id
from insights.store.records import UnitTopic
from insights.store.topics import shown_id

_SEVERITIES = tuple(Severity)
# A contact without a customer counts as one customer of its own; its number can equal no customer's name.
_CUSTOMER = "ifnull(i.customer_ref, i.seq)"


def handled(store: Database, edges: Sequence[datetime]) -> list[int]:
    """Returns the contacts handled in each of the n periods between n + 1 increasing UTC times."""
    sql = "SELECT count(*) FROM interaction WHERE started_at >= ? AND started_at < ?"
    with store.reading():
        return [int(store.value(sql, (micros(start), micros(end)))) for start, end in pairwise(edges)]


def languages(store: Database, period: Period) -> dict[str, int]:
    """Returns the contacts of a period by the language they say they are in, as their source or the engine wrote it."""
    sql = "SELECT language, count(*) FROM interaction WHERE started_at >= ? AND started_at < ? AND language IS NOT NULL GROUP BY language"
    return {str(language): int(count) for language, count in store.rows(sql, (micros(period.start), micros(period.end)))}


def topic_series(store: Database, edges: Sequence[datetime], *, unit: str | None = None) -> dict[str, list[tuple[int, int]]]:
    """Returns distinct (contacts, customers) of each topic's YES insights for each of the n periods.

    Args:
        store: Open.
        edges: n + 1 increasing UTC times.
        unit: Count only insights this unit owns.

    Returns:
        Topic id to n pairs, by id; topics never seen between the edges are left out.
    """
    owned = "" if unit is None else " JOIN route r ON r.insight = n.seq AND r.owns AND r.unit = ?"
    sql = (
        f"SELECT n.topic, count(DISTINCT i.seq), count(DISTINCT {_CUSTOMER}) FROM interaction i JOIN insight n ON n.interaction = i.seq{owned}"
        " WHERE i.started_at >= ? AND i.started_at < ? AND n.decision = 'yes' AND n.topic IS NOT NULL GROUP BY n.topic"
    )
    series: dict[int, list[tuple[int, int]]] = {}
    with store.reading():
        for place, (start, end) in enumerate(pairwise(edges)):
            for topic, contacts, customers in store.rows(sql, (*(() if unit is None else (unit,)), micros(start), micros(end))):
                series.setdefault(topic, [(0, 0)] * (len(edges) - 1))[place] = (contacts, customers)
    return {shown_id(topic): series[topic] for topic in sorted(series)}


def kind_series(store: Database, edges: Sequence[datetime]) -> dict[Kind, list[int]]:
    """Returns the distinct contacts with a YES insight of each kind in each of the n periods between n + 1 increasing UTC times."""
    sql = (
        "SELECT n.kind, count(DISTINCT i.seq) FROM interaction i JOIN insight n ON n.interaction = i.seq"
        " WHERE i.started_at >= ? AND i.started_at < ? AND n.decision = 'yes' GROUP BY n.kind"
    )
    series = {kind: [0] * (len(edges) - 1) for kind in Kind}
    with store.reading():
        for place, (start, end) in enumerate(pairwise(edges)):
            for kind, contacts in store.rows(sql, (micros(start), micros(end))):
                series[Kind(kind)][place] = contacts
    return series


def unit_topics(store: Database, unit: str, period: Period, *, follows: Sequence[str] = (), dated: bool = True) -> list[UnitTopic]:
    """Returns what a unit owns or follows in a period, a row for each topic and role.

    Args:
        store: Open.
        unit: Unit id.
        period: Where the contacts began; where they were received if not ``dated``.
        follows: Kinds, topics (id or key) or units whose insights it reads besides its own routes.
        dated: False takes the contacts without a time instead.

    Returns:
        Owned before followed, most contacts first.
    """
    with store.reading():
        wanted, values = _wanted(unit, follows)
        rows = store.rows(
            f"SELECT n.topic, ifnull(t.kind, n.kind), n.severity, i.seq, {_CUSTOMER}, o.unit = ?, ifnull(f.why, o.why), t.label {_FROM}"
            f" WHERE {_within(dated)} AND {wanted} ORDER BY n.seq",
            (unit, unit, *_span(period), *values),
        )
        tallies: dict[tuple[int | None, str, bool], _Tally] = {}
        for topic, kind, severity, contact, customer, owns, why, label in rows:
            tally = tallies.setdefault((topic, kind, bool(owns)), _Tally(label or ""))
            tally.add(severity, contact, customer, why)
        seen = _seen(store, tallies)
        found = [tally.row(key, seen[key[:2]]) for key, tally in tallies.items()]
    return sorted(found, key=lambda row: (not row.owns, -row.contacts, row.topic_id, row.kind))


def undated(store: Database, period: Period, *, unit: str, follows: Sequence[str] = ()) -> list[UnitTopic]:
    """Returns ``unit_topics`` of the contacts that do not say when they began, by the time they were received."""
    return unit_topics(store, unit, period, follows=follows, dated=False)


def quotes(
    store: Database,
    topic_id: str,
    period: Period,
    *,
    unit: str,
    limit: int,
    follows: Sequence[str] = (),
    kind: Kind | None = None,
    allow_internal: bool = True,
    dated: bool = True,
) -> list[tuple[Quote, float, Severity]]:
    """Returns the most telling words behind a unit's topic in a period, with confidence and severity.

    Args:
        store: Open.
        topic_id: Topic id, or empty for insights without one.
        period: As in ``unit_topics``.
        unit: Unit that owns or follows them.
        limit: Most quotes returned.
        follows: As in ``unit_topics``.
        kind: Only insights of this kind.
        allow_internal: False never quotes an internal note: another span of the insight stands in, or none.
        dated: As in ``unit_topics``.

    Returns:
        Surest first, then worst, then by insight id; one a customer, no words twice.
    """
    wanted, values = _wanted(unit, follows)
    of_kind = "" if kind is None else " AND n.kind = ?"
    rows = store.rows(
        f"SELECT i.seq, i.id, i.source_ref, i.channel, i.started_at, n.evidence, n.confidence, n.severity, {_CUSTOMER} {_FROM}"
        f" WHERE {_within(dated)} AND {wanted} AND n.topic IS ?{of_kind} ORDER BY n.confidence DESC, n.severity DESC, n.id",
        (unit, *_span(period), *values, int(topic_id[2:]) if topic_id else None, *(() if kind is None else (kind,))),
    )
    found: list[tuple[Quote, float, Severity]] = []
    customers: set[object] = set()
    texts: set[str] = set()
    for row in rows:
        if len(found) >= limit:
            break
        quote = None if row[8] in customers else _quote(store, row, allow_internal=allow_internal)
        if quote is not None and (words := " ".join(quote.text.casefold().split())) not in texts:
            customers.add(row[8])
            texts.add(words)
            found.append((quote, row[6], _SEVERITIES[row[7]]))
    return found


# o is the owner's route, f the unit's own route where it is a follower.
_FROM = (
    "FROM interaction i JOIN insight n ON n.interaction = i.seq JOIN route o ON o.insight = n.seq AND o.owns"
    " LEFT JOIN route f ON f.insight = n.seq AND f.unit = ? AND NOT f.owns LEFT JOIN topic t ON t.number = n.topic"
)


def _within(dated: bool) -> str:
    when = "i.started_at >= ? AND i.started_at < ?" if dated else "i.started_at IS NULL AND i.received_at >= ? AND i.received_at < ?"
    return f"{when} AND n.decision = 'yes'"


def _span(period: Period) -> tuple[int, int]:
    return micros(period.start), micros(period.end)


def _wanted(unit: str, follows: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    names = json.dumps(sorted(follows))
    followed = "IN (SELECT value FROM json_each(?))"
    condition = (
        f"(o.unit = ? OR f.unit IS NOT NULL OR o.unit {followed} OR n.kind {followed}"
        f" OR t.key {followed} OR printf('T-%04d', n.topic) {followed})"
    )
    return condition, (unit, names, names, names, names)


@dataclass(slots=True)
class _Tally:
    """What is counted of one topic while its insights stream by."""

    label: str
    contacts: set[int] = field(default_factory=set)
    customers: set[object] = field(default_factory=set)
    reasons: Counter[str] = field(default_factory=Counter)
    severity: int = 0

    def add(self, severity: int, contact: int, customer: object, why: str) -> None:
        self.contacts.add(contact)
        self.customers.add(customer)
        self.reasons[why] += 1
        self.severity = max(self.severity, severity)

    def row(self, key: tuple[int | None, str, bool], seen: tuple[datetime, datetime]) -> UnitTopic:
        topic, kind, owns = key
        return UnitTopic(
            topic_id=shown_id(topic) if topic else "",
            label=self.label,
            kind=Kind(kind),
            contacts=len(self.contacts),
            customers=len(self.customers),
            severity=_SEVERITIES[self.severity],
            reason=min(self.reasons, key=lambda why: (-self.reasons[why], why)),
            owns=owns,
            first_seen=seen[0],
            last_seen=seen[1],
        )


def _seen(store: Database, keys: Iterable[tuple[int | None, str, bool]]) -> dict[tuple[int | None, str], tuple[datetime, datetime]]:
    """First and last event time of each topic (of each kind without one); times received where none is dated."""
    sql = (
        "SELECT ifnull(min(i.started_at), min(i.received_at)), ifnull(max(i.started_at), max(i.received_at))"
        " FROM insight n JOIN interaction i ON i.seq = n.interaction WHERE n.decision = 'yes' AND n.topic IS ?"
    )
    found: dict[tuple[int | None, str], tuple[datetime, datetime]] = {}
    for topic, kind, _ in keys:
        row = store.row(sql, (topic,)) if topic else store.row(sql + " AND n.kind = ?", (None, kind))
        if row is not None:
            found[topic, kind] = (moment(row[0]), moment(row[1]))
    return found


def _quote(store: Database, row: Row, *, allow_internal: bool) -> Quote | None:
    seq, id, source_ref, channel, started_at, evidence = row[:6]
    for turn, start, end in json.loads(evidence)[: None if not allow_internal else 1]:
        said = store.row("SELECT role, visibility, text FROM turn WHERE id = ?", (turn_id(seq, turn),))
        if said and (allow_internal or said[1] == Visibility.PUBLIC):
            return Quote(id, source_ref, channel, moment_or_none(started_at), said[2][start:end], Role(said[0]), Visibility(said[1]))
    return None
