"""Evidence is verbatim, short, and never a mark alone."""

from __future__ import annotations

import pytest
from classify_contacts import interaction, model_of, sentences, taxonomy_of
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.classify import Classifier
from insights.classify.decide import MOST_SPANS
from insights.classify.phrases import tokens_of
from insights.classify.spans import MOST_WORDS, best_span
from insights.domain import Kind, Role

PIECES = st.sampled_from(
    [
        "still waiting for my refund",
        "the router drops",
        "😀👍🏽",
        "\r\n",
        ". ",
        "[NAME]",
        "Acme",
        "İstanbul",
        "ca n't",
        "’",
        "\u200b",
        "x" * 50,
        "broken",
        ", but ",
        "é",
    ]
)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=25).map(" ".join)
CLASSIFIER = Classifier(taxonomy_of(), model_of({"broken": {Kind.PRODUCT_ISSUE: 14.0}, "refund": {Kind.PROCESS_FAILURE: 14.0}}))


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.sampled_from([Role.CUSTOMER, Role.UNKNOWN, Role.AGENT]), TEXTS), min_size=1, max_size=4))
def test_every_quote_stands_in_its_turn(turns: list[tuple[Role, str]]) -> None:
    """Whatever the text holds, each piece of evidence is the turn's own words between its offsets, short, and no mark alone."""
    contact = interaction(*turns)
    for insight in CLASSIFIER.classify([(contact, sentences(contact))])[0]:
        assert 1 <= len(insight.evidence) <= MOST_SPANS
        assert {vote.evidence for vote in insight.votes} <= set(insight.evidence)
        for evidence in insight.evidence:
            assert evidence.quote == contact.turns[evidence.turn].text[evidence.start : evidence.end]
            assert evidence.quote == evidence.quote.strip() != ""
            assert len(tokens_of(evidence.quote).words) <= MOST_WORDS
            assert any(word[0] != "[" for word in tokens_of(evidence.quote).words)


@pytest.mark.parametrize(
    ("text", "heavy", "expected"),
    [
        ("It is broken.", "broken", "It is broken."),
        (
            "I wrote to you last week about the thing that I had ordered in the sale, and the box was broken when it came, "
            "which my neighbour also saw when she came by in the afternoon to have some tea with me.",
            "broken",
            "and the box was broken",
        ),
    ],
)
def test_a_long_sentence_is_cut_to_the_clauses_that_convince(text: str, heavy: str, expected: str) -> None:
    """Short sentences stay whole; long ones are cut at clauses, within twenty-five words."""
    tokens = tokens_of(text)
    start, end = best_span(text, tokens, [float(word == heavy) for word in tokens.words])
    assert expected in text[start:end]
    assert len(tokens_of(text[start:end]).words) <= MOST_WORDS


def test_a_sentence_without_pauses_is_cut_around_its_heaviest_words() -> None:
    """Speech without marks still gives a short span, with the words that must be inside."""
    words = ["so"] * 40 + ["broken"] + ["then"] * 40
    text = " ".join(words)
    tokens = tokens_of(text)
    weights = [float(word == "broken") for word in words]
    start, end = best_span(text, tokens, weights)
    assert "broken" in text[start:end]
    start, end = best_span(text, tokens, weights, must=(60, 62))
    assert start <= tokens.starts[60] < tokens.ends[61] <= end
