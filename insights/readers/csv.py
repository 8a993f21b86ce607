"""Delimited text: CSV with any of the usual delimiters, and TSV; quotes as in RFC 4180.

The first row names the columns. Every value stays text, so that ids keep their leading zeros. A row with more fields than
the header is set aside. A quote that is never closed costs the line it stands on, not the rest of the file.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from insights.domain import Reading, SetAside
from insights.readers.encoding import decode, detect
from insights.readers.lines import LONGEST, Line, lines_of
from insights.readers.opening import HEAD, opened, refused
from insights.readers.options import ReadOptions
from insights.readers.plan import plan_for, shown_columns
from insights.readers.table import Row, readings

NAME = "csv"

DELIMITERS = ",;\t|"
MOST_LINES = 10_000
"""Lines that one record may run over."""

NEVER_CLOSED = "a quote that is never closed"
TOO_LONG_RECORD = f"a record of more than {LONGEST // (1024 * 1024)} MB or {MOST_LINES} lines"
SHORT_ROW = "row shorter than the header"
_TO_QUOTE = re.compile(r'[^"]*(?:""[^"]*)*')


@dataclass(frozen=True, slots=True)
class Record:
    """The fields of one record, with the lines it stands on; ``fault`` where they are none."""

    line: Line
    fields: list[str]
    raw: bytes
    repairs: tuple[str, ...]
    fault: str = ""


def sniff(head: bytes) -> bool:
    """Whether the first lines have the same number of fields, two or more, with one delimiter."""
    return bool(delimiter_of(_sample(head)))


def read(path: Path, options: ReadOptions) -> Iterator[Reading]:
    """Yields a reading for each row, or for each group of rows in the layout ``turn``.

    Raises:
        UsageError: The file cannot be opened, or a mapped column does not exist.
    """
    mapping = options.mapping
    with opened(path) as handle:
        head = handle.peek(HEAD)[:HEAD]
        encoding = detect(head, mapping.encoding if mapping else None)
        delimiter = (mapping.delimiter if mapping else None) or delimiter_of(_sample(head, mapping.encoding if mapping else None)) or ","
        records = records_of(lines_of(handle, encoding), delimiter)
        header = next((record for record in records if record.fault or any(record.fields)), None)
        if header is None or header.fault:
            yield refused(str(path), f"no header: {header.fault}" if header else "nothing but blank lines")
            return
        columns = column_names(header.fields)
        plan = plan_for(options, columns)
        if options.trace is not None:
            options.trace.encoding = encoding.name if encoding.fallback == encoding.name else f"{encoding.name}, else {encoding.fallback}"
            options.trace.note("delimiter: " + {"\t": "tab"}.get(delimiter, delimiter))
            options.trace.uses.update((column, plan.use_of(column)) for column in columns)
        if not plan.text and not plan.turns:
            yield refused(
                str(path), f"no column named text; declare columns in a mapping (there are: {shown_columns(columns)})", header.raw
            )
            return
        yield from readings(_rows(records, columns, path, options.reference(path)), plan, options, channel="unknown")


def delimiter_of(sample: Sequence[str]) -> str:
    """Returns the delimiter by which the sample's lines have the most even number of fields, or an empty text.

    Half the lines must have as many fields as the first, unless that one names columns as the interchange format does.
    """
    best, best_score = "", 0.0
    for delimiter in DELIMITERS:
        lines = (Line(number, text, b"") for number, text in enumerate(sample, start=1))
        records = [record.fields for record in records_of(lines, delimiter) if not record.fault and any(record.fields)]
        counts = [len(fields) for fields in records]
        if not records or sum(bool(name.strip()) for name in records[0]) < 2:
            continue
        is_own = any(name.strip().casefold() in ("text", "turns") for name in records[0])
        even = sum(count == counts[0] for count in counts) / len(counts)
        score = even + min(counts[0], 50) / 1000
        if (even >= 0.5 or is_own) and score > best_score:
            best, best_score = delimiter, score
    return best


def column_names(header: Sequence[str]) -> list[str]:
    """Returns distinct names: an empty one becomes ``column_3``, a repeated one ``name_2``."""
    names: dict[str, None] = {}
    copies: Counter[str] = Counter()
    for number, name in enumerate(header, start=1):
        plain = " ".join(name.replace("\0", "").split())[:200] or f"column_{number}"
        chosen = plain
        while chosen in names:
            copies[plain] += 1
            chosen = f"{plain}_{copies[plain] + 1}"
        names[chosen] = None
    return list(names)


def records_of(lines: Iterator[Line], delimiter: str) -> Iterator[Record]:
    """Splits lines into records, a quoted field over as many lines as it needs; the first record is the header."""
    again: deque[Line] = deque()
    width, patience = 0, MOST_LINES
    while (line := again.popleft() if again else next(lines, None)) is not None:
        if line.fault:
            yield Record(line, [], line.raw, (), line.fault)
            continue
        if not line.text.strip():
            continue
        if '"' not in line.text:
            record = Record(line, line.text.split(delimiter), line.raw, line.repairs)
        else:
            record = _quoted(line, lines, again, delimiter, width, patience)
            # A file full of stray quotes must not be looked through to the limit from every line.
            patience = max(4, patience // 4) if record.fault else MOST_LINES
        width = width or len(record.fields)
        yield record


def _quoted(line: Line, lines: Iterator[Line], again: deque[Line], delimiter: str, width: int, patience: int) -> Record:
    """A record with quotes; where the quote opened on its first line was meant for nothing, that line alone is lost."""
    fields: list[str] = []
    is_odd, pending = _scan(line.text, 0, delimiter, fields, None)
    taken, size = [line], len(line.raw)
    while pending is not None:
        following = again.popleft() if again else next(lines, None)
        is_over = following is not None and (size + len(following.raw) > LONGEST or len(taken) >= patience)
        if following is not None:
            taken.append(following)
            size += len(following.raw)
        if following is None or following.fault or is_over:
            return _never_closed(taken, lines, again, delimiter, width, is_over=is_over)
        pending.append("\n")
        is_odd, pending = _scan(following.text, 0, delimiter, fields, pending)
        if is_odd:
            again.extendleft(reversed(taken[1:]))
            return Record(line, [], line.raw, (), NEVER_CLOSED)
    repairs = tuple(dict.fromkeys(repair for one in taken for repair in one.repairs))
    return Record(line, fields, b"".join(one.raw for one in taken), repairs)


def _never_closed(taken: list[Line], lines: Iterator[Line], again: deque[Line], delimiter: str, width: int, *, is_over: bool) -> Record:
    """What to do where a quote stays open: read the following lines again if they are rows, else they are one long record."""
    line, rest = taken[0], taken[1:]
    rows = sum(one.text.count(delimiter) == width - 1 or bool(one.fault) for one in rest)
    if 2 * rows >= len(rest):
        again.extendleft(reversed(rest))
        return Record(line, [], line.raw, (), NEVER_CLOSED)
    if is_over:
        # The line that went over the limit may hold the closing quote as well as any later one.
        is_open = _scan(rest[-1].text, 0, delimiter, [], [])[1] is not None
        while is_open and (following := again.popleft() if again else next(lines, None)) is not None:
            is_open = _scan(following.text, 0, delimiter, [], [])[1] is not None
    return Record(line, [], line.raw, (), TOO_LONG_RECORD if is_over else NEVER_CLOSED)


def _scan(text: str, place: int, delimiter: str, fields: list[str], pending: list[str] | None) -> tuple[bool, list[str] | None]:
    """Splits one line onto ``fields``.

    Args:
        text: The line.
        place: Where to begin.
        delimiter: One character.
        fields: Fields of the record so far; added to.
        pending: Parts of a quoted field that is still open, or None.

    Returns:
        Whether something stood between a closing quote and the next delimiter; the parts of a field still open, or None.
    """
    is_odd = False
    while True:
        if pending is None and text.startswith('"', place):
            pending, place = [], place + 1
        if pending is not None:
            end = _TO_QUOTE.match(text, place).end()  # type: ignore[union-attr]  # it matches everywhere, if only nothing
            pending.append(text[place:end].replace('""', '"'))
            if end == len(text):
                return is_odd, pending
            place = end + 1
        stop = text.find(delimiter, place)
        rest = text[place : stop if stop >= 0 else None]
        is_odd = is_odd or (pending is not None and bool(rest.strip()))
        fields.append("".join(pending or ()) + rest)
        pending = None
        if stop < 0:
            return is_odd, None
        place = stop + 1


def _rows(records: Iterator[Record], columns: list[str], path: Path, reference: str) -> Iterator[Row | SetAside]:
    width = len(columns)
    for record in records:
        number = record.line.number
        locator = f"{path}:{number}"
        fields, repairs = record.fields, record.repairs
        if record.fault:
            yield refused(locator, record.fault, record.raw)
            continue
        if len(fields) > width:
            if any(fields[width:]):
                yield refused(locator, f"{len(fields)} fields where the header has {width}", record.raw)
                continue
            fields = fields[:width]
        if not any(fields):
            continue
        if len(fields) < width:
            repairs = (*repairs, SHORT_ROW)
        yield Row(locator, f"{reference}:{number}", dict(zip(columns, fields, strict=False)), record.raw, repairs)


def _sample(head: bytes, declared: str | None = None) -> list[str]:
    """The first complete lines of a file."""
    encoding = detect(head, declared)
    text = decode(head[encoding.bom : 64 * 1024], encoding)[0].replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    return lines[: 100 if len(lines) < 2 or len(head) < HEAD else min(100, len(lines) - 1)]
