"""Small contacts, insights and messages for the tests of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from insights.domain import (
    BusinessUnit,
    Counts,
    Decision,
    Digest,
    Evidence,
    Expectation,
    Insight,
    Interaction,
    Kind,
    Message,
    Period,
    Role,
    Route,
    Severity,
    Turn,
    Visibility,
    Vote,
    insight_id,
    interaction_id,
)
from insights.store import Cursor, Store

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MADE_BY = "default-1a2b+taxonomy-3c4d"
RULES = "rules-1"


def contact(
    ref: str,
    *texts: str,
    source: str = "chats",
    at: datetime | None = MONDAY,
    customer: str | None = None,
    channel: str = "chat",
    product: str | None = None,
    region: str | None = None,
    internal: bool = False,
) -> Interaction:
    """A contact whose turns are the customer's; ``internal`` makes the last one an agent's note."""
    turns = [Turn(place, Role.CUSTOMER, text) for place, text in enumerate(texts or ("My refund is late",))]
    if internal:
        turns[-1] = Turn(turns[-1].index, Role.AGENT, turns[-1].text, visibility=Visibility.INTERNAL)
    return Interaction(
        id=interaction_id(source, ref),
        source=source,
        source_ref=ref,
        received_at=MONDAY + timedelta(days=365),
        channel=channel,
        turns=tuple(turns),
        started_at=at,
        customer_ref=customer,
        product=product,
        meta={} if region is None else {"region": region},
    )


def found(
    interaction: Interaction,
    *,
    kind: Kind = Kind.PROCESS_FAILURE,
    subject: str = "",
    topic: str | None = None,
    turn: int = 0,
    start: int = 0,
    end: int | None = None,
    confidence: float = 0.9,
    severity: Severity = Severity.MEDIUM,
    decision: Decision = Decision.YES,
    more: Sequence[Evidence] = (),
    expectations: tuple[Expectation, ...] = (),
    made_by: str = MADE_BY,
) -> Insight:
    """An insight whose evidence is a span of one turn, all of it by default."""
    span = quoted(interaction, turn, start, end)
    return Insight(
        id=insight_id(interaction.id, kind, subject),
        interaction_id=interaction.id,
        kind=kind,
        topic=topic,
        subject=subject,
        evidence=(span, *more),
        confidence=confidence,
        severity=severity,
        missed_expectations=expectations,
        votes=(Vote("pattern:late", kind, topic, span, 0.8, "says so"),),
        made_by=made_by,
        decision=decision,
    )


def quoted(interaction: Interaction, turn: int, start: int = 0, end: int | None = None) -> Evidence:
    """True evidence from a turn."""
    text = interaction.turns[turn].text
    end = len(text) if end is None else end
    return Evidence(interaction.id, turn, start, end, text[start:end])


def take_in(store: Store, *contacts: Interaction, hashes: str = "h1") -> Counts:
    """Ingests contacts that all have the same content hash."""
    batch = [(one, hashes) for one in contacts]
    return store.ingest(batch, letters=[], skipped=0, cursor=Cursor("chats", "a.jsonl", "f1", "o1", len(batch)))


def analyse(store: Store, *insights: Insight, made_by: str = MADE_BY) -> None:
    """Saves insights, grouped by their contacts."""
    contacts = dict.fromkeys(insight.interaction_id for insight in insights)
    store.save_insights(made_by, [(id, [one for one in insights if one.interaction_id == id]) for id in contacts])


def send(store: Store, insight: Insight, owner: str, *followers: str, why: str = "rule says so", rules: str = RULES) -> None:
    """Routes one insight."""
    units = [(owner, True), *((unit, False) for unit in followers)]
    store.save_routes(rules, [Route(insight.id, unit, "ownership.toml:rule 1", why, MONDAY, owns=owns) for unit, owns in units])


def week(number: int = 0) -> Period:
    """The week that begins ``number`` weeks after the first Monday."""
    start = MONDAY + timedelta(weeks=number)
    return Period(f"2026-W{10 + number}", start, start + timedelta(weeks=1))


def digest(id: str = "d1", unit: str = "billing") -> Digest:
    """An empty digest."""
    return Digest(id, BusinessUnit(unit, unit.title()), week(), "Nothing new.", (), 10, 9, (), "run-1")


def message(key: str, unit: str = "billing") -> Message:
    """A rendered message."""
    return Message(key, unit, "2026-W10", "Digest", "<p>a</p>", "a", "a", "{}", MONDAY, mail="<b>a</b>")
