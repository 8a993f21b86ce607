"""Who speaks: the source's words for roles, and labels such as names in front of what was said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from insights.domain import Role, Visibility
from insights.errors import UsageError, nearest

UNKNOWN_ROLE = "unknown role"
UNKNOWN_VISIBILITY = "unknown visibility taken as internal"

_OWN = {role.value: role for role in Role}
# Words by which transcripts label speakers; a name in front of a turn is none of them.
_LABELS: dict[str, Role] = {
    **_OWN,
    **dict.fromkeys(
        ("advisor", "adviser", "rep", "representative", "csr", "operator", "support", "clerk", "consultant", "supervisor"), Role.AGENT
    ),
    **dict.fromkeys(("manager", "technician", "staff", "employee", "customer service", "call centre", "call center"), Role.AGENT),
    **dict.fromkeys(("client", "caller", "user", "member", "guest", "visitor", "end user", "consumer", "subscriber"), Role.CUSTOMER),
    **dict.fromkeys(("chatbot", "virtual assistant", "virtual agent", "ivr", "assistant"), Role.BOT),
    **dict.fromkeys(("automated message", "recording", "announcement"), Role.SYSTEM),
}
_NUMBERED = re.compile(r"\s*(?:[#_-]?\s*\d{1,3}|\(.*\))$")
_NO_NAME = re.compile(r"\d|_|^(?:speaker|unmarked|unknown|participant|channel|male|female|voice|other)\b", re.IGNORECASE)
_PUBLIC = frozenset({"public", "external", "customer", "published", "visible"})
_INTERNAL = frozenset({"internal", "private", "note", "hidden", "agents"})
_TRUE, _FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})


def role_words(declared: Mapping[str, str]) -> dict[str, Role]:
    """Returns the mapping's words for roles, without regard to case, on top of our own five.

    Raises:
        UsageError: A word is mapped to something that is no role.
    """
    roles = dict(_OWN)
    for word, name in declared.items():
        role = _OWN.get(name.strip().casefold())
        if role is None:
            raise UsageError(f'the mapping gives "{word}" the role "{name}", which is none', nearest(name, _OWN))
        roles[word.strip().casefold()] = role
    return roles


def role_of_label(text: str, roles: Mapping[str, Role]) -> Role | None:
    """Returns the role a speaker's label names, such as ``Agent 2`` or ``Caller``; None for a name or anything else."""
    folded = " ".join(text.split()).casefold()
    if folded in roles:
        return roles[folded]
    plain = _NUMBERED.sub("", folded)
    return roles.get(plain) or _LABELS.get(plain)


def is_name(text: str) -> bool:
    """Whether a label that names no role looks like a person's name."""
    parts = text.split()
    return 1 <= len(parts) <= 5 and len(text) <= 60 and not _NO_NAME.search(text) and parts[0][0].isupper()


def name_meta(labels: Sequence[str]) -> dict[str, str]:
    """Returns ``name_speaker_1`` and so on for the distinct labels that look like names, in order of appearance."""
    names = [text for text in dict.fromkeys(labels) if is_name(text)]
    return {f"name_speaker_{number}": text for number, text in enumerate(names, start=1)}


def speaker_order(labels: Sequence[str]) -> str:
    """Returns which speaker has each turn, such as ``1 2 1``: what role inference needs where labels are no roles."""
    known = {text: number for number, text in enumerate(dict.fromkeys(labels), start=1)}
    return " ".join(str(known[text]) for text in labels) if len(known) > 1 else ""


def visibility_of(value: object, column: str) -> tuple[Visibility, str]:
    """Returns a turn's visibility and a repair; what cannot be told counts as internal, so that it is never shown to customers.

    A truth value is read by the column's name: ``public`` or ``is_private``.
    """
    text = str(value).strip().casefold() if isinstance(value, str | bool | int | float) else ""
    if value is None or (isinstance(value, str) and not text):
        return Visibility.PUBLIC, ""
    if text in _PUBLIC:
        return Visibility.PUBLIC, ""
    if text in _INTERNAL:
        return Visibility.INTERNAL, ""
    hidden = any(word in column.casefold() for word in ("private", "internal", "hidden", "note"))
    if text in _TRUE | _FALSE and (hidden or "public" in column.casefold()):
        return (Visibility.INTERNAL if (text in _TRUE) == hidden else Visibility.PUBLIC), ""
    return Visibility.INTERNAL, UNKNOWN_VISIBILITY
