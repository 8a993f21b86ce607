"""The connection: opening, migrating, transactions, and SQLite's refusals told as ``StoreError``."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import apsw

from insights.errors import NotFoundError, StoreError, UsageError
from insights.store.schema import APPLICATION_ID, MIGRATIONS

BUSY_MS = 30_000
_TURNS = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
Row = tuple[Any, ...]
Values = Sequence[Any]


class Database:
    """One connection to one store file; the rooms' functions take it as their first argument.

    Args:
        path: Where the file is, for messages.
        connection: Open and configured.
        read_only: Whether writing is refused.
    """

    def __init__(self, path: Path, connection: apsw.Connection, *, read_only: bool = False) -> None:
        self.path = path
        self.connection = connection
        self.read_only = read_only

    @classmethod
    def open(cls, path: Path, *, create: bool = False, read_only: bool = False) -> Self:
        """Opens the store, making or migrating it where needed.

        Args:
            path: The store's file.
            create: Make it where it is missing (mode 600).
            read_only: Change nothing, not even an older layout.

        Raises:
            NotFoundError: It is missing and not to be made.
            StoreError: It is no store, damaged, locked, or of a newer version of the program.
            UsageError: The folder is missing or may not be written.
        """
        if not path.exists():
            if not create or read_only:
                raise NotFoundError(f"there is no store at {path}", "make one with `insights run` or `insights ingest`")
            _make(path)
        with told(path):
            store = cls(path, _connect(path, read_only=read_only), read_only=read_only)
            try:
                store._prepare(fresh=create)
            except BaseException:
                store.connection.close()
                raise
        return store

    def close(self) -> None:
        """Closes the connection; the last one to close empties the write-ahead log."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _prepare(self, *, fresh: bool) -> None:
        version = self._version(fresh=fresh)
        # FULL and not NORMAL: what was reported as stored or sent must outlive a power cut, and one sync a batch costs little.
        for pragma in ("foreign_keys = ON", "secure_delete = ON", "synchronous = FULL", "temp_store = MEMORY", "trusted_schema = OFF"):
            self.connection.execute(f"PRAGMA {pragma}")
        if self.read_only:
            if version < len(MIGRATIONS):
                raise StoreError(f"the store {self.path} has the older layout {version}", "run `insights run` once to bring it up to date")
            self.connection.execute("PRAGMA query_only = ON")
            return
        self._write_ahead()
        if version < len(MIGRATIONS):
            migrate(self, MIGRATIONS)

    def _write_ahead(self) -> None:
        """Switches to a write-ahead log, once in the life of a file."""
        for _ in range(_TURNS):
            try:
                self.connection.execute("PRAGMA journal_mode = WAL")
            except apsw.BusyError:
                # The switch turns a reader's lock into a writer's, which SQLite refuses at once where another process is
                # at it too. Taking the write lock waits in line; then the other one has switched, or it is our turn.
                with self.writing():
                    pass
            else:
                return
        raise StoreError(f"the store {self.path} is locked by another process", "wait for it to finish, then try again")

    def _version(self, *, fresh: bool) -> int:
        # One snapshot: another process may be laying the tables out at this moment.
        with self.reading():
            application, version = self.value("PRAGMA application_id"), self.value("PRAGMA user_version")
            empty = self.value("SELECT count(*) FROM sqlite_schema") == 0
        if application != APPLICATION_ID and not (fresh and application == version == 0 and empty):
            raise StoreError(f"{self.path} is not a store of this program", "name another file, or move this one away")
        if version > len(MIGRATIONS):
            problem = f"the store {self.path} has layout {version}, this program knows up to {len(MIGRATIONS)}"
            raise StoreError(problem, "install the newer version of insights-engine that wrote it")
        return int(version)

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        """Returns all rows of a statement."""
        with told(self.path):
            return list(self.connection.execute(sql, values))

    def row(self, sql: str, values: Values = ()) -> Row | None:
        """Returns the first row of a statement, or None."""
        with told(self.path):
            return next(iter(self.connection.execute(sql, values)), None)

    def value(self, sql: str, values: Values = ()) -> Any:
        """Returns the first value of the first row, or None."""
        found = self.row(sql, values)
        return found[0] if found else None

    def run(self, sql: str, values: Values = ()) -> int:
        """Runs one changing statement; returns how many rows it changed."""
        with told(self.path):
            self.connection.execute(sql, values)
            return self.connection.changes()

    def run_many(self, sql: str, many: Iterable[Values]) -> None:
        """Runs one changing statement for each set of values."""
        with told(self.path):
            self.connection.executemany(sql, many)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction, begun with the write lock: it waits at its start and never fails half-way for a lock."""
        with told(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            with told(self.path):
                self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One snapshot for several statements, so that figures which belong together agree."""
        if self.connection.in_transaction:
            yield
            return
        with told(self.path):
            self.connection.execute("BEGIN")
        try:
            yield
        finally:
            self.connection.execute("COMMIT")

    def recipe(self, name: str) -> int:
        """Returns the number of a recipe, giving it one inside the running transaction where it is new."""
        number = self.recipe_if_known(name)
        if number is None:
            self.run("INSERT INTO recipe (name) VALUES (?)", (name,))
            number = int(self.connection.last_insert_rowid())
        return number

    def recipe_if_known(self, name: str) -> int | None:
        """Returns the number of a recipe, or None where nothing was made by it yet."""
        found = self.value("SELECT id FROM recipe WHERE name = ?", (name,))
        return None if found is None else int(found)

    def next_number(self, name: str) -> int:
        """Takes the next number of a series inside the running transaction."""
        self.run("UPDATE counter SET value = value + 1 WHERE name = ?", (name,))
        return int(self.value("SELECT value FROM counter WHERE name = ?", (name,)))


def migrate(store: Database, migrations: Sequence[str]) -> None:
    """Brings the layout up to date in one transaction, so that a kill leaves the old one or the new one.

    Args:
        store: Open for writing.
        migrations: All of them, the first one first; those the file has already are left out.
    """
    with store.writing():
        # Read again under the lock: another process may have done it while this one waited.
        version = int(store.value("PRAGMA user_version"))
        with told(store.path):
            for statements in migrations[version:]:
                store.connection.execute(statements)
            store.connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            store.connection.execute(f"PRAGMA user_version = {max(version, len(migrations))}")


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Tells SQLite's errors in our words; no value of a row ever enters the message."""
    try:
        yield
    except (apsw.BusyError, apsw.LockedError) as error:
        raise StoreError(f"the store {path} is locked by another process", "wait for it to finish, then try again") from error
    except (apsw.NotADBError, apsw.CorruptError, apsw.FormatError) as error:
        raise StoreError(f"the store {path} is damaged or not a store", "restore a backup, or move it away and ingest again") from error
    except apsw.FullError as error:
        raise StoreError(f"no space is left for the store {path}", "free some space, then run the same command again") from error
    except (apsw.CantOpenError, apsw.PermissionsError, apsw.ReadOnlyError, apsw.IOError) as error:
        raise StoreError(f"the store {path} cannot be read or written", "check the disk and the permissions of file and folder") from error


def _make(path: Path) -> None:
    """Makes the empty file before SQLite would, since SQLite leaves its mode to the umask."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise UsageError(f"the store {path} cannot be made: {error.strerror}", "check that its folder exists and may be written") from error


def _connect(path: Path, *, read_only: bool) -> apsw.Connection:
    flags = apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE
    connection = apsw.Connection(str(path), flags=flags)
    connection.set_busy_timeout(BUSY_MS)
    connection.create_scalar_function("folded", _folded, 1, deterministic=True)
    return connection


def _folded(*values: Any) -> Any:
    (text,) = values
    return text.casefold() if isinstance(text, str) else text


def micros(at: datetime) -> int:
    """Returns an aware time as whole microseconds since 1970 in UTC."""
    return (at - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    """Returns the aware UTC time of ``micros``."""
    return _EPOCH + timedelta(microseconds=value)


def moment_or_none(value: int | None) -> datetime | None:
    """Returns ``moment(value)``, or None for None."""
    return None if value is None else moment(value)


def storable(text: str) -> str:
    """Replaces what SQLite cannot hold, a character for a character, so that offsets stay true.

    A lone surrogate becomes U+FFFD, NUL (which SQLite takes for the end of a text) becomes U+2400.
    """
    if text.isascii() and "\x00" not in text:
        return text
    return _UNSTORABLE.sub(lambda found: "\u2400" if found[0] == "\x00" else "\ufffd", text)
