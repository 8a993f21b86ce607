"""Digests as files: ``UNIT/PERIOD.html``, ``.md``, ``.txt`` and ``.json`` under a folder, and an index page over all of them.

A file is written beside its place and then put there, so that nobody ever reads half of one. Writing the same message
again leaves every file as it is.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from insights.config.models import Destination
from insights.domain import BusinessUnit, Message, digest_of
from insights.errors import DeliveryError
from insights.senders import index

NAME = "folder"
INDEX = "index.html"

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)")


def check(destination: Destination) -> list[str]:
    """Returns what is wrong with a folder's settings."""
    problems = []
    if not (destination.path or "").strip():
        problems.append("a destination of type folder needs a path")
    elif "\0" in (destination.path or ""):
        problems.append("the path holds a NUL character")
    for name in ("to", "sender", "host", "port", "username", "password"):
        if getattr(destination, name):
            problems.append(f"{name} has no meaning for a folder")
    return problems


def send(message: Message, destination: Destination, *, root: Path, secret: Callable[[str], str], unit: BusinessUnit | None = None) -> str:
    """Writes the four renderings and refreshes the index; returns the page's path within the folder.

    Raises:
        DeliveryError: The folder cannot be written. Permanent when the settings are wrong; a full disk or a missing
            permission may be mended before the next attempt.
    """
    del secret, unit
    if problems := check(destination):
        raise DeliveryError(problems[0], "mend the destination in insights.toml", permanent=True)
    folder = root / (destination.path or "")
    place = f"{file_name(message.unit_id)}/{file_name(message.period)}"
    try:
        for ending, content in _files(message):
            _put(folder / f"{place}.{ending}", content)
        _put(folder / INDEX, index.page(folder))
    except OSError as error:
        raise DeliveryError(
            f"cannot write to the folder {destination.path}: {error.strerror or type(error).__name__}",
            "check that the path is a folder that may be written, and that the disk has room",
        ) from error
    return f"{place}.html"


def build(message: Message, destination: Destination, *, unit: BusinessUnit | None = None) -> bytes:
    """Returns the page that ``send`` would write, for a dry run."""
    del destination, unit
    return _bytes(message.html)


def file_name(name: str) -> str:
    """Returns a name that is safe on every file system and keeps different names apart.

    A short name of letters, digits, ``-`` and ``_`` stays as it is; any other has its odd characters replaced and a hash
    added.
    """
    if _SAFE.fullmatch(name) and not _RESERVED.fullmatch(name):
        return name
    readable = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-_")[:40]
    return f"{readable or 'x'}-{digest_of('file', repr(name), size=4)}"


def _files(message: Message) -> list[tuple[str, bytes]]:
    # The page comes last: where it stands, the other three stand too.
    contents = (("json", message.json), ("md", message.markdown), ("txt", message.text), ("html", message.html))
    return [(ending, _bytes(content)) for ending, content in contents]


def _bytes(content: str) -> bytes:
    return content.encode("utf-8", "replace")


def _put(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all; leaves one that holds the same already."""
    if path.is_file() and not path.is_symlink() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(0o640)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Makes a rename durable where the system lets a folder be opened."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
