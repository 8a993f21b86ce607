"""Ad hoc questions: search, show an interaction with its evidence marked, say why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from insights import query
from insights.classify.corrected import told
from insights.config.load import Loaded
from insights.domain import Evidence, Insight, Interaction, Turn
from insights.errors import NotFoundError, UsageError, nearest
from insights.flow.stateless import insight_row
from insights.store import SEARCH_COLUMNS, Store

TABLE_COLUMNS = ("interaction", "started_at", "kind", "topic_label", "severity", "confidence", "owner", "quote")
"""What a table for people shows of an insight where nobody asks for other columns."""


@dataclass(frozen=True, slots=True)
class Question:
    """A search and how its answer should look.

    Attributes:
        text: The query as typed.
        group_by: Fields to count by; none lists insights.
        sort: Columns, with ``-`` before those that fall; groups have their own order unless one of their columns is named.
        limit: Most rows.
        as_of: From when ``30d`` and the like count back; the newest data where None.
    """

    text: str
    group_by: tuple[str, ...] = ()
    sort: str = "-started_at"
    limit: int = 50
    as_of: datetime | None = None


def answer(loaded: Loaded, store: Store, question: Question) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Returns rows and the names of their columns.

    Raises:
        UsageError: The query, a field or a column is not understood.
    """
    tree, now = query.parse(question.text), _moment(store, question)
    if question.group_by:
        rows = _ordered(store.group(tree, by=question.group_by, now=now, zone=loaded.zone), question.sort)[: question.limit]
        columns = tuple(rows[0]) if rows else (*question.group_by, "contacts", "customers", "insights")
    else:
        rows = store.search(tree, limit=question.limit, sort=question.sort, now=now, zone=loaded.zone)
        columns = SEARCH_COLUMNS
    return rows, columns


def _ordered(rows: list[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    """Groups sorted by columns of theirs; a list of insights is sorted by the store."""
    for part in reversed([part.strip() for part in sort.split(",")]):
        name = part.removeprefix("-")
        if rows and name in rows[0]:
            rows = sorted(rows, key=lambda row: (row[name] is None, row[name]), reverse=part.startswith("-"))
    return rows


def count(loaded: Loaded, store: Store, question: Question) -> int:
    """Returns how many insights match."""
    return store.count(query.parse(question.text), now=_moment(store, question), zone=loaded.zone)


def explained(loaded: Loaded, store: Store, question: Question) -> dict[str, Any]:
    """Returns how the query was understood, and the SQL with its parameters."""
    tree = query.parse(question.text)
    sql, parameters = store.sql_of(tree, now=_moment(store, question), zone=loaded.zone)
    return {"query": query.unparse(tree), "tree": repr(tree), "sql": sql, "parameters": [str(value) for value in parameters]}


def chosen_columns(known: Sequence[str], wanted: str | None) -> tuple[str, ...]:
    """Returns the columns a person asked for, or all.

    Raises:
        UsageError: A column that does not exist.
    """
    if not wanted:
        return tuple(known)
    names = tuple(name.strip() for name in wanted.split(",") if name.strip())
    for name in names:
        if name not in known:
            raise UsageError(f'no column named "{name}"', nearest(name, known))
    return names


def _moment(store: Store, question: Question) -> datetime:
    return question.as_of or store.newest_time() or datetime(1970, 1, 1, tzinfo=UTC)


def shown(loaded: Loaded, store: Store, reference: str) -> dict[str, Any]:
    """Returns an interaction with its turns and insights.

    Raises:
        NotFoundError: There is no such interaction.
    """
    interaction = store.interaction(reference)
    insights = store.insights_of(interaction.id)
    local = interaction.started_at.astimezone(loaded.zone).isoformat() if interaction.started_at else None
    return {
        "schema": "insights.show/1",
        "interaction": interaction.source_ref,
        "id": interaction.id,
        "source": interaction.source,
        "channel": interaction.channel,
        "started_at": local,
        "customer": interaction.customer_ref,
        "product": interaction.product,
        "queue": interaction.queue,
        "meta": dict(interaction.meta),
        "repairs": list(interaction.repairs),
        "turns": [_turn(turn, insights) for turn in interaction.turns],
        "insights": [{"id": insight.id, "decision": insight.decision.value, **insight_row(insight)} for insight in insights],
    }


def _turn(turn: Turn, insights: Sequence[Insight]) -> dict[str, Any]:
    spans = [evidence for insight in insights for evidence in insight.evidence if evidence.turn == turn.index]
    return {
        "role": turn.role.value,
        "visibility": turn.visibility.value,
        "text": turn.text,
        "marked": _marked(turn.text, spans),
    }


def _marked(text: str, spans: Sequence[Evidence]) -> str:
    """The text with evidence between » and «; overlapping spans are marked as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted((span.start, span.end) for span in spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    for start, end in reversed(merged):
        text = text[:start] + "»" + text[start:end] + "«" + text[end:]
    return text


def as_text(shown: dict[str, Any]) -> str:
    """An interaction for people: who said what, with the evidence between » and «."""
    head = [shown["interaction"], shown["channel"], shown["started_at"] or "undated", shown["customer"] or "", shown["product"] or ""]
    lines = ["  ".join(part for part in head if part), ""]
    for turn in shown["turns"]:
        note = " (internal)" if turn["visibility"] == "internal" else ""
        lines.append(f"{turn['role']}{note}: {_printable(turn['marked'])}")
    lines.append("")
    for insight in shown["insights"]:
        name = insight["topic"] or insight["subject"] or "no topic yet"
        lines.append(
            f"{insight['id']}  {insight['decision']}  {insight['kind']}  {name}  {insight['severity']}  {insight['confidence']:.2f}"
        )
    return "\n".join(lines)


def _printable(text: str) -> str:
    """Customer text without control characters: a terminal must not be steered by it."""
    return "".join(sign if sign == "\n" or sign.isprintable() else " " for sign in text)


def why(store: Store, reference: str) -> dict[str, Any]:
    """Says why of an insight, a topic or an issue.

    Raises:
        NotFoundError: The id is none of them.
    """
    if reference.upper().startswith("ISS-"):
        issue = store.issue(reference)
        return {
            "issue": issue.id,
            "title": issue.title,
            "status": issue.status.value,
            "signal": issue.signal.value,
            "history": list(issue.history),
        }
    if reference.upper().startswith("T-"):
        topic = store.topic(reference)
        return {
            "topic": topic.id,
            "label": topic.label,
            "kind": topic.kind.value,
            "keywords": list(topic.keywords),
            "lineage": list(topic.lineage),
            "made_by": topic.made_by,
        }
    return _why_insight(store, reference)


def _why_insight(store: Store, reference: str) -> dict[str, Any]:
    try:
        insight = store.insight(reference)
    except NotFoundError:
        return _why_gone(store, reference)
    interaction: Interaction = store.interaction(insight.interaction_id)
    votes = [{"by": vote.by, "score": round(vote.score, 3), "why": vote.why} for vote in insight.votes]
    routes = [{"unit": route.unit_id, "owns": route.owns, "rule": route.rule, "why": route.why} for route in store.routes_of(insight.id)]
    return {
        "interaction": interaction.source_ref,
        "insight": insight.id,
        **insight_row(insight),
        "votes": votes,
        "routes": routes,
        "made_by": insight.made_by,
    }


def _why_gone(store: Store, reference: str) -> dict[str, Any]:
    """Of a finding that people took away or moved: who said what of it."""
    contact, finding = store.corrected_finding(reference)
    said = [told(one) for one in store.corrections([contact]) if one.scope.insight_id in {finding, ""}]
    return {"interaction": store.interaction(contact).source_ref, "insight": finding, "corrections": said}


def why_as_text(reasons: dict[str, Any]) -> str:
    """Reasons for people, a field a line."""
    lines = []
    for key, value in reasons.items():
        if isinstance(value, list):
            lines.append(f"{key}:")
            lines += [
                f"  {_printable('  '.join(f'{name} {item}' for name, item in entry.items()) if isinstance(entry, dict) else str(entry))}"
                for entry in value
            ]
        else:
            lines.append(f"{key}: {_printable(str(value))}")
    return "\n".join(lines)
