"""What an insight is about, in the words themselves."""

from __future__ import annotations

import pytest
from classify_contacts import found_in, interaction, model_of

from insights.classify.phrases import tokens_of
from insights.classify.subjects import subject_of
from insights.domain import Kind, insight_id

PRODUCT, PROCESS, IDEA = Kind.PRODUCT_ISSUE, Kind.PROCESS_FAILURE, Kind.IMPROVEMENT_IDEA
OPPORTUNITY, PRAISE = Kind.MARKET_OPPORTUNITY, Kind.TESTIMONIAL


@pytest.mark.parametrize(
    ("kind", "text", "subject"),
    [
        (PRODUCT, "The export to Excel drops the last column.", "export to Excel"),
        (PRODUCT, "The wifi in the rooms is slow.", "wifi in the rooms"),
        (PRODUCT, "my router loses the connection all day", "router"),
        (PRODUCT, "There is no hot water again.", "hot water"),
        (PRODUCT, "I can't log in any more.", "login"),
        (PRODUCT, "Half of my photos have vanished.", "photos"),
        (PROCESS, "I have been on hold for an hour.", "waiting on the phone"),
        (PROCESS, "My refund has not arrived.", "refund"),
        (PROCESS, "You charged me twice.", "billing"),
        (PROCESS, "Nobody called me back.", "call-back"),
        (PROCESS, "Your driver was rude to my mother.", "driver"),
        (IDEA, "Please add a dark mode.", "dark mode"),
        (IDEA, "I wish there was an option to pause the subscription.", "option to pause the subscription"),
        (OPPORTUNITY, "I'm interested in adding travel insurance.", "travel insurance"),
        (OPPORTUNITY, "Is there a plan for small charities?", "plan for small charities"),
        (PRAISE, "The technician was friendly and quick.", "technician"),
        (PRAISE, "Great battery life!", "battery life"),
        (PRAISE, "Delivery was lightning fast.", "delivery"),
    ],
)
def test_the_thing_or_the_step(kind: Kind, text: str, subject: str) -> None:
    """A complaint is about what fails, a wish about what is wished for, praise about what was good."""
    assert subject_of(kind, text, tokens_of(text)) == subject


@pytest.mark.parametrize("text", ["", "!!!", "It is what it is.", "[NAME] [PHONE]", "I you they", "ugh", "a" * 500])
def test_words_that_name_nothing_break_nothing(text: str) -> None:
    """Where no thing is told there is none, or a word of the text; never a mark of redaction."""
    for kind in (PRODUCT, PROCESS, IDEA, OPPORTUNITY, PRAISE):
        subject = subject_of(kind, text, tokens_of(text))
        assert "[" not in subject
        assert subject.lower() in text.lower()


def test_shouting_is_shown_quietly() -> None:
    """Capitals throughout say nothing of names."""
    text = "THE LEFT SPEAKER IS DEAD"
    assert subject_of(PRODUCT, text, tokens_of(text)) == "left speaker"


def test_free_words_are_no_part_of_the_id() -> None:
    """A finding without a declared subject keeps its id whatever the rules read out of the words."""
    contact = interaction("The kettle is broken and useless.")
    (insight,) = [one for one in found_in(contact, model=model_of({"broken": {PRODUCT: 12.0}})) if one.kind is PRODUCT]
    assert (insight.subject, insight.about, insight.named) == ("", "kettle", "kettle")
    assert insight.id == insight_id("i-1", PRODUCT, "")


def test_a_declared_subject_stands_before_the_words() -> None:
    """The taxonomy's name is shown; what the words say stays beside it."""
    (insight,) = found_in(interaction("I am still waiting for my refund."))
    assert (insight.named, insight.about) == ("Refund late", "refund")
