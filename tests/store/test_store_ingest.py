"""Taking in: idempotent, atomic, reconciled."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_samples import MONDAY, analyse, contact, found, send, take_in

from insights.domain import Counts, Interaction, Role, Turn, Visibility
from insights.errors import NotFoundError, StoreError, UsageError
from insights.store import Cursor, DeadLetter, Store

CURSOR = Cursor("chats", "a.jsonl", "f1", "o1", 1)
LETTER = DeadLetter("l1", "chats", "a.jsonl:7", "read", "no id", "ab12", "{…", MONDAY)


def test_a_contact_comes_back_as_it_went_in(store: Store) -> None:
    """Every field survives, to the microsecond and the code point."""
    given_ = replace(
        contact("r-1", "Grüße 👋\n", "", customer="cust-1", product="Fibre 500", region="Ulster"),
        language="en-IE",
        queue="support",
        repairs=("unknown role kept",),
        started_at=MONDAY + timedelta(microseconds=1),
    )
    given_ = replace(given_, turns=(*given_.turns, Turn(2, Role.AGENT, "note", at=MONDAY, visibility=Visibility.INTERNAL)))
    take_in(store, given_)
    assert store.interaction("r-1") == given_


def test_reading_the_same_again_changes_nothing(store: Store) -> None:
    """The same hash leaves the stored contact and all that was found in it alone."""
    one = contact("a")
    assert take_in(store, one) == Counts(read=1, stored=1)
    analyse(store, found(one))
    changes = store.connection.total_changes()
    assert take_in(store, one) == Counts(read=1, unchanged=1)
    assert store.connection.total_changes() - changes == 1, "only the cursor is written"
    assert store.interactions(store.unanalysed_ids("any")[:10]) == [one]
    assert len(store.insights_of(one.id)) == 1


def test_an_edited_record_replaces_its_predecessor_and_its_insights(store: Store) -> None:
    """Turns, words, insights and routes of the old text go; the contact waits for analysis again."""
    old, other = contact("a", "My refund is late", "Still late"), contact("b", "refund please")
    take_in(store, old, other)
    insight, kept = found(old), found(other)
    analyse(store, insight, kept)
    send(store, insight, "billing", "watch")
    new = contact("a", "All is well")
    assert take_in(store, new, hashes="h2") == Counts(read=1, replaced=1)
    assert store.interaction("a") == new
    assert store.insights_of(new.id) == []
    assert store.rows("SELECT * FROM route") == []
    assert [one.source_ref for one in store.interactions(store.unanalysed_ids("default-1a2b+taxonomy-3c4d")[:9])] == ["a"]
    assert store.rows("SELECT rowid >> 20 FROM turn_words WHERE turn_words MATCH 'refund'") == [(2,)]
    store.run("INSERT INTO turn_words (turn_words, rank) VALUES ('integrity-check', 1)")


@pytest.mark.parametrize(
    ("hashes", "counts", "text"),
    [
        (["h1", "h1"], Counts(read=2, stored=1, unchanged=1), "first"),
        (["h1", "h2"], Counts(read=2, stored=1, replaced=1), "second"),
        (["h0", "h1"], Counts(read=2, replaced=1, unchanged=1), "second"),
        (["h1", "h0"], Counts(read=2, replaced=2), "second"),
    ],
)
def test_the_same_reference_twice_in_a_batch_is_settled_in_order(store: Store, hashes: list[str], counts: Counts, text: str) -> None:
    """The later one replaces, the identical one is unchanged, also over what is stored already (hash h0)."""
    if "h0" in hashes:
        take_in(store, contact("a", "stored"), hashes="h0")
    batch = list(zip([contact("a", "first"), contact("a", "second")], hashes, strict=True))
    assert store.ingest(batch, letters=[], skipped=0, cursor=CURSOR) == counts
    assert store.interaction("a").turns[0].text == text


def test_rows_cursor_and_letters_are_one_transaction(store: Store) -> None:
    """A batch that fails half-way leaves no row, no letter and no moved cursor."""
    bad = replace(contact("b"), turns=(Turn(3, Role.CUSTOMER, "misnumbered"),))
    with pytest.raises(StoreError, match="not numbered"):
        store.ingest([(contact("a"), "h"), (bad, "h")], letters=[LETTER], skipped=0, cursor=CURSOR)
    assert (store.counts()["interactions"], store.dead_letters(None), store.cursor("chats", "f1", "o1")) == (0, [], None)


def test_the_cursor_carries_the_counts_of_all_batches(store: Store) -> None:
    """What was counted before the batch is handed in, and what comes back includes the batch."""
    cursor = CURSOR
    for place, ref in enumerate(["a", "b"], start=1):
        cursor = replace(cursor, records=3 * place, done=place == 2)
        counts = store.ingest([(contact(ref), "h")], letters=[replace(LETTER, id=ref)], skipped=1, cursor=cursor)
        assert counts.reconciles
        cursor = replace(cursor, counts=cursor.counts + counts)
    assert store.cursor("chats", "f1", "o1") == cursor
    assert cursor.counts == Counts(read=6, stored=2, skipped=2, set_aside=2)
    assert store.cursor("chats", "f1", "o2") is None


@pytest.mark.parametrize(("before", "after"), [("open", "open"), ("replayed", "open"), ("dropped", "dropped")])
def test_a_fault_met_again_is_one_letter(store: Store, before: str, after: str) -> None:
    """Replayed in vain it is open again; what a person dropped stays dropped."""
    store.ingest([], letters=[LETTER], skipped=0, cursor=CURSOR)
    store.mark_letters(["l1"], before)
    store.ingest([], letters=[LETTER], skipped=0, cursor=CURSOR)
    assert store.dead_letters(None) == [replace(LETTER, status=after)]
    assert store.dead_letters() == ([LETTER] if after == "open" else [])


def test_an_unknown_letter_names_the_nearest(store: Store) -> None:
    """A mistyped id is told with the id that was meant."""
    store.ingest([], letters=[replace(LETTER, id="abcdef")], skipped=0, cursor=CURSOR)
    assert store.dead_letter("abcdef").locator == "a.jsonl:7"
    with pytest.raises(NotFoundError) as caught:
        store.dead_letter("abcdeg")
    assert "abcdef" in caught.value.hint


def test_what_the_store_cannot_hold_is_mended_without_moving_offsets(store: Store) -> None:
    """NUL and lone surrogates become signs of the same length, noted as a repair; evidence found before still fits."""
    odd = replace(contact("a\x00", "x\ud83d\x00y late", customer="c\ud800"), meta={"k\x00": "\udfff"}, queue="q\x00")
    take_in(store, odd)
    stored = store.interaction(odd.id)
    assert stored.turns[0].text == "x\ufffd\u2400y late"
    assert (stored.customer_ref, stored.queue, stored.meta) == ("c\ufffd", "q\u2400", {"k\u2400": "\ufffd"})
    assert stored.repairs == ("character the store cannot hold replaced",)
    analyse(store, found(odd, subject="\ud800", start=0, end=4))
    assert store.insights_of(odd.id)[0].evidence[0].quote == "x\ufffd\u2400y"


def test_references_find_contacts(store: Store) -> None:
    """A contact answers to its id, the beginning of it, its reference, and source/reference where two share one."""
    one, two, three = contact("r-1"), contact("r-1", source="mail"), contact("r-200")
    take_in(store, one, two, three)
    for ref in (three.id, three.id[:8], "r-200", "chats/r-200"):
        assert store.interaction(ref) == three
    assert store.interaction("mail/r-1") == two
    with pytest.raises(UsageError, match="names several") as several:
        store.interaction("r-1")
    assert "chats/r-1, mail/r-1" in several.value.hint
    for ref, hint in [("r-20", 'did you mean "r-200"?'), ("zz", "list some"), ("", "r-1")]:
        with pytest.raises(NotFoundError) as missing:
            store.interaction(ref)
        assert hint in missing.value.hint


def test_newest_time_is_an_event_time_where_there_is_one(store: Store) -> None:
    """Times received count only where no contact is dated, and no wrong clock moves the present."""
    assert store.newest_time() is None
    take_in(store, contact("a", at=None))
    assert store.newest_time() == contact("a").received_at
    take_in(store, contact("b"), contact("c", at=contact("c").received_at + timedelta(days=900)))
    assert store.newest_time() == MONDAY


REFS = st.sampled_from(["a", "b", "c"])
RECORDS = st.tuples(REFS, st.text(max_size=8))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.lists(RECORDS, max_size=6), st.integers(0, 2), st.booleans()), max_size=5))
def test_any_history_of_batches_ends_with_the_last_version_of_each_record(
    batches: list[tuple[list[tuple[str, str]], int, bool]],
) -> None:
    """Counts reconcile, the store holds what a dictionary would, and the words index agrees with the turns."""
    with TemporaryDirectory() as folder, Store.open(Path(folder) / "s.db", create=True) as store:
        model: dict[str, str] = {}
        for records, skipped, letter in batches:
            batch = [(contact(ref, text), f"hash of {text!r}") for ref, text in records]
            before = set(model)
            counts = store.ingest(batch, letters=[LETTER] if letter else [], skipped=skipped, cursor=CURSOR)
            model.update(dict(records))
            assert counts.reconciles
            assert counts.read == len(records) + skipped + letter
            assert counts.stored == len(set(model) - before)
        stored = {one.source_ref: one.turns[0].text for one in _all(store)}
        assert stored == {ref: text.replace("\x00", "\u2400") for ref, text in model.items()}
        store.run("INSERT INTO turn_words (turn_words, rank) VALUES ('integrity-check', 1)")


def _all(store: Store) -> list[Interaction]:
    return store.interactions(store.unanalysed_ids("nobody")[:100])
