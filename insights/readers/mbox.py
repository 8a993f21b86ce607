"""Mailboxes (``mbox``): threads become interactions, message by message, without holding the file.

Messages are joined by ``References`` and ``In-Reply-To``. A thread is handed on when ``OPEN`` others were touched since,
or when the open ones hold too much; a message that comes after that is an interaction of its own, with the thread's first
id in ``meta``. The id of a thread is the Message-ID of its first message *in this file*, so that a mailbox exported a month
at a time never overwrites the month before, and one exported anew with more answers replaces what it held.
"""

from __future__ import annotations

import io
import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from insights.domain import Reading, SetAside, Skipped
from insights.readers.mail import Mail, parse_mail
from insights.readers.opening import DAMAGE, DAMAGED_GZIP, KEPT, opened, refused
from insights.readers.options import ReadOptions
from insights.readers.plan import Plan, plan_for
from insights.readers.thread import interaction_of_thread
from insights.readers.values import RefusedError

NAME = "mbox"

OPEN = 1000
"""Threads that may be unfinished at once."""

OPEN_CHARACTERS = 16_000_000
"""Characters of text that unfinished threads may hold."""

LONGEST = 64 * 1024 * 1024
"""Bytes of a message with its attachments."""

TWICE = "the same message once more"

_SEPARATOR = re.compile(rb"^From \S.*\d{4}|^From \S+\s*$")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_LINE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """The bytes of one message and the line it begins on; ``fault`` where they are not all there."""

    line: int
    raw: bytes
    fault: str = ""


@dataclass(slots=True)
class _Thread:
    """Messages collected so far."""

    line: int
    mails: list[Mail] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)


def sniff(head: bytes) -> bool:
    """Whether the content begins with a line that separates messages."""
    return bool(_SEPARATOR.match(head.lstrip(b"\r\n").partition(b"\n")[0].rstrip()))


def read(path: Path, options: ReadOptions) -> Iterator[Reading]:
    """Yields a reading for each thread, and one for each message that is skipped or set aside.

    Raises:
        UsageError: The file cannot be opened.
    """
    plan = plan_for(options, has_columns=False)
    threads: OrderedDict[str, _Thread] = OrderedDict()
    root_of: dict[str, str] = {}
    held = 0
    with opened(path) as handle:
        for piece in _pieces(handle):
            found = _parsed(piece, path)
            if not isinstance(found, Mail):
                yield found
                continue
            root = next((root_of[known] for known in (found.id, *found.references[::-1]) if known in root_of), found.id)
            thread = threads.setdefault(root, _Thread(piece.line))
            if found.id in thread.ids:
                yield Skipped(f"{path}:{piece.line}", TWICE)
                continue
            thread.ids.add(found.id)
            thread.mails.append(found)
            threads.move_to_end(root)
            root_of.update((known, root) for known in (found.id, *found.references) if known not in root_of)
            held += len(found.text)
            while threads and (len(threads) > OPEN or held > OPEN_CHARACTERS):
                oldest, done = threads.popitem(last=False)
                held -= sum(len(mail.text) for mail in done.mails)
                for known in {name for mail in done.mails for name in (mail.id, *mail.references)}:
                    if root_of.get(known) == oldest:
                        del root_of[known]
                yield _closed(done, plan, options, path)
    for thread in threads.values():
        yield _closed(thread, plan, options, path)


def _closed(thread: _Thread, plan: Plan, options: ReadOptions, path: Path) -> Reading:
    try:
        return interaction_of_thread(thread.mails, plan, options)
    except RefusedError as error:
        return refused(f"{path}:{thread.line}", error.reason, "\n".join(mail.id for mail in thread.mails))


def _parsed(piece: Piece, path: Path) -> Mail | Skipped | SetAside:
    locator = f"{path}:{piece.line}"
    if piece.fault:
        return refused(locator, piece.fault, piece.raw)
    try:
        mail = parse_mail(_QUOTED_FROM.sub(rb"\1", piece.raw))
    except RefusedError as error:
        return refused(locator, error.reason, piece.raw)
    return Skipped(locator, mail.automatic) if mail.automatic else mail


def _pieces(handle: io.BufferedReader[Any]) -> Iterator[Piece]:
    """Splits a mailbox at its ``From `` lines, which stand at the beginning or after a blank line."""
    lines: list[bytes] = []
    begins, number, size = 0, 0, 0
    is_blank, is_whole = True, True
    try:
        while raw := handle.readline(_LINE):
            number += is_whole
            if is_whole and is_blank and raw.startswith(b"From ") and _SEPARATOR.match(raw.rstrip()):
                if begins:
                    yield _piece(begins, lines, size)
                lines, size, begins = [], 0, number
            elif begins or raw.strip():
                begins = begins or number
                size += len(raw)
                if size <= LONGEST:
                    lines.append(raw)
            is_blank = is_whole and raw in (b"\n", b"\r\n")
            is_whole = raw.endswith(b"\n")
    except DAMAGE:
        yield Piece(begins or 1, b"".join(lines)[:KEPT], DAMAGED_GZIP)
        return
    if begins:
        yield _piece(begins, lines, size)


def _piece(begins: int, lines: list[bytes], size: int) -> Piece:
    raw = b"".join(lines)
    if size > LONGEST:
        return Piece(begins, raw[:KEPT], f"a message of more than {LONGEST // (1024 * 1024)} MB")
    return Piece(begins, raw)
