"""Every insight to exactly one owner, with the rule and the reason kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
        owners = corrected_owners(loaded, store, sorted({interaction.id for _, interaction in batch}))
        routes = _routes(router, batch, owners, at)
        store.save_routes(rules, routes)
        routed += len(batch)
        unclaimed += sum(route.owns and route.unit_id == triage for route in routes)
        progress("route", routed, None)
    return RouteReport(routed, unclaimed)


def route_contact(
    store: Store, router: Router, rules: str, interaction: Interaction, owners: Mapping[str, tuple[str, str]], *, at: datetime
) -> None:
    """Routes all findings of one contact, for what a person changed in it just now.

    Args:
        store: Open for writing.
        router: By the present rules.
        rules: Their hash, as ``rules_hash`` gives it.
        interaction: The contact.
        owners: Insight id to the unit a person named as its owner, with the reason.
        at: Time noted with the routes.
    """
    batch = [(insight, interaction) for insight in store.insights_of(interaction.id) if insight.decision is Decision.YES]
    store.save_routes(rules, _routes(router, batch, owners, at))


def _routes(
    router: Router, batch: Sequence[tuple[Insight, Interaction]], owners: Mapping[str, tuple[str, str]], at: datetime
) -> list[Route]:
    """The routes of a batch: where a person named the owner, that unit owns it."""
    return [
        route for insight, interaction in batch for route in router.route(insight, interaction, at=at, corrected=owners.get(insight.id))
    ]
