"""Files into the store: read, prepared in a pool, stored with cursor and dead letters in one transaction a batch."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from insights import engine, readers
from insights.config.load import Loaded
from insights.config.models import Mapping
from insights.domain import Counts, Reading, Skipped, digest_of
from insights.errors import UsageError
from insights.flow.keys import workspace_key
from insights.flow.prepare import Prepared, Refused, Storable, make_preparer, protected_names
from insights.flow.progress import Progress, silent
from insights.readers import ReadOptions
from insights.registry import sha256_of
from insights.store import Cursor, DeadLetter, Store

BATCH = 500
UNREADABLE = "unknown"
_BATCH_CHARACTERS = 2_000_000


@dataclass(frozen=True, slots=True)
class Feed:
    """One file to be read and how.

    Attributes:
        path: The file.
        source: Name of its feed.
        reader: Name of a reader, or None for the one the content asks for.
        mapping, channel, timezone: As in the configuration.
        root: Folder of the workspace; a file that names no id is named by its path from there.
    """

    path: Path
    source: str
    reader: str | None = None
    mapping: Mapping | None = None
    channel: str | None = None
    timezone: str | None = None
    root: Path | None = None

    def options(self, received_at: datetime) -> ReadOptions:
        """How the reader is told to read it."""
        return ReadOptions(
            source=self.source,
            received_at=received_at,
            mapping=self.mapping,
            channel=self.channel,
            timezone=self.timezone,
            root=self.root,
        )

    @property
    def options_hash(self) -> str:
        """Changes when the file would be read otherwise."""
        mapping = self.mapping.model_dump_json() if self.mapping else ""
        return digest_of(self.source, self.reader or "", mapping, self.channel or "", self.timezone or "")


@dataclass(frozen=True, slots=True)
class FileReport:
    """How the records of one file fared."""

    path: Path
    source: str
    counts: Counts


def configured_feeds(loaded: Loaded) -> list[Feed]:
    """Returns the files of all sources of a workspace, in the order of the configuration.

    Raises:
        UsageError: There is no source, or its path matches nothing.
    """
    if not loaded.settings.source:
        raise UsageError("insights.toml declares no source", "add a [[source]] with name and path, see docs/guide/feeds.md")
    feeds: list[Feed] = []
    for source in loaded.settings.source:
        zone = source.timezone or loaded.declared_zone
        files = files_of(loaded.root, source.path)
        if not files:
            raise UsageError(f"source {source.name}: nothing at {source.path}", "correct its path in insights.toml")
        feeds += [
            Feed(file, source.name, source.reader, loaded.mappings.get(source.name), source.channel, zone, loaded.root) for file in files
        ]
    return feeds


def named_feeds(
    loaded: Loaded, paths: Sequence[Path], *, source: str | None = None, reader: str | None = None, mapping: Mapping | None = None
) -> list[Feed]:
    """Returns the files under paths a person named; the source is the reader's name unless one is given.

    A source of the configuration lends its mapping, channel and zone. A file nobody can read is set aside as a whole later on.

    Raises:
        UsageError: A path does not exist or may not be read, or a reader is unknown.
    """
    declared = {entry.name: entry for entry in loaded.settings.source}
    entry = declared.get(source or "")
    zone = (entry.timezone if entry else None) or loaded.declared_zone
    feeds = []
    for file in (file for path in paths for file in readers.files_in(path)):
        name = source or readers.name_for(file, reader)
        chosen = mapping or loaded.mappings.get(source or "")
        feeds.append(
            Feed(file, name, reader or (entry.reader if entry else None), chosen, entry.channel if entry else None, zone, loaded.root)
        )
    return feeds


def ingest(
    loaded: Loaded, store: Store, feeds: Iterable[Feed], *, received_at: datetime, workers: int, progress: Progress = silent
) -> list[FileReport]:
    """Reads files into the store; doing it twice changes nothing.

    Args:
        loaded: The workspace.
        store: Open for writing.
        feeds: The files.
        received_at: Time of receipt of what is new.
        workers: Processes that prepare records.
        progress: Told after each batch.

    Returns:
        A report a file, whose counts reconcile.

    Raises:
        UsageError: Before anything is stored: a file may not be read, or lacks a mapped column.
    """
    feeds = list(feeds)
    hashes = [_hash_of_readable(store, feed, received_at) for feed in feeds]
    key = workspace_key(loaded.root)
    names = protected_names(loaded.taxonomy, loaded.settings.workspace.organisations)
    make = partial(make_preparer, names, key, loaded.settings.text.max_characters)
    prepare = partial(engine.run, make, workers=workers)
    return [
        _ingest_file(loaded.root, store, feed, file_hash, received_at, prepare, progress)
        for feed, file_hash in zip(feeds, hashes, strict=True)
    ]


def _hash_of_readable(store: Store, feed: Feed, received_at: datetime) -> str:
    """Returns the hash of a file that may be read and has the columns it is mapped by; raises as ``ingest``."""
    readers.name_for(feed.path, feed.reader)
    file_hash = sha256_of(feed.path)
    cursor = store.cursor(feed.source, file_hash, feed.options_hash)
    if feed.mapping is not None and not (cursor and cursor.done):
        # A reader looks for the mapped columns before it gives its first record.
        next(readers.read(feed.path, feed.options(received_at), feed.reader), None)
    return file_hash


def _ingest_file(
    root: Path,
    store: Store,
    feed: Feed,
    file_hash: str,
    received_at: datetime,
    prepare: partial[Iterator[list[Prepared]]],
    progress: Progress,
) -> FileReport:
    cursor = store.cursor(feed.source, file_hash, feed.options_hash)
    if cursor is None:
        cursor = Cursor(feed.source, _shown(root, feed.path), file_hash, feed.options_hash, 0, Counts(), False)
    counts = _seen_before(cursor.counts)
    if cursor.done:
        return FileReport(feed.path, feed.source, counts)
    readings = readers.read(feed.path, feed.options(received_at), feed.reader)
    done = resumed = cursor.records
    for _ in range(done):
        next(readings, None)
    for prepared in prepare(batches(readings)):
        cursor, stored = _store_batch(store, cursor, feed.path, prepared, received_at)
        counts += stored
        done += len(prepared)
        progress(f"ingest {feed.source}", done, None)
    store.ingest([], letters=[], skipped=0, cursor=replace(cursor, done=True))
    if not resumed:
        _close_mended(store, feed, cursor.file, received_at)
    return FileReport(feed.path, feed.source, counts)


def _store_batch(store: Store, cursor: Cursor, path: Path, prepared: Sequence[Prepared], received_at: datetime) -> tuple[Cursor, Counts]:
    rows = [(item.interaction, item.content_hash) for item in prepared if isinstance(item, Storable)]
    letters = [_letter(cursor, path, item, received_at) for item in prepared if isinstance(item, Refused)]
    skipped = sum(isinstance(item, Skipped) for item in prepared)
    cursor = replace(cursor, records=cursor.records + len(prepared))
    counts = store.ingest(rows, letters=letters, skipped=skipped, cursor=cursor)
    return replace(cursor, counts=cursor.counts + counts), counts


def _letter(cursor: Cursor, path: Path, item: Refused, at: datetime) -> DeadLetter:
    """A dead letter that names the file as the workspace sees it, so that another machine gives the same letter."""
    place = item.locator.removeprefix(str(path)) if item.locator.startswith(str(path)) else "#" + item.locator
    locator = cursor.file + place
    identity = digest_of("letter", cursor.source, locator, item.stage, item.digest)
    return DeadLetter(identity, cursor.source, locator, item.stage, item.reason, item.digest, item.excerpt, at, "open")


def _seen_before(counts: Counts) -> Counts:
    """What a file that was read earlier counts today: its stored records are unchanged."""
    stored = counts.stored + counts.replaced + counts.unchanged
    return Counts(read=counts.read, unchanged=stored, skipped=counts.skipped, set_aside=counts.set_aside)


def replay(loaded: Loaded, store: Store, *, received_at: datetime, workers: int, progress: Progress = silent) -> list[dict[str, str | int]]:
    """Reads again the mended files of sources that have open dead letters.

    A letter whose record is read without fault now is marked as replayed; one of a file that was not touched stays open, and so does
    one of a file that no source of the configuration names.

    Returns:
        A row a file: source, file, letters replayed, letters still open.
    """
    before = Counter(_place(letter) for letter in store.dead_letters("open"))
    declared = configured_feeds(loaded) if loaded.settings.source else []
    feeds = [feed for feed in declared if (feed.source, _shown(loaded.root, feed.path)) in before]
    ingest(loaded, store, feeds, received_at=received_at, workers=workers, progress=progress)
    after = Counter(_place(letter) for letter in store.dead_letters("open"))
    return [
        {"source": source, "file": file, "replayed": max(0, count - after[source, file]), "still_open": after[source, file]}
        for (source, file), count in sorted(before.items())
    ]


def _place(letter: DeadLetter) -> tuple[str, str]:
    """Source and file of a letter; a locator is the file's name, with ``:line`` or ``#number`` after it."""
    return letter.source, re.sub(r"[:#][^/:#]*$", "", letter.locator)


def _close_mended(store: Store, feed: Feed, shown: str, received_at: datetime) -> None:
    """Closes the letters of an earlier version of a file that has now been read from its beginning: what was met again carries the new time."""
    mended = [letter.id for letter in store.dead_letters("open") if _place(letter) == (feed.source, shown) and letter.at < received_at]
    if mended:
        store.mark_letters(mended, "replayed")


EXPLAIN_COLUMNS = ("file", "reader", "encoding", "layout", "field", "used_as", "interactions", "skipped", "set_aside")


def explained(feeds: Sequence[Feed], *, received_at: datetime) -> list[dict[str, object]]:
    """Returns a row for each source field of each file: what becomes of it, judged by the first records."""
    rows: list[dict[str, object]] = []
    for feed in feeds:
        if (name := readers.name_for(feed.path, feed.reader)) == UNREADABLE:
            rows.append(
                dict.fromkeys(EXPLAIN_COLUMNS, "")
                | {"file": str(feed.path), "reader": name, "interactions": 0, "skipped": 0, "set_aside": 1}
            )
            continue
        found = readers.explain(feed.path, feed.options(received_at), feed.reader)
        head: dict[str, object] = {"file": str(feed.path), "reader": found.reader, "encoding": found.encoding, "layout": found.layout}
        counts: dict[str, object] = {"interactions": found.interactions, "skipped": found.skipped, "set_aside": found.set_aside}
        rows += [head | {"field": name, "used_as": use} | counts for name, use in found.fields] or [
            head | {"field": "", "used_as": ""} | counts
        ]
    return rows


def remarks(feeds: Sequence[Feed], *, received_at: datetime) -> list[str]:
    """Returns what else the first records show: why some were set aside, what was mended, how the file was understood."""
    lines: list[str] = []
    for feed in feeds:
        found = readers.explain(feed.path, feed.options(received_at), feed.reader)
        lines += [f"{feed.path.name}: {count} set aside: {reason}" for reason, count in found.reasons]
        lines += [f"{feed.path.name}: {count} mended: {repair}" for repair, count in found.repairs]
        lines += [f"{feed.path.name}: {note}" for note in found.notes]
    return lines


def numbers(counts: Counts) -> dict[str, int]:
    """Returns counts as a row."""
    return {field.name: getattr(counts, field.name) for field in fields(counts)}


def batches(readings: Iterator[Reading]) -> Iterator[list[Reading]]:
    """Cuts a stream into batches bounded in records and characters, so that long documents do not fill the memory."""
    batch: list[Reading] = []
    characters = 0
    for reading in readings:
        batch.append(reading)
        characters += sum(len(turn.text) for turn in getattr(reading, "turns", ()))
        if len(batch) >= BATCH or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def files_of(root: Path, pattern: str) -> list[Path]:
    """Returns the files a source's path means: one file, all below a folder, or what a glob matches; none where there is nothing.

    Raises:
        UsageError: A folder may not be read, or the glob is no glob.
    """
    path = root / pattern
    if path.exists() and root.resolve().is_relative_to(path.resolve()):
        raise UsageError(f'"{pattern}" holds the whole workspace, its store too', "name the folder or the files the data are in")
    if path.exists():
        return list(readers.files_in(path))
    if Path(pattern).is_absolute():
        return []
    try:
        return sorted(file for file in root.glob(pattern) if file.is_file())
    except ValueError as error:
        raise UsageError(f"{pattern} is no pattern of files", "write one such as data/*.csv or data/**/*.jsonl") from error


def _shown(root: Path, path: Path) -> str:
    full, home = path.resolve(), root.resolve()
    return str(full.relative_to(home)) if full.is_relative_to(home) else path.name
