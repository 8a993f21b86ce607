"""The fields a search may name, what values they take, and how they are compared."""

from __future__ import annotations

import re
from dataclasses import dataclass

from insights.domain import Decision, Expectation, Kind, RivalRole, Severity, Signal

META = "meta."
_TIME = re.compile(r"[0-9]{1,4}[dwmy]|today|yesterday|[0-9]{4}(-[0-9]{2}(-[0-9]{2})?|-w[0-9]{1,2}|-q[1-4])?", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{0,6}\.?[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        about: One line for people.
        known: The values it takes; empty where any will do.
        shape: What a value must look like; None where anything goes.
        looks: The shape in words, for errors.
        compares: Whether ``>=``, ``>``, ``<=`` and ``<`` apply.
        ranges: Whether ``a..b`` applies.
        several: Whether several values, and beginnings ending in ``*``, apply.
    """

    about: str
    known: tuple[str, ...] = ()
    shape: re.Pattern[str] | None = None
    looks: str = ""
    compares: bool = False
    ranges: bool = False
    several: bool = True


_WHEN = "a time such as 30d, 6w, 3m, 2026-10-01, 2026-10, 2026-W40 or yesterday"

FIELDS: dict[str, Field] = {
    "kind": Field("kind of insight", tuple(Kind)),
    "topic": Field("topic by id, key or label"),
    "issue": Field("recurring issue by id, such as ISS-000012"),
    "subject": Field("product, competitor or process step the insight is about"),
    "role": Field("what a competitor is spoken of for", tuple(RivalRole)),
    "owner": Field("unit that owns the insight"),
    "unit": Field("the same as owner"),
    "channel": Field("call, chat, email, ticket, …"),
    "source": Field("feed the contact came from"),
    "product": Field("product named by the source"),
    "queue": Field("queue or team that handled the contact"),
    "language": Field("language of the contact, such as en"),
    "customer": Field("customer's pseudonym"),
    "severity": Field("how bad it is", tuple(Severity), compares=True, ranges=True),
    "expectation": Field("customer expectation that was missed", tuple(Expectation)),
    "confidence": Field("calibrated probability", shape=_NUMBER, looks="a number such as 0.8", compares=True, ranges=True, several=False),
    "decision": Field("yes or undecided; without it only yes is searched", tuple(Decision)),
    "is": Field("state of the insight, its contact or its issue", ("undecided", "undated", "recurring", *Signal)),
    "has": Field("what is known of it", ("quote", "topic", "issue", "owner", "customer", "product")),
    "id": Field("insight by id or the beginning of it"),
    "interaction": Field("contact by the reference of its source, or by id"),
    "since": Field("contacts that began at or after a time", shape=_TIME, looks=_WHEN, several=False),
    "until": Field("contacts that began up to the end of a time", shape=_TIME, looks=_WHEN, several=False),
    "on": Field("contacts that began within a day, week, month or a..b", shape=_TIME, looks=_WHEN, ranges=True, several=False),
    "received": Field("contacts received within a day, week, month or a..b", shape=_TIME, looks=_WHEN, ranges=True, several=False),
}


def field_named(name: str) -> tuple[str, Field] | None:
    """Returns a field's proper name and its rules; ``meta.NAME`` is any other field of the source. None if unknown."""
    if name[: len(META)].casefold() == META and len(name) > len(META):
        return META + name[len(META) :], Field("another field of the source")
    proper = name.casefold()
    return (proper, FIELDS[proper]) if proper in FIELDS else None
