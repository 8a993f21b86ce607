"""Ad hoc questions: a query tree in, rows of insights or groups with their rates out."""

# ruff: noqa: S608 - statements are put together from this room's own constants; every value is bound.

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from insights.config.calendar import local_day
from insights.domain import AllOf, QueryNode, Severity
from insights.errors import UsageError, nearest
from insights.store.connection import Database, Row, moment
from insights.store.periods import UNITS, Clock
from insights.store.predicates import META, NAMED, Condition, about_contacts, asks_for_decision, condition
from insights.store.schema import TURN_BITS

_SEVERITIES = tuple(Severity)
_QUARTER_HOUR = 900_000_000
_TOPIC = "ifnull(t.key, printf('T-%04d', t.number))"
_FROM = (
    "FROM insight n JOIN interaction i ON i.seq = n.interaction LEFT JOIN topic t ON t.number = n.topic"
    " LEFT JOIN route r ON r.insight = n.seq AND r.owns"
)
_COLUMNS = {
    "id": "n.id",
    "interaction": "i.source_ref",
    "source": "i.source",
    "channel": "i.channel",
    "started_at": "i.started_at",
    "kind": "n.kind",
    "topic": f"iif(t.number IS NULL, NULL, {_TOPIC})",
    "topic_label": "t.label",
    "subject": NAMED,
    "severity": "n.severity",
    "confidence": "n.confidence",
    "decision": "n.decision",
    "owner": "r.unit",
    "missed_expectations": "n.missed",
    "quote": "substr(q.text, (n.evidence ->> '$[0][1]') + 1, (n.evidence ->> '$[0][2]') - (n.evidence ->> '$[0][1]'))",
    "turn": "n.evidence ->> '$[0][0]'",
    "start": "n.evidence ->> '$[0][1]'",
    "end": "n.evidence ->> '$[0][2]'",
    "role": "n.role",
}
_UNSORTED = ("missed_expectations", "quote", "turn", "start", "end")
# Where a group may be asked for by what its contacts share, the rate is counted against the contacts that share it too.
_OF_CONTACTS = {"source": "i.source", "channel": "i.channel", "product": "i.product", "queue": "i.queue", "language": "i.language"}
_OF_INSIGHTS = {
    **{name: _COLUMNS[name] for name in ("kind", "topic", "topic_label", "subject", "role", "severity", "decision", "owner")},
    "unit": "r.unit",
    "customer": "i.customer_ref",
    "expectation": "e.value",
}
COLUMNS = tuple(_COLUMNS)
"""Columns of a row of ``search``, in order."""
SORTS = tuple(name for name in _COLUMNS if name not in _UNSORTED)
GROUPS = (*_OF_INSIGHTS, *_OF_CONTACTS, *UNITS)


def search(
    store: Database, tree: QueryNode, *, now: datetime, zone: ZoneInfo, limit: int = 50, sort: str = "-started_at"
) -> list[dict[str, object]]:
    """Returns the insights a query finds, one row each with the primary quote; only decided ones unless it asks for others.

    Args:
        store: Open.
        tree: Parsed query.
        now: What ``30d`` and ``yesterday`` are counted from.
        zone: Sets days and weeks.
        limit: Most rows; negative for all.
        sort: Columns separated by commas, a minus before those that fall; unknown values come last, ties go by id.

    Raises:
        UsageError: An unknown field, value or column.
    """
    sql, values = sql_of(store, tree, now=now, zone=zone, limit=limit, sort=sort)
    return [_shown(row) for row in store.rows(sql, values)]


def sql_of(
    store: Database,  # noqa: ARG001
    tree: QueryNode,
    *,
    now: datetime,
    zone: ZoneInfo,
    limit: int = 50,
    sort: str = "-started_at",
) -> tuple[str, tuple[Any, ...]]:
    """Returns the statement ``search`` runs, and the values bound to its question marks."""
    where, values = _where(tree, Clock(now, zone))
    columns = ", ".join(f'{sql} AS "{name}"' for name, sql in _COLUMNS.items())
    turn = f"JOIN turn q ON q.id = (i.seq << {TURN_BITS}) + (n.evidence ->> '$[0][0]')"
    order = _order(sort)
    # Chosen first and written out afterwards: quotes are cut for the rows shown, not for all that match.
    found = f"SELECT n.seq {_FROM} WHERE {where} ORDER BY {order} LIMIT ?"
    return f"SELECT {columns} {_FROM} {turn} WHERE n.seq IN ({found}) ORDER BY {order}", (*values, limit)


def count(store: Database, tree: QueryNode, *, now: datetime, zone: ZoneInfo) -> int:
    """Returns how many insights a query finds."""
    where, values = _where(tree, Clock(now, zone))
    return int(store.value(f"SELECT count(*) {_FROM} WHERE {where}", values))


def group(store: Database, tree: QueryNode, *, by: Sequence[str], now: datetime, zone: ZoneInfo) -> list[dict[str, object]]:
    """Returns the insights a query finds as groups with their rates.

    Args:
        store: Open.
        tree: Parsed query.
        by: One or more of ``GROUPS`` (``day``, ``week``, ``month``, ``quarter`` and ``year`` in the zone) or ``meta.NAME``.
        now: As in ``search``.
        zone: As in ``search``.

    Returns:
        A row a group: the columns of ``by``, ``contacts`` and ``customers`` (distinct), ``insights``, ``handled`` and
        ``per_1000``. ``handled`` counts all dated contacts of the group's period, channel, source, queue, product, language
        and meta fields that meet what the query says of contacts alone; ``per_1000`` is 1000 * dated contacts / handled.
        Both are None for contacts without a time. By time first, then most contacts first.

    Raises:
        UsageError: An unknown group, field or value.
    """
    clock = Clock(now, zone)
    if not by or len(set(by)) != len(by):
        raise UsageError("groups must be named, each once", "such as --group-by kind,week")
    columns = [_group_column(name) for name in by]
    expectations = " JOIN json_each(n.missed) e" if "expectation" in by else ""
    where, values = _where(tree, clock)
    bound = tuple(value for _, _, given in columns for value in given)
    keys = ", ".join(str(place + 1) for place in range(len(by)))
    with store.reading():
        _name_periods(store, clock)
        rows = store.rows(
            f"SELECT {', '.join(sql for sql, _, _ in columns)}, count(DISTINCT i.seq), count(DISTINCT ifnull(i.customer_ref, i.seq)),"
            f" count(DISTINCT n.seq), count(DISTINCT iif(i.started_at IS NULL, NULL, i.seq)) {_FROM}{expectations}"
            f" WHERE {where} GROUP BY {keys}",
            (*bound, *values),
        )
        shared = [column for column in columns if column[1]]
        handled = _handled(store, about_contacts(tree), shared, clock)
    places = [place for place, column in enumerate(columns) if column[1]]
    found = [_group_row(by, row, handled.get(tuple(row[place] for place in places))) for row in rows]
    return sorted(found, key=lambda one: _group_order(by, one))


def _where(tree: QueryNode, clock: Clock) -> Condition:
    sql, values = condition(tree, clock)
    return (sql if asks_for_decision(tree) else f"n.decision = 'yes' AND {sql}"), values


def _order(sort: str) -> str:
    parts = []
    for part in sort.split(","):
        name = part.strip().removeprefix("-")
        if name not in SORTS:
            raise UsageError(f'rows cannot be sorted by "{name}"', nearest(name, SORTS))
        parts.append(f"{_COLUMNS[name]} {'DESC' if part.strip().startswith('-') else 'ASC'} NULLS LAST")
    return ", ".join((*parts, "n.id"))


def _shown(row: Row) -> dict[str, object]:
    named = dict(zip(_COLUMNS, row, strict=True))
    named["started_at"] = None if named["started_at"] is None else moment(named["started_at"]).isoformat().replace("+00:00", "Z")
    named["severity"] = str(_SEVERITIES[named["severity"]])
    named["missed_expectations"] = json.loads(named["missed_expectations"])
    return named


def _group_column(name: str) -> tuple[str, bool, tuple[str, ...]]:
    """SQL of a group's value, whether it is the contact's own, and what it binds."""
    if name in UNITS:
        return f"period_of(i.started_at, '{name}')", True, ()
    if name in _OF_CONTACTS:
        return _OF_CONTACTS[name], True, ()
    if name in _OF_INSIGHTS:
        return _OF_INSIGHTS[name], False, ()
    if name.startswith(META) and len(name) > len(META):
        return "(SELECT m.value FROM json_each(i.meta) m WHERE m.key = ?)", True, (name[len(META) :],)
    raise UsageError(f'there is no group "{name}"', nearest(name, GROUPS))


def _name_periods(store: Database, clock: Clock) -> None:
    """Teaches the connection ``period_of(time, unit)``; a zone's offset changes on quarter hours, so one day serves each."""
    days: dict[int, date] = {}
    label = cache(clock.label)

    def period_of(*values: Any) -> Any:
        at, unit = values
        if at is None:
            return None
        quarter_hour = at // _QUARTER_HOUR
        if quarter_hour not in days:
            days[quarter_hour] = local_day(moment(at), clock.zone)
        return label(days[quarter_hour], unit)

    store.connection.create_scalar_function("period_of", period_of, 2, deterministic=True)


def _handled(
    store: Database, tree: AllOf, columns: Sequence[tuple[str, bool, tuple[str, ...]]], clock: Clock
) -> dict[tuple[object, ...], int]:
    where, values = condition(tree, clock)
    keys = "".join(f"{sql}, " for sql, _, _ in columns)
    grouped = " GROUP BY " + ", ".join(str(place + 1) for place in range(len(columns))) if columns else ""
    bound = tuple(value for _, _, given in columns for value in given)
    rows = store.rows(f"SELECT {keys}count(*) FROM interaction i WHERE i.started_at IS NOT NULL AND {where}{grouped}", (*bound, *values))
    return {row[:-1]: row[-1] for row in rows}


def _group_row(by: Sequence[str], row: Row, handled: int | None) -> dict[str, object]:
    *keys, contacts, customers, insights, dated = row
    named = dict(zip(by, keys, strict=True))
    if "severity" in named:
        named["severity"] = str(_SEVERITIES[named["severity"]])
    rate = 1000 * dated / handled if handled and dated else None
    return {**named, "contacts": contacts, "customers": customers, "insights": insights, "handled": handled, "per_1000": rate}


def _group_order(by: Sequence[str], row: dict[str, Any]) -> tuple[object, ...]:
    by_time = [str(row[name] or "") for name in by if name in UNITS]
    return (by_time, -row["contacts"], [str(row[name] or "") for name in by])
