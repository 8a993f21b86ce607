"""Corrections over findings as a pure function: what stands, what is merged, what cannot be honoured."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from insights.classify.corrected import Known, anchored, apply_corrections, rules_of, said, told
from insights.domain import (
    Change,
    Correction,
    Decision,
    Evidence,
    Expectation,
    Insight,
    Interaction,
    Kind,
    Role,
    Ruling,
    Scope,
    Severity,
    Turn,
    insight_id,
    interaction_id,
)

AT = datetime(2026, 3, 9, tzinfo=UTC)
WORDS = "The refund is late. The refund is late, I said, and the app crashes."
CONTACT = Interaction(
    interaction_id("calls", "c-1"), "calls", "c-1", AT, "call", (Turn(0, Role.AGENT, "Hello"), Turn(1, Role.CUSTOMER, WORDS))
)
ISSUE, FAILURE, PRAISE = Kind.PRODUCT_ISSUE, Kind.PROCESS_FAILURE, Kind.TESTIMONIAL


def hashed(words: str) -> str:
    return f"<{words[::-1]}>"


KNOWN = Known(
    {"late": FAILURE, "slow": FAILURE, "crash": ISSUE, "T-0007": ISSUE}, {"late": "Late", "slow": "Slow", "crash": "App"}, {"care"}, hashed
)


def span(words: str, start: int = 0) -> Evidence:
    place = WORDS.index(words, start)
    return Evidence(CONTACT.id, 1, place, place + len(words), words)


def finding(kind: Kind = FAILURE, words: str = "refund is late", subject: str = "", **more: object) -> Insight:
    made = Insight(
        insight_id(CONTACT.id, kind, subject), CONTACT.id, kind, None, subject, (span(words),), 0.7, Severity.MEDIUM,
        (Expectation.MEET_COMMITMENTS,) if kind is FAILURE else (), (), "engine",
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def correction(about: Insight | Kind, *, number: int = 0, beside: tuple[str, ...] = (), note: str = "", **what: object) -> Correction:
    given = Change(**{"ruling": Ruling.YES, **what})  # type: ignore[arg-type]
    if isinstance(about, Kind):
        scope = Scope(CONTACT.id, "", about)
    else:
        words = anchored(about.evidence, hashed)
        scope = Scope(
            CONTACT.id, about.id, about.kind, about.subject, about.topic, about.severity, about.missed_expectations, words, beside
        )
    return Correction(f"fact-{number}", given, "anna", AT, scope, note)


def test_without_corrections_nothing_changes():
    """What the engine found is what stands."""
    found = (finding(), finding(ISSUE, "app crashes", decision=Decision.UNDECIDED))
    state = apply_corrections(found, (), CONTACT, KNOWN)
    assert sorted(one.id for one in state.insights) == sorted(one.id for one in found)
    assert set(state.insights) == set(found)
    assert (state.owners, state.confirmed, state.refused, state.conflicts) == ({}, frozenset(), frozenset(), ())


def test_the_newest_word_on_each_thing_counts():
    """Fields are put together over corrections; not and undo clear them; a move drops the topic of the old kind."""
    one = finding()
    facts = [
        correction(one, number=1, topic="late"),
        correction(one, number=2, owner="care"),
        correction(one, number=3, topic="slow"),
        correction(one, number=4, kind=ISSUE),
    ]
    rule = rules_of(facts)[0][one.id]
    assert {name: fact.id for name, fact in rule.holders.items()} == {"owner": "fact-2", "kind": "fact-4"}
    assert {fact.id for fact in rule.facts} == {"fact-2", "fact-4"}
    assert rules_of([*facts, correction(one, number=5, ruling=Ruling.NOT)])[0][one.id].facts[0].id == "fact-5"
    assert rules_of([*facts, correction(one, number=5, ruling=Ruling.UNDO)]) == ({}, {})


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ({}, {}),
        ({"severity": Severity.CRITICAL}, {"severity": Severity.CRITICAL}),
        ({"topic": "late"}, {"topic": "late"}),
        ({"kind": ISSUE}, {"kind": ISSUE}),
        ({"kind": ISSUE, "topic": "T-0007"}, {"kind": ISSUE, "topic": "T-0007"}),
        ({"kind": PRAISE}, {"kind": PRAISE, "missed_expectations": ()}),
    ],
)
def test_a_confirmed_finding_is_sure_and_as_people_want_it(what, changed):
    """Confidence 1, decided, the person's vote first; praise misses no expectation."""
    one = finding(decision=Decision.UNDECIDED)
    (insight,) = apply_corrections([one], [correction(one, **what)], CONTACT, KNOWN).insights
    expected = replace(one, confidence=1.0, decision=Decision.YES, votes=insight.votes, **changed)
    assert insight == replace(expected, id=insight_id(CONTACT.id, expected.kind, expected.subject))
    assert insight.votes[0].by == "person:anna"


def test_a_finding_put_under_another_topic_is_about_what_that_is_about():
    """A subject that the old topic lent goes with it; one the words named stays."""
    lent, named = finding(subject="Late", topic="late"), finding(subject="Fibre", topic="late")
    assert [one.subject for one in apply_corrections([lent], [correction(lent, topic="slow")], CONTACT, KNOWN).insights] == ["Slow"]
    assert [one.subject for one in apply_corrections([lent], [correction(lent, kind=ISSUE)], CONTACT, KNOWN).insights] == [""]
    assert [one.subject for one in apply_corrections([named], [correction(named, topic="slow")], CONTACT, KNOWN).insights] == ["Fibre"]


def test_a_finding_under_a_new_subject_is_known_by_its_words():
    """Only one that is new since, of that kind, on these words is meant."""
    old, new = finding(subject="Refunds"), finding(subject="Refund desk")
    elsewhere, other_kind = finding(words="The refund is late,", subject="Refund desk"), finding(ISSUE, subject="Refund desk")
    taken = correction(old, ruling=Ruling.NOT)
    assert apply_corrections([new], [taken], CONTACT, KNOWN).insights == ()
    assert apply_corrections([elsewhere], [taken], CONTACT, KNOWN).insights == (elsewhere,)
    assert apply_corrections([other_kind], [taken], CONTACT, KNOWN).insights == (other_kind,)
    beside = correction(old, ruling=Ruling.NOT, beside=(new.id,))
    assert apply_corrections([new], [beside], CONTACT, KNOWN).insights == (new,)


def test_a_confirmed_finding_no_model_makes_is_made_again():
    """From the words, severity and expectations that were known when it was confirmed."""
    one = finding(topic="late")
    state = apply_corrections([], [correction(one)], CONTACT, KNOWN)
    (insight,) = state.insights
    assert (insight.id, insight.topic, insight.evidence, insight.severity) == (one.id, "late", one.evidence, one.severity)
    assert insight.missed_expectations == one.missed_expectations
    gone = apply_corrections([], [correction(replace(one, topic="no more"))], CONTACT, KNOWN)
    assert [one.topic for one in gone.insights] == [None]


def test_a_move_onto_a_finding_merges_both():
    """The corrected one leads; words that are not yet quoted are added, and both roots are known."""
    moved, there = finding(), finding(ISSUE, "app crashes", topic="crash")
    state = apply_corrections([moved, there], [correction(moved, kind=ISSUE)], CONTACT, KNOWN)
    (insight,) = state.insights
    assert insight.id == there.id
    assert [one.quote for one in insight.evidence] == ["refund is late", "app crashes"]
    assert (insight.topic, insight.confidence) == ("crash", 1.0)
    assert state.roots == {there.id: tuple(sorted((moved.id, there.id)))}
    assert state.refused == {FAILURE}


def test_nothing_of_a_kind_holds_until_somebody_finds_one():
    """The later word wins, whether it was said of the contact or of a finding."""
    one, other = finding(), finding(FAILURE, "app crashes", "App")
    nothing, sure = correction(FAILURE, number=1, ruling=Ruling.NOT), correction(one, number=2)
    assert apply_corrections([one, other], [nothing], CONTACT, KNOWN).insights == ()
    after = apply_corrections([one, other], [nothing, sure], CONTACT, KNOWN)
    assert [insight.id for insight in after.insights] == [one.id]
    before = apply_corrections([one, other], [sure, nothing], CONTACT, KNOWN)
    assert (before.insights, before.refused, before.in_force) == ((), {FAILURE}, {"fact-1"})


CONFLICTS = [
    ({"topic": "gone"}, CONTACT, 'there is no topic "gone" any more'),
    ({"topic": "crash"}, CONTACT, 'the topic "crash" is of kind product_issue now'),
    ({"owner": "sales"}, CONTACT, 'there is no unit "sales" any more'),
    ({}, replace(CONTACT, turns=CONTACT.turns[:1]), "the words it rests on are not in the contact any more"),
    ({}, None, "the contact is not stored any more"),
]


@pytest.mark.parametrize(("what", "contact", "why"), CONFLICTS)
def test_what_cannot_be_honoured_is_told(what, contact, why):
    """Never passed over in silence; what else the correction says holds."""
    one = finding()
    found = [one] if contact is CONTACT else []
    state = apply_corrections(found, [correction(one, severity=Severity.HIGH, **what)], contact, KNOWN)
    assert [conflict.why for conflict in state.conflicts] == [why]
    assert [insight.severity for insight in state.insights] == ([Severity.HIGH] if found else [])
    assert state.owners == {}


def test_what_was_said_before_is_no_conflict():
    """Only what still counts can fail: a topic that a later correction replaced may be gone."""
    one = finding()
    facts = [correction(one, number=1, topic="gone"), correction(one, number=2, topic="late")]
    assert apply_corrections([one], facts, CONTACT, KNOWN).conflicts == ()
    undone = [facts[0], correction(one, number=2, ruling=Ruling.UNDO)]
    assert apply_corrections([], undone, None, KNOWN).conflicts == ()


def test_words_are_found_where_they_moved_to():
    """At their old place, else in the first turn that holds them; never in the middle of a word."""
    one = finding(words="app crashes")
    longer = replace(CONTACT, turns=(*CONTACT.turns[:1], Turn(1, Role.AGENT, "Yes?"), Turn(2, Role.CUSTOMER, "An snapp crashes? " + WORDS)))
    (insight,) = apply_corrections([], [correction(one)], longer, KNOWN).insights
    (words,) = insight.evidence
    assert (words.turn, words.quote, words.start) == (2, "app crashes", longer.turns[2].text.index(" app crashes") + 1)
    assert longer.turns[2].text[words.start : words.end] == words.quote


def test_a_correction_is_told_in_a_line():
    """What, by whom, when and why."""
    one = finding()
    assert told(correction(one, kind=ISSUE, owner="care", note="heard it")) == (
        "corrected by anna on 2026-03-09: kind product_issue, owner care (heard it)"
    )
    assert [said(correction(one, ruling=ruling)) for ruling in Ruling] == [
        "yes process_failure",
        "not process_failure",
        "undo process_failure",
    ]
