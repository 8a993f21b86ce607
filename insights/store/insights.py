"""Insights: saved with checked offsets in place of quotes, read back with the quotes cut from the stored turns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from insights.domain import Decision, Evidence, Expectation, Insight, Kind, RivalRole, Severity, Vote
from insights.errors import NotFoundError, StoreError
from insights.store.connection import Database, Row, storable
from insights.store.ingest import turn_id
from insights.store.interactions import PREFIX
from insights.store.topics import number_of, shown_id

_SEVERITIES = tuple(Severity)


def save_insights(
    store: Database,
    made_by: str,
    results: Sequence[tuple[str, Sequence[Insight]]],
    originals: Mapping[str, Sequence[Insight]] = MappingProxyType({}),
) -> None:
    """Replaces what was found in each contact and marks it analysed.

    An insight found again keeps its discovered topic where no declared one applies, and its routes where topic,
    subject, severity and decision are unchanged.

    Args:
        store: Open for writing.
        made_by: Model id and taxonomy hash.
        results: Interaction id and all insights found in it, which may be none.
        originals: What the engine alone found, for contacts whose results were corrected by people.

    Raises:
        StoreError: A contact is not stored, a quote is not the stored words at its offsets, a topic is unknown,
            or an insight belongs to another contact.
    """
    with store.writing():
        replace_insights(store, made_by, results, originals)


def replace_insights(
    store: Database, made_by: str, results: Sequence[tuple[str, Sequence[Insight]]], originals: Mapping[str, Sequence[Insight]]
) -> None:
    """Does what ``save_insights`` does inside the caller's transaction."""
    recipe = store.recipe(made_by)
    seqs = _seqs(store, [interaction for interaction, _ in results])
    _check_quotes(store, seqs, results)
    old = _stored(store, seqs.values())
    topics = _topic_numbers(store, [*results, *originals.items()])
    changes = _Changes([], [], [])
    for interaction, found in results:
        for insight in found:
            changes.add(insight, seqs[interaction], topics, old.pop(insight.id, None), recipe)
    store.run_many("DELETE FROM insight WHERE seq = ?", [(stored.seq,) for stored in old.values()])
    changes.write(store)
    _keep_originals(store, seqs, topics, originals)
    store.run_many("UPDATE interaction SET analysed_by = ? WHERE seq = ?", [(recipe, seq) for seq in seqs.values()])


def _keep_originals(
    store: Database, seqs: Mapping[str, int], topics: Mapping[str | None, int | None], originals: Mapping[str, Sequence[Insight]]
) -> None:
    store.run_many("DELETE FROM original WHERE interaction = ?", [(seqs[interaction],) for interaction in originals])
    store.run_many(
        _INSERT.format(table="original"),
        [
            (one.id, seqs[interaction], one.kind, *_values(one, topics[one.topic], store.recipe(one.made_by)))
            for interaction, found in originals.items()
            for one in found
        ],
    )


def insight(store: Database, id: str) -> Insight:
    """Returns an insight by its id or a beginning of it (6 or more).

    Raises:
        NotFoundError: There is none, or several begin so.
    """
    with store.reading():
        found = select_insights(store, "n.id = ?", (id,))
        if not found and len(id) >= PREFIX:
            found = select_insights(store, "n.id >= ? AND n.id < ?", (id, id + "g"))
        if len(found) != 1:
            several = "several insights begin with" if found else "there is no insight"
            raise NotFoundError(f"{several} {id}", "list insights with `insights query`")
        return found[0]


def insights_of(store: Database, interaction_id: str) -> list[Insight]:
    """Returns all insights of a contact, undecided ones too, in the order they were saved."""
    with store.reading():
        return select_insights(store, "i.id = ?", (interaction_id,))


def select_insights(store: Database, where: str, values: Sequence[Any], *, limit: int = -1, table: str = "insight") -> list[Insight]:
    """Returns insights by an SQL condition over ``n`` (``insight`` or ``original``) and ``i`` (interaction), ordered by row."""
    rows = store.rows(f"{_SELECT.format(table=table)} WHERE {where} ORDER BY n.seq LIMIT ?", (*values, limit))
    offsets = [(json.loads(row[11]), json.loads(row[12])) for row in rows]
    wanted = {turn_id(row[1], turn) for row, (spans, votes) in zip(rows, offsets, strict=True) for turn in _turns_of(spans, votes)}
    texts = _texts(store, wanted)
    return [_insight(row, spans, votes, texts) for row, (spans, votes) in zip(rows, offsets, strict=True)]


_SELECT = (
    "SELECT n.id, n.interaction, i.id, n.kind, t.key, n.topic, n.subject, n.confidence, n.severity, n.missed, m.name, n.evidence,"
    " n.votes, n.decision, n.about, n.role FROM {table} n JOIN interaction i ON i.seq = n.interaction JOIN recipe m ON m.id = n.made_by"
    " LEFT JOIN topic t ON t.number = n.topic"
)


def _turns_of(spans: Iterable[Sequence[int]], votes: Iterable[Mapping[str, Any]]) -> set[int]:
    return {span[0] for span in spans} | {vote["turn"] for vote in votes}


def _insight(row: Row, spans: Sequence[Sequence[int]], votes: Sequence[Mapping[str, Any]], texts: Mapping[int, str]) -> Insight:
    id, seq, interaction, kind, key, topic, subject, confidence, severity, missed, made_by, _, _, decision, about, role = row

    def evidence(turn: int, start: int, end: int) -> Evidence:
        return Evidence(interaction, turn, start, end, texts[turn_id(seq, turn)][start:end])

    return Insight(
        id=id,
        interaction_id=interaction,
        kind=Kind(kind),
        topic=key or (shown_id(topic) if topic else None),
        subject=subject,
        evidence=tuple(evidence(*span) for span in spans),
        confidence=confidence,
        severity=_SEVERITIES[severity],
        missed_expectations=tuple(Expectation(name) for name in json.loads(missed)),
        votes=tuple(
            Vote(v["by"], Kind(v["kind"]), v["topic"], evidence(v["turn"], v["start"], v["end"]), v["score"], v["why"]) for v in votes
        ),
        made_by=made_by,
        decision=Decision(decision),
        about=about,
        role=RivalRole(role) if role else None,
    )


def _texts(store: Database, ids: Iterable[int]) -> dict[int, str]:
    asked = json.dumps(sorted(ids))
    return dict(store.rows("SELECT id, text FROM turn WHERE id IN (SELECT value FROM json_each(?))", (asked,)))


def _seqs(store: Database, ids: Sequence[str]) -> dict[str, int]:
    seqs: dict[str, int] = dict(
        store.rows("SELECT id, seq FROM interaction WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(ids),))
    )
    for id in ids:
        if id not in seqs:
            raise StoreError(f"interaction {id} is not stored", "it was erased meanwhile; run the step again")
    return seqs


def _check_quotes(store: Database, seqs: Mapping[str, int], results: Sequence[tuple[str, Sequence[Insight]]]) -> None:
    spans = [
        (interaction, insight.id, evidence)
        for interaction, found in results
        for insight in found
        for evidence in (*insight.evidence, *(vote.evidence for vote in insight.votes))
    ]
    texts = _texts(store, {turn_id(seqs[interaction], evidence.turn) for interaction, _, evidence in spans})
    ids = [insight.id for _, found in results for insight in found]
    if len(set(ids)) != len(ids):
        raise StoreError("the same insight was found twice in one batch", "mend the classifier")
    for interaction, found in results:
        if any(insight.interaction_id != interaction or not insight.evidence for insight in found):
            raise StoreError(f"an insight of interaction {interaction} has no evidence or belongs to another", "mend the classifier")
    for interaction, insight_id, evidence in spans:
        text = texts.get(turn_id(seqs[interaction], evidence.turn))
        inside = text is not None and 0 <= evidence.start < evidence.end <= len(text)
        if not inside or text is None or text[evidence.start : evidence.end] != storable(evidence.quote):
            place = f"turn {evidence.turn}, {evidence.start} to {evidence.end}"
            raise StoreError(f"insight {insight_id} quotes what interaction {interaction} does not say at {place}", "analyse it again")


@dataclass(frozen=True, slots=True)
class _Stored:
    seq: int
    topic: int | None
    discovered: bool
    routed_for: tuple[object, ...]


def _stored(store: Database, interactions: Iterable[int]) -> dict[str, _Stored]:
    rows = store.rows(
        # What a person named and took back is no discovery: only discovery tells how sure it is.
        "SELECT n.id, n.seq, n.topic, t.number IS NOT NULL AND t.key IS NULL AND n.topic_confidence IS NOT NULL, n.subject, n.severity, n.decision FROM insight n"
        " LEFT JOIN topic t ON t.number = n.topic WHERE n.interaction IN (SELECT value FROM json_each(?))",
        (json.dumps(list(interactions)),),
    )
    return {row[0]: _Stored(row[1], row[2], bool(row[3]), (row[2], *row[4:])) for row in rows}


def _topic_numbers(store: Database, results: Sequence[tuple[str, Sequence[Insight]]]) -> dict[str | None, int | None]:
    names = sorted({insight.topic for _, found in results for insight in found if insight.topic is not None})
    return {None: None, **{name: number_of(store, name) for name in names}}


@dataclass(frozen=True, slots=True)
class _Changes:
    """What a batch of insights means for the table."""

    inserts: list[tuple[Any, ...]]
    updates: list[tuple[Any, ...]]
    reroutes: list[tuple[int]]

    def add(self, insight: Insight, interaction: int, topics: Mapping[str | None, int | None], stored: _Stored | None, recipe: int) -> None:
        topic = topics[insight.topic]
        if topic is None and stored and stored.discovered:
            topic = stored.topic
        values = _values(insight, topic, recipe)
        if stored is None:
            self.inserts.append((insight.id, interaction, insight.kind, *values))
            return
        self.updates.append((*values, stored.topic, topic, stored.seq))
        if stored.routed_for != (topic, storable(insight.subject), insight.severity.rank, str(insight.decision)):
            self.reroutes.append((stored.seq,))

    def write(self, store: Database) -> None:
        store.run_many(
            _INSERT.format(table="insight"),
            self.inserts,
        )
        store.run_many(
            "UPDATE insight SET topic = ?, subject = ?, confidence = ?, severity = ?, decision = ?, missed = ?, evidence = ?, votes = ?,"
            " made_by = ?, about = ?, role = ?, topic_confidence = iif(? IS ?, topic_confidence, NULL) WHERE seq = ?",
            self.updates,
        )
        unroute(store, [seq for (seq,) in self.reroutes])


_INSERT = (
    "INSERT INTO {table} (id, interaction, kind, topic, subject, confidence, severity, decision, missed, evidence, votes, made_by,"
    " about, role) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def _values(insight: Insight, topic: int | None, recipe: int) -> tuple[Any, ...]:
    """The columns of a finding after its id, contact and kind."""
    return (
        topic,
        storable(insight.subject),
        insight.confidence,
        insight.severity.rank,
        insight.decision,
        json.dumps([str(name) for name in insight.missed_expectations]),
        json.dumps([(span.turn, span.start, span.end) for span in insight.evidence]),
        json.dumps([_vote_row(vote) for vote in insight.votes], ensure_ascii=False),
        recipe,
        storable(insight.about),
        insight.role,
    )


def _vote_row(vote: Vote) -> dict[str, object]:
    return {
        "by": storable(vote.by),
        "kind": str(vote.kind),
        "topic": vote.topic,
        "turn": vote.evidence.turn,
        "start": vote.evidence.start,
        "end": vote.evidence.end,
        "score": vote.score,
        "why": storable(vote.why),
    }


def unroute(store: Database, seqs: Sequence[int]) -> None:
    """Drops the routes of insights by row number, so that they are routed again."""
    store.run_many("DELETE FROM route WHERE insight = ?", [(seq,) for seq in seqs])
    store.run_many("UPDATE insight SET routed_by = 0 WHERE seq = ?", [(seq,) for seq in seqs])
