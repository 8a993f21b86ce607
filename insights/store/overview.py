"""What flows ask of the whole store: what waits, what was received, who owns a topic and when it was seen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from insights.domain import Counts, Interaction
from insights.store.connection import Database, micros, moment, moment_or_none
from insights.store.ingest import save_letters
from insights.store.interactions import load
from insights.store.records import DeadLetter
from insights.store.topics import shown_id


def unanalysed_ids(store: Database, made_by: str) -> list[str]:
    """Returns the ids of the contacts that ``made_by`` has not analysed, oldest row first."""
    sql = "SELECT i.id FROM interaction i JOIN recipe r ON r.id = i.analysed_by WHERE r.name <> ? ORDER BY i.seq"
    return [str(found) for (found,) in store.rows(sql, (made_by,))]


def interaction_ids(store: Database) -> list[str]:
    """Returns the ids of all contacts, oldest row first."""
    return [str(found) for (found,) in store.rows("SELECT id FROM interaction ORDER BY seq")]


def interactions(store: Database, ids: Sequence[str]) -> list[Interaction]:
    """Returns contacts by id, in the order of their rows; unknown ids are left out."""
    with store.reading():
        rows = store.rows("SELECT seq FROM interaction WHERE id IN (SELECT value FROM json_each(?)) ORDER BY seq", (json.dumps(list(ids)),))
        return load(store, [seq for (seq,) in rows])


def add_letters(store: Database, letters: Iterable[DeadLetter]) -> None:
    """Sets records aside that failed after they were stored."""
    with store.writing():
        save_letters(store, letters)


def received(store: Database) -> Counts:
    """Returns how all records read so far have fared, over every file."""
    return sum((Counts(*json.loads(counts)) for (counts,) in store.rows("SELECT counts FROM cursor")), Counts())


def newest_receipt(store: Database) -> datetime | None:
    """Returns when the newest contact was received, or None of an empty store."""
    return moment_or_none(store.value("SELECT max(received_at) FROM interaction"))


def topic_owners(store: Database) -> dict[str, str]:
    """Returns topic id to the unit that owns most of its insights."""
    sql = (
        "SELECT n.topic, r.unit, count(*) FROM insight n JOIN route r ON r.insight = n.seq AND r.owns"
        " WHERE n.decision = 'yes' AND n.topic IS NOT NULL GROUP BY n.topic, r.unit ORDER BY count(*), r.unit DESC"
    )
    return {shown_id(topic): str(unit) for topic, unit, _ in store.rows(sql)}


def topic_spans(store: Database, *, until: datetime) -> dict[str, tuple[datetime, datetime]]:
    """Returns topic id to the event times of its first and last contact before ``until``."""
    sql = (
        "SELECT n.topic, min(i.started_at), max(i.started_at) FROM insight n JOIN interaction i ON i.seq = n.interaction"
        " WHERE n.decision = 'yes' AND n.topic IS NOT NULL AND i.started_at < ? GROUP BY n.topic ORDER BY n.topic"
    )
    return {shown_id(topic): (moment(first), moment(last)) for topic, first, last in store.rows(sql, (micros(until),))}
