"""Where digests go: one file a channel, each a module with ``NAME``, ``check`` and ``send``.

A channel of another package is found through the entry point group ``insights.senders``, whose names are the types of
destinations and whose objects are such modules.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol, cast

from insights.config.models import Destination
from insights.domain import BusinessUnit, Message
from insights.errors import UsageError, nearest

SENDERS: tuple[str, ...] = ("folder", "email")
"""Modules of this package; imported when they are asked for."""

GROUP = "insights.senders"


class Sender(Protocol):
    """What a channel's module offers."""

    NAME: str

    def check(self, destination: Destination) -> list[str]:
        """Returns what is wrong with a destination's settings, a sentence each; nothing is opened or resolved."""
        ...

    def send(
        self, message: Message, destination: Destination, *, root: Path, secret: Callable[[str], str], unit: BusinessUnit | None = None
    ) -> str:
        """Delivers a message and returns the receiver's id for it; the same message again changes nothing there.

        Args:
            message: What to deliver.
            destination: Where to.
            root: Folder of the workspace, from which paths count.
            secret: Resolves a reference such as ``env:NAME``.
            unit: The receiver, for its name; None where it is not known any more.

        Raises:
            DeliveryError: It failed; ``permanent`` says whether another attempt can succeed.
        """
        ...

    def build(self, message: Message, destination: Destination, *, unit: BusinessUnit | None = None) -> bytes:
        """Returns the bytes ``send`` would deliver, for a dry run; nothing is opened, sent or resolved."""
        ...


def sender(name: str) -> Sender:
    """Returns the sender of a type of destination.

    Raises:
        UsageError: There is none; the known ones are listed.
    """
    if name in SENDERS:
        return cast(Sender, importlib.import_module(f"insights.senders.{name}"))
    for entry in entry_points(group=GROUP):
        if entry.name == name:
            return cast(Sender, entry.load())
    raise UsageError(f'no destination of type "{name}"', nearest(name, known()))


def known() -> tuple[str, ...]:
    """Returns the types of destinations there are: our own, then those of other packages by name."""
    others = {entry.name for entry in entry_points(group=GROUP)} - set(SENDERS)
    return (*SENDERS, *sorted(others))
