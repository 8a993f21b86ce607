"""E-mail messages: who wrote to whom, when, what the body says, and whether a machine wrote it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime

from insights.domain import digest_of
from insights.readers.encoding import decode_whole
from insights.readers.markup import text_of_html
from insights.readers.values import RefusedError, mend

LONGEST = 8 * 1024 * 1024
"""Bytes of the text of one message."""

MOST_PARTS = 100
"""Multipart containers in one message; real ones have a handful."""

BROKEN = "broken MIME"
NO_MESSAGE_ID = "no Message-ID: a hash of the message is its id"
NO_DATE = "no usable date"
RECEIVED_DATE = "date taken from the last Received header"
UNKNOWN_CHARSET = "unknown charset"

# What the standard library's mail parser raises on broken input, beyond its own errors.
_BREAKS = (MessageError, LookupError, ValueError, AttributeError, TypeError, RecursionError, AssertionError)
_CONTAINER = re.compile(rb"^content-type:\s*multipart/", re.IGNORECASE | re.MULTILINE)
_IDS = re.compile(r"<([^<>\s]{1,900})>")
_AUTO_SUBJECT = re.compile(
    r"^\s*(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|automatische antwort|abwesenheitsnotiz"
    r"|r[ée]ponse automatique|respuesta autom[áa]tica|risposta automatica|automatisch antwoord)\b",
    re.IGNORECASE,
)
_BOUNCE_SENDER = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon)@", re.IGNORECASE)
_REPLY = re.compile(r"^\s*(?:(?:re|aw|fw|fwd|wg|sv|antw|tr|rv)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody's display name, possibly empty, and address in small letters."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Mail:
    """One message.

    Attributes:
        id: Message-ID without brackets.
        references: Message-IDs of the thread, oldest first.
        sender: From, or None.
        receivers: To and Cc.
        subject: Without Re: and Fwd:.
        is_reply: Whether the subject said so.
        at: When it was sent, UTC, or None.
        text: Body, quoted history included.
        meta: Headers worth keeping.
        repairs: What was mended.
        automatic: Why it is no contact (auto-reply, bounce), or empty.
    """

    id: str
    references: tuple[str, ...]
    sender: Party | None
    receivers: tuple[Party, ...]
    subject: str
    is_reply: bool
    at: datetime | None
    text: str
    meta: dict[str, str]
    repairs: tuple[str, ...]
    automatic: str


def parse_mail(raw: bytes) -> Mail:
    """Reads one message.

    Raises:
        RefusedError: It is no message, its parts are nested too deeply, or its text is too long.
    """
    if len(_CONTAINER.findall(raw)) > MOST_PARTS:
        raise RefusedError("MIME parts nested too deeply")
    try:
        message = message_from_bytes(raw, policy=policy.default)
        if not isinstance(message, EmailMessage) or not message.keys():
            raise RefusedError("no mail headers")
        return _mail(message, raw)
    except RecursionError as error:
        raise RefusedError("MIME parts nested too deeply") from error
    except _BREAKS as error:
        raise RefusedError(BROKEN) from error


def _mail(message: EmailMessage, raw: bytes) -> Mail:
    repairs: dict[str, None] = {}
    subject = " ".join(_header(message, "Subject", repairs).split())
    plain = _REPLY.sub("", subject)
    text = _body(message, repairs)
    if len(text) > LONGEST:
        raise RefusedError(f"a message of more than {LONGEST // (1024 * 1024)} MB")
    found = _IDS.search(_header(message, "Message-ID", repairs))
    bare = _header(message, "Message-ID", repairs).strip().strip("<>")
    identity = found[1] if found else bare[:900]
    if not identity:
        identity = f"mail-{digest_of(raw.replace(bytes([13, 10]), bytes([10])).decode('latin-1'))}"
        repairs[NO_MESSAGE_ID] = None
    senders = _parties(message, ("From", "Sender"), repairs)
    return Mail(
        id=identity,
        references=_references(message, repairs),
        sender=senders[0] if senders else None,
        receivers=_parties(message, ("To", "Cc"), repairs),
        subject=plain,
        is_reply=plain != subject,
        at=_sent(message, repairs),
        text=text,
        meta=_meta(message, repairs),
        automatic=_automatic(message, subject, repairs),
        repairs=tuple(repairs),
    )


def _header(message: EmailMessage, name: str, repairs: dict[str, None]) -> str:
    """A header's decoded value; the bare one where the library cannot parse it."""
    try:
        value = message.get(name)
        text = "" if value is None else str(value)
    except _BREAKS:
        text = next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")
    if any("\udc80" <= letter <= "\udcff" for letter in text):
        text, _, name = decode_whole(text.encode("utf-8", "surrogateescape"))
        repairs[f"raw bytes in a header, {name} decoded"] = None
    return mend(text, repairs)


def _parties(message: EmailMessage, names: tuple[str, ...], repairs: dict[str, None]) -> tuple[Party, ...]:
    values = [text for name in names if (text := _header(message, name, repairs))]
    pairs = getaddresses([" ".join(value.split()) for value in values], strict=False)
    found = [Party(" ".join(name.split())[:200], address.strip().lower()[:320]) for name, address in pairs if "@" in address]
    return tuple(dict.fromkeys(found))


def _references(message: EmailMessage, repairs: dict[str, None]) -> tuple[str, ...]:
    chain = _IDS.findall(_header(message, "References", repairs)) + _IDS.findall(_header(message, "In-Reply-To", repairs))[:1]
    return tuple(dict.fromkeys(chain))


def _sent(message: EmailMessage, repairs: dict[str, None]) -> datetime | None:
    """The Date header; where it is missing or impossible the time of the last Received header."""
    at = _date(_header(message, "Date", repairs))
    if at is not None:
        return at
    at = _date(_header(message, "Received", repairs).rpartition(";")[2])
    repairs[NO_DATE if at is None else RECEIVED_DATE] = None
    return at


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text.strip())
        # RFC 5322: the zone -0000 is UTC with nothing said of the sender's place; Python gives it without a zone.
        if found.tzinfo is None and not text.strip().endswith("-0000"):
            return None
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, LookupError, OverflowError):
        return None
    return found if 1970 <= found.year <= 2099 else None


def _body(message: EmailMessage, repairs: dict[str, None]) -> str:
    """The plain text, or the HTML as text where there is no plain text or it is empty."""
    texts: dict[str, list[str]] = {"plain": [], "html": []}
    if not message.is_multipart():
        texts["html" if message.get_content_type() == "text/html" else "plain"].append(_text(message, repairs))
        return _chosen(texts)
    for part in _parts(message):
        if part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment":
            subtype = "html" if part.get_content_subtype() == "html" else "plain"
            if not (texts[subtype] and part.get_content_subtype() not in ("plain", "html")):
                texts[subtype].append(_text(part, repairs))
    return _chosen(texts)


def _chosen(texts: dict[str, list[str]]) -> str:
    plain = "\n\n".join(text.strip() for text in texts["plain"] if text.strip())
    return plain or "\n\n".join(found for text in texts["html"] if (found := text_of_html(text)))


def _parts(message: EmailMessage) -> list[EmailMessage]:
    """All leaf parts in order, without those of an attached message, and without recursion."""
    leaves: list[EmailMessage] = []
    waiting = [message]
    while waiting:
        part = waiting.pop()
        if part.get_content_type() in ("message/rfc822", "message/delivery-status"):
            continue
        payload = part.get_payload()
        if isinstance(payload, list):
            waiting += [child for child in reversed(payload) if isinstance(child, EmailMessage)]
        else:
            leaves.append(part)
    return leaves


def _text(part: EmailMessage, repairs: dict[str, None]) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = part.get_content_charset() or ""
    try:
        text = payload.decode(charset or "utf-8")
    except (LookupError, ValueError):
        text, _, used = decode_whole(payload)
        if charset or used != "utf-8":
            repairs[f"{UNKNOWN_CHARSET}, {used} decoded"] = None
    return _unfolded(mend(text, repairs), part)


def _unfolded(text: str, part: EmailMessage) -> str:
    """Joins the soft line breaks of ``format=flowed`` (RFC 3676); quoted lines stay as they are."""
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    joined: list[str] = []
    is_open = False
    for line in text.split("\n"):
        plain = line.removeprefix(" ")
        if is_open and not plain.startswith(">"):
            joined[-1] += plain
        else:
            joined.append(plain)
        is_open = plain.endswith(" ") and plain != "-- " and not plain.startswith(">")
    return "\n".join(joined)


def _automatic(message: EmailMessage, subject: str, repairs: dict[str, None]) -> str:
    """Why a message is no customer's contact, or an empty text.

    ``Auto-Submitted: auto-generated`` alone does not count: contact forms on web sites send what customers wrote with it.
    """
    if message.get_content_type() == "multipart/report":
        return "a delivery report"
    sender = _parties(message, ("From",), repairs)
    if _header(message, "Return-Path", repairs).strip() == "<>" and (not sender or _BOUNCE_SENDER.match(sender[0].address)):
        return "a bounce"
    if sender and _BOUNCE_SENDER.match(sender[0].address):
        return "a bounce"
    submitted = _header(message, "Auto-Submitted", repairs).strip().lower()
    answers = submitted.startswith(("auto-replied", "auto-notified"))
    marked = any(_header(message, name, repairs) for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply-From"))
    precedence = _header(message, "Precedence", repairs).strip().lower() in ("auto_reply", "auto-reply")
    generated = submitted.startswith("auto-generated") and bool(_header(message, "X-Auto-Response-Suppress", repairs))
    return "an automatic reply" if answers or marked or precedence or generated or _AUTO_SUBJECT.match(subject) else ""


def _meta(message: EmailMessage, repairs: dict[str, None]) -> dict[str, str]:
    kept = {"auto_submitted": "Auto-Submitted", "list_id": "List-Id", "importance": "Importance", "reply_to": "Reply-To"}
    meta = {key: text for key, name in kept.items() if (text := " ".join(_header(message, name, repairs).split())[:1000])}
    attachments = sum(part.get_content_disposition() == "attachment" for part in _parts(message)) if message.is_multipart() else 0
    if attachments:
        meta["attachments"] = str(attachments)
    return meta
