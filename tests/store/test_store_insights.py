"""Insights: proven by stored words, replaced as a whole, their human-visible places kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_samples import MADE_BY, MONDAY, RULES, analyse, contact, found, quoted, send, take_in, week

from insights.domain import AllOf, Decision, Evidence, Expectation, FieldMatch, Insight, Interaction, Kind, RivalRole, Severity
from insights.errors import NotFoundError, StoreError
from insights.store import Store

CONTACT = contact("a", "My refund 💶 is late again", "I will leave")


def _topic(store: Store, *examples: str) -> str:
    unit = np.ones(3, dtype=np.float32)
    added = store.add_topic(
        label="Late money",
        kind=Kind.PROCESS_FAILURE,
        keywords=["late"],
        centroid=unit,
        exemplars=unit[None],
        examples=examples,
        born=date(2026, 3, 2),
        made_by="d1",
    )
    return added.id


def test_an_insight_comes_back_with_quotes_cut_from_the_stored_turn(store: Store) -> None:
    """Offsets count code points, several spans and votes included, undecided ones too."""
    take_in(store, CONTACT)
    one = found(
        CONTACT,
        start=3,
        end=11,
        more=[quoted(CONTACT, 1), quoted(CONTACT, 0, 10, 20)],
        expectations=(Expectation.FOLLOW_UP, Expectation.BE_RESPONSIVE),
        severity=Severity.CRITICAL,
        subject="Refund desk",
    )
    other = found(CONTACT, kind=Kind.TESTIMONIAL, decision=Decision.UNDECIDED, turn=1)
    analyse(store, one, other)
    assert store.insights_of(CONTACT.id) == [one, other]
    assert store.insight(one.id) == one == store.insight(one.id[:9])
    assert one.evidence[0].quote == "refund 💶"
    assert store.counts()["undecided"] == 1


def test_no_quote_is_stored_twice(store: Store) -> None:
    """Insights hold offsets only, so that forgetting a turn forgets its words."""
    take_in(store, CONTACT)
    analyse(store, found(CONTACT))
    assert store.rows("SELECT * FROM insight WHERE evidence || votes || subject LIKE '%refund%'") == []
    assert store.rows('SELECT turn, start, "end", quote FROM evidence') == [(0, 0, 25, CONTACT.turns[0].text)]


def _with(evidence: Evidence) -> Insight:
    return replace(found(CONTACT), evidence=(evidence,))


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: _with(Evidence(CONTACT.id, 0, 0, 2, "my")), "does not say"),
        (lambda: _with(Evidence(CONTACT.id, 0, -1, 2, "")), "does not say"),
        (lambda: _with(Evidence(CONTACT.id, 0, 2, 2, "")), "does not say"),
        (lambda: _with(Evidence(CONTACT.id, 0, 0, 99, CONTACT.turns[0].text)), "does not say"),
        (lambda: _with(Evidence(CONTACT.id, 7, 0, 2, "My")), "does not say"),
        (lambda: replace(found(CONTACT), evidence=()), "no evidence"),
        (lambda: found(contact("unknown")), "is not stored"),
        (lambda: found(CONTACT, topic="undeclared"), "no topic"),
    ],
)
def test_what_is_not_proven_is_refused(store: Store, make: Callable[[], Insight], problem: str) -> None:
    """A quote that is not the stored words stops the batch before anything of it is written, and is not repeated."""
    take_in(store, CONTACT, contact("b"))
    with pytest.raises(StoreError, match=problem) as caught:
        analyse(store, found(contact("b")), make())
    assert "refund" not in str(caught.value)
    assert store.counts()["insights"] == 0


@pytest.mark.parametrize("results", [[found(CONTACT), found(CONTACT)], [replace(found(CONTACT), interaction_id=contact("b").id)]])
def test_a_batch_at_odds_with_itself_is_refused(store: Store, results: list[Insight]) -> None:
    """Twice the same insight, or one under another contact, is a classifier's fault and told as such."""
    take_in(store, CONTACT, contact("b"))
    with pytest.raises(StoreError):
        store.save_insights(MADE_BY, [(CONTACT.id, results)])


def test_contacts_wait_until_this_recipe_has_analysed_them(store: Store) -> None:
    """A contact without insights is done too; another model has all to do again; limits cut by row."""
    contacts = [contact(ref) for ref in "abcde"]
    take_in(store, *contacts)
    assert store.interactions(store.unanalysed_ids("m1")[:2]) == contacts[:2]
    store.save_insights("m1", [(one.id, []) for one in contacts[:2]])
    assert store.interactions(store.unanalysed_ids("m1")[:9]) == contacts[2:]
    store.save_insights("m2", [(contacts[3].id, [])])
    assert store.interactions(store.unanalysed_ids("m1")[:9]) == contacts[2:]
    assert store.interactions(store.unanalysed_ids("m2")[:4]) == [*contacts[:3], contacts[4]]


def test_analysing_again_replaces_what_is_no_longer_found(store: Store) -> None:
    """Only the newest recipe's findings stand."""
    take_in(store, CONTACT)
    gone, stays = found(CONTACT, subject="x"), found(CONTACT)
    analyse(store, gone, stays)
    send(store, gone, "billing")
    later = replace(stays, confidence=0.5, made_by="m2")
    analyse(store, later, made_by="m2")
    assert store.insights_of(CONTACT.id) == [later]
    assert store.rows("SELECT * FROM route") == []


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({}, True),
        ({"confidence": 0.6}, True),
        ({"start": 3}, True),
        ({"severity": Severity.HIGH}, False),
        ({"topic": "declared"}, False),
        ({"decision": Decision.UNDECIDED}, False),
    ],
)
def test_an_insight_found_again_keeps_its_routes_only_while_they_hold(store: Store, change: dict[str, object], kept: bool) -> None:
    """Routes rest on topic, subject, severity and decision; the discovered topic stays unless a declared one takes over."""
    take_in(store, CONTACT)
    store.declare_topics([("declared", "Declared", Kind.PROCESS_FAILURE, ())], made_by="t")
    analyse(store, found(CONTACT))
    topic = _topic(store)
    store.assign_topics([(found(CONTACT).id, topic, 0.8)])
    send(store, found(CONTACT), "billing")
    analyse(store, found(CONTACT, **change))  # type: ignore[arg-type]
    assert len(store.routes_of(found(CONTACT).id)) == kept
    assert [insight.id for insight, _ in store.unrouted(RULES, limit=9)] == ([] if kept or "decision" in change else [found(CONTACT).id])
    assert store.insight(found(CONTACT).id).topic == ("declared" if "topic" in change else topic)


def test_a_declared_topic_that_no_longer_applies_is_taken_away(store: Store) -> None:
    """Only topics found by discovery survive an analysis that names none."""
    take_in(store, CONTACT)
    store.declare_topics([("declared", "Declared", Kind.PROCESS_FAILURE, ())], made_by="t")
    analyse(store, found(CONTACT, topic="declared"))
    assert store.insight(found(CONTACT).id).topic == "declared"
    analyse(store, found(CONTACT))
    assert store.insight(found(CONTACT).id).topic is None


def test_an_unknown_insight_is_not_found(store: Store) -> None:
    """Too short a beginning names nothing."""
    take_in(store, CONTACT)
    analyse(store, found(CONTACT), found(CONTACT, subject="x"))
    for ref in (found(CONTACT).id[:5], "f" * 24, ""):
        with pytest.raises(NotFoundError):
            store.insight(ref)


TEXTS = st.text(min_size=1, max_size=30)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(TEXTS, min_size=1, max_size=3), st.data())
def test_every_quote_is_the_stored_words_at_its_offsets(texts: list[str], data: st.DataObject) -> None:
    """For any text, what is read back is cut from the stored turn at the offsets saved."""
    saved: Interaction = contact("p", *texts)
    turn = data.draw(st.integers(0, len(texts) - 1))
    start = data.draw(st.integers(0, len(texts[turn]) - 1))
    end = data.draw(st.integers(start + 1, len(texts[turn])))
    with TemporaryDirectory() as folder, Store.open(Path(folder) / "s.db", create=True) as store:
        take_in(store, saved, hashes=repr(texts))
        analyse(store, found(saved, turn=turn, start=start, end=end))
        (read,) = store.insights_of(saved.id)
        stored = store.interaction("p").turns[turn].text
        (sql_quote,) = store.rows("SELECT quote FROM evidence")[0]
        assert read.evidence[0].quote == stored[start:end] == sql_quote
        assert (read.evidence[0].start, read.evidence[0].end) == (start, end)


def test_role_and_free_words_come_back_and_are_searched(store: Store) -> None:
    """What a rival is spoken of for is a field of its own; the words stand in for a subject nobody declared."""
    take_in(store, CONTACT)
    rival = replace(found(CONTACT, kind=Kind.COMPETITIVE_MENTION, turn=1), about="Zelmark", role=RivalRole.SWITCHING_TO)
    declared = replace(found(CONTACT, subject="Refund desk"), about="refund")
    analyse(store, rival, declared)
    assert store.insight(rival.id) == rival
    assert store.insight(declared.id) == declared
    fields = {"subject": ("zelmark", "refund desk", "refund"), "role": ("switching_to", "leverage")}
    asked = {(name, value): FieldMatch(name, "=", (value,)) for name, values in fields.items() for value in values}
    rows = {key: store.search(AllOf((match,)), now=MONDAY, zone=ZoneInfo("UTC")) for key, match in asked.items()}
    assert {key: [row["id"] for row in found] for key, found in rows.items()} == {
        ("subject", "zelmark"): [rival.id],
        ("subject", "refund desk"): [declared.id],
        ("subject", "refund"): [],
        ("role", "switching_to"): [rival.id],
        ("role", "leverage"): [],
    }
    assert [(row["subject"], row["role"]) for row in rows["role", "switching_to"]] == [("Zelmark", "switching_to")]


def test_contacts_are_counted_by_language(store: Store) -> None:
    """Within a period, as the source or the engine wrote it; untold ones are left out."""
    take_in(
        store, *(replace(contact(ref), language=language) for ref, language in zip("abcde", ("de", "fr", "de", None, "en"), strict=True))
    )
    assert store.languages(week()) == {"de": 2, "en": 1, "fr": 1}
    assert store.languages(week(1)) == {}
