"""E-mail messages: who wrote to whom, when, what the body says, and whether a machine wrote it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import InvalidBase64CharactersDefect, InvalidBase64LengthDefect, InvalidBase64PaddingDefect, MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from insights.domain import digest_of
from insights.readers.encoding import decode_whole
from insights.readers.markup import text_of_html
from insights.readers.values import RefusedError, mend

LONGEST = 8 * 1024 * 1024
"""Bytes of the text of one message."""

MOST_PARTS = 100
"""Multipart containers in one message; real ones have a handful."""

LONGEST_HEADER = 20_000
"""Characters of a header that are looked at."""

MOST_REFERENCES = 50
"""Ids of a thread that are followed, the newest."""

BROKEN = "broken MIME"
TOO_DEEP = "MIME parts nested too deeply"
UNDECODABLE = "broken MIME: a base64 part that cannot be decoded"
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
# Headers that mail servers and programs add for each other.
_TECHNICAL = re.compile(
    r"^x-(?:(?:ms|microsoft|google|gm|sg|ses|mailgun|pm|tm|me|sa|qq|ui|get|php|uid|status|keywords|account-key|sender|list|loop|source|amp|cse"
    r"|yahoo|gnd|csa|abuse|priority|report|entity|envelope|return|eop|sid|feedback-id|msmail|topics)(?:-|$)"
    r"|spam|virus|mailer|mailman|origin|forward|exchange|mime|proofpoint|barracuda|antiabuse|authent|autore|auto-re|auto-resp|received|delivered"
    r"|mozilla|ironport|forefront|eopattr|clam|scanned|rspamd|dkim|complaints-to|accept-|beenthere|campaign|provags)",
    re.IGNORECASE,
)
_MOST_FURTHER = 30
_KEPT = ("auto-submitted", "list-id", "importance", "reply-to")
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
        further: The company's own ``X-`` headers, by name in small letters.
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
    further: dict[str, str]
    repairs: tuple[str, ...]
    automatic: str


def parse_mail(raw: bytes) -> Mail:
    """Reads one message.

    The parser's older policy is used: it leaves headers undecoded, which is several times faster, and the newer one's
    parser of structured headers fails in many ways on broken input.

    Raises:
        RefusedError: It is no message, its parts are nested too deeply, or its text is too long.
    """
    if len(_CONTAINER.findall(raw)) > MOST_PARTS:
        raise RefusedError(TOO_DEEP)
    try:
        message = message_from_bytes(raw, policy=policy.compat32)
    except RecursionError as error:
        raise RefusedError(TOO_DEEP) from error
    except _BREAKS as error:
        raise RefusedError(BROKEN) from error
    repairs: dict[str, None] = {}
    headers: dict[str, str] = {}
    for name, value in message.raw_items():
        headers.setdefault(name.lower(), str(value))
    if not headers:
        raise RefusedError("no mail headers")
    try:
        return _mail(message, headers, raw, repairs)
    except _BREAKS as error:
        raise RefusedError(BROKEN) from error


def _mail(message: Message, headers: dict[str, str], raw: bytes, repairs: dict[str, None]) -> Mail:
    subject = " ".join(_decoded(headers.get("subject", ""), repairs).split())
    plain = _REPLY.sub("", subject)
    text = _body(message, repairs)
    if len(text) > LONGEST:
        raise RefusedError(f"a message of more than {LONGEST // (1024 * 1024)} MB")
    senders = _parties(headers, ("from", "sender"), repairs)
    return Mail(
        id=_identity(headers, raw, repairs),
        references=_references(headers),
        sender=senders[0] if senders else None,
        receivers=_parties(headers, ("to", "cc"), repairs),
        subject=plain,
        is_reply=plain != subject,
        at=_sent(headers, repairs),
        text=text,
        meta=_meta(message, headers, repairs),
        further=_further(headers, repairs),
        automatic=_automatic(message.get_content_type(), headers, senders, subject),
        repairs=tuple(repairs),
    )


def _identity(headers: dict[str, str], raw: bytes, repairs: dict[str, None]) -> str:
    given = headers.get("message-id", "")
    found = _IDS.search(given)
    identity = mend(found[1] if found else given.strip().strip("<>")[:900], repairs)
    if identity:
        return identity
    repairs[NO_MESSAGE_ID] = None
    return f"mail-{digest_of(raw.replace(bytes([13, 10]), bytes([10])).decode('latin-1'))}"


def _decoded(value: str, repairs: dict[str, None]) -> str:
    """A header's text: encoded words (RFC 2047) decoded, raw bytes guessed; what goes beyond any real header is left out."""
    value = value[:LONGEST_HEADER]
    if not value.isascii():
        value, _, used = decode_whole(value.encode("utf-8", "surrogateescape"))
        repairs[f"raw bytes in a header, {used} decoded"] = None
    if "=?" not in value:
        return mend(value, repairs)
    try:
        parts = decode_header(value)
    except _BREAKS:
        return mend(value, repairs)
    return mend("".join(_word(part, charset, repairs) for part, charset in parts), repairs)


def _word(part: bytes | str, charset: str | None, repairs: dict[str, None]) -> str:
    if isinstance(part, str):
        return part
    try:
        return part.decode(charset or "ascii")
    except (LookupError, ValueError):
        text, _, used = decode_whole(part)
        repairs[f"{UNKNOWN_CHARSET}, {used} decoded"] = None
        return text


def _parties(headers: dict[str, str], names: tuple[str, ...], repairs: dict[str, None]) -> tuple[Party, ...]:
    values = [" ".join(headers[name][:LONGEST_HEADER].split()) for name in names if headers.get(name)]
    found = []
    for name, address in getaddresses(values):
        if "@" in address:
            plain = mend(address.encode("utf-8", "replace").decode(), {}).strip().lower()[:320]
            found.append(Party(" ".join(_decoded(name, repairs).split())[:200], plain))
    return tuple(dict.fromkeys(found))


def _references(headers: dict[str, str]) -> tuple[str, ...]:
    chain = _IDS.findall(headers.get("references", ""))[-MOST_REFERENCES:] + _IDS.findall(headers.get("in-reply-to", ""))[:1]
    return tuple(dict.fromkeys(mend(name, {}) for name in chain))


def _sent(headers: dict[str, str], repairs: dict[str, None]) -> datetime | None:
    """The Date header; where it is missing or impossible the time of the last Received header."""
    at = _date(headers.get("date", ""))
    if at is not None:
        return at
    at = _date(headers.get("received", "").rpartition(";")[2])
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


def _body(message: Message, repairs: dict[str, None]) -> str:
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


def _parts(message: Message) -> list[Message]:
    """All leaf parts in order, without those of an attached message, and without recursion."""
    leaves: list[Message] = []
    waiting = [message]
    while waiting:
        part = waiting.pop()
        if part.get_content_type() in ("message/rfc822", "message/delivery-status"):
            continue
        payload = part.get_payload()
        if isinstance(payload, list):
            waiting += [child for child in reversed(payload) if isinstance(child, Message)]
        else:
            leaves.append(part)
    return leaves


def _text(part: Message, repairs: dict[str, None]) -> str:
    payload = part.get_payload(decode=True)
    if any(isinstance(defect, InvalidBase64LengthDefect) for defect in part.defects):
        raise RefusedError(UNDECODABLE)
    if any(isinstance(defect, InvalidBase64CharactersDefect | InvalidBase64PaddingDefect) for defect in part.defects):
        repairs["damaged base64, what could be decoded kept"] = None
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


def _unfolded(text: str, part: Message) -> str:
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


def _automatic(content_type: str, headers: dict[str, str], senders: tuple[Party, ...], subject: str) -> str:
    """Why a message is no customer's contact, or an empty text.

    ``Auto-Submitted: auto-generated`` alone does not count: contact forms on web sites send what customers wrote with it.
    """
    if content_type == "multipart/report":
        return "a delivery report"
    if (senders and _BOUNCE_SENDER.match(senders[0].address)) or (not senders and headers.get("return-path", "").strip() == "<>"):
        return "a bounce"
    submitted = headers.get("auto-submitted", "").strip().lower()
    is_answer = submitted.startswith(("auto-replied", "auto-notified"))
    is_marked = any(name in headers for name in ("x-autoreply", "x-autorespond", "x-auto-reply-from"))
    is_marked = is_marked or headers.get("precedence", "").strip().lower() in ("auto_reply", "auto-reply")
    is_generated = submitted.startswith("auto-generated") and "x-auto-response-suppress" in headers
    return "an automatic reply" if is_answer or is_marked or is_generated or _AUTO_SUBJECT.match(subject) else ""


def _meta(message: Message, headers: dict[str, str], repairs: dict[str, None]) -> dict[str, str]:
    found = ((name, " ".join(_decoded(headers.get(name, ""), repairs).split())[:1000]) for name in _KEPT)
    meta = {name.replace("-", "_"): text for name, text in found if text}
    attachments = sum(part.get_content_disposition() == "attachment" for part in _parts(message)) if message.is_multipart() else 0
    if attachments:
        meta["attachments"] = str(attachments)
    return meta


def _further(headers: dict[str, str], repairs: dict[str, None]) -> dict[str, str]:
    """The ``X-`` headers a company adds for itself, such as ``x-queue``: short and not those of mail programs."""
    names = [name for name in headers if name.startswith("x-") and not _TECHNICAL.match(name)]
    found = ((name, " ".join(_decoded(headers[name], repairs).split())) for name in names[:_MOST_FURTHER])
    return {name: text for name, text in found if 0 < len(text) <= 200}
