"""Routes: which unit owns an insight, which follow it, and why."""

# ruff: noqa: S608 - statements are put together from this room's own constants; every value is bound.

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby

from insights.domain import Insight, Interaction, Route
from insights.errors import StoreError
from insights.store.connection import Database, micros, moment, storable
from insights.store.insights import select_insights
from insights.store.interactions import load


def unrouted(store: Database, rules: str, *, limit: int) -> list[tuple[Insight, Interaction]]:
    """Returns YES insights not routed under these rules, with their contacts (without turns), oldest row first.

    Args:
        store: Open.
        rules: Hash of the ownership rules.
        limit: Most insights returned; ask again after ``save_routes``.
    """
    with store.reading():
        seqs: list[int] = []
        for (other,) in store.rows("SELECT id FROM recipe WHERE name <> ? ORDER BY id", (rules,)):
            asked = (other, limit)
            seqs += [seq for (seq,) in store.rows(f"SELECT seq FROM insight WHERE {_UNDER} ORDER BY seq LIMIT ?", asked)]
        chosen = sorted(seqs)[:limit]
        insights = select_insights(store, "n.seq IN (SELECT value FROM json_each(?))", (json.dumps(chosen),))
        contacts = {contact.id: contact for contact in load(store, _contacts_of(store, chosen), turns=False)}
        return [(insight, contacts[insight.interaction_id]) for insight in insights]


_UNDER = "routed_by = ? AND decision = 'yes'"


def _contacts_of(store: Database, seqs: Sequence[int]) -> list[int]:
    asked = json.dumps(seqs)
    rows = store.rows("SELECT DISTINCT interaction FROM insight WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY 1", (asked,))
    return [seq for (seq,) in rows]


def save_routes(store: Database, rules: str, routes: Sequence[Route]) -> None:
    """Replaces the routes of the insights named.

    Args:
        store: Open for writing.
        rules: Hash of the ownership rules they follow from.
        routes: All routes of each insight: exactly one that owns, at most one a unit.

    Raises:
        StoreError: An insight is unknown, has no owner or several, or two routes to one unit.
    """
    with store.writing():
        recipe = store.recipe(rules)
        ordered = sorted(routes, key=lambda route: route.insight_id)
        for insight_id, group in groupby(ordered, key=lambda route: route.insight_id):
            theirs = list(group)
            if sum(route.owns for route in theirs) != 1 or len({route.unit_id for route in theirs}) != len(theirs):
                raise StoreError(f"insight {insight_id} needs exactly one owner and one route a unit", "check ownership.toml")
            seq = store.value("SELECT seq FROM insight WHERE id = ?", (insight_id,))
            if seq is None:
                raise StoreError(f"insight {insight_id} is not stored", "its interaction was replaced meanwhile; run the step again")
            store.run("DELETE FROM route WHERE insight = ?", (seq,))
            store.run_many(
                "INSERT INTO route (insight, unit, owns, rule, why, at) VALUES (?, ?, ?, ?, ?, ?)", [_row(seq, one) for one in theirs]
            )
            store.run("UPDATE insight SET routed_by = ? WHERE seq = ?", (recipe, seq))


def routes_of(store: Database, insight_id: str) -> list[Route]:
    """Returns an insight's routes, the owner's first, then by unit."""
    rows = store.rows(
        "SELECT unit, rule, why, at, owns FROM route WHERE insight = (SELECT seq FROM insight WHERE id = ?) ORDER BY owns DESC, unit",
        (insight_id,),
    )
    return [Route(insight_id, unit, rule, why, moment(at), bool(owns)) for unit, rule, why, at, owns in rows]


def _row(seq: int, route: Route) -> tuple[object, ...]:
    return (seq, route.unit_id, int(route.owns), storable(route.rule), storable(route.why), micros(route.at))
