"""Why an insight goes where it goes: the rule that fired, those that lost, those that nearly matched, what would reroute it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from insights.route.rules import CompiledRule, Condition, Facts

NEAREST = 3


@dataclass(frozen=True, slots=True)
class RuleNote:
    """How a rule that did not decide looked at an insight.

    Attributes:
        number: Place among the rules, from 1.
        place: ``file:line`` where the line is known.
        owner: Unit it would have chosen.
        matched: Conditions that held, for people.
        missed: Conditions that did not, each with what stands there instead; empty for a rule that matched but lost.
    """

    number: int
    place: str
    owner: str
    matched: tuple[str, ...]
    missed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RouteExplanation:
    """Everything there is to say about one route.

    Attributes:
        insight_id: The insight.
        owner: Unit it goes to.
        rule: Place of the rule that decided, or of triage.
        why: Reason of the route.
        facts: What the rules saw: field and value, in the order of the fields.
        followers: Unit and reason.
        lost: Rules that matched too but stand earlier in the file, the last of them first.
        nearest: Up to three rules that did not match, those that miss least first.
        change: The smallest change that would give it to another unit, in a sentence.
    """

    insight_id: str
    owner: str
    rule: str
    why: str
    facts: tuple[tuple[str, str], ...]
    followers: tuple[tuple[str, str], ...]
    lost: tuple[RuleNote, ...]
    nearest: tuple[RuleNote, ...]
    change: str


def explain_route(
    facts: Facts,
    rules: Sequence[CompiledRule],
    *,
    insight_id: str,
    owner: str,
    rule: str,
    why: str,
    followers: tuple[tuple[str, str], ...],
    places: Callable[[int], str],
) -> RouteExplanation:
    """Explains a decision already taken.

    Args:
        facts: What the rules saw of the insight.
        rules: All rules in the file's order.
        insight_id: The insight.
        owner: Unit that owns it.
        rule: Place of the rule that decided.
        why: Reason of the route.
        followers: Unit and reason.
        places: Number of a rule to its place in the file.
    """
    matching = [candidate for candidate in rules if candidate.matches(facts)]
    others = sorted(
        (candidate for candidate in rules if candidate not in matching), key=lambda other: (len(other.missed(facts)), -other.number)
    )
    return RouteExplanation(
        insight_id=insight_id,
        owner=owner,
        rule=rule,
        why=why,
        facts=tuple((field, " = ".join(values)) for field, values in facts.items()),
        followers=followers,
        lost=tuple(_note(candidate, facts, places) for candidate in reversed(matching[:-1])),
        nearest=tuple(_note(candidate, facts, places) for candidate in others[:NEAREST]),
        change=_smallest_change(facts, rules, owner, matching[-1] if matching else None),
    )


def _note(rule: CompiledRule, facts: Facts, places: Callable[[int], str]) -> RuleNote:
    unmet = rule.missed(facts)
    matched = tuple(condition.shown for condition in rule.conditions if condition not in unmet)
    missed = tuple(f"{_is(condition, facts)}, not {_asked(condition)}" for condition in unmet)
    return RuleNote(rule.number, places(rule.number), rule.owner, matched or ("everything",) * (not rule.conditions), missed)


def _is(condition: Condition, facts: Facts) -> str:
    values = facts.get(condition.field)
    return f"{condition.field} is {values[0]}" if values else f"{condition.field} is unknown"


def _asked(condition: Condition) -> str:
    return condition.shown.removeprefix(condition.field).strip()


def _smallest_change(facts: Facts, rules: Sequence[CompiledRule], owner: str, winner: CompiledRule | None) -> str:
    """Weighs moving a rule that lost (one change) against facts that other rules miss (one change each)."""
    options: list[tuple[int, int, str]] = []
    for rule in rules:
        if rule.owner == owner:
            continue
        missed = rule.missed(facts)
        if not missed and winner is not None:
            text = f"rule {rule.number} would send it to {rule.owner} if it stood after rule {winner.number}"
            options.append((1, -rule.number, text))
        elif missed and _decides_if_met(rule, missed, facts, rules):
            asked = " and ".join(f"{condition.field} were {_asked(condition)} ({_is(condition, facts)})" for condition in missed)
            options.append((len(missed), -rule.number, f"rule {rule.number} would send it to {rule.owner} if {asked}"))
    if options:
        return min(options)[2]
    kind, topic = facts["kind"][0], facts.get("topic", ("",))[0]
    asked = f'kind = "{kind}"' + (f', topic = "{topic}"' if topic else "")
    return f"no rule leads elsewhere: add a last [[rule]] with {asked} and the other unit as owner"


def _decides_if_met(rule: CompiledRule, missed: Sequence[Condition], facts: Facts, rules: Sequence[CompiledRule]) -> bool:
    """Tells whether the rule would really win with the missing facts given: a later rule might take the changed insight."""
    if not all(condition.patterns for condition in missed):
        return False
    changed = {**facts, **{condition.field: (condition.patterns[0].text or "anything",) for condition in missed}}
    return next((other for other in reversed(rules) if other.matches(changed)), None) is rule
