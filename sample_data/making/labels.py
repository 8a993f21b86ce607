"""The gold labels: what each contact says, by the codebook, with the words that prove it and the unit that should own it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from making.banks import Line, Matter
from making.grammar import unmark
from making.pen import PRIVATE, Said, Written
from making.plan import Contact


@dataclass(frozen=True, slots=True)
class Record:
    """A contact ready for its file: plain words, and its gold line."""

    contact: Contact
    turns: tuple[Said, ...]
    title: str
    product: str
    gold: Mapping[str, Any]


def label(contact: Contact, draft: Written) -> Record:
    """Takes the marks out of the words and says what they proved."""
    turns, proofs = _unmarked(draft.turns)
    insights = [_insight(contact, matter, line, proofs[place], draft.bound) for place, matter, line in sorted(draft.proofs, key=_place)]
    product = next((_filled(matter.product, draft.bound) for matter in contact.matters if matter.product), "")
    gold = {
        "id": contact.ref,
        "source": contact.source,
        "channel": contact.channel,
        "date": contact.started.date().isoformat(),
        "insights": insights,
        "stories": list(contact.stories),
        "uncertain": list(contact.plain.uncertain) if contact.plain else [],
        "personal": _personal(turns, draft.bound),
    }
    return Record(contact, turns, draft.title, product, gold)


def _place(proof: tuple[int, Matter, Line]) -> int:
    return proof[0]


def _unmarked(turns: Sequence[Said]) -> tuple[tuple[Said, ...], dict[int, str]]:
    plain: list[Said] = []
    proofs: dict[int, str] = {}
    for turn in turns:
        text, found = unmark(turn.text)
        plain.append(Said(turn.role, text, turn.visibility))
        proofs |= found
    return tuple(plain), proofs


def _owner(contact: Contact, matter: Matter) -> str:
    """The unit by the company's logic; regional units own what their records place there, and a mailbox knows no region."""
    return matter.owner if contact.channel == "email" else matter.owner_by_region.get(contact.person.region, matter.owner)


def _insight(contact: Contact, matter: Matter, line: Line, evidence: str, bound: Mapping[str, str]) -> dict[str, Any]:
    return {
        "kind": matter.kind,
        "topic": matter.topic,
        "subject": _filled(matter.subject, bound),
        "evidence": evidence.strip(" .,"),
        "severity": line.severity,
        "missed_expectations": list(line.expectations),
        "owner": _owner(contact, matter),
    }


def _filled(template: str, bound: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda slot: bound[slot[1]], template)


def _personal(turns: Sequence[Said], bound: Mapping[str, str]) -> list[dict[str, str]]:
    words = "\n".join(turn.text for turn in turns)
    return [{"type": kind, "text": bound[field]} for field, kind in PRIVATE.items() if bound[field] in words]
