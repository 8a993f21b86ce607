"""A single e-mail message (``.eml``): one interaction, or skipped where a machine wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from insights.domain import Reading, Skipped
from insights.readers.mail import parse_mail
from insights.readers.opening import TooLargeError, opened, refused, whole
from insights.readers.options import ReadOptions
from insights.readers.plan import plan_for
from insights.readers.thread import interaction_of_thread
from insights.readers.values import RefusedError

NAME = "eml"

LONGEST = 64 * 1024 * 1024
"""Bytes of a message with its attachments."""

_HEADER = re.compile(rb"^([A-Za-z][A-Za-z0-9-]{1,60}):(?:[ \t]|$)", re.MULTILINE)
_KNOWN = frozenset(
    b"from to cc subject date message-id received return-path mime-version content-type delivered-to reply-to in-reply-to references "
    b"dkim-signature authentication-results content-transfer-encoding x-mailer sender auto-submitted".split()
)


def sniff(head: bytes) -> bool:
    """Whether the content begins with a mail header and has at least two of the usual ones."""
    start = head[:16_384].removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n").replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    names = [name.lower() for name in _HEADER.findall(start)]
    return bool(_HEADER.match(start)) and len({name for name in names if name in _KNOWN}) >= 2


def read(path: Path, options: ReadOptions) -> Iterator[Reading]:
    """Yields the one message.

    Raises:
        UsageError: The file cannot be opened.
    """
    plan = plan_for(options, has_columns=False)
    try:
        with opened(path) as handle:
            raw = whole(handle, limit=LONGEST)
    except TooLargeError as error:
        yield refused(str(path), error.reason)
        return
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    try:
        mail = parse_mail(raw)
        if mail.automatic:
            yield Skipped(str(path), mail.automatic)
        else:
            yield interaction_of_thread([mail], plan, options)
    except RefusedError as error:
        yield refused(str(path), error.reason, raw)
