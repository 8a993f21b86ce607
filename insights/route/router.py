"""The router: facts of an insight in, one owner and its followers out; the last rule that matches wins, as in CODEOWNERS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from insights.config.models import Ownership, OwnerTest
from insights.config.toml import line_of
from insights.domain import BusinessUnit, Insight, Interaction, Kind, Route, digest_of
from insights.errors import ConfigError, Fault, nearest
from insights.route.explain import RouteExplanation, explain_route
from insights.route.rules import CompiledRule, Facts, KeyOf, RuleTable, compile_rules, normal

Lines = Mapping[tuple[str | int, ...], int]
Decision = tuple[str, str, str, tuple[tuple[str, str], ...]]  # owner, place of the rule, why, followers with their why

# Part of the hash: a change in how rules are understood makes every insight be routed again.
_MEANING = "1"
_REMEMBERED = 65_536
CORRECTED = "correction"
"""In place of a rule, where a person named the owner."""


def _no_key(_text: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class OwnerTestResult:
    """How one ``[[test]]`` of the ownership file fared.

    Attributes:
        number: Place in the file, from 1.
        expected: The owner the test asks for.
        got: The owner the rules give.
        rule: Place of the rule that decided, such as ``ownership.toml:rule 7``.
        why: The reason of the route.
    """

    number: int
    expected: str
    got: str
    rule: str
    why: str

    @property
    def passed(self) -> bool:
        """Whether the right unit owns it."""
        return self.expected == self.got


class Router:
    """Sends each insight to exactly one owner and to any number of followers.

    Args:
        ownership: Units and rules.
        shown: Name of the file in routes and messages.
        lines: Lines of the file's keys, from ``config.toml.locate``; only for explanations.
        product_key: Taxonomy key of a product named in free text, or None.
        competitor_key: The same for competitors.

    Attributes:
        hash: Changes whenever a rule, the triage unit or who follows whom does; not with comments or names.
        units: Unit id to unit, in the file's order; the triage unit is made where the file declares none.

    Raises:
        ConfigError: A rule names a unit that is not declared, so that an insight could reach nobody.
    """

    def __init__(
        self,
        ownership: Ownership,
        *,
        shown: str = "ownership.toml",
        lines: Lines | None = None,
        product_key: KeyOf = _no_key,
        competitor_key: KeyOf = _no_key,
    ) -> None:
        faults = unknown_units(ownership, shown=shown, lines=lines)
        if faults:
            raise ConfigError(faults)
        self.units = units_of(ownership)
        self.hash = _hash_of(ownership)
        self._shown = shown
        self._lines = dict(lines or {})
        self._tests = tuple(ownership.test)
        self._triage = ownership.triage
        self._rules = compile_rules(ownership.rule, {"product": product_key, "competitor": competitor_key})
        self._meta = tuple(sorted({name for rule in ownership.rule for name in rule.meta}))
        self._product_key = lru_cache(maxsize=_REMEMBERED)(product_key)
        self._competitor_key = lru_cache(maxsize=_REMEMBERED)(competitor_key)
        self._table = RuleTable(self._rules)
        self._readers = {unit: _readers_of(unit, ownership) for unit in self.units}
        self._decisions = [self._decision(rule) for rule in self._rules]

    def route(
        self, insight: Insight, interaction: Interaction, *, at: datetime, corrected: tuple[str, str] | None = None
    ) -> tuple[Route, ...]:
        """Returns the owner's route first, then one for each follower.

        Followers are those of the rule that decided and the units that follow the owner; each once, the owner never.

        Args:
            insight: What is routed.
            interaction: Where it was found.
            at: Time noted with the routes.
            corrected: The unit a person named as the owner, over any rule, with the reason.
        """
        facts = self._facts(insight, interaction)
        owner, place, why, followers = self._decide(facts) if corrected is None else self._as_corrected(facts, *corrected)
        owning = Route(insight.id, owner, place, why, at)
        return (owning, *(Route(insight.id, unit, place, reason, at, owns=False) for unit, reason in followers))

    def explain(self, insight: Insight, interaction: Interaction) -> RouteExplanation:
        """Returns why an insight goes where it goes, which rules lost or nearly matched, and what would reroute it."""
        facts = self._facts(insight, interaction)
        owner, place, why, followers = self._decide(facts)
        return explain_route(
            facts, self._rules, insight_id=insight.id, owner=owner, rule=place, why=why, followers=followers, places=self._place_of
        )

    def test(self) -> list[OwnerTestResult]:
        """Runs the executable examples of the ownership file."""
        results = []
        for number, example in enumerate(self._tests, start=1):
            owner, place, why, _ = self._decide(self._facts_of_test(example))
            results.append(OwnerTestResult(number, example.owner, owner, place, why))
        return results

    def _decide(self, facts: Facts) -> Decision:
        if number := self._table.last_match(facts):
            return self._decisions[number - 1]
        why = f"no rule matches this {facts['kind'][0]}: to triage" if self._rules else "there are no rules: to triage"
        return self._triage, f"{self._shown}:triage", why, self._followers(self._triage, None)

    def _as_corrected(self, facts: Facts, owner: str, why: str) -> Decision:
        """The rules still say who follows."""
        number = self._table.last_match(facts)
        followers = self._followers(owner, self._rules[number - 1] if number else None)
        return owner, CORRECTED, why, tuple((unit, reason) for unit, reason in followers if unit != owner)

    def _decision(self, rule: CompiledRule) -> Decision:
        return rule.owner, f"{self._shown}:rule {rule.number}", rule.why, self._followers(rule.owner, rule)

    def _followers(self, owner: str, rule: CompiledRule | None) -> tuple[tuple[str, str], ...]:
        found = dict.fromkeys(rule.followers, f"follower by rule {rule.number}: {rule.why}") if rule else {}
        for unit in self._readers[owner]:
            found.setdefault(unit, f"follows {owner}")
        return tuple(found.items())

    def _facts(self, insight: Insight, interaction: Interaction) -> Facts:
        return self._fields(
            kind=insight.kind,
            topic=insight.topic,
            product=self._product(insight, interaction),
            competitor=insight.subject if insight.kind is Kind.COMPETITIVE_MENTION else None,
            channel=interaction.channel,
            queue=interaction.queue,
            severity=insight.severity,
            meta=interaction.meta,
        )

    def _product(self, insight: Insight, interaction: Interaction) -> str | None:
        """The product the insight is about where the words name one; else the product the source gives for the contact."""
        about = insight.subject if insight.kind is not Kind.COMPETITIVE_MENTION else ""
        return about if about and self._product_key(about) else interaction.product

    def _facts_of_test(self, example: OwnerTest) -> Facts:
        return self._fields(
            kind=example.kind,
            topic=example.topic,
            product=example.product,
            competitor=example.competitor,
            channel=example.channel,
            queue=example.queue,
            severity=example.severity,
            meta=example.meta,
        )

    def _fields(
        self,
        *,
        kind: str,
        topic: str | None,
        product: str | None,
        competitor: str | None,
        channel: str,
        queue: str | None,
        severity: str,
        meta: Mapping[str, str],
    ) -> Facts:
        facts = {
            "kind": _names(kind),
            "topic": _names(topic),
            "product": _names(product and self._product_key(product), product),
            "competitor": _names(competitor and self._competitor_key(competitor), competitor),
            "channel": _names(channel),
            "queue": _names(queue),
            "severity": _names(severity),
        }
        facts |= {f"meta.{name}": _names(_meta_value(meta, name)) for name in self._meta}
        return {field: names for field, names in facts.items() if names}

    def _place_of(self, number: int) -> str:
        line = line_of(self._lines, ("rule", number - 1))
        return f"{self._shown}:{line}" if line else f"{self._shown}:rule {number}"


def units_of(ownership: Ownership) -> dict[str, BusinessUnit]:
    """Returns the declared units in the file's order, and the triage unit."""
    units = {
        key: BusinessUnit(key, unit.name, unit.cadence, tuple(unit.destinations), tuple(unit.follows), unit.customer_facing)
        for key, unit in ownership.unit.items()
    }
    name = ownership.triage.replace("_", " ").replace("-", " ").capitalize()
    units.setdefault(ownership.triage, BusinessUnit(ownership.triage, name))
    return units


def unknown_units(ownership: Ownership, *, shown: str, lines: Lines | None) -> list[Fault]:
    """Returns a fault for every unit that a rule or a unit names but the file does not declare."""
    known = set(units_of(ownership))
    where = dict(lines or {})

    def fault(path: tuple[str | int, ...], name: str, key: str) -> Fault:
        return Fault(shown, line_of(where, path), key, f'unknown unit "{name}"', nearest(name, known))

    faults = []
    for index, rule in enumerate(ownership.rule):
        if rule.owner not in known:
            faults.append(fault(("rule", index, "owner"), rule.owner, f"rule {index + 1}.owner"))
        faults += [fault(("rule", index, "followers"), name, f"rule {index + 1}.followers") for name in rule.followers if name not in known]
    for key, unit in ownership.unit.items():
        faults += [fault(("unit", key, "follows"), name, f"unit.{key}.follows") for name in unit.follows if name not in known]
    return faults


def _readers_of(owner: str, ownership: Ownership) -> tuple[str, ...]:
    return tuple(sorted(key for key, unit in ownership.unit.items() if owner in unit.follows and key != owner))


def _names(*names: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(normal(name) for name in names if name and not name.isspace()))


def _meta_value(meta: Mapping[str, str], name: str) -> str | None:
    if name in meta:
        return meta[name]
    wanted = name.casefold()
    return next((meta[key] for key in sorted(meta) if key.casefold() == wanted), None)


def _hash_of(ownership: Ownership) -> str:
    rules = [rule.model_dump(mode="json") for rule in ownership.rule]
    follows = {key: sorted(unit.follows) for key, unit in ownership.unit.items()}
    return digest_of("ownership", _MEANING, ownership.triage, json.dumps([rules, follows], sort_keys=True))
