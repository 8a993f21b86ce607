"""Lines of a text file, each bounded: an endless line costs itself, and reading goes on at the next line feed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from insights.readers.encoding import Encoding, decode
from insights.readers.opening import DAMAGE, DAMAGED_GZIP, HEAD, KEPT

LONGEST = 8 * 1024 * 1024
"""Bytes (characters in UTF-16) of the longest line that is read."""

TOO_LONG = f"a line of more than {LONGEST // (1024 * 1024)} MB"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file.

    Attributes:
        number: 1-based.
        text: Without its line end; empty where ``fault`` is set.
        raw: Its bytes; only the beginning where ``fault`` is set.
        repairs: What decoding had to mend.
        fault: Why it cannot be used, or empty.
    """

    number: int
    text: str
    raw: bytes
    repairs: tuple[str, ...] = ()
    fault: str = ""


def lines_of(handle: io.BufferedReader[Any], encoding: Encoding) -> Iterator[Line]:
    """Yields the lines of an open file; a damaged gzip stream ends it with one faulty line."""
    start = handle.peek(HEAD)[:HEAD]
    handle.read(encoding.bom)
    # Old Mac files end lines with a carriage return alone.
    if encoding.is_wide or (b"\n" not in start and b"\r" in start):
        return _character_lines(handle, encoding)
    return _byte_lines(handle, encoding)


def _byte_lines(handle: io.BufferedReader[Any], encoding: Encoding) -> Iterator[Line]:
    number = 0
    while True:
        number += 1
        try:
            raw = handle.readline(LONGEST + 1)
            is_long = len(raw) > LONGEST
            if is_long:
                _skip_line(handle, raw)
        except DAMAGE:
            yield Line(number, "", b"", fault=DAMAGED_GZIP)
            return
        if not raw:
            return
        if is_long:
            yield Line(number, "", raw[:KEPT], fault=TOO_LONG)
            continue
        text, repairs = decode(raw, encoding)
        yield Line(number, text.rstrip("\r\n"), raw, encoding.repairs + repairs)


def _skip_line(handle: io.BufferedReader[Any], raw: bytes) -> None:
    while raw and not raw.endswith(b"\n"):
        raw = handle.readline(LONGEST)


def _character_lines(handle: io.BufferedReader[Any], encoding: Encoding) -> Iterator[Line]:
    codec = encoding.name if encoding.is_wide else encoding.fallback if encoding.repairs else encoding.name
    stream = io.TextIOWrapper(handle, codec, errors="replace", newline=None)
    number = 0
    try:
        while True:
            number += 1
            try:
                text = stream.readline(LONGEST + 1)
                is_long = len(text) > LONGEST
                rest = text if is_long else "\n"
                while rest and not rest.endswith("\n"):
                    rest = stream.readline(LONGEST)
            except DAMAGE:
                yield Line(number, "", b"", fault=DAMAGED_GZIP)
                return
            if not text:
                return
            raw = text[: KEPT if is_long else None].encode("utf-8", "replace")
            if is_long:
                yield Line(number, "", raw, fault=TOO_LONG)
            else:
                repairs = ("undecodable bytes replaced",) if "\ufffd" in text else ()
                yield Line(number, text.rstrip("\n"), raw, encoding.repairs + repairs)
    finally:
        # Whoever stops reading early has closed the file by now.
        with suppress(ValueError):
            stream.detach()
