"""JSON Lines: the interchange format, or any objects with a mapping.

One object a line. Without a mapping the names are those of the interchange format (``id``, ``channel``, ``started_at``,
``customer``, ``product``, ``queue``, ``language``, ``turns`` or ``text``, ``meta``); further fields go to ``meta``.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any

from insights.domain import Reading, SetAside
from insights.readers.encoding import decode, detect
from insights.readers.lines import Line, lines_of
from insights.readers.opening import HEAD, opened, refused
from insights.readers.options import ReadOptions
from insights.readers.plan import plan_for
from insights.readers.table import TOO_DEEP, Row, readings

NAME = "jsonl"

DUPLICATE_KEY = "duplicate key: the last kept"
_ONE_A_LINE = "JSON written over several lines; one object a line is expected"


def sniff(head: bytes) -> bool:
    """Whether the content begins like an object."""
    encoding = detect(head[:1000])
    return decode(head[encoding.bom : 1000], encoding)[0].lstrip().startswith("{")


def read(path: Path, options: ReadOptions) -> Iterator[Reading]:
    """Yields a reading for each line that is not blank.

    Raises:
        UsageError: The file cannot be opened, or a mapped key occurs in none of the first hundred records.
    """
    with opened(path) as handle:
        encoding = detect(handle.peek(HEAD)[:HEAD], options.mapping.encoding if options.mapping else None)
        if options.trace is not None:
            options.trace.encoding = encoding.name
        rows = _rows(handle, path, options, lines_of(handle, encoding))
        first = list(islice(rows, 100))
        keys = list(dict.fromkeys(key for row in first if isinstance(row, Row) for key in row.fields))
        is_mapped = options.mapping is not None and bool(options.mapping.columns.model_dump(exclude_defaults=True))
        plan = plan_for(options, keys if is_mapped and keys else None, needs_id=not is_mapped)
        yield from readings(chain(first, rows), plan, options, channel="unknown")


def _rows(handle: io.BufferedReader[Any], path: Path, options: ReadOptions, lines: Iterator[Line]) -> Iterator[Row | SetAside]:
    reference = options.reference(path)
    decoder = _Decoder()
    for line in lines:
        locator = f"{path}:{line.number}"
        text = line.text.strip()
        if line.fault:
            yield refused(locator, line.fault, line.raw)
        elif line.number == 1 and text in ("{", "["):
            yield refused(str(path), _ONE_A_LINE, handle.peek(1)[:HEAD])
            return
        elif text:
            yield _row(text, line, decoder, locator, f"{reference}:{line.number}")


class _Decoder(json.JSONDecoder):
    """Strict JSON that notices keys written twice."""

    def __init__(self) -> None:
        super().__init__(object_pairs_hook=self._collect, parse_constant=_refuse_constant)
        self.has_repeated = False

    def _collect(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            self.has_repeated = True
        return found


def _row(text: str, line: Line, decoder: _Decoder, locator: str, place: str) -> Row | SetAside:
    decoder.has_repeated = False
    try:
        value = decoder.decode(text)
    except RecursionError:
        return refused(locator, f"JSON {TOO_DEEP}", line.raw)
    except ValueError as error:
        where = f" at column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        return refused(locator, f"invalid JSON{where}", line.raw)
    if not isinstance(value, Mapping):
        return refused(locator, "a JSON value that is no object", line.raw)
    repairs = (*line.repairs, DUPLICATE_KEY) if decoder.has_repeated else line.repairs
    return Row(locator, place, value, line.raw, repairs)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
