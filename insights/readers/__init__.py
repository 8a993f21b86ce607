"""Readers turn files of any supported format into interactions, one bad record costing one record.

A reader is a module with ``NAME``, ``sniff(head)`` and ``read(path, options)``. To add a format, put its module here and its
name into ``READERS``, or give an entry point ``insights.readers`` from another package; the contract test then runs over it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from itertools import chain, islice
from pathlib import Path
from typing import Protocol, cast

from insights.domain import Interaction, Reading, SetAside
from insights.errors import UsageError, nearest
from insights.readers.opening import DAMAGE, DAMAGED_GZIP, head_of, opened, refused
from insights.readers.options import ReadOptions, Trace

__all__ = [
    "READERS",
    "Explanation",
    "ReadOptions",
    "Reader",
    "Reading",
    "Trace",
    "choose",
    "explain",
    "files_in",
    "known_readers",
    "name_for",
    "read",
]

READERS: tuple[str, ...] = ("parquet", "xlsx", "webvtt", "mbox", "jsonl", "eml", "transcript", "csv")
"""Names of the modules here, in the order in which they look at a file: the surest signs first."""

EMPTY = "an empty file"
UNRECOGNISED = "content that no reader recognises; name one with --reader"


class Reader(Protocol):
    """What a module must have to read a format."""

    NAME: str

    def sniff(self, head: bytes) -> bool:
        """Whether content that begins with ``head`` (decompressed) is of this format; never raises."""
        ...

    def read(self, path: Path, options: ReadOptions) -> Iterator[Reading]:
        """Yields what the file holds, a reading a record, without holding the file.

        Raises:
            UsageError: Before the first reading: the file cannot be opened, or a mapped column does not exist.
        """
        ...


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a file is read, from the reading of its first records.

    Attributes:
        path: The file.
        reader: Name of the reader chosen.
        encoding: Encoding of its text, empty for a binary format.
        layout: Layout of a table, empty elsewhere.
        fields: Source field and what becomes of it, in the order first seen.
        interactions, skipped, set_aside: Counts among the first records.
        repairs: What was mended in them, and in how many.
        reasons: Why records were set aside, and how many.
        notes: Further decisions, such as the delimiter.
    """

    path: Path
    reader: str
    encoding: str
    layout: str
    fields: tuple[tuple[str, str], ...]
    interactions: int
    skipped: int
    set_aside: int
    repairs: tuple[tuple[str, int], ...]
    reasons: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]


def known_readers() -> tuple[str, ...]:
    """Returns the names of all readers: those here, then those of other packages."""
    return READERS + tuple(sorted(set(_further()) - set(READERS)))


def choose(path: Path, name: str | None = None) -> Reader:
    """Returns the reader of that name, or the first that recognises the file by its content.

    Raises:
        UsageError: The name is unknown, the file cannot be opened, or nobody recognises its content.
    """
    if name is not None:
        if name not in READERS and name not in _further():
            raise UsageError(f'no reader named "{name}"', nearest(name, known_readers()))
        return _load(name)
    try:
        head = head_of(path)
    except DAMAGE as error:
        raise UsageError(f"cannot read {path}: {DAMAGED_GZIP}", "fetch the file again") from error
    found = _recognise(head)
    if found is None:
        raise UsageError(f"no reader recognises {path}", "name one with --reader: " + ", ".join(known_readers()))
    return found


def name_for(path: Path, name: str | None = None) -> str:
    """Returns the name of the reader that ``read`` would take, or ``unknown`` where it would set the file aside.

    Raises:
        UsageError: The name is unknown or the file cannot be opened.
    """
    if name is not None:
        return choose(path, name).NAME
    try:
        found = _recognise(head_of(path))
    except DAMAGE:
        found = None
    return found.NAME if found else "unknown"


def read(path: Path, options: ReadOptions, name: str | None = None) -> Iterator[Reading]:
    """Yields what a file holds; a file that cannot be read as a whole is one record set aside, never an exception.

    Raises:
        UsageError: Before the first reading: an unknown reader's name, a path that is missing or may not be read, or a
            mapped column that does not exist.
    """
    reader = choose(path, name) if name is not None else None
    try:
        with opened(path) as handle:
            head = handle.peek(1)
        if not head:
            yield refused(str(path), EMPTY)
            return
        reader = reader or _recognise(head_of(path))
        if reader is None:
            yield refused(str(path), UNRECOGNISED, head)
            return
        yield from reader.read(path, options)
    except DAMAGE:
        yield refused(str(path), DAMAGED_GZIP)
    except OSError as error:
        yield refused(str(path), f"cannot be read: {error.strerror or type(error).__name__}")


def explain(path: Path, options: ReadOptions, name: str | None = None, *, sample: int = 100) -> Explanation:
    """Returns how a file is read and what its first ``sample`` records become; raises as ``choose`` and ``read``."""
    reader = choose(path, name)
    trace = Trace()
    interactions, skipped, set_aside = 0, 0, 0
    repairs: dict[str, int] = {}
    reasons: dict[str, int] = {}
    for reading in islice(read(path, replace(options, trace=trace), reader.NAME), sample):
        if isinstance(reading, Interaction):
            interactions += 1
            for repair in reading.repairs:
                repairs[repair] = repairs.get(repair, 0) + 1
        elif isinstance(reading, SetAside):
            set_aside += 1
            reasons[reading.reason] = reasons.get(reading.reason, 0) + 1
        else:
            skipped += 1
    return Explanation(
        path=path,
        reader=reader.NAME,
        encoding=trace.encoding,
        layout=trace.layout,
        fields=tuple(trace.uses.items()),
        interactions=interactions,
        skipped=skipped,
        set_aside=set_aside,
        repairs=tuple(sorted(repairs.items())),
        reasons=tuple(sorted(reasons.items())),
        notes=tuple(trace.notes),
    )


def files_in(path: Path) -> list[Path]:
    """Returns the file itself, or every file below a folder in sorted order.

    Hidden files and folders are left out, and so are links to folders and links that lead out of the folder.

    Raises:
        UsageError: The path is missing or a folder below it may not be read.
    """
    if path.is_file():
        return [path]
    if not path.exists():
        raise UsageError(f"no such file or folder: {path}", "name an existing file or folder")
    if not path.is_dir():
        return [path]
    inside = path.resolve()
    found = []
    for folder, folders, files in os.walk(path, onerror=_refuse_folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        places = [Path(folder) / name for name in files if not name.startswith(".")]
        found += [place for place in places if place.is_file() and place.resolve().is_relative_to(inside)]
    return sorted(found, key=lambda place: place.as_posix())


def _refuse_folder(error: OSError) -> None:
    raise UsageError(f"cannot read the folder {error.filename}: {error.strerror}", "check its permissions") from error


def _load(name: str) -> Reader:
    if name in READERS:
        return cast(Reader, import_module(f"insights.readers.{name}"))
    return cast(Reader, _further()[name].load())


def _recognise(head: bytes) -> Reader | None:
    """The first reader that knows the content; those of other packages are looked for only where none here does."""
    return next((reader for name in chain(READERS, _names_of_others()) if (reader := _load(name)).sniff(head)), None)


def _names_of_others() -> Iterator[str]:
    yield from known_readers()[len(READERS) :]


@cache
def _further() -> dict[str, EntryPoint]:
    """Readers of other packages; looking through what is installed takes as long as reading a small file."""
    return {point.name: point for point in entry_points(group="insights.readers")}
