"""Query tree to SQL condition: fixed words of SQL and bound values, nothing typed by people in between.

The condition speaks of ``n`` (insight), ``i`` (interaction), ``t`` (its topic or nothing) and ``r`` (its owner's route or nothing).
"""

# ruff: noqa: S608 - statements are put together from this room's own constants; every value is bound.

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from insights.domain import AllOf, AnyOf, FieldMatch, Not, QueryNode, Severity, Signal, Words
from insights.errors import UsageError, nearest
from insights.store.connection import micros, storable
from insights.store.periods import Clock
from insights.store.schema import TURN_BITS

META = "meta."
NAMED = "iif(n.subject = '', n.about, n.subject)"
"""What people read as the subject of an insight: the declared one, else the words themselves."""
Condition = tuple[str, tuple[Any, ...]]
_OPS = ("=", ">=", ">", "<=", "<")


def condition(tree: QueryNode, clock: Clock) -> Condition:
    """Returns the SQL condition of a tree and the values to bind.

    Raises:
        UsageError: A field, comparison or value it does not know.
    """
    match tree:
        case Words():
            return f"i.seq IN (SELECT rowid >> {TURN_BITS} FROM turn_words WHERE turn_words MATCH ?)", (full_text(tree),)
        case FieldMatch():
            return _field(tree, clock)
        case Not(child):
            sql, values = condition(child, clock)
            # A field that is not known must count as not matching, where SQL's own NOT would drop the row.
            return f"NOT ifnull({sql}, 0)", values
        case AllOf(children):
            return _joined(" AND ", "1", [condition(child, clock) for child in children])
        case AnyOf(children):
            return _joined(" OR ", "0", [condition(child, clock) for child in children])


def full_text(words: Words) -> str:
    """Returns words as an FTS5 string, in which nothing is an operator."""
    escaped = storable(words.text).replace('"', '""')
    return f'"{escaped}"' + ("*" if words.prefix else "")


def leaves(tree: QueryNode) -> Iterator[Words | FieldMatch]:
    """Yields every leaf of a tree."""
    match tree:
        case Not(child):
            yield from leaves(child)
        case AllOf(children) | AnyOf(children):
            for child in children:
                yield from leaves(child)
        case Words() | FieldMatch():
            yield tree


def asks_for_decision(tree: QueryNode) -> bool:
    """Whether the tree says itself whether undecided insights are meant."""
    return any(
        isinstance(leaf, FieldMatch) and (leaf.field == "decision" or (leaf.field == "is" and "undecided" in leaf.values))
        for leaf in leaves(tree)
    )


def about_contacts(tree: QueryNode) -> AllOf:
    """Returns the part of a tree's conjunction that speaks of contacts alone: what a rate is to be counted against."""
    parts = tree.children if isinstance(tree, AllOf) else (tree,)
    return AllOf(tuple(part for part in parts if all(_of_contact(leaf) for leaf in leaves(part))))


def _of_contact(leaf: Words | FieldMatch) -> bool:
    return isinstance(leaf, FieldMatch) and (leaf.field in CONTACT_FIELDS or leaf.field.startswith(META))


def _joined(word: str, none: str, parts: list[Condition]) -> Condition:
    if not parts:
        return none, ()
    return "(" + word.join(sql for sql, _ in parts) + ")", tuple(value for _, values in parts for value in values)


def _field(match: FieldMatch, clock: Clock) -> Condition:
    if match.field.startswith(META):
        sql, values = _text("folded(m.value)", match)
        return f"EXISTS (SELECT 1 FROM json_each(i.meta) m WHERE m.key = ? AND {sql})", (match.field[len(META) :], *values)
    if match.field in _COLUMNS:
        return _text(_COLUMNS[match.field], match)
    if match.field in _TIMES:
        return _TIMES[match.field](match, clock)
    if match.field in _OTHERS:
        return _OTHERS[match.field](match)
    raise UsageError(f'there is no field "{match.field}"', nearest(match.field, (*_COLUMNS, *_TIMES, *_OTHERS)))


def _text(column: str, match: FieldMatch) -> Condition:
    """Any of the values in folded letters; ``*`` at the end of a value stands for any ending."""
    _only_equal(match)
    return _joined(" OR ", "0", [_text_value(column, storable(value).casefold()) for value in match.values])


def _text_value(column: str, value: str) -> Condition:
    if value == "*":
        return f"{column} <> ''", ()
    if value.endswith("*"):
        return f"substr({column}, 1, ?) = ?", (len(value) - 1, value[:-1])
    return f"{column} = ?", (value,)


def _only_equal(match: FieldMatch) -> None:
    if match.op != "=":
        raise UsageError(f"{match.field} cannot be compared with {match.op}", "comparisons work on severity and confidence")


def _topic(match: FieldMatch) -> Condition:
    _only_equal(match)
    sql, values = _joined(" OR ", "0", [_text(column, match) for column in ("key", "folded(label)", "printf('t-%04d', number)")])
    return f"n.topic IN (SELECT number FROM topic WHERE {sql})", values


def _issue(match: FieldMatch) -> Condition:
    sql, values = _text("printf('iss-%06d', number)", match)
    return f"printf('T-%04d', n.topic) IN (SELECT topic FROM issue WHERE {sql})", values


def _interaction(match: FieldMatch) -> Condition:
    return _joined(
        " OR ", "0", [_text(column, match) for column in ("folded(i.source_ref)", "i.id", "folded(i.source || '/' || i.source_ref)")]
    )


def _expectation(match: FieldMatch) -> Condition:
    sql, values = _text("e.value", match)
    return f"EXISTS (SELECT 1 FROM json_each(n.missed) e WHERE {sql})", values


def _severity(match: FieldMatch) -> Condition:
    ranks = {str(name): name.rank for name in Severity}

    def rank(value: str) -> int:
        if value not in ranks:
            raise UsageError(f'severity knows no "{value}"', nearest(value, ranks))
        return ranks[value]

    if match.op == "=":
        wanted = [number for name, number in ranks.items() for value in match.values if _fits(name, value)]
        return "n.severity IN (SELECT value FROM json_each(?))", (json.dumps(sorted(set(wanted))),)
    return _ordered("n.severity", match, rank)


def _fits(name: str, value: str) -> bool:
    return name.startswith(value[:-1]) if value.endswith("*") else name == value


def _confidence(match: FieldMatch) -> Condition:
    def number(value: str) -> float:
        try:
            return float(value)
        except ValueError as error:
            raise UsageError(f'confidence knows no "{value}"', "it takes a number such as 0.8") from error

    return _ordered("n.confidence", match, number)


def _ordered(column: str, match: FieldMatch, read: Callable[[str], float]) -> Condition:
    if match.op == "..":
        ends = zip((">=", "<="), match.values, strict=True)
        return _joined(" AND ", "1", [(f"{column} {op} ?", (read(value),)) for op, value in ends if value])
    if match.op not in _OPS:
        raise UsageError(f"{match.field} cannot be compared with {match.op}", "write >=, >, <=, < or a..b")
    return _joined(" OR ", "0", [(f"{column} {match.op} ?", (read(value),)) for value in match.values])


def _since(match: FieldMatch, clock: Clock) -> Condition:
    _only_equal(match)
    return _joined(" OR ", "0", [("i.started_at >= ?", (micros(clock.ago(value) or clock.stretch(value)[0]),)) for value in match.values])


def _until(match: FieldMatch, clock: Clock) -> Condition:
    _only_equal(match)
    return _joined(" OR ", "0", [("i.started_at < ?", (micros(clock.ago(value) or clock.stretch(value)[1]),)) for value in match.values])


def _within(column: str) -> Callable[[FieldMatch, Clock], Condition]:
    def within(match: FieldMatch, clock: Clock) -> Condition:
        if match.op == "..":
            low, high = match.values
            ends = [(f"{column} >= ?", (micros(clock.stretch(low)[0]),))] if low else []
            ends += [(f"{column} < ?", (micros(clock.stretch(high)[1]),))] if high else []
            return _joined(" AND ", "1", ends)
        _only_equal(match)
        spans = [tuple(map(micros, _recent(value, clock))) for value in match.values]
        return _joined(" OR ", "0", [(f"({column} >= ? AND {column} < ?)", span) for span in spans])

    return within


def _recent(value: str, clock: Clock) -> tuple[Any, Any]:
    ago = clock.ago(value)
    return (ago, clock.now) if ago else clock.stretch(value)


def _states(states: dict[str, str]) -> Callable[[FieldMatch], Condition]:
    def state(match: FieldMatch) -> Condition:
        _only_equal(match)
        wanted = [(sql, ()) for value in match.values for name, sql in states.items() if _fits(name, value)]
        if not wanted:
            raise UsageError(f'{match.field} knows no "{match.values[0]}"', nearest(match.values[0], states))
        return _joined(" OR ", "0", wanted)

    return state


_WITH_ISSUE = "printf('T-%04d', n.topic) IN (SELECT topic FROM issue WHERE {})"
_LIVE = "status NOT IN ('archived', 'merged')"
_IS = {
    "undecided": "n.decision = 'undecided'",
    "undated": "i.started_at IS NULL",
    "recurring": _WITH_ISSUE.format(_LIVE),
    **{str(signal): _WITH_ISSUE.format(f"{_LIVE} AND signal = '{signal}'") for signal in Signal},
}
_HAS = {
    "quote": "json_array_length(n.evidence) > 0",
    "topic": "n.topic IS NOT NULL",
    "issue": _WITH_ISSUE.format("1"),
    "owner": "r.unit IS NOT NULL",
    "customer": "i.customer_ref IS NOT NULL",
    "product": "i.product IS NOT NULL",
}
# Kinds, decisions, ids and units are in lower case by their making; what sources name is folded.
_COLUMNS = {
    "kind": "n.kind",
    "subject": f"folded({NAMED})",
    "role": "n.role",
    "decision": "n.decision",
    "id": "n.id",
    "owner": "r.unit",
    "unit": "r.unit",
    "channel": "folded(i.channel)",
    "source": "folded(i.source)",
    "product": "folded(i.product)",
    "queue": "folded(i.queue)",
    "language": "folded(i.language)",
    "customer": "folded(i.customer_ref)",
}
_TIMES = {"since": _since, "until": _until, "on": _within("i.started_at"), "received": _within("i.received_at")}
_OTHERS: dict[str, Callable[[FieldMatch], Condition]] = {
    "topic": _topic,
    "issue": _issue,
    "interaction": _interaction,
    "expectation": _expectation,
    "severity": _severity,
    "confidence": _confidence,
    "is": _states(_IS),
    "has": _states(_HAS),
}
CONTACT_FIELDS = frozenset({"channel", "source", "product", "queue", "language", *_TIMES})
FIELD_NAMES = frozenset({*_COLUMNS, *_TIMES, *_OTHERS})
