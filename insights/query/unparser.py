"""Tree to text: the shortest search that gives the same tree again."""

from __future__ import annotations

import re

from insights.domain import AllOf, AnyOf, FieldMatch, Not, QueryNode, Words
from insights.query.lexer import RESERVED

_PLAIN_WORD = re.compile(r'(?!-|[^\W\d][\w.-]*:)[^\s()"*]+')
_PLAIN_VALUE = re.compile(r'(?![<>])[^\s()",]+')


def unparse(tree: QueryNode) -> str:
    """Returns a search for which ``parse(unparse(tree)) == tree`` holds, for every tree that ``parse`` gives."""
    match tree:
        case Words():
            return _words(tree)
        case FieldMatch():
            return _field(tree)
        case Not(child):
            return "-" + _bracketed(child, AllOf, AnyOf)
        case AllOf(children):
            return " ".join(_bracketed(child, AllOf, AnyOf) for child in children)
        case AnyOf(children):
            return " OR ".join(_bracketed(child, AnyOf) for child in children)


def _bracketed(tree: QueryNode, *loose: type[QueryNode]) -> str:
    text = unparse(tree)
    return f"({text})" if isinstance(tree, loose) else text


def _words(words: Words) -> str:
    plain = _PLAIN_WORD.fullmatch(words.text) and words.text not in RESERVED
    return (words.text if plain else _quoted(words.text)) + ("*" if words.prefix else "")


def _field(match: FieldMatch) -> str:
    if match.op == "..":
        return f"{match.field}:{match.values[0]}..{match.values[1]}"
    op = "" if match.op == "=" else match.op
    return f"{match.field}:{op}" + ",".join(value if _PLAIN_VALUE.fullmatch(value) else _quoted(value) for value in match.values)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
