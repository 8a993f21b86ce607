"""Rivals and what they are spoken of for."""

from __future__ import annotations

import pytest
from classify_contacts import found_in, interaction, taxonomy_of

from insights.classify.phrases import tokens_of
from insights.classify.rivals import Rival, best_rival, stands_as_name
from insights.domain import Kind, RivalRole, insight_id


def rival_in(*texts: str, certain: bool = True, around: tuple[str, ...] = ()) -> Rival | None:
    return best_rival([(text, tokens_of(text), ()) for text in texts], [tokens_of(text).words for text in around], certain=certain)


@pytest.mark.parametrize(
    ("text", "name", "role"),
    [
        ("I am switching to Vodafone next week.", "Vodafone", RivalRole.SWITCHING_TO),
        ("i'll take my business to vodafone", "Vodafone", RivalRole.SWITCHING_TO),
        ("I have signed up with Brightnet already.", "Brightnet", RivalRole.SWITCHING_TO),
        ("We switched from BT to you in May.", "BT", RivalRole.SWITCHED_FROM),
        ("I used to be with Tresmont.", "Tresmont", RivalRole.SWITCHED_FROM),
        ("This is so much slower than Zelmark.", "Zelmark", RivalRole.COMPARED_BETTER),
        ("Zelmark is far more reliable.", "Zelmark", RivalRole.COMPARED_BETTER),
        ("The food is much nicer than at Marlow's.", "Marlow", RivalRole.COMPARED_WORSE),
        ("The same cover is cheaper with Zelmark.", "Zelmark", RivalRole.COMPARED_PRICE),
        ("Zelmark quoted me £40 less.", "Zelmark", RivalRole.COMPARED_PRICE),
        ("Zelmark offered me £40 less, can you match that?", "Zelmark", RivalRole.LEVERAGE),
        ("Unless you lower the price I'm off to Zelmark.", "Zelmark", RivalRole.LEVERAGE),
        ("Can I import my data from Zelmark?", "Zelmark", RivalRole.MENTIONED),
        ("I am moving to another bank.", "another bank", RivalRole.SWITCHING_TO),
        ("You are more expensive than your competitors.", "competitors", RivalRole.COMPARED_PRICE),
        ("I will take my custom elsewhere.", "elsewhere", RivalRole.SWITCHING_TO),
    ],
)
def test_who_and_in_which_role(text: str, name: str, role: RivalRole) -> None:
    """A rival is known by a name in the words or by what it is, its role by what is said of it."""
    found = rival_in(text)
    assert found is not None
    assert (found.name, found.role) == (name, role)


@pytest.mark.parametrize(
    "text",
    [
        "I am switching to the bigger plan.",
        "We moved to Leeds in March.",
        "I paid with PayPal and was charged twice.",
        "It failed three times.",
        "The orange cable is missing.",
        "The new version is worse than the old one.",
        "Please transfer me to another agent.",
        "",
    ],
)
def test_no_rival_where_none_is_spoken_of(text: str) -> None:
    """Plans, places, payment in its normal role, numbers and colours are no rivals."""
    assert rival_in(text, certain=False) is None


def test_a_demand_beside_the_offer_makes_it_a_lever() -> None:
    """What is asked for may stand in the next sentence."""
    offer = "Zelmark charges £20 for the same thing."
    assert rival_in(offer).role is RivalRole.COMPARED_PRICE  # type: ignore[union-attr]
    assert rival_in(offer, around=("Can you match it?",)).role is RivalRole.LEVERAGE  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("I get a better signal on Three.", "Three", True),
        ("I am going over to three next month.", "three", True),
        ("It took three weeks.", "three", False),
        ("Three boxes were damaged.", "Three", False),
        ("My wife has Orange and is happy.", "Orange", True),
        ("The orange light blinks.", "orange", False),
        ("Prices have gone sky high.", "sky", False),
        ("ALL THREE WERE LATE.", "THREE", False),
        ("Zelmark it is.", "Zelmark", True),
    ],
)
def test_everyday_words_are_names_only_where_used_as_names(text: str, name: str, expected: bool) -> None:
    """A capital inside the sentence or a rival's place in it makes the name."""
    start = text.index(name)
    assert stands_as_name(text, tokens_of(text), start, start + len(name)) is expected


ORANGE = """
[competitor.orange]
label = "Orange"
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I am switching to Orange.", True),
        ("I got the orange one instead of the blue one.", False),
        ("Only two orange juices came.", False),
    ],
)
def test_a_declared_everyday_name_is_safe_without_hints(text: str, expected: bool) -> None:
    """Whoever declares Orange need not think of juice."""
    found = found_in(interaction(text), taxonomy=taxonomy_of(ORANGE))
    assert any(insight.subject == "Orange" for insight in found) is expected


def test_an_ambiguous_name_is_no_number_beside_a_hint() -> None:
    """A hint nearby does not make a name of a word that something else follows."""
    three = taxonomy_of('[competitor.three]\nlabel = "Three"\nambiguous = true\nhints = ["network|contract"]')
    assert found_in(interaction("The network failed three times."), taxonomy=three) == ()
    (insight,) = found_in(interaction("My three contract was cheaper."), taxonomy=three)
    assert insight.subject == "Three"


def test_the_insight_says_the_role_and_keeps_its_id() -> None:
    """The declared name is the subject and part of the id; the role is not."""
    (insight,) = found_in(interaction("I am switching to Acme Mobile because of the price."))
    assert (insight.kind, insight.subject, insight.role) == (Kind.COMPETITIVE_MENTION, "Acme Mobile", RivalRole.SWITCHING_TO)
    assert insight.id == insight_id("i-1", Kind.COMPETITIVE_MENTION, "Acme Mobile")
