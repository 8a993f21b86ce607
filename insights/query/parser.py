"""Tokens to tree, by recursive descent.

    query  = branch ("OR" branch)*          branch = term+
    term   = "-" term | "(" query ")" | words | field

Terms side by side must all match and bind closer than ``OR``. An empty search matches everything.
"""

from __future__ import annotations

from collections.abc import Sequence

from insights.domain import AllOf, AnyOf, FieldMatch, Not, QueryNode, Words
from insights.errors import nearest
from insights.query.fields import FIELDS, Field, field_named
from insights.query.lexer import QueryError, Token, tokens

MAX_DEPTH = 40
MAX_TERMS = 200


def parse(text: str) -> QueryNode:
    """Returns the tree of a search such as ``kind:product_issue since:30d -owner:billing "late refund"``.

    Args:
        text: Words, "phrases", word*, field:value[,value], field:"quoted value", field:>=x, field:a..b, -term, OR, ( ).

    Words are looked up in the turns of the contact, by their English stem and without regard to accents: ``cancel`` finds
    "cancelled". Values match in any case of letters.

    Raises:
        QueryError: It cannot be read; the problem points at the place.
    """
    reader = _Reader(text, tokens(text))
    if not reader.tokens:
        return AllOf(())
    tree = reader.query(0)
    rest = reader.peek()
    if rest is not None:
        raise QueryError(text, rest.start, rest.end, "this bracket was never opened", "take it away, or put it in quotes")
    return tree


class _Reader:
    """Goes through the tokens once."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.place = 0
        terms = 0
        for token in tokens:
            terms += max(1, len(token.values))
            if terms > MAX_TERMS:
                raise self.error(token, f"the search has more than {MAX_TERMS} terms", "search for less at once")

    def error(self, token: Token, problem: str, hint: str) -> QueryError:
        return QueryError(self.text, token.start, token.end, problem, hint)

    def peek(self) -> Token | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def query(self, depth: int) -> QueryNode:
        branches = [self.branch(depth)]
        while (token := self.peek()) and token.type == "OR":
            self.place += 1
            branches.append(self.branch(depth, after=token))
        return branches[0] if len(branches) == 1 else AnyOf(_flat(branches, AnyOf))

    def branch(self, depth: int, after: Token | None = None) -> QueryNode:
        terms: list[QueryNode] = []
        while (token := self.peek()) and token.type not in ("OR", ")"):
            terms.append(self.term(depth))
        if not terms:
            # Either OR has nothing on one side, or a bracket nothing inside.
            culprit = after or self.peek() or self.tokens[-1]
            if culprit.type == "OR":
                raise self.error(culprit, "something is missing beside OR", 'write what to search for; for the word itself write "or"')
            raise self.error(culprit, "there is nothing inside the brackets", "write what to search for, or take them away")
        return terms[0] if len(terms) == 1 else AllOf(_flat(terms, AllOf))

    def term(self, depth: int) -> QueryNode:
        token = self.tokens[self.place]
        if depth > MAX_DEPTH:
            raise self.error(token, f"the search is nested deeper than {MAX_DEPTH}", "write it flatter")
        self.place += 1
        if token.type == "words":
            return Words(token.text, token.prefix)
        if token.type == "field":
            return _field_match(self.text, token)
        if token.type == "-":
            return self.negated(token, depth)
        return self.group(token, depth)

    def negated(self, minus: Token, depth: int) -> QueryNode:
        following = self.peek()
        if following is None or following.type in ("OR", ")"):
            raise self.error(minus, "nothing follows the minus", "write it before what to leave out, such as -refund")
        return Not(self.term(depth + 1))

    def group(self, opened: Token, depth: int) -> QueryNode:
        if self.peek() is None:
            raise self.error(opened, "this bracket is never closed", "close it with )")
        inner = self.query(depth + 1)
        closing = self.peek()
        if closing is None:
            raise self.error(opened, "this bracket is never closed", "close it with )")
        self.place += 1
        return inner


def _flat(nodes: Sequence[QueryNode], type_: type[AllOf] | type[AnyOf]) -> tuple[QueryNode, ...]:
    """Lifts children of the same type, so that brackets which change nothing leave no trace."""
    return tuple(leaf for node in nodes for leaf in (node.children if isinstance(node, type_) else (node,)))


def _field_match(text: str, token: Token) -> FieldMatch:
    named = field_named(token.text)
    if named is None:
        end = token.start + len(token.text)
        # An ownership rule speaks of competitors; in a search a competitor is what an insight is about.
        near = 'did you mean "subject"?' if token.text.casefold() == "competitor" else nearest(token.text.casefold(), FIELDS)
        hint = f"{near}; or put it in quotes to search for the words"
        raise QueryError(text, token.start, end, f'there is no field "{token.text}"', hint)
    name, field = named
    first, quoted = token.values[0]
    if token.op:
        return _comparison(text, token, name, field)
    if field.ranges and not quoted and ".." in first and len(token.values) == 1:
        return _range(text, token, name, field)
    if len(token.values) > 1 and not field.several:
        raise QueryError(text, token.value_start, token.end, f"{name} takes one value", f"write {name}: once for each, joined by OR")
    return FieldMatch(name, "=", tuple(_checked(text, token, name, field, value) for value, _ in token.values))


def _comparison(text: str, token: Token, name: str, field: Field) -> FieldMatch:
    if not field.compares or len(token.values) > 1:
        what = f"{name} cannot be compared with {token.op}" if not field.compares else f"{token.op} takes one value"
        known = ", ".join(other for other, rules in FIELDS.items() if rules.compares)
        raise QueryError(text, token.start, token.end, what, f"comparisons work on {known}; times use since: and until:")
    return FieldMatch(name, token.op, (_checked(text, token, name, field, token.values[0][0], stars=False),))


def _range(text: str, token: Token, name: str, field: Field) -> FieldMatch:
    low, _, high = token.values[0][0].partition("..")
    if not low and not high:
        raise QueryError(text, token.value_start, token.end, "a range needs at least one end", f"such as {name}:a..b or {name}:a..")
    ends = tuple(_checked(text, token, name, field, end, stars=False) if end else "" for end in (low, high))
    return FieldMatch(name, "..", ends)


def _checked(text: str, token: Token, name: str, field: Field, value: str, *, stars: bool = True) -> str:
    """Returns a value as the tree holds it: those of a closed set in lower case."""

    def wrong(hint: str) -> QueryError:
        return QueryError(text, token.value_start, token.end, f'{name} knows no "{_short(value)}"', hint)

    if not value.strip():
        raise QueryError(text, token.value_start, token.end, f"the value of {name} is empty", f"leave it out, or use -has:{name}")
    if field.known:
        proper = value.casefold()
        begins = stars and proper.endswith("*") and any(known.startswith(proper[:-1]) for known in field.known)
        if proper not in field.known and not begins:
            raise wrong(nearest(proper, field.known))
        return proper
    if field.shape is not None and not field.shape.fullmatch(value):
        raise wrong(f"it takes {field.looks}")
    return value


def _short(value: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in value)
    return printable if len(printable) <= 40 else printable[:39] + "…"
