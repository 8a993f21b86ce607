"""What flows ask of the whole store."""

from __future__ import annotations

from datetime import timedelta

from store_samples import MONDAY, analyse, contact, found, send, take_in

from insights.domain import Counts, Decision, Kind
from insights.store import Cursor, DeadLetter, Store


def test_ids_of_what_waits_lead_to_the_contacts(store: Store) -> None:
    """In the order of rows whatever the order asked for; unknown ids are left out."""
    contacts = [contact(ref) for ref in "abc"]
    take_in(store, *contacts)
    store.save_insights("m1", [(contacts[1].id, [])])
    waiting = store.unanalysed_ids("m1")
    assert waiting == [contacts[0].id, contacts[2].id]
    assert store.interactions([*reversed(waiting), "gone"]) == [contacts[0], contacts[2]]


def test_records_set_aside_after_storing_are_letters_too(store: Store) -> None:
    """They stand beside those of reading."""
    letter = DeadLetter("l1", "chats", "a.jsonl:7", "analyse", "too long", "ab", "", MONDAY)
    store.add_letters([letter, letter])
    assert store.dead_letters() == [letter]


def test_what_was_received_is_summed_over_files(store: Store) -> None:
    """Every file's cursor carries its own counts."""
    assert store.received() == Counts()
    for file in ("f1", "f2"):
        store.ingest([(contact(file), "h")], letters=[], skipped=2, cursor=Cursor("chats", file, file, "o", 3))
    assert store.received() == Counts(read=6, stored=2, skipped=4)


def test_a_topic_belongs_to_the_unit_that_owns_most_of_it_and_spans_its_dated_contacts(store: Store) -> None:
    """Undecided insights, followers, undated and later contacts do not count."""
    store.declare_topics([("refund", "Late refund", Kind.PROCESS_FAILURE, ())], made_by="t")
    contacts = [contact(str(number), at=MONDAY + timedelta(days=number)) for number in range(4)]
    undated = contact("undated", at=None)
    take_in(store, *contacts, undated)
    for one, owner in zip((*contacts, undated), ("billing", "billing", "apps", "apps", "billing"), strict=True):
        decision = Decision.UNDECIDED if one is contacts[3] else Decision.YES
        analyse(store, found(one, topic="refund", decision=decision))
        send(store, found(one), owner, "follower")
    assert store.topic_owners() == {"T-0001": "billing"}
    assert store.topic_spans(until=MONDAY + timedelta(days=99)) == {"T-0001": (MONDAY, MONDAY + timedelta(days=2))}
    assert store.topic_spans(until=MONDAY + timedelta(days=1)) == {"T-0001": (MONDAY, MONDAY)}
    assert store.topic_spans(until=MONDAY) == {}
