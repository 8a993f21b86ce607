"""Facts of an invented company's week, for the tests of digests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from insights.digest.compose import DigestFacts, TopicFacts, compose
from insights.domain import (
    BusinessUnit,
    Counts,
    Digest,
    Kind,
    Outcome,
    Period,
    Quote,
    Role,
    Severity,
    Trend,
    Verdict,
    Visibility,
)

WEEK = Period("2026-W40", datetime(2026, 9, 28, tzinfo=UTC), datetime(2026, 10, 5, tzinfo=UTC))
UNIT = BusinessUnit("billing", "Billing & Refunds")
HANDLED, HANDLED_BEFORE = 1482, 1391
EARLIER = datetime(2026, 4, 2, tzinfo=UTC)


def trend(count: int, handled: int = HANDLED, period: str = "2026-W40") -> Trend:
    """Returns a trend of a count of the contacts handled."""
    return Trend(period, count, handled, 1000 * count / handled if handled else 0.0)


def quote(text: str, ref: str = "c-102", **changes: Any) -> Quote:
    """Returns a customer's words in a call of the week."""
    plain = Quote(f"id-{ref}", ref, "call", WEEK.start + timedelta(days=1, hours=9), text, Role.CUSTOMER)
    return replace(plain, **changes)


def topic(name: str, count: int = 6, **changes: Any) -> TopicFacts:
    """Returns a topic known for long, neither growing nor falling."""
    plain = TopicFacts(
        topic=f"T-{name}",
        label=name.replace("_", " ").capitalize(),
        kind=Kind.PROCESS_FAILURE,
        severity=Severity.MEDIUM,
        customers=max(count - 1, 0),
        reason="kind process_failure goes to billing",
        owns=True,
        now=trend(count),
        before=trend(5, HANDLED_BEFORE, "2026-W39"),
        ratio=1.1,
        low=0.4,
        high=3.0,
        series=(3.1, 4.0, 2.2, 3.6, 4.0),
        first_seen=EARLIER,
        quotes=(quote(f"about {name}", f"{name}-1"), quote(f"again {name}", f"{name}-2")),
        query=f"topic:{name} since:2026-09-28 until:2026-10-05",
    )
    return replace(plain, **changes)


def verdict(outcome: Outcome) -> Verdict:
    """Returns what is known eight weeks after a fix."""
    return Verdict("ISS-000007", outcome, 0.31, 0.22, 0.44, 8, date(2026, 10, 4), "rate fell")


def digest_of(*topics: TopicFacts, unit: BusinessUnit = UNIT, items: int = 7, undated: tuple[TopicFacts, ...] = ()) -> Digest:
    """Returns the digest of some topics."""
    facts = DigestFacts(HANDLED, HANDLED_BEFORE, topics, undated)
    return compose(unit, WEEK, facts, items=items, quotes=3, min_contacts=3, run_id="run-7")


def realistic() -> Digest:
    """Returns a digest such as a billing team would get."""
    return compose(UNIT, WEEK, realistic_facts(), items=3, quotes=3, min_contacts=3, run_id="daily-20261005-a1b2c3")


def realistic_facts() -> DigestFacts:
    """Returns the facts behind ``realistic``."""
    refund = topic(
        "refund_late",
        31,
        label="Refund not paid",
        severity=Severity.HIGH,
        customers=28,
        ratio=2.31,
        low=1.22,
        high=4.4,
        before=trend(13, HANDLED_BEFORE, "2026-W39"),
        series=(5.2, 6.1, 4.8, 5.5, 7.0, 6.4, 5.9, 8.8, 9.1, 12.4, 9.3, 20.9),
        issue="ISS-000012",
        reason="rule 4: topic refund_late belongs to Billing & Refunds",
        quotes=(
            quote("You confirmed the refund on the second of August and I still have not seen a penny of it.", "c-48213"),
            quote(
                "this is the fourth time i am writing about the same 64 euro, every time someone else says ten working days",
                "chat-99120",
                channel="chat",
            ),
            quote(
                "Cust. promised refund by 12/09, not issued, 3rd contact, wants to cancel.",
                "tk-5521",
                channel="ticket",
                role=Role.AGENT,
                visibility=Visibility.INTERNAL,
            ),
        ),
    )
    roaming = topic(
        "T-0107",
        9,
        topic="T-0107",
        label="Roaming charge after return",
        severity=Severity.HIGH,
        customers=9,
        before=trend(0, HANDLED_BEFORE),
        ratio=None,
        low=None,
        high=None,
        first_seen=WEEK.start + timedelta(days=1),
        series=(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 6.1),
        reason="rule 2: kind process_failure, queue billing",
        quotes=(
            quote("I was back home for three days and the bill says I was roaming in Spain.", "em-20719", channel="email"),
            quote("Charged for roaming although the phone was in my kitchen drawer.", "rev-0031", channel="review"),
        ),
    )
    wrong_charge = topic(
        "wrong_charge",
        22,
        label="Charged twice",
        customers=21,
        series=(14.0, 16.2, 13.1, 15.5, 14.4, 15.0, 14.8, 15.3, 13.9, 15.8, 14.2, 14.8),
        before=trend(20, HANDLED_BEFORE),
        ratio=1.03,
        low=0.56,
        high=1.9,
        issue="ISS-000003",
        quotes=(
            quote("There are two direct debits for September, same amount, same day.", "c-48377"),
            quote("you took it twice AGAIN", "chat-99177", channel="chat"),
        ),
    )
    paper_bill = topic(
        "paper_bill",
        7,
        label="Paper bill asked for",
        kind=Kind.IMPROVEMENT_IDEA,
        severity=Severity.LOW,
        ratio=0.4,
        low=0.19,
        high=0.84,
        before=trend(17, HANDLED_BEFORE),
        owns=False,
        reason="Billing & Refunds follows Product Management",
        quotes=(quote("Please let me choose a printed bill, my mother cannot use the app.", "c-48801"),),
    )
    dunning = topic(
        "dunning",
        3,
        label="Reminder sent although paid",
        verdict=verdict(Outcome.VERIFIED),
        before=trend(4, HANDLED_BEFORE),
        issue="ISS-000007",
        series=(14.0, 16.2, 13.1, 15.5, 9.4, 5.0, 4.8, 3.3, 3.9, 2.8, 3.2, 2.0),
        quotes=(quote("Got a reminder for a bill I paid on the first.", "c-48560"),),
    )
    praise = topic(
        "clear_bill",
        5,
        label="New bill is easy to read",
        kind=Kind.TESTIMONIAL,
        severity=Severity.LOW,
        quotes=(
            quote("The new bill is the first one I understood without calling you, thank whoever drew it.", "sv-771", channel="survey"),
        ),
    )
    undated = topic(
        "late_fee",
        4,
        label="Late fee disputed",
        customers=4,
        quotes=(quote("Fee for being late by an hour?!", "fb-9", channel="social", at=None),),
    )
    others = tuple(topic(f"other_{n}", 4 + n, label=f"Other matter {n}") for n in range(3))
    small = tuple(topic(f"small_{n}", 1, label=f"Small matter {n}") for n in range(4))
    return DigestFacts(
        HANDLED,
        HANDLED_BEFORE,
        (refund, roaming, wrong_charge, paper_bill, dunning, praise, *others, *small),
        (undated,),
        read=Counts(1510, 1465, 12, 5, 22, 6),
        set_aside=6,
        undecided=14,
        unassigned=9,
        made_by="model default-3fa1c2d4, taxonomy 9be0",
    )
