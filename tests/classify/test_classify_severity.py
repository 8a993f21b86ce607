"""Severity and missed expectations by the words."""

from __future__ import annotations

import pytest

from insights.classify.phrases import tokens_of
from insights.classify.severity import expectations_of, severity_of
from insights.domain import Expectation, Kind, Severity


@pytest.mark.parametrize(
    ("kind", "text", "declared", "expected"),
    [
        (Kind.PRODUCT_ISSUE, "the colours are dull", None, Severity.LOW),
        (Kind.PRODUCT_ISSUE, "the app keeps crashing", None, Severity.MEDIUM),
        (Kind.PRODUCT_ISSUE, "the charger caught fire", None, Severity.CRITICAL),
        (Kind.PROCESS_FAILURE, "nobody called back", None, Severity.MEDIUM),
        (Kind.PROCESS_FAILURE, "I called several times, cancel my account", None, Severity.HIGH),
        (Kind.PROCESS_FAILURE, "nobody called back", Severity.CRITICAL, Severity.CRITICAL),
        (Kind.IMPROVEMENT_IDEA, "add a fire alarm", None, Severity.LOW),
        (Kind.TESTIMONIAL, "never had a problem in years", None, Severity.LOW),
    ],
)
def test_severity_follows_the_codebook(kind: Kind, text: str, declared: Severity | None, expected: Severity) -> None:
    """Safety is critical, repetition and leaving high, lost use medium; a topic's own severity is the least."""
    assert severity_of(kind, [tokens_of(text).words], [], declared) is expected


def test_a_loss_told_beside_the_evidence_counts() -> None:
    """Leaving is told in another sentence as often as in the complaint's own."""
    beside = [tokens_of("I am cancelling my contract").words]
    assert severity_of(Kind.PROCESS_FAILURE, [tokens_of("nobody called").words], beside, None) is Severity.HIGH


def test_expectations_come_from_words_and_topic_for_problems_only() -> None:
    """They stand in the codebook's order; praise misses none."""
    words = [tokens_of("your agent was rude and nobody replied").words]
    missed = expectations_of(Kind.PROCESS_FAILURE, words, [Expectation.FOLLOW_UP])
    assert {Expectation.TREAT_ME_COURTEOUSLY, Expectation.BE_RESPONSIVE, Expectation.FOLLOW_UP} <= set(missed)
    assert list(missed) == [one for one in Expectation if one in missed]
    assert expectations_of(Kind.TESTIMONIAL, words, []) == ()
