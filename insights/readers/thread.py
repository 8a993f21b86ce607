"""Messages that belong together become one interaction."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from insights.config.models import Columns
from insights.domain import Interaction, Role
from insights.readers.mail import Mail, Party
from insights.readers.options import ReadOptions
from insights.readers.plan import Plan
from insights.readers.record import Said, interaction_of

# Mailboxes of companies, by the part of the address before the @.
_COMPANY = re.compile(
    r"^(?:(?:customer|client)?[._-]?(?:support|service|services|care|help|helpdesk|success|relations)|info|contact|hello|office|billing|accounts?"
    r"|sales|orders?|returns|complaints|feedback|team|admin|service[._-]?desk|no-?reply|do-?not-?reply|notifications?)(?:[._+-].*)?$"
)

_HEADERS = {"id": "", "customer": "x-customer", "product": "x-product", "queue": "x-queue", "language": "", "channel": ""}


def interaction_of_thread(mails: Sequence[Mail], plan: Plan, options: ReadOptions) -> Interaction:
    """Builds the interaction of a thread, or of one message.

    Its id is the Message-ID of the first message here. Turns stand in the order of their dates, where all have one. The
    customer is the first who writes from an address that is not a company's: by the mapping's roles (an address, or
    ``@domain``), else by the usual names of company mailboxes. Who wrote the others stays unknown unless those tell.

    Args:
        mails: At least one, in the order of the file.
        plan: For roles and constants.
        options: Of the feed.

    Raises:
        RefusedError: No message has words.
    """
    first = mails[0]
    ordered = sorted(mails, key=lambda mail: mail.at) if all(mail.at for mail in mails) else list(mails)  # type: ignore[arg-type,return-value]
    roles = _roles(ordered, plan)
    said = [
        Said(
            _words(mail, is_first=place == 0),
            roles[mail.sender.address] if mail.sender else Role.UNKNOWN,
            label=mail.sender.address if mail.sender else "",
            at=mail.at,
        )
        for place, mail in enumerate(ordered)
    ]
    customer = next((address for address, role in roles.items() if role is Role.CUSTOMER), "")
    fields, further = _company_fields(ordered, options)
    fields = {"id": first.id, "customer": customer, "started_at": next((mail.at for mail in ordered if mail.at), None), **fields}
    fields["meta"] = _meta(ordered) | further
    repairs = tuple(dict.fromkeys(repair for mail in ordered for repair in mail.repairs))
    return interaction_of(fields, plan, options, place=first.id, channel="email", repairs=repairs, said=said)


def _words(mail: Mail, *, is_first: bool) -> str:
    """The body; the subject that opens a thread is part of what was said, that of an answer is not."""
    opens = is_first and mail.subject and not mail.is_reply and not mail.text.startswith(mail.subject)
    return f"{mail.subject}\n\n{mail.text}".strip() if opens else mail.text.strip()


def _is_company(party: Party) -> bool:
    return bool(_COMPANY.match(party.address.partition("@")[0]))


def _declared(party: Party, roles: Mapping[str, Role]) -> Role | None:
    domain = "@" + party.address.rpartition("@")[2]
    return roles.get(party.address) or roles.get(domain)


def _roles(mails: Sequence[Mail], plan: Plan) -> dict[str, Role]:
    """Role of each address that writes, in the order of writing."""
    roles: dict[str, Role] = {}
    for mail in mails:
        if mail.sender is None or mail.sender.address in roles:
            continue
        declared = _declared(mail.sender, plan.roles)
        if declared is not None:
            role = declared
        elif _is_company(mail.sender):
            role = Role.AGENT
        else:
            role = Role.UNKNOWN if Role.CUSTOMER in roles.values() else Role.CUSTOMER
        roles[mail.sender.address] = role
    return roles


def _company_fields(mails: Sequence[Mail], options: ReadOptions) -> tuple[dict[str, Any], dict[str, str]]:
    """Fields the company's own headers give, and the other such headers under their name without ``X-``.

    The mapping's columns name the headers; where they do not, ``X-Customer``, ``X-Product`` and ``X-Queue`` serve.
    """
    columns = options.mapping.columns if options.mapping else Columns()
    ignored = {name.lower() for name in options.mapping.ignore} if options.mapping else set()
    headers: dict[str, str] = {}
    for mail in mails:
        for name, value in mail.further.items():
            headers.setdefault(name, value)
    taken = {field: (getattr(columns, field) or default).lower() for field, default in _HEADERS.items()}
    fields = {field: headers[name] for field, name in taken.items() if name in headers}
    used = {name: field for field, name in taken.items() if name in headers}
    if options.trace is not None:
        for name in headers:
            options.trace.uses.setdefault(name, "ignored by name" if name in ignored else used.get(name, "meta"))
    spare = {name for name in headers if name not in used and name not in ignored}
    return fields, {name.removeprefix("x-").replace("-", "_"): headers[name] for name in sorted(spare)}


def _meta(mails: Sequence[Mail]) -> dict[str, str]:
    """Headers of the first message, and the names and addresses of everybody in the thread."""
    first = mails[0]
    meta = dict(first.meta)
    if first.subject:
        meta["subject"] = first.subject
    if len(mails) > 1:
        meta["messages"] = str(len(mails))
    if first.references:
        meta["thread"] = first.references[0]
    parties = [(f"from_{place}" if place else "from", mail.sender) for place, mail in enumerate(mails) if mail.sender]
    parties += [(f"to_{place}" if place else "to", party) for place, party in enumerate(p for mail in mails for p in mail.receivers)]
    seen: set[Party] = set()
    for key, party in parties:
        if party not in seen:
            seen.add(party)
            meta[f"email_{key}"] = party.address
            if party.name:
                # What a company calls its mailbox is no person's name and must stay readable.
                meta[f"{'mailbox' if _is_company(party) else 'name'}_{key}"] = party.name
    return meta
