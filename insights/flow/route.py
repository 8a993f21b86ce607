"""Every insight to exactly one owner, with the rule and the reason kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from insights.classify.taxonomy import compile_taxonomy
from insights.config.load import Loaded
from insights.domain import Decision, Insight, Interaction, Route, digest_of
from insights.flow.corrections import corrected_owners
from insights.flow.progress import Progress, silent
from insights.route import Router
from insights.store import Store

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class RouteReport:
    """Insights routed in this run, and how many of them no rule claimed."""

    routed: int
    triage: int


def router_of(loaded: Loaded) -> Router:
    """Builds the router of a workspace."""
    taxonomy = compile_taxonomy(loaded.taxonomy)
    name = loaded.settings.ownership
    return Router(
        loaded.ownership,
        shown=name,
        lines=loaded.lines[name],
        product_key=taxonomy.product_key,
        competitor_key=taxonomy.competitor_key,
    )


def rules_hash(loaded: Loaded) -> str:
    """Changes whenever a route could: with the rules, and with the names the taxonomy lends them."""
    return digest_of(router_of(loaded).hash, compile_taxonomy(loaded.taxonomy).hash)


def route_store(loaded: Loaded, store: Store, *, at: datetime, progress: Progress = silent) -> RouteReport:
    """Routes what the present rules have not routed yet.

    Args:
        loaded: The workspace.
        store: Open for writing.
        at: Time noted with the routes.
        progress: Told after each batch.
    """
    router, rules = router_of(loaded), rules_hash(loaded)
    triage = loaded.ownership.triage
    routed = unclaimed = 0
    while batch := store.unrouted(rules, limit=_BATCH):
        routes = _routes(loaded, store, router, batch, at)
        store.save_routes(rules, routes)
        routed += len(batch)
        unclaimed += sum(route.owns and route.unit_id == triage for route in routes)
        progress("route", routed, None)
    return RouteReport(routed, unclaimed)


def route_contact(loaded: Loaded, store: Store, contact: str, *, at: datetime) -> None:
    """Routes all findings of one contact by the present rules, for what a person changed in it just now."""
    interaction = store.interaction(contact)
    batch = [(insight, interaction) for insight in store.insights_of(contact) if insight.decision is Decision.YES]
    store.save_routes(rules_hash(loaded), _routes(loaded, store, router_of(loaded), batch, at))


def _routes(loaded: Loaded, store: Store, router: Router, batch: Sequence[tuple[Insight, Interaction]], at: datetime) -> list[Route]:
    """The routes of a batch: where a person named the owner, that unit owns it."""
    owners = corrected_owners(loaded, store, sorted({interaction.id for _, interaction in batch}))
    return [
        route for insight, interaction in batch for route in router.route(insight, interaction, at=at, corrected=owners.get(insight.id))
    ]
