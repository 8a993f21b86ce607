"""Results on stdout or into a file: table, JSON, NDJSON, CSV, TSV, Markdown or Parquet, with the same columns in each."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from insights.errors import UsageError, nearest

Row = dict[str, Any]
FORMATS = ("table", "json", "ndjson", "csv", "tsv", "md", "parquet")


def known_choice(what: str, value: str, known: Sequence[str]) -> str:
    """Returns a value that is one of those known.

    Raises:
        UsageError: It is not; ``what`` says of what in the message.
    """
    if value not in known:
        raise UsageError(f'unknown {what} "{value}"', nearest(value, known))
    return value


def _known_format(format: str | None) -> str | None:
    return known_choice("format", format, FORMATS) if format is not None else None


def _in_a_folder(output: Path | None) -> Path | None:
    """Refuses a place that cannot be written before any work is done for it."""
    if output is not None and output.is_dir():
        raise UsageError(f"{output} is a folder", "name a file in it")
    if output is not None and not output.parent.is_dir():
        raise UsageError(f"cannot write {output}: there is no folder {output.parent}", "name a file in a folder that exists")
    return output


FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        "-f",
        callback=_known_format,
        help="table, json, ndjson, csv, tsv, md or parquet; a table on a terminal, NDJSON in a pipe.",
    ),
]
OutputOption = Annotated[Path | None, typer.Option("--output", "-o", callback=_in_a_folder, help="Write to this file instead of stdout.")]

# A cell that begins so is run as a formula by spreadsheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def emit(rows: Iterable[Row], columns: Sequence[str], *, format: str | None, output: Path | None, schema: str) -> None:
    """Writes rows.

    Args:
        rows: Each with all of ``columns``.
        columns: Order of the columns.
        format: One of ``FORMATS``, or None for what suits the place.
        output: File, or None for stdout.
        schema: Name and version of the rows' shape, told in JSON.

    Raises:
        UsageError: An unknown format, or Parquet without a file.
    """
    chosen = format_of(format, output)
    if chosen == "parquet":
        _parquet(list(rows), columns, output)
        return
    if chosen == "ndjson":
        write_lines((_json(row, columns) for row in rows), output)
        return
    if chosen == "json":
        write_text(_whole_json(list(rows), columns, schema), output)
        return
    writers = {"table": _table, "csv": _csv, "tsv": _tsv, "md": _markdown}
    write_text(writers[chosen](list(rows), columns), output)


@dataclass(frozen=True, slots=True)
class Section:
    """One of several tables that make a result together."""

    name: str
    columns: Sequence[str]
    rows: list[Row]


def emit_sections(sections: Sequence[Section], *, format: str | None, output: Path | None, schema: str) -> None:
    """Writes several tables: one after the other as a table or Markdown, an object of lists as JSON, lines that name theirs as NDJSON.

    Args:
        sections: The tables, in their order; an empty one is left out where people read.
        format: As for ``emit``.
        output: File, or None for stdout.
        schema: Name and version of the shape, told in JSON.

    Raises:
        UsageError: A format that holds a single table only.
    """
    chosen = format_of(format, output)
    if chosen == "json":
        tables = {section.name: [_ordered(row, section.columns) for row in section.rows] for section in sections}
        write_text(json.dumps({"schema": schema, **tables}, ensure_ascii=False, indent=1), output)
    elif chosen == "ndjson":
        lines = (
            json.dumps({"section": section.name, **_ordered(row, section.columns)}, ensure_ascii=False)
            for section in sections
            for row in section.rows
        )
        write_lines(lines, output)
    elif chosen in {"table", "md"}:
        write, title = (_markdown, "## {}\n\n") if chosen == "md" else (_table, "{}\n")
        shown = [title.format(section.name) + write(section.rows, section.columns) for section in sections if section.rows]
        write_text("\n\n".join(shown) or "no rows", output)
    else:
        raise UsageError(f"{chosen} holds one table, and this result is of several", "use table, md, json or ndjson")


def format_of(format: str | None, output: Path | None) -> str:
    """Returns the format asked for, or what suits the place: a table on a terminal, NDJSON in a pipe or a file."""
    return known_choice("format", format or ("table" if output is None and sys.stdout.isatty() else "ndjson"), FORMATS)


def write_lines(lines: Iterable[str], output: Path | None) -> None:
    """Writes lines as they come."""
    if output is None:
        for line in lines:
            sys.stdout.write(line + "\n")
        return
    with _whole(output) as part, part.open("w", encoding="utf-8", errors="replace", newline="\n") as handle:
        for line in lines:
            handle.write(line + "\n")


def write_text(text: str, output: Path | None) -> None:
    """Writes a text, ended by one newline."""
    write_lines([text.rstrip("\n")], output)


@contextmanager
def _whole(output: Path) -> Iterator[Path]:
    """Gives a path to write to, put in the place of ``output`` only once it is whole; a pipe or a device is written as it is.

    So a run that breaks off leaves the file it would have replaced, and a file may be the result of a command that reads it.
    """
    if output.exists() and not output.is_file():
        yield output
        return
    target = output.resolve()
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.touch()
        if target.exists():
            part.chmod(target.stat().st_mode & 0o777)
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}", "name a file in a folder that exists and may be written") from error
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, tuple | list | set | frozenset):
        return [_plain(item) for item in value]
    return value


def _ordered(row: Row, columns: Sequence[str]) -> Row:
    return {column: _plain(row.get(column)) for column in columns}


def _json(row: Row, columns: Sequence[str]) -> str:
    return json.dumps(_ordered(row, columns), ensure_ascii=False)


def _whole_json(rows: list[Row], columns: Sequence[str], schema: str) -> str:
    body = [_ordered(row, columns) for row in rows]
    return json.dumps({"schema": schema, "rows": body}, ensure_ascii=False, indent=1)


# What steers a terminal, or turns the direction of writing; a line's end and a tabulator stay.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def harmless(text: str) -> str:
    """Returns a text that steers no terminal: in place of a control character stands a blank."""
    return _STEERING.sub(" ", text.replace("\r\n", "\n"))


def _cell(value: Any) -> str:
    value = _plain(value)
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    return harmless(", ".join(map(str, value)) if isinstance(value, list) else str(value))


def _safe_cell(value: Any) -> str:
    """A text cell that no spreadsheet takes for a formula; numbers stay numbers."""
    text = _cell(value)
    return "'" + text if isinstance(value, str) and value.startswith(_FORMULA) else text


def _separated(delimiter: str) -> Callable[[list[Row], Sequence[str]], str]:
    def write(rows: list[Row], columns: Sequence[str]) -> str:
        buffer = io.StringIO()
        writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_safe_cell(row.get(column)) for column in columns] for row in rows)
        return buffer.getvalue()

    return write


_csv = _separated(",")
_tsv = _separated("\t")


def _markdown(rows: list[Row], columns: Sequence[str]) -> str:
    def escaped(value: Any) -> str:
        text = " ".join(_cell(value).split())
        for sign in "\\|`*_[]<>#":
            text = text.replace(sign, "\\" + sign)
        return text

    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    lines += ["| " + " | ".join(escaped(row.get(column)) for column in columns) + " |" for row in rows]
    return "\n".join(lines)


def _table(rows: list[Row], columns: Sequence[str]) -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    numeric = {column for column in columns if rows and all(isinstance(row.get(column), int | float | None) for row in rows)}
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(" ".join(_cell(row.get(column)).split())) for column in columns))
    buffer = io.StringIO()
    on_terminal = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    console = Console(file=buffer, force_terminal=on_terminal, width=None if sys.stdout.isatty() else 160)
    console.print(table)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) or "no rows"


def _parquet(rows: list[Row], columns: Sequence[str], output: Path | None) -> None:
    if output is None:
        raise UsageError("Parquet goes to a file, not to the screen", "name one with -o FILE")
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({column: [_plain(row.get(column)) for row in rows] for column in columns})
    with _whole(output) as part:
        pq.write_table(table, part)
