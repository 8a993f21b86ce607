"""Figures: distinct contacts and customers with their periods, checked against counting by hand."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

import pytest
from store_samples import MONDAY, analyse, contact, found, quoted, send, take_in, week

from insights.domain import Decision, Kind, Period, Role, Severity, Visibility
from insights.store import Store

EDGES = [MONDAY + timedelta(weeks=number) for number in range(5)]
TOPICS = [("refund", "Late refund", Kind.PROCESS_FAILURE, ()), ("router", "Broken router", Kind.PRODUCT_ISSUE, ())]


def test_handled_counts_dated_contacts_in_half_open_periods(store: Store) -> None:
    """A contact on an edge belongs to the period that begins; undated ones belong to none."""
    moment = timedelta(microseconds=1)
    times = [EDGES[0], EDGES[1] - moment, EDGES[1], EDGES[4], None]
    take_in(store, *[contact(f"c{number}", at=at) for number, at in enumerate(times)])
    assert store.handled(EDGES) == [2, 1, 0, 0]


def test_series_agree_with_counting_by_hand(store: Store) -> None:
    """Over a random history, contacts and customers a topic, period and owner are exactly those of a plain loop."""
    rng = random.Random(3)
    store.declare_topics(TOPICS, made_by="t")
    ids = {"refund": "T-0001", "router": "T-0002"}
    expected: dict[tuple[str | None, str], list[list[set[str]]]] = defaultdict(lambda: [[set(), set()] for _ in EDGES[1:]])
    for number in range(120):
        at = MONDAY + timedelta(hours=rng.randrange(0, 24 * 40, 12)) if rng.random() < 0.9 else None
        customer = rng.choice([None, "cust-1", "cust-2", "cust-3"])
        one = contact(f"c{number}", "words", at=at, customer=customer)
        take_in(store, one)
        for subject in rng.sample(["", "a", "b"], rng.randint(0, 3)):
            key = rng.choice(["refund", "router", None])
            decision = rng.choice([Decision.YES, Decision.YES, Decision.UNDECIDED])
            unit = rng.choice(["billing", "network"])
            insight = found(one, subject=subject, topic=key, decision=decision)
            store.save_insights("m", [(one.id, [*store.insights_of(one.id), replace(insight, made_by="m")])])
            if decision is Decision.YES:
                send(store, insight, unit)
                period = None if at is None else (at - MONDAY).days // 7
                if key and period is not None and period < 4:
                    for owner in (None, unit):
                        cells = expected[owner, ids[key]][period]
                        cells[0].add(one.id)
                        cells[1].add(customer or one.id)
    for unit in (None, "billing", "network"):
        wanted = {
            topic: [(len(a), len(b)) for a, b in cells] for (owner, topic), cells in sorted(expected.items(), key=str) if owner == unit
        }
        assert store.topic_series(EDGES, unit=unit) == wanted
        assert list(store.topic_series(EDGES, unit=unit)) == ["T-0001", "T-0002"]


def _scene(store: Store) -> None:
    """Billing owns refunds and follows one router insight; network owns routers."""
    store.declare_topics(TOPICS, made_by="t")
    contacts = {
        "old": contact("old", "refund old", at=MONDAY - timedelta(weeks=8), customer="c0"),
        "a": contact("a", "refund a", customer="c1"),
        "b": contact("b", "refund b", customer="c1"),
        "c": contact("c", "refund c", at=MONDAY + timedelta(days=6)),
        "next": contact("next", "refund next", at=MONDAY + timedelta(days=7)),
        "undated": contact("undated", "refund undated", at=None),
        "r": contact("r", "router r", "note on router", customer="c2", internal=True),
        "n": contact("n", "nameless", customer="c3"),
    }
    take_in(store, *contacts.values())
    for ref in ("old", "a", "b", "c", "next", "undated"):
        severity = Severity.HIGH if ref == "b" else Severity.LOW
        insight = found(contacts[ref], topic="refund", severity=severity, confidence=0.9 if ref == "a" else 0.7)
        analyse(store, insight)
        send(store, insight, "billing", why="rare" if ref == "c" else "usual")
    router = found(contacts["r"], kind=Kind.PRODUCT_ISSUE, topic="router", turn=1, more=[quoted(contacts["r"], 0)])
    nameless = [found(contacts["n"], kind=kind) for kind in (Kind.TESTIMONIAL, Kind.PROCESS_FAILURE)]
    analyse(store, router, *nameless)
    send(store, router, "network", "billing", why="hardware")
    for insight in nameless:
        send(store, insight, "support")


def test_a_units_topics_tell_what_it_owns_and_what_it_follows(store: Store) -> None:
    """Distinct contacts and customers of the period, worst severity, commonest reason, and when the topic was ever seen."""
    _scene(store)
    refund, router = store.unit_topics("billing", week())
    assert (refund.topic_id, refund.label, refund.kind, refund.owns) == ("T-0001", "Late refund", Kind.PROCESS_FAILURE, True)
    assert (refund.contacts, refund.customers, refund.severity, refund.reason) == (3, 2, Severity.HIGH, "usual")
    assert (refund.first_seen, refund.last_seen) == (MONDAY - timedelta(weeks=8), MONDAY + timedelta(days=7))
    assert (router.topic_id, router.contacts, router.owns, router.reason) == ("T-0002", 1, False, "hardware")


def test_insights_without_a_topic_are_a_row_a_kind(store: Store) -> None:
    """Nothing a unit owns is left out because it has no name yet."""
    _scene(store)
    rows = store.unit_topics("support", week())
    assert [(row.topic_id, row.label, row.kind, row.contacts) for row in rows] == [
        ("", "", Kind.PROCESS_FAILURE, 1),
        ("", "", Kind.TESTIMONIAL, 1),
    ]


@pytest.mark.parametrize(
    ("follows", "topics"),
    [
        ((), []),
        (("network",), ["T-0002"]),
        (("refund",), ["T-0001"]),
        (("T-0001", "product_issue"), ["T-0001", "T-0002"]),
        (("nobody",), []),
    ],
)
def test_a_unit_may_follow_units_topics_and_kinds(store: Store, follows: tuple[str, ...], topics: list[str]) -> None:
    """What is followed comes without being owned, in the topics and in the quotes."""
    _scene(store)
    rows = store.unit_topics("product", week(), follows=follows)
    assert [row.topic_id for row in rows] == topics
    assert not any(row.owns for row in rows)
    for topic in ("T-0001", "T-0002"):
        assert bool(store.quotes(topic, week(), unit="product", limit=9, follows=follows)) == (topic in topics)


def test_contacts_without_a_time_stand_apart_by_the_time_received(store: Store) -> None:
    """They are in no rate, and not lost either."""
    _scene(store)
    received = Period("2027-03", MONDAY + timedelta(days=360), MONDAY + timedelta(days=370))
    (row,) = store.undated(received, unit="billing")
    assert (row.topic_id, row.contacts) == ("T-0001", 1)
    (quote,) = [quote for quote, _, _ in store.quotes("T-0001", received, unit="billing", limit=9, dated=False)]
    assert (quote.source_ref, quote.at) == ("undated", None)
    assert store.undated(week(), unit="billing") == []
    assert store.unit_topics("billing", received) == []


def test_quotes_are_the_surest_one_a_customer_and_no_words_twice(store: Store) -> None:
    """Then the worst, then by id: the same store gives the same quotes."""
    _scene(store)
    chosen = store.quotes("T-0001", week(), unit="billing", limit=9)
    assert [(quote.source_ref, confidence, severity) for quote, confidence, severity in chosen] == [
        ("a", 0.9, Severity.LOW),
        ("c", 0.7, Severity.LOW),
    ]
    assert (chosen[0][0].text, chosen[0][0].role, chosen[0][0].channel) == ("refund a", Role.CUSTOMER, "chat")
    assert len(store.quotes("T-0001", week(), unit="billing", limit=1)) == 1
    twin = contact("twin", "Refund  A", customer="c9")
    take_in(store, twin)
    analyse(store, found(twin, topic="refund"))
    send(store, found(twin, topic="refund"), "billing")
    again = store.quotes("T-0001", week(), unit="billing", limit=9)
    assert len([quote for quote, _, _ in again if quote.text.casefold().split() == ["refund", "a"]]) == 1


def test_an_internal_note_is_quoted_only_where_that_is_allowed(store: Store) -> None:
    """For a unit that faces customers, the insight's public words stand in."""
    _scene(store)
    ((noted, _, _),) = store.quotes("T-0002", week(), unit="network", limit=3)
    assert (noted.text, noted.visibility) == ("note on router", Visibility.INTERNAL)
    ((public, _, _),) = store.quotes("T-0002", week(), unit="network", limit=3, allow_internal=False)
    assert (public.text, public.visibility) == ("router r", Visibility.PUBLIC)
    only = contact("only", "secret note", internal=True)
    take_in(store, only)
    analyse(store, found(only, topic="refund"))
    send(store, found(only, topic="refund"), "network")
    assert store.quotes("T-0001", week(), unit="network", limit=3, allow_internal=False) == []


def test_quotes_of_the_nameless_can_be_asked_by_kind(store: Store) -> None:
    """An empty topic stands for insights without one; the kind tells their rows apart."""
    _scene(store)
    assert len(store.quotes("", week(), unit="support", limit=9)) == 1, "one a customer"
    for kind, number in [(Kind.TESTIMONIAL, 1), (Kind.PRODUCT_ISSUE, 0)]:
        assert len(store.quotes("", week(), unit="support", limit=9, kind=kind)) == number


def test_an_empty_store_has_empty_figures(store: Store) -> None:
    """Nothing read is zero, not an error."""
    assert store.handled(EDGES) == [0, 0, 0, 0]
    assert store.topic_series(EDGES) == {}
    assert store.unit_topics("billing", week()) == []
    assert store.quotes("T-0001", week(), unit="billing", limit=3) == []
    assert set(store.counts().values()) == {0}


def test_kinds_are_counted_by_contact_and_period(store: Store) -> None:
    """A contact counts once a kind however many findings it holds; undecided findings and undated contacts do not count."""
    take_in(store, contact("a", at=EDGES[0]), contact("b", at=EDGES[1]), contact("c", at=EDGES[1]), contact("d", at=None))
    for name, decisions in (("a", ["yes", "yes"]), ("b", ["yes"]), ("c", ["undecided"]), ("d", ["yes"])):
        insights = [found(contact(name), subject=str(n), decision=Decision(one)) for n, one in enumerate(decisions)]
        analyse(store, *insights)
    series = store.kind_series(EDGES)
    assert list(series) == list(Kind)
    assert series[Kind.PROCESS_FAILURE] == [1, 1, 0, 0]
    assert series[Kind.TESTIMONIAL] == [0, 0, 0, 0]
