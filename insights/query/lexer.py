"""Characters to tokens, and the error that points at its place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from insights.errors import UsageError

MAX_CHARACTERS = 4_000
_CONTEXT = 60
_RUN = re.compile(r'[^\s()"]+')
_FIELD = re.compile(r"([^\W\d][\w.-]*):")
_OP = re.compile(r">=|<=|>|<")
_VALUE = re.compile(r'[^\s()",]+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
RESERVED = ("OR", "AND", "NOT")


class QueryError(UsageError):
    """A search that cannot be read.

    Args:
        query: The whole search.
        start: Where the mistake begins, 0-based.
        end: Where it ends, exclusive.
        problem: What is wrong.
        hint: What to type instead.
    """

    def __init__(self, query: str, start: int, end: int, problem: str, hint: str) -> None:
        first = max(0, start - _CONTEXT)
        shown = "".join(character if character.isprintable() else " " for character in query[first : start + _CONTEXT])
        caret = " " * (start - first) + "^" * max(1, min(end - start, len(shown) - (start - first)))
        super().__init__(f"{problem} at character {start + 1}\n  {shown}\n  {caret}", hint)
        self.start = start
        self.end = end


@dataclass(frozen=True, slots=True)
class Token:
    """One token: ``type`` is ``words``, ``field``, ``-``, ``OR``, ``(`` or ``)``.

    Attributes:
        type: What it is.
        start, end: Where it stands.
        text: The words, or the name of the field as it was typed.
        prefix: Whether the words end in ``*``.
        op: Comparison of a field, empty where none was typed.
        values: Values of a field with whether each was quoted.
        value_start: Where a field's values begin.
    """

    type: str
    start: int
    end: int
    text: str = ""
    prefix: bool = False
    op: str = ""
    values: tuple[tuple[str, bool], ...] = ()
    value_start: int = 0


def tokens(query: str) -> list[Token]:
    """Returns the tokens of a search.

    Raises:
        QueryError: It is too long, a quote is not closed, or a sign stands where it means nothing.
    """
    if len(query) > MAX_CHARACTERS:
        raise QueryError(
            query, MAX_CHARACTERS, len(query), f"the search is longer than {MAX_CHARACTERS} characters", "search for less at once"
        )
    found: list[Token] = []
    place = 0
    while place < len(query):
        if query[place].isspace():
            place += 1
            continue
        found.append(_token(query, place))
        place = found[-1].end
    return found


def _token(query: str, start: int) -> Token:
    sign = query[start]
    if sign in "()":
        return Token(sign, start, start + 1)
    if sign == "-":
        if start + 1 == len(query) or query[start + 1].isspace() or query[start + 1] == ")":
            raise QueryError(query, start, start + 1, "nothing follows the minus", "write it before what to leave out, such as -refund")
        return Token("-", start, start + 1)
    if sign == '"':
        text, end = _quoted(query, start)
        prefix = query[end : end + 1] == "*"
        return _words(query, start, end + prefix, text, prefix=prefix)
    named = _FIELD.match(query, start)
    return _field(query, named) if named else _bare(query, start)


def _bare(query: str, start: int) -> Token:
    run = _RUN.match(query, start)
    end = run.end() if run else start + 1
    text = query[start:end]
    if text == "OR":
        return Token("OR", start, end)
    if text in RESERVED:
        mend = "words side by side must all be found" if text == "AND" else "write a minus before what to leave out"
        raise QueryError(query, start, end, f"{text} is not needed", f'{mend}; for the word itself write "{text.lower()}"')
    prefix = text.endswith("*")
    word = text[:-1] if prefix else text
    if "*" in word:
        raise QueryError(query, start, end, "a star stands only at the end of a word", f"such as {word.split('*')[0] or 'refund'}*")
    return _words(query, start, end, word, prefix=prefix)


def _words(query: str, start: int, end: int, text: str, *, prefix: bool) -> Token:
    if not any(character.isalnum() for character in text):
        raise QueryError(
            query, start, end, "there is no letter or digit to search for", "name a word, or a field such as kind:product_issue"
        )
    return Token("words", start, end, text, prefix)


def _field(query: str, named: re.Match[str]) -> Token:
    place = named.end()
    op = _OP.match(query, place)
    value_start = place = op.end() if op else place
    values: list[tuple[str, bool]] = []
    while True:
        value, place = _value(query, named.start(), place)
        values.append(value)
        if query[place : place + 1] != ",":
            break
        place += 1
    return Token("field", named.start(), place, named[1], op=op[0] if op else "", values=tuple(values), value_start=value_start)


def _value(query: str, start: int, place: int) -> tuple[tuple[str, bool], int]:
    if query[place : place + 1] == '"':
        text, end = _quoted(query, place)
        return (text, True), end
    raw = _VALUE.match(query, place)
    if raw is None:
        hint = "write it right after the colon, in quotes if it has spaces; for the words themselves put all of it in quotes"
        raise QueryError(query, start, max(place, start + 1), "a value is missing", hint)
    return (raw[0], False), raw.end()


def _quoted(query: str, start: int) -> tuple[str, int]:
    found = _QUOTED.match(query, start)
    if found is None:
        raise QueryError(query, start, len(query), "a quote is not closed", 'close it with "')
    return _ESCAPED.sub(r"\1", found[1]), found.end()
