"""Excel workbooks (``.xlsx``): one sheet, whose first row names the columns.

A workbook is a zip archive that has to be unpacked in memory, the sheet as a grid; both are measured first, so that neither
a zip bomb nor two cells at opposite ends of a sheet can fill the memory. Dates come as dates; other numbers become text
without the ``.0`` a spreadsheet gives them.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from insights.domain import Reading, SetAside
from insights.errors import UsageError, nearest
from insights.readers.csv import column_names
from insights.readers.opening import DAMAGE, DAMAGED_GZIP, TooLargeError, opened, refused, whole
from insights.readers.options import ReadOptions
from insights.readers.plan import plan_for, shown_columns
from insights.readers.table import Row, readings
from insights.readers.values import as_meta

NAME = "xlsx"

MOST_BYTES = 256 * 1024 * 1024
"""Bytes of the workbook, packed or unpacked."""

MOST_RATIO = 200
"""Times a part of more than a megabyte may grow on unpacking; spreadsheets grow five- to thirtyfold."""

MOST_CELLS = 30_000_000
"""Cells of the grid, empty ones included."""

BOMB = "the workbook would unpack to too much"
DAMAGED = "no workbook, or a damaged one"

_PLACE = re.compile(rb"""\br=["']([A-Z]{0,3})(\d{1,10})["']""")


def sniff(head: bytes) -> bool:
    """Whether the content is a zip archive."""
    return head.startswith(b"PK\x03\x04")


def read(path: Path, options: ReadOptions) -> Iterator[Reading]:
    """Yields a reading for each row, or for each group of rows in the layout ``turn``.

    Raises:
        UsageError: The file cannot be opened, or a mapped column or the mapped sheet does not exist.
    """
    try:
        with opened(path) as handle:
            content = whole(handle, limit=MOST_BYTES)
    except TooLargeError as error:
        yield refused(str(path), error.reason)
        return
    except DAMAGE:
        yield refused(str(path), DAMAGED_GZIP)
        return
    try:
        fault = _fault(content)
    except TooLargeError as error:
        fault = error.reason
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, OSError):
        fault = DAMAGED
    if fault:
        yield refused(str(path), fault)
        return
    try:
        cells = _cells(content, options.mapping.sheet if options.mapping else None)
    except _DamagedError:
        yield refused(str(path), DAMAGED)
        return
    yield from _readings(cells, path, options)


class _DamagedError(Exception):
    """The workbook cannot be parsed."""


def _fault(content: bytes) -> str:
    """Measures a workbook before anything unpacks it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if not any(part.filename.startswith("xl/") for part in parts):
            return "a zip archive that is no workbook; unpack it and read its files"
        if sum(part.file_size for part in parts) > MOST_BYTES:
            return BOMB
        if any(part.file_size > 1_000_000 and part.file_size > MOST_RATIO * max(part.compress_size, 1) for part in parts):
            return BOMB
        sheets = [part for part in parts if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml")]
        return BOMB if any(_cells_of_grid(archive, part) > MOST_CELLS for part in sheets) else ""


def _cells_of_grid(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """How many cells a sheet spans from the first to the last that is written."""
    rows, columns, rest = 1, 1, b""
    with archive.open(part) as stream:
        while chunk := stream.read(1024 * 1024):
            for letters, digits in _PLACE.findall(rest + chunk):
                rows = max(rows, int(digits))
                columns = max(columns, _column_number(letters))
            rest = chunk[-20:]
    return rows * columns


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _cells(content: bytes, sheet: str | None) -> Iterator[list[Any]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = workbook.sheet_names
        if sheet is not None and sheet not in names:
            raise UsageError(f'the mapping names a sheet "{sheet}" that does not exist', nearest(sheet, names))
        if not names:
            raise _DamagedError
        grid = workbook.get_sheet_by_name(sheet or names[0])
        return iter(grid.to_python(skip_empty_area=False))
    except UsageError:
        raise
    except (CalamineError, ValueError, OSError, LookupError, zipfile.BadZipFile) as error:
        raise _DamagedError from error
    except BaseException as error:
        # The library is written in Rust; its panics are no Exception.
        if type(error).__name__ == "PanicException":
            raise _DamagedError from error
        raise


def _readings(cells: Iterator[list[Any]], path: Path, options: ReadOptions) -> Iterator[Reading]:
    numbered = enumerate(cells, start=1)
    header: list[str] = next((texts for _, row in numbered if any(texts := [as_meta(value, {}) for value in row])), [])
    if not any(header):
        yield refused(str(path), "an empty sheet")
        return
    while header and not header[-1]:
        header.pop()
    columns = column_names(header)
    plan = plan_for(options, columns)
    if options.trace is not None:
        options.trace.uses.update((column, plan.use_of(column)) for column in columns)
    if not plan.text and not plan.turns:
        yield refused(str(path), f"no column named text; declare columns in a mapping (there are: {shown_columns(columns)})")
        return
    yield from readings(_rows(numbered, columns, path, options.reference(path)), plan, options, channel="unknown")


def _rows(numbered: Iterator[tuple[int, list[Any]]], columns: list[str], path: Path, reference: str) -> Iterator[Row | SetAside]:
    width = len(columns)
    for place, row in numbered:
        values = [_value(cell) for cell in row]
        if not any(value not in ("", None) for value in values):
            continue
        fields = dict(zip(columns, values, strict=False))
        found = Row(f"{path}#{place}", f"{reference}#{place}", fields)
        if any(value not in ("", None) for value in values[width:]):
            yield found.refused(f"more fields than the header, which has {width}")
        else:
            yield found


def _value(cell: Any) -> object:
    if isinstance(cell, datetime | date):
        return cell
    if isinstance(cell, time | timedelta):
        return str(cell)
    return as_meta(cell, {}) if isinstance(cell, bool | int | float) else cell
