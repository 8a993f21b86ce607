"""What tracking is told of a topic: its weeks, each with the contacts handled, and its totals by event time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from insights.domain import Kind

WeekRow = tuple[datetime, int, int, int]
"""A week as plain values, in the order of ``Week``."""


class Week(NamedTuple):
    """Seven days of one topic.

    Attributes:
        start: First moment, UTC; local midnight of the workspace's zone.
        contacts: Distinct contacts with the topic.
        customers: Distinct customers among them; a contact without a customer counts as one.
        handled: All contacts handled in the week.
    """

    start: datetime
    contacts: int
    customers: int
    handled: int

    def day(self, zone: tzinfo) -> date:
        """Returns the local day on which the week begins."""
        return self.start.astimezone(zone).date()

    def end(self, zone: tzinfo) -> datetime:
        """Returns the first moment after the week: the same local time seven days on, so weeks with a clock change fit."""
        return (self.start.astimezone(zone) + timedelta(days=7)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class TopicHistory:
    """A topic's past, as far as it is known at the as-of time.

    Attributes:
        topic_id: ``T-0042``.
        label: Its name.
        kind: Kind of its insights.
        owner: Unit id of its commonest owner.
        weeks: ``Week`` or plain values in its order: consecutive, oldest first, those without a contact too; the last may be running still.
        customers_28d: Distinct customers in the 28 days before the as-of time.
        first_seen, last_seen: Event times of its first and last contact.
        contacts_total, customers_total: Distinct ones over all time.
    """

    topic_id: str
    label: str
    kind: Kind
    owner: str
    weeks: tuple[WeekRow, ...]
    customers_28d: int
    first_seen: datetime
    last_seen: datetime
    contacts_total: int
    customers_total: int


def complete(weeks: Iterable[WeekRow], *, as_of: datetime, zone: tzinfo) -> list[Week]:
    """Returns the weeks that have wholly passed and in which contacts were handled: a running week would look like a fall."""
    return [week for week in (Week(*row) for row in weeks) if week.handled > 0 and week.end(zone) <= as_of]
