"""Ownership told to people: the rules, why an insight went where it went, and the file's own examples."""

from __future__ import annotations

from typing import Any

from insights.config.load import Loaded
from insights.domain import Interaction
from insights.flow.corrections import corrected_owners
from insights.flow.route import router_of
from insights.route.router import CORRECTED
from insights.store import Store

RULE_COLUMNS = ("rule", "line", "owner", "followers", "when", "why")


def rules(loaded: Loaded) -> list[dict[str, Any]]:
    """Returns a row a rule, in the order they are tried."""
    lines = loaded.lines[loaded.settings.ownership]
    rows = []
    for index, rule in enumerate(loaded.ownership.rule):
        given = rule.model_dump(exclude={"owner", "followers", "why"}, exclude_none=True, exclude_defaults=True, mode="json")
        when = " and ".join(f"{key} {_listed(value)}" for key, value in given.items()) or "anything"
        rows.append(
            {
                "rule": index + 1,
                "line": lines.get(("rule", index), 0),
                "owner": rule.owner,
                "followers": rule.followers,
                "when": when,
                "why": rule.why,
            }
        )
    rows.append({"rule": "triage", "line": 0, "owner": loaded.ownership.triage, "followers": [], "when": "no rule matches", "why": ""})
    return rows


def _listed(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_listed(item)}" for key, item in value.items())
    return " or ".join(map(str, value)) if isinstance(value, list) else str(value)


def explained(loaded: Loaded, store: Store, reference: str) -> dict[str, Any]:
    """Returns why an insight goes to its owner under the present rules.

    Raises:
        NotFoundError: There is no such insight.
    """
    insight = store.insight(reference)
    interaction: Interaction = store.interaction(insight.interaction_id)
    router = router_of(loaded)
    why = router.explain(insight, interaction)
    unit, reason = corrected_owners(loaded, store, [interaction.id]).get(insight.id, ("", ""))
    return {
        "insight": why.insight_id,
        "interaction": interaction.source_ref,
        "owner": unit or why.owner,
        "rule": CORRECTED if unit else why.rule,
        "why": f"{reason}; by the rules {why.owner}: {why.why}" if unit else why.why,
        "facts": [f"{field} {value}" for field, value in why.facts],
        "followers": [f"{unit}: {reason}" for unit, reason in why.followers],
        "lost": [f"rule {note.number} ({note.place}) to {note.owner}: {', '.join(note.matched)}" for note in why.lost],
        "nearest": [f"rule {note.number} ({note.place}) to {note.owner}: missed {', '.join(note.missed)}" for note in why.nearest],
        "smallest_change": why.change,
        "stored": [f"{route.unit_id} by {route.rule}" for route in store.routes_of(insight.id)],
    }


def tested(loaded: Loaded) -> tuple[list[dict[str, Any]], int]:
    """Runs the examples of the ownership file; returns a row a failure, and how many there are."""
    results = router_of(loaded).test()
    failures = [
        {"test": result.number, "expected": result.expected, "got": result.got, "rule": result.rule, "why": result.why}
        for result in results
        if not result.passed
    ]
    return failures, len(results)
