"""Recurring issues, numbered for people and never renumbered."""

# ruff: noqa: S608 - statements are put together from this room's own constants; every value is bound.

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date

from insights.domain import Fix, Issue, IssueStatus, Kind, Signal
from insights.errors import NotFoundError, nearest
from insights.store.connection import Database, Row, micros, moment, storable

_SHOWN = re.compile(r"(?:ISS-)?0*([1-9][0-9]{0,17})", re.IGNORECASE)
_COLUMNS = "number, title, kind, topic, status, signal, owner, first_seen, last_seen, contacts, customers, fixes, history"


def issues(store: Database) -> list[Issue]:
    """Returns all issues, by number."""
    return [_issue(row) for row in store.rows(f"SELECT {_COLUMNS} FROM issue ORDER BY number")]


def issue(store: Database, ref: str) -> Issue:
    """Returns an issue by its id (``ISS-000123``) or number.

    Raises:
        NotFoundError: There is none; the hint names the nearest.
    """
    found = _SHOWN.fullmatch(ref.strip())
    row = store.row(f"SELECT {_COLUMNS} FROM issue WHERE number = ?", (int(found[1]),)) if found else None
    if row is None:
        known = [_shown(number) for (number,) in store.rows("SELECT number FROM issue ORDER BY number")]
        raise NotFoundError(f'there is no issue "{ref}"', nearest(ref, known))
    return _issue(row)


def next_issue_number(store: Database) -> int:
    """Returns the lowest number no issue ever had; saving an issue takes it."""
    return int(store.value("SELECT value FROM counter WHERE name = 'issue'")) + 1


def save_issues(store: Database, issues: Sequence[Issue]) -> None:
    """Writes issues over what is stored of them; others stay as they are."""
    with store.writing():
        rows = [_row(issue) for issue in issues]
        places = ", ".join("?" * len(_COLUMNS.split(",")))
        store.run_many(f"INSERT OR REPLACE INTO issue ({_COLUMNS}) VALUES ({places})", rows)
        highest = max((row[0] for row in rows), default=0)
        store.run("UPDATE counter SET value = max(value, ?) WHERE name = 'issue'", (highest,))


def _shown(number: int) -> str:
    return f"ISS-{number:06d}"


def _row(issue: Issue) -> tuple[int, *tuple[object, ...]]:
    return (
        int(issue.id.removeprefix("ISS-")),
        storable(issue.title),
        issue.kind,
        issue.topic,
        issue.status,
        issue.signal,
        issue.owner,
        micros(issue.first_seen),
        micros(issue.last_seen),
        issue.contacts,
        issue.customers,
        json.dumps([(fix.date.isoformat(), fix.target) for fix in issue.fixes]),
        json.dumps([storable(line) for line in issue.history], ensure_ascii=False),
    )


def _issue(row: Row) -> Issue:
    number, title, kind, topic, status, signal, owner, first_seen, last_seen, contacts, customers, fixes, history = row
    id = _shown(number)
    return Issue(
        id=id,
        title=title,
        kind=Kind(kind),
        topic=topic,
        status=IssueStatus(status),
        signal=Signal(signal),
        owner=owner,
        first_seen=moment(first_seen),
        last_seen=moment(last_seen),
        contacts=contacts,
        customers=customers,
        fixes=tuple(Fix(id, date.fromisoformat(day), target) for day, target in json.loads(fixes)),
        history=tuple(json.loads(history)),
    )
