"""Corrections are only added to; what the engine alone found is kept beside what stands."""

from __future__ import annotations

from dataclasses import replace

import pytest
from store_samples import MADE_BY, MONDAY, contact, found, send, take_in

from insights.domain import Anchor, Change, Correction, Decision, Expectation, Kind, Ruling, Scope, Severity
from insights.errors import NotFoundError
from insights.store import Store, Waiting

CONTACT = contact("a", "My refund is late", "The app crashes")
OTHER = contact("b", "My refund is late")
INSIGHT = found(CONTACT, topic="late")
SCOPE = Scope(
    CONTACT.id,
    INSIGHT.id,
    INSIGHT.kind,
    "Café \ud800",
    "late",
    Severity.HIGH,
    (Expectation.FOLLOW_UP,),
    (Anchor(0, 1, 5, "h"),),
    ("x", "y"),
    added=True,
)
FULL = Correction("c1", Change(Ruling.YES, Kind.TESTIMONIAL, "late", "billing", Severity.LOW), "Anna", MONDAY, SCOPE, "said so")
BARE = Correction("c2", Change(Ruling.UNDO), "Ben", MONDAY, Scope(CONTACT.id, "", Kind.TESTIMONIAL))


@pytest.fixture
def filled(store: Store) -> Store:
    """Two analysed contacts with one finding each."""
    take_in(store, CONTACT, OTHER)
    store.declare_topics([("late", "Late", Kind.PROCESS_FAILURE, ())], made_by="t")
    store.save_insights(MADE_BY, [(CONTACT.id, [INSIGHT]), (OTHER.id, [found(OTHER)])])
    return store


def test_a_correction_reads_back_as_it_was_made(filled: Store) -> None:
    """Every field, in the order they were made; what SQLite cannot hold is replaced."""
    filled.save_corrections([FULL], [INSIGHT], [INSIGHT])
    filled.save_corrections([BARE], [INSIGHT], [INSIGHT])
    storable = replace(FULL, scope=replace(SCOPE, subject="Café \ufffd"))
    assert filled.corrections() == [storable, BARE]
    assert filled.corrections([OTHER.id]) == []
    assert filled.corrected_contacts([OTHER.id, CONTACT.id]) == [CONTACT.id]
    assert filled.counts()["corrections"] == 2


def test_what_the_engine_found_is_kept_beside_what_stands(filled: Store) -> None:
    """The original survives the correction and is replaced by the next analysis."""
    corrected = replace(INSIGHT, severity=Severity.CRITICAL, confidence=1.0)
    filled.save_corrections([FULL], [INSIGHT], [corrected])
    assert filled.originals([CONTACT.id, OTHER.id]) == {CONTACT.id: [INSIGHT]}
    assert filled.insight(INSIGHT.id).severity is Severity.CRITICAL
    again = replace(INSIGHT, confidence=0.5, decision=Decision.UNDECIDED, made_by="m2")
    filled.save_insights("m2", [(CONTACT.id, [])], {CONTACT.id: [again]})
    assert filled.originals([CONTACT.id]) == {CONTACT.id: [again]}
    assert filled.insights_of(CONTACT.id) == []


def test_a_correction_has_its_contact_routed_again(filled: Store) -> None:
    """Also where the finding stays as it is: its owner may be what was corrected."""
    send(filled, INSIGHT, "billing")
    filled.save_corrections([FULL], [INSIGHT], [INSIGHT])
    assert filled.routes_of(INSIGHT.id) == []
    assert INSIGHT.id in {insight.id for insight, _ in filled.unrouted("rules-1", limit=9)}


def test_a_contact_not_analysed_only_gets_the_fact(store: Store) -> None:
    """Nothing is found in it before its analysis, and it stays to be analysed."""
    take_in(store, CONTACT)
    store.save_corrections([BARE], [], [INSIGHT])
    assert store.insights_of(CONTACT.id) == []
    assert store.unanalysed_ids(MADE_BY) == [CONTACT.id]


def test_facts_outlive_the_contact(filled: Store) -> None:
    """Replaced or erased, its findings go and its corrections stay."""
    filled.save_corrections([FULL], [INSIGHT], [INSIGHT])
    take_in(filled, replace(CONTACT, turns=CONTACT.turns[:1]), hashes="h2")
    assert filled.originals([CONTACT.id]) == {}
    filled.run("DELETE FROM interaction WHERE id = ?", (CONTACT.id,))
    assert [one.id for one in filled.corrections()] == ["c1"]


def test_a_finding_that_stands_no_more_is_known_by_its_id(filled: Store) -> None:
    """By a beginning of it too, from corrections and from what the engine found."""
    filled.save_corrections([FULL], [INSIGHT], [])
    for ref in (INSIGHT.id, INSIGHT.id[:6]):
        assert filled.corrected_finding(ref) == (CONTACT.id, INSIGHT.id)
    for ref in (INSIGHT.id[:5], "f" * 24, ""):
        with pytest.raises(NotFoundError):
            filled.corrected_finding(ref)


def test_what_a_person_pinned_and_took_back_is_no_discovery(filled: Store) -> None:
    """A discovered topic that discovery gave stays over analyses; one that a person gave goes with the correction."""
    import numpy as np

    one, issue = found(OTHER), {"keywords": (), "centroid": np.ones(2, "f4"), "exemplars": np.ones((1, 2), "f4"), "examples": ()}
    topics = [filled.add_topic(label=label, kind=one.kind, born=MONDAY.date(), made_by="d", **issue).id for label in ("x", "y")]  # type: ignore[arg-type]
    filled.assign_topics([(one.id, topics[0], 0.9)])
    for topic, kept in ((None, topics[0]), (topics[1], topics[1]), (None, None)):
        filled.save_insights(MADE_BY, [(OTHER.id, [replace(one, topic=topic)])])
        assert filled.insight(one.id).topic == kept


def test_what_waits_is_told_with_its_like(filled: Store) -> None:
    """Contacts with a decided finding of the same topic count, else those of the same kind and subject."""
    third, fourth = contact("c"), contact("d")
    take_in(filled, third, fourth)
    unsure = found(third, topic="late", decision=Decision.UNDECIDED, confidence=0.4)
    praise = found(fourth, kind=Kind.TESTIMONIAL, subject="Hub", decision=Decision.UNDECIDED, severity=Severity.HIGH)
    sure = found(third, kind=Kind.TESTIMONIAL, subject="Hub")
    filled.save_insights(MADE_BY, [(third.id, [unsure, sure]), (fourth.id, [praise])])
    assert filled.undecided() == sorted(
        [
            Waiting(unsure.id, Kind.PROCESS_FAILURE, "", 0.4, Severity.MEDIUM, 1),
            Waiting(praise.id, Kind.TESTIMONIAL, "Hub", 0.9, Severity.HIGH, 1),
        ],
        key=lambda one: one.id,
    )
    assert filled.found_of_kind()[Kind.PROCESS_FAILURE] == 2
    assert filled.found_of_kind()[Kind.IMPROVEMENT_IDEA] == 0


def test_corrections_can_be_asked_for_in_sql(filled: Store) -> None:
    """The view tells who said what of which contact."""
    filled.save_corrections([FULL], [INSIGHT], [INSIGHT])
    assert filled.rows("SELECT source_ref, kind, ruling, new_kind, owner, author, at FROM corrections") == [
        ("a", "process_failure", "yes", "testimonial", "billing", "Anna", "2026-03-02T00:00:00Z")
    ]
