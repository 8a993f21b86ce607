"""Values of sources as text: mended where odd, refused where of a wrong type, never shown in a message."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime

from insights.readers.times import shape_of

NUL_REMOVED = "NUL removed"
SURROGATE_REPLACED = "lone surrogate replaced"
LONGEST_ID = 1000

_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?")


class RefusedError(Exception):
    """One record cannot be read; ``reason`` is one line without the record's text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def mend(text: str, repairs: dict[str, None]) -> str:
    """Returns text that any store can hold: no NUL, no lone surrogate, line feeds as line ends.

    NUL is taken out, not replaced, so that it cannot hide an address or a number from redaction. What was mended is
    added to ``repairs`` (a dict serves as an ordered set); line ends are not worth a word.
    """
    if "\0" in text:
        text = text.replace("\0", "")
        repairs[NUL_REMOVED] = None
    if "\r" in text:
        text = _LINE_ENDS.sub("\n", text)
    if not text.isascii() and _SURROGATE.search(text):
        # Two halves that stand together are one character that was only written oddly.
        paired = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if "\ufffd" in paired and paired.count("\ufffd") > text.count("\ufffd"):
            repairs[SURROGATE_REPLACED] = None
        text = paired
    return text


def words(value: object, field: str, repairs: dict[str, None]) -> str:
    """Returns the text of a field that must be text; empty for None.

    Raises:
        RefusedError: It is a number, a list or anything else.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return mend(value, repairs).strip()
    raise RefusedError(f"{field}: expected text, got {shape_of(value)}")


def label(value: object, field: str, repairs: dict[str, None]) -> str:
    """Returns a short value such as an id or a product as text; numbers keep their digits.

    Raises:
        RefusedError: It is a truth value, a list, an object, or longer than an id may be.
    """
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RefusedError(f"{field}: expected text, got {shape_of(value)}")
    text = "" if value != value else mend(str(value), repairs).strip()
    if len(text) > LONGEST_ID:
        raise RefusedError(f"{field}: longer than {LONGEST_ID} characters")
    return text


def as_meta(value: object, repairs: dict[str, None]) -> str:
    """Returns any value as text for ``meta``; empty for nothing and for a number that is none."""
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return mend(value, repairs).strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple | Mapping):
        return mend(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str), repairs) if value else ""
    if isinstance(value, bytes | bytearray):
        return f"{len(value)} bytes"
    return mend(str(value), repairs)
