"""Ownership rules compiled for matching: what a rule asks, and whether the facts of an insight answer it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from insights.config.models import OwnerRule
from insights.domain import Severity

TOPIC_ID = re.compile(r"^t-\d+$")
_REMEMBERED = 65_536
_TEXT_FIELDS = ("kind", "topic", "product", "competitor", "channel", "queue")

KeyOf = Callable[[str], str | None]
"""Finds the taxonomy's key of a name, or None."""

# Field name (``kind`` … ``severity``, ``meta.NAME``) to its values; several values are names of the same thing, such as a
# product's key and the source's word for it. A field that is absent is unknown.
Facts = Mapping[str, tuple[str, ...]]


def normal(text: str) -> str:
    """Returns free text as it is compared: case folded, runs of white space as one blank."""
    return " ".join(text.casefold().split())


@dataclass(frozen=True, slots=True)
class Pattern:
    """One accepted value; ``prefix`` for a pattern that ended in ``*``. ``text`` is normal and without the star."""

    text: str
    prefix: bool = False

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Returns the pattern that ``text`` writes."""
        return cls(normal(text[:-1]), True) if text.endswith("*") else cls(normal(text))

    def accepts(self, value: str) -> bool:
        """Tells whether a normal value matches."""
        return value.startswith(self.text) if self.prefix else value == self.text

    def covers(self, other: Pattern) -> bool:
        """Tells whether every value that ``other`` accepts is accepted here too."""
        return self.accepts(other.text) if self.prefix or not other.prefix else False

    def __str__(self) -> str:
        return self.text + ("*" if self.prefix else "")


@dataclass(frozen=True, slots=True)
class Condition:
    """What a rule asks of one field: any of the patterns.

    Attributes:
        field: ``kind``, ``topic``, …, ``severity`` or ``meta.NAME``.
        patterns: As written, in order; ``>=high`` is spelt out.
        shown: For people, such as ``topic refund_* or refund_late``.
    """

    field: str
    patterns: tuple[Pattern, ...]
    shown: str
    exact: frozenset[str]
    prefixes: tuple[str, ...]

    @classmethod
    def of(cls, field: str, patterns: Iterable[Pattern], shown: str = "") -> Condition:
        """Returns the condition that ``field`` matches one of ``patterns``."""
        given = tuple(dict.fromkeys(patterns))
        text = shown or f"{field} " + " or ".join(str(pattern) for pattern in given)
        exact = frozenset(pattern.text for pattern in given if not pattern.prefix)
        return cls(field, given, text, exact, tuple(pattern.text for pattern in given if pattern.prefix))

    def holds(self, values: tuple[str, ...]) -> bool:
        """Tells whether one of the field's values is accepted; an unknown field, without values, never is."""
        return any(value in self.exact or (bool(self.prefixes) and value.startswith(self.prefixes)) for value in values)

    def covers(self, pattern: Pattern) -> bool:
        """Tells whether everything that ``pattern`` accepts fulfils this condition."""
        return any(own.covers(pattern) for own in self.patterns)


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One ``[[rule]]``.

    Attributes:
        number: Place in the file, from 1.
        owner: Unit id.
        followers: Unit ids, without the owner and without repetition.
        conditions: All must hold; none means that everything matches.
        why: The rule's own reason, or one made from its conditions.
    """

    number: int
    owner: str
    followers: tuple[str, ...]
    conditions: tuple[Condition, ...]
    why: str

    def matches(self, facts: Facts) -> bool:
        """Tells whether every condition holds."""
        return not self.missed(facts)

    def missed(self, facts: Facts) -> list[Condition]:
        """Returns the conditions that do not hold."""
        return [condition for condition in self.conditions if not condition.holds(facts.get(condition.field, ()))]


class RuleTable:
    """All rules at once, a bit each: what a field's values leave possible is worked out once and then remembered.

    Args:
        rules: In the file's order.
    """

    def __init__(self, rules: Sequence[CompiledRule]) -> None:
        self._every = (1 << len(rules)) - 1
        self._asking: dict[str, list[tuple[int, Condition]]] = {}
        for rule in rules:
            for condition in rule.conditions:
                self._asking.setdefault(condition.field, []).append((1 << (rule.number - 1), condition))
        self._possible = lru_cache(maxsize=_REMEMBERED)(self._left_by)

    def last_match(self, facts: Facts) -> int:
        """Returns the number of the last rule that matches, 0 where none does."""
        possible = self._every
        for field in self._asking:
            possible &= self._possible(field, facts.get(field, ()))
        return possible.bit_length()

    def _left_by(self, field: str, values: tuple[str, ...]) -> int:
        refusing = sum(bit for bit, condition in self._asking[field] if not condition.holds(values))
        return self._every & ~refusing


def compile_rules(rules: Iterable[OwnerRule], keys: Mapping[str, KeyOf] | None = None) -> tuple[CompiledRule, ...]:
    """Compiles the rules of an ownership file, in the file's order.

    Args:
        rules: The rules.
        keys: Field, ``product`` or ``competitor``, to what finds the taxonomy's key of a name: a rule that says
            ``product = "Fibre 500"`` then also means every other name of that product.
    """
    return tuple(_compile(number, rule, keys or {}) for number, rule in enumerate(rules, start=1))


def values_of(given: str | list[str] | None) -> list[str]:
    """Returns one or more values of a rule as a list; an empty one for None."""
    if given is None:
        return []
    return [given] if isinstance(given, str) else given


def _compile(number: int, rule: OwnerRule, keys: Mapping[str, KeyOf]) -> CompiledRule:
    conditions = tuple(_conditions(rule, keys))
    asked = " and ".join(condition.shown for condition in conditions) or "everything"
    followers = tuple(name for name in dict.fromkeys(rule.followers) if name != rule.owner)
    why = " ".join(rule.why.split()) or f"rule {number}: {asked} → {rule.owner}"
    return CompiledRule(number, rule.owner, followers, conditions, why)


def _conditions(rule: OwnerRule, keys: Mapping[str, KeyOf]) -> Iterable[Condition]:
    for field in _TEXT_FIELDS:
        given = getattr(rule, field)
        if given is not None:
            written = [Pattern.parse(text) for text in values_of(given)]
            shown = f"{field} " + " or ".join(str(pattern) for pattern in written)
            named = [keys[field](text) for text in values_of(given) if not text.endswith("*")] if field in keys else []
            yield Condition.of(field, [*written, *(Pattern(normal(key)) for key in named if key)], shown)
    if rule.severity is not None:
        yield _severity(rule.severity)
    for name in sorted(rule.meta):
        yield Condition.of(f"meta.{name}", map(Pattern.parse, values_of(rule.meta[name])))


def _severity(written: str) -> Condition:
    least = written.startswith(">=")
    word = written.removeprefix(">=")
    accepted = [level.value for level in Severity if level.rank >= Severity(word).rank] if least else [word]
    shown = f"severity {word} or worse" if least and len(accepted) > 1 else f"severity {word}"
    return Condition.of("severity", map(Pattern, accepted), shown)
