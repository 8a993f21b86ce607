"""From votes to insights."""

from __future__ import annotations

import pytest
from classify_contacts import found_in, interaction, model_of

from insights.classify import Classifier
from insights.domain import Decision, Expectation, Kind, Role, Severity, Visibility, insight_id


def test_a_declared_topic_suffices_and_says_why() -> None:
    """The customer's words under a declared pattern are a yes with the topic's severity and expectations."""
    (insight,) = found_in(interaction("Hello. I am still waiting for my refund since May."))
    assert (insight.kind, insight.topic, insight.subject) == (Kind.PROCESS_FAILURE, "refund_late", "Refund late")
    assert insight.decision is Decision.YES
    assert insight.evidence[0].quote == "I am still waiting for my refund since May."
    assert insight.severity is Severity.HIGH
    assert Expectation.MEET_COMMITMENTS in insight.missed_expectations
    assert insight.votes[0].why == "pattern refund_late: 'waiting * refund|money'"
    assert insight.id == insight_id("i-1", Kind.PROCESS_FAILURE, "Refund late")


@pytest.mark.parametrize(
    "text",
    [
        "I am not waiting for a refund.",
        "What happens if I am waiting for my refund?",
        "My friend said he is waiting for his refund.",
        "Nothing to report.",
        "[NAME]",
        "",
    ],
)
def test_guarded_or_empty_words_give_nothing(text: str) -> None:
    """Negated, supposed, others' and absent complaints are none."""
    assert found_in(interaction(text)) == ()


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        ((Role.AGENT, "Are you still waiting for your refund?"), False),
        ((Role.BOT, "You are waiting for your refund."), False),
        ((Role.AGENT, "I can see that you are still waiting for your refund."), True),
        ((Role.AGENT, "Cust still waiting for refund.", Visibility.INTERNAL), True),
        ((Role.SYSTEM, "Still waiting for refund.", Visibility.PUBLIC), False),
    ],
)
def test_agents_give_evidence_only_of_facts(turn: tuple[Role, str], expected: bool) -> None:
    """A script never counts; a note or an admission does."""
    assert bool(found_in(interaction("Hello.", turn))) is expected


def test_topics_of_one_product_are_one_insight() -> None:
    """One insight an interaction, kind and subject, with a span a sentence that tells of it."""
    contact = interaction("The router drops. My hub dropped again. It disconnects the router. The hub drops each day.")
    (insight,) = found_in(contact)
    assert (insight.subject, len(insight.evidence)) == ("Hub 5", 4)


def test_two_subjects_are_two_insights() -> None:
    """Different subjects and kinds stand apart, in the order of kinds."""
    found = found_in(interaction("The router drops. Still waiting for my refund."))
    assert [(insight.kind, insight.subject) for insight in found] == [
        (Kind.PRODUCT_ISSUE, "Hub 5"),
        (Kind.PROCESS_FAILURE, "Refund late"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Acme offers more.", ["Acme Mobile"]),
        ("I will switch to Orange.", ["Orange"]),
        ("I like orange things.", []),
        ("Orange juice is a deal.", []),
        ("What a network. Orange it is.", ["Orange"]),
        ("Acme or acme.", ["Acme Mobile"]),
    ],
)
def test_rivals_are_named_and_ambiguous_ones_need_a_hint(text: str, expected: list[str]) -> None:
    """A hint may stand in the neighbouring sentence."""
    assert [insight.subject for insight in found_in(interaction(text))] == expected


def test_sarcasm_is_no_praise() -> None:
    """A declared praise in a sarcastic sentence is vetoed."""
    assert found_in(interaction("The staff were brilliant."))
    assert not found_in(interaction("Your staff, brilliant, thanks for losing my bag."))


def test_the_model_decides_where_the_taxonomy_is_silent() -> None:
    """From the threshold on it is a yes, a little below undecided, else nothing; the words that moved it are told."""
    model = model_of({"broken": {Kind.PRODUCT_ISSUE: 12.0}, "odd": {Kind.PRODUCT_ISSUE: 9.5}})
    (sure,) = found_in(interaction("It is broken. Fine otherwise.", product="Kettle"), model=model)
    assert (sure.decision, sure.subject, sure.topic) == (Decision.YES, "Kettle", None)
    assert sure.votes[-1].why == "model: 'broken' +6.9"
    (unsure,) = found_in(interaction("It is odd today"), model=model)
    assert unsure.decision is Decision.UNDECIDED
    assert found_in(interaction("All fine"), model=model) == ()


def test_thresholds_of_the_workspace_go_before_the_models() -> None:
    """A higher threshold silences what the model would say."""
    model = model_of({"broken": {Kind.PRODUCT_ISSUE: 11.0}})
    contact = interaction("so broken it is")
    from classify_contacts import sentences, taxonomy_of

    strict = Classifier(taxonomy_of(), model, thresholds={Kind.PRODUCT_ISSUE: 0.99}, review_margin=0.0)
    assert strict.classify([(contact, sentences(contact))]) == [()]
    assert found_in(contact, model=model)


def test_a_batch_is_as_its_parts() -> None:
    """What is found does not depend on what else is in the batch, and comes in its order."""
    from classify_contacts import sentences, taxonomy_of

    classifier = Classifier(taxonomy_of(), model_of({"broken": {Kind.PRODUCT_ISSUE: 12.0}}))
    contacts = [interaction("It is broken."), interaction(""), interaction("Waiting for my refund.")]
    together = classifier.classify([(contact, sentences(contact)) for contact in contacts])
    apart = [classifier.classify([(contact, sentences(contact))])[0] for contact in contacts]
    assert together == apart
    assert [len(found) for found in together] == [1, 0, 1]


def test_the_product_is_looked_for_in_the_whole_contact() -> None:
    """Who names a thing once and then says "it" is still speaking of that thing."""
    model = model_of({"broken": {Kind.PRODUCT_ISSUE: 12.0}})
    (found,) = found_in(interaction("I have the Hub 5 from you. It is broken."), model=model)
    assert (found.topic, found.subject) == (None, "Hub 5")
