"""Topics whose ids outlive refits, and routes that leave nobody out."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from store_samples import MONDAY, RULES, analyse, contact, found, send, take_in

from insights.domain import Decision, Kind, Route, Topic
from insights.errors import NotFoundError, StoreError, UsageError
from insights.store import Store

FAILURE = Kind.PROCESS_FAILURE
DECLARED = [("refund_late", "Late refund", FAILURE, ("refund", "späte")), ("defect", "Defect", Kind.PRODUCT_ISSUE, ())]


def _add(store: Store, label: str = "Long queues", *examples: str, kind: Kind = FAILURE) -> Topic:
    vectors = np.arange(6, dtype=np.float32).reshape(2, 3)
    return store.add_topic(
        label=label,
        kind=kind,
        keywords=("queue", "wait"),
        centroid=vectors[1],
        exemplars=np.asfortranarray(vectors),
        examples=examples,
        born=date(2026, 3, 2),
        made_by="discovery-1",
    )


def test_declared_topics_keep_their_ids_through_every_edit(store: Store) -> None:
    """Renaming or reordering the taxonomy changes labels, never ids; the old name is remembered."""
    assert store.declare_topics(DECLARED, made_by="t1") == {"refund_late": "T-0001", "defect": "T-0002"}
    edited = [("new", "New", FAILURE, ()), ("refund_late", "Refunds", FAILURE, ("refund",))]
    assert store.declare_topics(edited, made_by="t2") == {"new": "T-0003", "refund_late": "T-0001"}
    topic = store.topic("refund_late")
    assert (topic.id, topic.label, topic.keywords, topic.made_by) == ("T-0001", "Refunds", ("refund",), "t2")
    assert topic.lineage == ("declared", 'renamed from "Late refund"')
    assert [one.id for one in store.topics()] == ["T-0001", "T-0002", "T-0003"]


def test_a_topic_is_found_by_id_key_or_label(store: Store) -> None:
    """Two of one label must be told apart by id; a mistyped name is answered with the nearest."""
    store.declare_topics(DECLARED, made_by="t1")
    found_topic = _add(store)
    assert store.topic("T-0003") == store.topic("Long queues") == found_topic
    _add(store)
    with pytest.raises(UsageError) as several:
        store.topic("Long queues")
    assert "T-0003, T-0004" in several.value.hint
    with pytest.raises(NotFoundError) as missing:
        store.topic("refund_lat")
    assert "refund_late" in missing.value.hint


def test_ids_of_topics_are_never_reused(store: Store) -> None:
    """A topic that is gone takes its number with it."""
    _add(store)
    store.run("DELETE FROM topic")
    assert _add(store).id == "T-0002"


def test_vectors_come_back_as_they_were_whatever_their_memory_order(store: Store) -> None:
    """Only discovered topics of the kind asked for are known to discovery."""
    store.declare_topics(DECLARED, made_by="t1")
    _add(store)
    _add(store, "Other", kind=Kind.TESTIMONIAL)
    (record,) = store.known_topics(FAILURE)
    assert (record.id, record.label, record.centroid.dtype) == ("T-0003", "Long queues", np.float32)
    np.testing.assert_array_equal(record.centroid, [3, 4, 5])
    np.testing.assert_array_equal(record.exemplars, [[0, 1, 2], [3, 4, 5]])


def test_insights_without_a_topic_wait_for_one(store: Store) -> None:
    """Decided ones of the kind, by id, with the words to cluster; assigning them empties the queue and fills the topic."""
    store.declare_topics(DECLARED, made_by="t1")
    contacts = [contact(ref, f"wait {ref}") for ref in "abc"]
    take_in(store, *contacts)
    insights = [found(one) for one in contacts[:2]]
    analyse(
        store,
        *insights,
        found(contacts[0], kind=Kind.PRODUCT_ISSUE),
        found(contacts[1], subject="s", decision=Decision.UNDECIDED),
        found(contacts[2], topic="refund_late"),
    )
    waiting = store.unassigned(FAILURE)
    assert waiting == sorted((one.id, one.evidence[0].quote) for one in insights)
    topic = _add(store, "Queues", waiting[1][0], waiting[0][0], "gone")
    assert topic.examples == (waiting[1][0], waiting[0][0])
    store.assign_topics([(id, topic.id, 0.7) for id, _ in waiting])
    assert store.unassigned(FAILURE) == []
    assert store.topic(topic.id).size == 2
    assert store.insight(waiting[0][0]).topic == topic.id
    take_in(store, contacts[0], hashes="h2")
    assert (store.topic(topic.id).size, len(store.topic(topic.id).examples)) == (1, 1)


def test_assigning_sends_an_insight_to_routing_again_only_if_its_topic_changes(store: Store) -> None:
    """Rules may go by topic, so a new topic needs a new route; the same one does not."""
    one = contact("a")
    take_in(store, one)
    analyse(store, found(one))
    first, second = _add(store, "A"), _add(store, "B")
    for topic, routes in [(first, 0), (first, 1), (second, 0)]:
        store.assign_topics([(found(one).id, topic.id, 0.5)])
        assert len(store.routes_of(found(one).id)) == routes
        send(store, found(one), "billing")
    for pair in [(found(one).id, "T-0099", 0.5), ("nobody", first.id, 0.5)]:
        with pytest.raises(StoreError):
            store.assign_topics([pair])


def test_only_decided_insights_are_routed_and_each_set_of_rules_routes_all(store: Store) -> None:
    """A changed ownership file sends every insight through routing again."""
    contacts = [contact(ref, region="west") for ref in "abc"]
    take_in(store, *contacts)
    insights = [found(one) for one in contacts]
    analyse(store, *insights, found(contacts[0], subject="s", decision=Decision.UNDECIDED))
    pairs = store.unrouted(RULES, limit=2)
    assert [insight for insight, _ in pairs] == insights[:2]
    assert [(one.id, one.meta, one.turns) for _, one in pairs] == [(one.id, {"region": "west"}, ()) for one in contacts[:2]]
    assert store.rows("SELECT id FROM unaccounted") == [(one.id,) for one in insights]
    for insight in insights:
        send(store, insight, "billing", "watch")
    assert store.unrouted(RULES, limit=9) == []
    assert store.rows("SELECT id FROM unaccounted") == []
    assert len(store.unrouted("rules-2", limit=9)) == 3
    send(store, insights[0], "triage", rules="rules-2")
    assert [route.unit_id for route in store.routes_of(insights[0].id)] == ["triage"]
    assert len(store.unrouted("rules-2", limit=9)) == 2


def test_routes_come_back_the_owner_first(store: Store) -> None:
    """Rule and reason are kept for every route."""
    take_in(store, contact("a"))
    analyse(store, found(contact("a")))
    send(store, found(contact("a")), "support", "apps", "billing")
    assert [(route.unit_id, route.owns) for route in store.routes_of(found(contact("a")).id)] == [
        ("support", True),
        ("apps", False),
        ("billing", False),
    ]
    assert store.routes_of(found(contact("a")).id)[0] == Route(
        found(contact("a")).id, "support", "ownership.toml:rule 1", "rule says so", MONDAY
    )


@pytest.mark.parametrize("units", [[("a", False)], [("a", True), ("b", True)], [("a", True), ("a", False)]])
def test_an_insight_has_exactly_one_owner(store: Store, units: list[tuple[str, bool]]) -> None:
    """Nobody, two owners, or one unit twice: refused, and nothing of the batch is kept."""
    take_in(store, contact("a"), contact("b"))
    analyse(store, found(contact("a")), found(contact("b")))
    good = Route(found(contact("a")).id, "a", "r", "w", MONDAY)
    bad = [Route(found(contact("b")).id, unit, "r", "w", MONDAY, owns=owns) for unit, owns in units]
    with pytest.raises(StoreError, match="exactly one owner"):
        store.save_routes(RULES, [good, *bad])
    assert store.rows("SELECT * FROM route") == []
    with pytest.raises(StoreError, match="not stored"):
        store.save_routes(RULES, [Route("nobody", "a", "r", "w", MONDAY)])
