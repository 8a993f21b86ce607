"""Faults of an ownership file that its model cannot see: unknown names, rules that can never win, units nobody routes to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice, product

from insights.config.models import OwnerRule, Ownership
from insights.config.toml import line_of
from insights.domain import Kind, Severity
from insights.errors import Fault, nearest
from insights.route.router import Lines, Router, unknown_units
from insights.route.rules import TOPIC_ID, CompiledRule, KeyOf, Pattern, compile_rules, normal, values_of

# Above so many combinations a rule is taken to be able to win: the check may miss a dead rule, never accuse a live one.
_MOST_CASES = 4_096
_EVERY = {"kind": tuple(Pattern(kind.value) for kind in Kind), "severity": tuple(Pattern(level.value) for level in Severity)}


def check_ownership(
    ownership: Ownership,
    *,
    shown: str = "ownership.toml",
    lines: Lines | None = None,
    topics: Mapping[str, Kind],
    products: Collection[str],
    competitors: Collection[str],
    product_key: KeyOf | None = None,
    competitor_key: KeyOf | None = None,
) -> list[Fault]:
    """Returns every fault of the rules, the units and the executable examples, in the file's order.

    Units that follow each other, or themselves, are no fault: following is one step deep.

    Args:
        ownership: The file's content.
        shown: Name of the file in the faults.
        lines: Lines of its keys, from ``config.toml.locate``.
        topics: Declared topic keys with their kinds; ids of discovered topics (``T-0042``) are always accepted.
        products: Names by which a rule may call a product: keys, labels, aliases. Where none are declared, rules may
            use the sources' own words and are not checked.
        competitors: The same for competitors.
        product_key: As for ``Router``; used by the examples.
        competitor_key: As for ``Router``.
    """
    where = dict(lines or {})
    keys = {name: key for name, key in (("product", product_key), ("competitor", competitor_key)) if key}
    rules = compile_rules(ownership.rule, keys)
    faults = unknown_units(ownership, shown=shown, lines=lines)
    runnable = not faults
    for index, rule in enumerate(ownership.rule):
        found = [
            *_unknown_names(rule, topics, products, competitors),
            *_contradictions(rule, topics),
            *_shadowed(rules[index], rules[index + 1 :]),
        ]
        faults += [
            Fault(shown, line_of(where, ("rule", index, field)), f"rule {index + 1}" + (f".{field}" if field else ""), problem, hint)
            for field, problem, hint in found
        ]
    faults += [
        Fault(
            shown,
            line_of(where, ("unit", key)),
            f"unit.{key}",
            "no rule leads to it and it follows nobody",
            "name it in a rule or remove it",
        )
        for key in _idle_units(ownership)
    ]
    for index, example in enumerate(ownership.test):
        if example.topic and not _known_topic(Pattern(normal(example.topic)), topics):
            hint = nearest(example.topic, topics)
            faults.append(
                Fault(shown, line_of(where, ("test", index, "topic")), f"test {index + 1}.topic", f'unknown topic "{example.topic}"', hint)
            )
    if runnable:
        for result in Router(ownership, shown=shown, lines=lines, **{f"{field}_key": key for field, key in keys.items()}).test():
            if not result.passed:
                problem = f"expected {result.expected}, got {result.got} ({result.why})"
                line = line_of(where, ("test", result.number - 1))
                faults.append(Fault(shown, line, f"test {result.number}", problem, "mend the rule or the example"))
    return sorted(faults, key=lambda fault: fault.line)


def unclaimed(ownership: Ownership, topics: Mapping[str, Kind]) -> list[str]:
    """Returns the topics that no rule can ever claim, whatever else is said of an insight: they always go to triage.

    Args:
        ownership: The file's content.
        topics: Declared topic keys with their kinds.
    """
    rules = compile_rules(ownership.rule, {})
    return [key for key, kind in topics.items() if not any(_may_claim(rule, key, kind) for rule in rules)]


def _may_claim(rule: CompiledRule, topic: str, kind: Kind) -> bool:
    facts = {"topic": (normal(topic),), "kind": (kind.value,)}
    if any(condition.field == "competitor" for condition in rule.conditions) and kind is not Kind.COMPETITIVE_MENTION:
        return False
    return all(condition.holds(facts[condition.field]) for condition in rule.conditions if condition.field in facts)


def _unknown_names(
    rule: OwnerRule, topics: Mapping[str, Kind], products: Collection[str], competitors: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    kinds = [kind.value for kind in Kind]
    for field, known in (("kind", kinds), ("topic", topics), ("product", products), ("competitor", competitors)):
        for text in values_of(getattr(rule, field)):
            pattern = Pattern.parse(text)
            accepted = _known_topic(pattern, topics) if field == "topic" else _names_any(pattern, known)
            if not accepted and (known or field == "topic"):
                problem = f'no {field} matches "{text}"' if pattern.prefix else f'unknown {field} "{text}"'
                yield field, problem, nearest(text.rstrip("*"), known)
    for field, given in _listed(rule):
        if not given:
            yield field, "is an empty list, which nothing matches", "name a value or remove the key"
        for text in given:
            if "*" in text[:-1]:
                yield field, f'"{text}" has a * that is not at its end', "a pattern is a beginning and *"


def _listed(rule: OwnerRule) -> Iterator[tuple[str, list[str]]]:
    for field in ("kind", "topic", "product", "competitor", "channel", "queue"):
        if (given := getattr(rule, field)) is not None:
            yield field, values_of(given)
    for name, given in sorted(rule.meta.items()):
        yield f"meta.{name}", values_of(given)


def _names_any(pattern: Pattern, known: Collection[str]) -> bool:
    return any(pattern.accepts(normal(name)) for name in known)


def _known_topic(pattern: Pattern, topics: Collection[str]) -> bool:
    discovered = "t-".startswith(pattern.text) or pattern.text.startswith("t-") if pattern.prefix else bool(TOPIC_ID.match(pattern.text))
    return discovered or _names_any(pattern, topics)


def _contradictions(rule: OwnerRule, topics: Mapping[str, Kind]) -> Iterator[tuple[str, str, str]]:
    kinds = [Pattern.parse(text) for text in values_of(rule.kind)]
    if not kinds:
        return
    if rule.competitor is not None and not any(pattern.accepts(Kind.COMPETITIVE_MENTION) for pattern in kinds):
        yield "competitor", "can never match: only a competitive_mention has a competitor", 'use kind = "competitive_mention"'
    for text in values_of(rule.topic):
        named = {key: kind for key, kind in topics.items() if Pattern.parse(text).accepts(normal(key))}
        if named and not any(pattern.accepts(kind) for pattern in kinds for kind in named.values()):
            key, kind = min(named.items())
            yield "topic", f'"{text}" can never match: topic {key} is {kind}', f'use kind = "{kind}" or leave the kind out'


def _shadowed(rule: CompiledRule, later: Sequence[CompiledRule]) -> Iterator[tuple[str, str, str]]:
    """A rule is dead when each case it can match is taken by one of the rules after it."""
    if not all(condition.patterns for condition in rule.conditions):
        return
    fields = {**_EVERY, **{condition.field: condition.patterns for condition in rule.conditions}}
    fields["kind"] = tuple(every for every in _EVERY["kind"] if any(own.covers(every) for own in fields["kind"]))
    cases = list(islice(product(*fields.values()), _MOST_CASES + 1))
    takers: set[int] = set()
    for values in cases if len(cases) <= _MOST_CASES else ():
        case = dict(zip(fields, values, strict=True))
        taker = next((other.number for other in later if _takes(other, case)), None)
        if taker is None:
            return
        takers.add(taker)
    if len(takers) == 1:
        (taker,) = takers
        yield "", f"can never win: rule {taker} after it takes all it matches", f"move it after rule {taker} or remove it"
    elif takers:
        which = ", ".join(str(number) for number in sorted(takers))
        yield "", f"can never win: rules {which} after it take all it matches", f"move it after rule {max(takers)} or remove it"


def _takes(rule: CompiledRule, case: Mapping[str, Pattern]) -> bool:
    return all(condition.field in case and condition.covers(case[condition.field]) for condition in rule.conditions)


def _idle_units(ownership: Ownership) -> list[str]:
    reached = {ownership.triage} | {rule.owner for rule in ownership.rule}
    reached |= {name for rule in ownership.rule for name in rule.followers}
    return [key for key, unit in ownership.unit.items() if key not in reached and not unit.follows]
