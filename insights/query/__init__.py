"""The search grammar: text to tree and back; a mistake is told with its place."""

from __future__ import annotations

from insights.query.fields import FIELDS, Field
from insights.query.lexer import QueryError
from insights.query.parser import parse
from insights.query.unparser import unparse

__all__ = ["FIELDS", "Field", "QueryError", "parse", "unparse"]
