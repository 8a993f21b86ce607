"""People's corrections, only ever added to, and what the engine alone found in the contacts they are about."""

# ruff: noqa: S608 - statements are put together from this room's own constants; every value is bound.

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from insights.domain import Anchor, Change, Correction, Expectation, Insight, Kind, Ruling, Scope, Severity
from insights.errors import NotFoundError
from insights.store.connection import Database, Row, micros, moment, storable
from insights.store.insights import replace_insights, select_insights, unroute
from insights.store.interactions import PREFIX

_COLUMNS = "id, interaction_id, insight_id, what, scope, author, at, note"


def corrections(store: Database, interactions: Sequence[str] | None = None) -> list[Correction]:
    """Returns the corrections made (in some contacts, by id), in the order they were made."""
    where, values = (
        ("", ()) if interactions is None else ("WHERE interaction_id IN (SELECT value FROM json_each(?))", (json.dumps(interactions),))
    )
    return [_correction(row) for row in store.rows(f"SELECT {_COLUMNS} FROM correction {where} ORDER BY seq", values)]


def corrected_contacts(store: Database, interactions: Sequence[str]) -> list[str]:
    """Returns those of some contacts, by id, that people corrected something in."""
    sql = "SELECT DISTINCT interaction_id FROM correction WHERE interaction_id IN (SELECT value FROM json_each(?)) ORDER BY 1"
    return [str(id) for (id,) in store.rows(sql, (json.dumps(list(interactions)),))]


def save_corrections(store: Database, made: Sequence[Correction], originals: Sequence[Insight], corrected: Sequence[Insight]) -> None:
    """Adds corrections of one contact together with what they make of it; its insights are routed again.

    Args:
        store: Open for writing.
        made: The corrections.
        originals: What the engine alone found in the contact.
        corrected: What stands in it now. A contact that is not stored, or not analysed yet, only gets the facts.
    """
    (contact,) = {correction.scope.interaction_id for correction in made}
    with store.writing():
        store.run_many(f"INSERT INTO correction ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", map(_row, made))
        found = store.row("SELECT i.seq, r.name FROM interaction i JOIN recipe r ON r.id = i.analysed_by WHERE i.id = ?", (contact,))
        if found and found[1]:
            seq, recipe = found
            replace_insights(store, recipe, [(contact, corrected)], {contact: originals})
            unroute(store, [row for (row,) in store.rows("SELECT seq FROM insight WHERE interaction = ?", (seq,))])


def originals(store: Database, interactions: Iterable[str]) -> dict[str, list[Insight]]:
    """Returns what the engine alone found in corrected contacts, by their ids; a contact without findings has none."""
    found: dict[str, list[Insight]] = defaultdict(list)
    with store.reading():
        asked = (json.dumps(list(interactions)),)
        for insight in select_insights(store, "i.id IN (SELECT value FROM json_each(?))", asked, table="original"):
            found[insight.interaction_id].append(insight)
    return found


def corrected_finding(store: Database, id: str) -> tuple[str, str]:
    """Returns (contact, finding) of a finding people corrected, or the engine made where they did, by its id or a beginning of it.

    Raises:
        NotFoundError: There is none, or several begin so.
    """
    low, high = (id, id + "g") if len(id) >= PREFIX else (id, id)
    sql = (
        "SELECT interaction_id, insight_id FROM correction WHERE insight_id = ?1 OR (insight_id >= ?1 AND insight_id < ?2)"
        " UNION SELECT i.id, o.id FROM original o JOIN interaction i ON i.seq = o.interaction WHERE o.id = ?1 OR (o.id >= ?1 AND o.id < ?2)"
    )
    found = store.rows(sql, (low, high)) if id else []
    if len(found) != 1:
        several = "several findings begin with" if found else "there is no insight"
        raise NotFoundError(f"{several} {id}", "list insights with `insights query`, corrections with `insights corrections list`")
    contact, finding = found[0]
    return str(contact), str(finding)


def _row(correction: Correction) -> tuple[Any, ...]:
    scope, what = correction.scope, correction.what
    return (
        correction.id,
        scope.interaction_id,
        scope.insight_id,
        json.dumps({"ruling": what.ruling, "kind": what.kind, "topic": what.topic, "owner": what.owner, "severity": what.severity}),
        json.dumps(
            {
                "kind": scope.kind,
                "subject": storable(scope.subject),
                "topic": scope.topic,
                "severity": scope.severity,
                "missed": scope.missed_expectations,
                "words": [(word.turn, word.start, word.end, word.hash) for word in scope.words],
                "beside": scope.beside,
                "added": scope.added,
            },
            ensure_ascii=False,
        ),
        storable(correction.by),
        micros(correction.at),
        storable(correction.note),
    )


def _correction(row: Row) -> Correction:
    id, interaction, insight, what, scope, by, at, note = row
    given, about = json.loads(what), json.loads(scope)
    kind, severity = given["kind"], given["severity"]
    return Correction(
        id=id,
        what=Change(Ruling(given["ruling"]), kind and Kind(kind), given["topic"], given["owner"], severity and Severity(severity)),
        by=by,
        at=moment(at),
        scope=Scope(
            interaction_id=interaction,
            insight_id=insight,
            kind=Kind(about["kind"]),
            subject=about["subject"],
            topic=about["topic"],
            severity=Severity(about["severity"]),
            missed_expectations=tuple(Expectation(name) for name in about["missed"]),
            words=tuple(Anchor(*word) for word in about["words"]),
            beside=tuple(about["beside"]),
            added=about["added"],
        ),
        note=note,
    )
