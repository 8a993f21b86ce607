"""Digests as mail: one multipart message, the same bytes each time, handed to one SMTP server within a total deadline.

The Message-ID comes from the message's key, so a mail sent twice after a lost answer is one mail to receivers that look
at it. Recipients are all asked before any text is sent: if one is refused for now, nobody gets it yet, and the next
attempt reaches everyone once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

from insights.config.models import Destination
from insights.domain import BusinessUnit, Message, digest_of
from insights.errors import DeliveryError
from insights.senders import smtp

NAME = "email"
HTML_LIMIT = 100_000
"""Most bytes of the HTML part; mail programs cut a longer one off without a word."""
DEADLINE_S = 60.0

_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*")
_LITERAL = re.compile(r"[0-9A-Fa-f:.]{2,45}")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def check(destination: Destination) -> list[str]:
    """Returns what is wrong with a mail destination's settings; nothing is resolved or opened."""
    problems = []
    if not destination.to:
        problems.append("a destination of type email needs at least one address in to")
    problems += [
        f"address {number} of to is none: expected name@host.example or Name <name@host.example>"
        for number, address in enumerate(destination.to, start=1)
        if _address(address) is None
    ]
    if destination.sender is None or _address(destination.sender) is None:
        problems.append("a destination of type email needs a sender such as insights@company.example")
    if not destination.host or not (_HOST.fullmatch(destination.host) or _LITERAL.fullmatch(destination.host)):
        problems.append("a destination of type email needs the host of its mail server")
    if bool(destination.username) != bool(destination.password):
        problems.append("username and password belong together")
    if destination.password and destination.security == "none" and destination.host not in _LOOPBACK:
        problems.append('the password would travel in the open: expected security = "starttls" or "tls"')
    if destination.path:
        problems.append("path has no meaning for mail")
    return problems


def send(
    message: Message,
    destination: Destination,
    *,
    root: Path,
    secret: Callable[[str], str],
    unit: BusinessUnit | None = None,
    deadline_s: float = DEADLINE_S,
) -> str:
    """Hands the mail to the destination's server and returns its Message-ID.

    Args:
        message: What to deliver.
        destination: Server and recipients.
        root: Not needed here.
        secret: Resolves the reference to the password.
        unit: The receiver, for the name of the list.
        deadline_s: Seconds the whole exchange may take, however slowly the server answers.

    Raises:
        DeliveryError: Permanent for wrong settings and for answers 5xx; otherwise another attempt may succeed. No
            password, address or name stands in it.
        UsageError: The password cannot be resolved.
    """
    del root
    mail = _mail(message, destination, unit)
    password = secret(destination.password) if destination.password else ""
    server = smtp.Server(
        host=destination.host or "",
        port=destination.port or {"starttls": 587, "tls": 465, "none": 25}[destination.security],
        security=destination.security,
        username=destination.username or "",
        password=password,
    )
    envelope = smtp.Envelope(_spec(destination.sender or ""), tuple(_spec(address) for address in destination.to), mail.as_bytes())
    smtp.exchange(server, envelope, deadline_s=deadline_s)
    return str(mail["Message-ID"])


def build(message: Message, destination: Destination, *, unit: BusinessUnit | None = None) -> bytes:
    """Returns the mail as ``send`` would hand it over, for a dry run; the same message gives the same bytes.

    Raises:
        DeliveryError: The destination's settings are wrong.
    """
    return _mail(message, destination, unit).as_bytes()


def _mail(message: Message, destination: Destination, unit: BusinessUnit | None) -> EmailMessage:
    if problems := check(destination):
        raise DeliveryError(problems[0], "mend the destination in insights.toml", permanent=True)
    sender = _address(destination.sender or "")
    assert sender is not None
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = sender
    mail["To"] = [address for text in destination.to if (address := _address(text)) is not None]
    mail["Subject"] = _line(message.subject) or "Digest"
    mail["Date"] = message.at
    mail["Message-ID"] = f"<insights.{digest_of('mail', message.key)}@{sender.domain}>"
    mail["List-Id"] = _list_id(message, sender.domain, unit)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_encodable(message.text), cte="quoted-printable")
    html = _encodable(message.mail)
    if html and len(html.encode("utf-8")) <= HTML_LIMIT:
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
        # A boundary by chance would give other bytes each time; nobody can write a text that holds its own hash.
        mail.set_boundary(f"insights-{digest_of('boundary', message.key, message.text, html)}")
    return mail


def _list_id(message: Message, domain: str, unit: BusinessUnit | None) -> str:
    """Returns the header of RFC 2919: the unit's name and ``UNIT.digest.DOMAIN``."""
    label = re.sub(r"[^A-Za-z0-9]+", "-", message.unit_id).strip("-").lower()[:40]
    if label != message.unit_id:
        label = f"{label or 'unit'}-{digest_of('list', repr(message.unit_id), size=4)}"
    name = re.sub(r"[^\w &'.-]", " ", _line(unit.name)).strip()[:60] if unit else ""
    # An encoded word may not stand within quotes, so a name beyond ASCII is left to the subject.
    shown = f'"{name} digest" ' if name and name.isascii() else ""
    return f"{shown}<{label}.digest.{domain}>"


def _address(text: str) -> Address | None:
    """Returns the address, or None where it is none or could smuggle a header."""
    found = re.fullmatch(r"\s*(?:([^<>\"\r\n]*?)\s*<([^<>\s]+)>|([^<>\s]+))\s*", text)
    if found is None or not text.isprintable() or "=?" in text:
        return None
    local, at, domain = (found[2] or found[3]).rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or ".." in f".{local}." or not _HOST.fullmatch(domain):
        return None
    return Address(found[1] or "", local, domain.lower())


def _spec(text: str) -> str:
    address = _address(text)
    return address.addr_spec if address else ""


def _line(text: str) -> str:
    """Returns text as one printable line for a header.

    The mail library decodes what looks like an encoded word, line breaks in it included, so none may look like one.
    """
    line = "".join(character if character.isprintable() else " " for character in text).replace("=?", "= ?")
    return " ".join(line.split())[:200]


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
