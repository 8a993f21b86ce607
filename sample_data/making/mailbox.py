"""The mailbox: plain, quoted-printable and two-part messages, and among them auto-replies and bounces that are no contacts."""

from __future__ import annotations

import html
import quopri
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from making.dice import Dice
from making.labels import Record

_CARE = "Lumbrell Care <care@lumbrell.example>"
_AUTO_REPLIES, _BOUNCES = 18, 4
_AWAY = (
    "I am out of the office until {day} and will answer your message when I am back.",
    "Thank you for your message. I'm on leave with no access to e-mail until {day}.",
    "This is an automatic reply: this address is no longer read. My internet is fine, please do not send a technician.",
)


def write_mailbox(records: Sequence[Record], file: Path, seed: int) -> None:
    """Writes all messages in order of time."""
    messages = [(record.contact.started, _message(record, Dice(seed, "file", record.contact.ref))) for record in records]
    messages += _not_contacts(records, Dice(seed, "mailbox"))
    messages.sort()
    file.write_text("\n".join(text for _, text in messages), encoding="utf-8", newline="")


def _message(record: Record, dice: Dice) -> str:
    contact, person = record.contact, record.contact.person
    subject = f"Re: {record.title}" if "\n> " in record.turns[0].text else record.title
    head = _head(person.name, person.email, contact.started, contact.ref, subject)
    if "\n> " in record.turns[0].text:
        head.append(f"In-Reply-To: <{contact.started:%Y%m%d}.{contact.number:05d}@lumbrell.example>")
    form = dice.weighted({"plain": 0.55, "quoted": 0.25, "both": 0.2})
    return _envelope(person.email, contact.started) + "\n".join(head + _body(record.turns[0].text, form, contact.ref)) + "\n"


def _head(name: str, address: str, at: datetime, ref: str, subject: str) -> list[str]:
    return [
        f"From: {name} <{address}>",
        f"To: {_CARE}",
        f"Date: {format_datetime(at)}",
        f"Message-ID: <{ref}>",
        f"Subject: {subject}",
        "MIME-Version: 1.0",
    ]


def _envelope(address: str, at: datetime) -> str:
    return f"From {address} {at:%a %b %d %H:%M:%S %Y}\n"


def _body(text: str, form: str, ref: str) -> list[str]:
    plain = re.sub(r"(?m)^(>*From )", r">\1", text)
    if form == "plain":
        return ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", plain]
    encoded = quopri.encodestring(plain.encode("utf-8")).decode("ascii")
    if form == "quoted":
        return ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "", encoded]
    edge = "part-" + ref.split("@")[0].replace(".", "-")
    page = "".join(f"<p>{html.escape(paragraph, quote=False)}</p>".replace("\n", "<br>") for paragraph in text.split("\n\n"))
    return [
        f'Content-Type: multipart/alternative; boundary="{edge}"',
        "",
        f"--{edge}",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        encoded,
        f"--{edge}",
        "Content-Type: text/html; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        f"<html><body>{page}</body></html>",
        f"--{edge}--",
    ]


def _not_contacts(records: Sequence[Record], dice: Dice) -> list[tuple[datetime, str]]:
    messages = []
    for number, record in enumerate(dice.some(records, _AUTO_REPLIES + _BOUNCES)):
        at, person = record.contact.started + timedelta(minutes=number + 2), record.contact.person
        ref = f"auto-{number:03d}@mail.example.org"
        if number < _AUTO_REPLIES:
            head = _head(person.name, person.email, at, ref, "Automatic reply: We have received your message")
            text = dice.pick(_AWAY).format(day=f"{at + timedelta(days=9):%A %d %B}")
            rest = ["Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All", "Content-Type: text/plain; charset=utf-8", "", text]
        else:
            head = _head("Mail Delivery System", "mailer-daemon@mail.example.org", at, ref, "Undelivered Mail Returned to Sender")
            rest = ["Auto-Submitted: auto-replied", *_report(number)]
        messages.append((at, _envelope(person.email, at) + "\n".join(head + rest) + "\n"))
    return messages


def _report(number: int) -> list[str]:
    edge = f"report-{number}"
    return [
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{edge}"',
        "",
        f"--{edge}",
        "Content-Type: text/plain; charset=utf-8",
        "",
        "Your message could not be delivered: mailbox full.",
        f"--{edge}",
        "Content-Type: message/delivery-status",
        "",
        "Final-Recipient: rfc822; nobody@example.org\nAction: failed\nStatus: 5.2.2",
        f"--{edge}--",
    ]
