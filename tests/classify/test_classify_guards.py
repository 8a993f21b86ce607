"""What takes the force from a matched phrase."""

from __future__ import annotations

import pytest

from insights.classify.guards import admits, guard, is_script, line_of, may_speak
from insights.classify.phrases import PhraseIndex, parse_phrases, tokens_of
from insights.domain import Kind, Role, Sentence, Visibility


def judged(phrase: str, text: str, kind: Kind) -> str:
    """The guard of the first match of a phrase."""
    tokens = tokens_of(text)
    found = PhraseIndex([parse_phrases([phrase])]).find(tokens.words)[0]
    return guard(kind, text, tokens, found.start, found.end)


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        ("charged twice", "I was not charged twice", "negated"),
        ("charged twice", "I was charged twice", ""),
        ("charged twice", "I can't believe I was charged twice", ""),
        ("charged twice", "I don't know why I was charged twice", ""),
        ("charged twice", "No, I was charged twice", ""),
        ("slow", "it is no longer slow", "negated"),
        ("slow", "not only slow but rude", ""),
        ("slow", "the app never was slow", "negated"),
        ("no one called", "and no one called", ""),
        ("slow", "what happens if it is slow", "supposed"),
        ("slow", "if it were slow, I would say so", "supposed"),
        ("slow", "even if you say no, it is slow", ""),
        ("slow", "my neighbour said it is slow", "reported of others"),
        ("charged twice", "they told me I was charged twice", ""),
        ("slow", "How do I see whether it is slow", "supposed"),
        ("late", "how can I tell it is late", "asked how"),
        ("keeps crashing", "how do I stop it, it keeps crashing", ""),
        ("charged", "how do I get help when I was charged", ""),
    ],
)
def test_problems_are_guarded(phrase: str, text: str, expected: str) -> None:
    """Negation, supposition, what others said and questions how are no complaint; disbelief and blame are."""
    assert judged(phrase, text, Kind.PROCESS_FAILURE) == expected


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("if you sold great coffee", Kind.IMPROVEMENT_IDEA, ""),
        ("why not make great coffee", Kind.IMPROVEMENT_IDEA, ""),
        ("the staff served great coffee", Kind.TESTIMONIAL, ""),
        ("I expected great coffee", Kind.TESTIMONIAL, "wished for"),
        ("great coffee ruined by awful staff", Kind.TESTIMONIAL, "in a complaint"),
        ("great coffee, awful staff", Kind.TESTIMONIAL, ""),
    ],
)
def test_each_kind_has_its_own_guards(text: str, kind: Kind, expected: str) -> None:
    """Ideas live on suppositions; praise that is wished for or stands in a complaint is none."""
    assert judged("great coffee", text, kind) == expected


@pytest.mark.parametrize(
    ("role", "visibility", "expected"),
    [
        (Role.CUSTOMER, Visibility.PUBLIC, True),
        (Role.UNKNOWN, Visibility.PUBLIC, True),
        (Role.AGENT, Visibility.PUBLIC, False),
        (Role.BOT, Visibility.PUBLIC, False),
        (Role.SYSTEM, Visibility.PUBLIC, False),
        (Role.AGENT, Visibility.INTERNAL, True),
        (Role.SYSTEM, Visibility.INTERNAL, True),
        (Role.BOT, Visibility.INTERNAL, False),
    ],
)
def test_who_may_give_evidence(role: Role, visibility: Visibility, expected: bool) -> None:
    """Customers may, notes may, what an agent or machine says to the customer may not."""
    assert may_speak(Sentence(0, 0, 1, "x", role, visibility)) is expected


def test_script_and_admission_are_told_apart() -> None:
    """An apology by the book is script; a fact about the case is an admission."""
    assert is_script(line_of(tokens_of("We're sorry to hear that, please DM us your details")))
    assert not is_script(line_of(tokens_of("I have waited three weeks")))
    assert admits(line_of(tokens_of("I can see that your refund was not processed")))
    assert not admits(line_of(tokens_of("Is your internet down?")))
