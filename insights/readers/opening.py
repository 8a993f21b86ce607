"""Bytes of a file: gzip seen through, heads looked at, whole content only within a limit."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from insights.domain import SetAside
from insights.errors import UsageError

HEAD = 256 * 1024
"""Bytes looked at to tell a format or an encoding."""

KEPT = 4096
"""Bytes of a refused record that are kept for its hash and masked excerpt."""

DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile)
"""What a truncated or corrupted gzip stream raises."""

DAMAGED_GZIP = "the gzip stream is truncated or damaged"


class TooLargeError(Exception):
    """A file that must be held whole is larger than its reader allows."""

    def __init__(self, limit: int) -> None:
        self.reason = f"larger than {limit // (1024 * 1024)} MB, which this format would need in memory at once"
        super().__init__(self.reason)


@contextmanager
def opened(path: Path) -> Iterator[io.BufferedReader[Any]]:
    """Opens a file for buffered reading; gzip content is decompressed on the way, whatever the file is called.

    Raises:
        UsageError: The path is missing, is a folder, or may not be read.
    """
    with _open(path) as plain:
        if plain.peek(2)[:2] != b"\x1f\x8b":
            yield plain
            return
        with gzip.GzipFile(fileobj=plain, mode="rb") as inflated, io.BufferedReader(_Piecewise(inflated), HEAD) as buffered:
            yield buffered


class _Piecewise(io.RawIOBase):
    """A gzip stream in the pieces it comes in: what stands before the damage is given before the damage is told."""

    def __init__(self, inflated: gzip.GzipFile) -> None:
        self._inflated = inflated

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._inflated.read1(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def head_of(path: Path) -> bytes:
    """Returns up to ``HEAD`` bytes of the (decompressed) content; raises as ``opened``, and ``DAMAGE`` for broken gzip."""
    with opened(path) as handle:
        return handle.peek(HEAD)[:HEAD]


def whole(handle: io.BufferedReader[Any], *, limit: int) -> bytes:
    """Returns all bytes of an open file.

    Raises:
        TooLargeError: There are more than ``limit`` bytes.
    """
    content = handle.read(limit + 1)
    if len(content) > limit:
        raise TooLargeError(limit)
    return content


def refused(locator: str, reason: str, content: bytes | str = b"") -> SetAside:
    """Returns a record set aside, with only the beginning of its content."""
    raw = content[:KEPT].encode("utf-8", "replace") if isinstance(content, str) else content
    return SetAside(locator, reason, "read", raw[:KEPT])


def _open(path: Path) -> io.BufferedReader[Any]:
    try:
        return io.BufferedReader(path.open("rb", buffering=0), HEAD)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(f"no such file: {path}", "name an existing file or folder") from error
    except IsADirectoryError as error:
        raise UsageError(f"{path} is a folder", "name its files, or let `files_in` list them") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path is not valid"
        raise UsageError(f"cannot read {path}: {reason}", "check the path and its permissions") from error
