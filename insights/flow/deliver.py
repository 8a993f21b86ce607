"""What is due in the outbox goes out: once by key, a lease against two senders at once, a failure kept for the next try."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from insights import senders
from insights.config.load import Loaded
from insights.config.models import Destination
from insights.domain import BusinessUnit, Delivery, Message
from insights.errors import DeliveryError, InsightsError, UsageError
from insights.flow.progress import Progress, silent
from insights.flow.route import router_of
from insights.store import Store

_LEASE = timedelta(minutes=10)
Secret = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class DeliverReport:
    """How the due deliveries fared."""

    due: int
    sent: int
    failed: int
    errors: tuple[str, ...] = ()


def due(store: Store, *, at: datetime) -> list[tuple[Delivery, Message]]:
    """Returns what would be sent at ``at``."""
    return store.due(at)


def deliver(loaded: Loaded, store: Store, *, at: datetime, secret: Secret, progress: Progress = silent) -> DeliverReport:
    """Sends what is due.

    Args:
        loaded: The workspace.
        store: Open for writing.
        at: Now, for leases and back-off.
        secret: Resolves ``env:NAME`` and ``file:PATH``.
        progress: Told after each delivery.
    """
    units = router_of(loaded).units
    errors: list[str] = []
    sent = total = 0
    for position, (delivery, message) in enumerate(_each_due(store, at), start=1):
        total = position
        if not store.lease(delivery.key, until=at + _LEASE):
            continue
        try:
            remote = send(loaded, message, delivery.destination, unit=units.get(message.unit_id), secret=secret)
        except InsightsError as error:
            permanent = error.permanent if isinstance(error, DeliveryError) else True
            store.mark_failed(delivery.key, at=at, error=error.problem, permanent=permanent)
            errors.append(f"{delivery.destination}: {error.problem}")
        else:
            store.mark_sent(delivery.key, at=at, remote=remote)
            sent += 1
        progress("deliver", position, None)
    return DeliverReport(total, sent, len(errors), tuple(errors))


def _each_due(store: Store, at: datetime) -> Iterator[tuple[Delivery, Message]]:
    """All that is due, read in pieces: a long past's digests would fill the memory at once."""
    tried: set[str] = set()
    while waiting := [(delivery, message) for delivery, message in store.due(at) if delivery.key not in tried]:
        for delivery, message in waiting:
            tried.add(delivery.key)
            yield delivery, message


def send(loaded: Loaded, message: Message, name: str, *, unit: BusinessUnit | None, secret: Secret) -> str:
    """Sends one message to a destination of the configuration and returns the receiver's id for it.

    Raises:
        DeliveryError: It failed.
        UsageError: The destination does not exist or its settings are wrong.
    """
    destination = destination_of(loaded, name)
    return senders.sender(destination.type).send(message, destination, root=loaded.root, secret=secret, unit=unit)


def destination_of(loaded: Loaded, name: str) -> Destination:
    """Returns a destination by name.

    Raises:
        UsageError: The configuration has none of that name.
    """
    destination = loaded.settings.destination.get(name)
    if destination is None:
        raise UsageError(f'no destination named "{name}"', f"declare [destination.{name}] in insights.toml")
    return destination


def secret_resolver(environment: os._Environ[str] | dict[str, str], root: Path) -> Secret:
    """Returns a function that resolves references to secrets.

    The function raises UsageError where a secret is not there; its value never appears in a message.
    """

    def resolve(reference: str) -> str:
        kind, _, name = reference.partition(":")
        if kind == "env" and name in environment:
            return environment[name]
        if kind == "file":
            try:
                return (root / name).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise UsageError(f"cannot read the secret file {name}", "check its path and permissions") from error
        raise UsageError(f"the secret {reference} is not set", f"set the environment variable {name}")

    return resolve
