"""Accounts that posts are addressed to."""

from __future__ import annotations

import pytest

from insights.classify.address import without_addresses
from insights.domain import Role, Sentence


def read(*turns: str) -> list[str]:
    """What the encoder reads of turns of one sentence each."""
    return without_addresses([Sentence(number, 0, len(text), text, Role.CUSTOMER) for number, text in enumerate(turns)])


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("@SouthlineTrains @bob the 8.12 is late", "the 8.12 is late"),
        ("SouthlineTrains the 8.12 is late", "the 8.12 is late"),
        ("HometelCares I have no signal", "I have no signal"),
        ("parcelhelp where is it", "where is it"),
        ("AskNorthbank my card is blocked", "my card is blocked"),
        ("I switched to Northbank", "I switched to Northbank"),
        ("Northbank is cheaper than you", "Northbank is cheaper than you"),
        ("iPhone", "iPhone"),
        ("@northbank", "@northbank"),
        ("Help me please", "Help me please"),
        ("childcare costs too much", "childcare costs too much"),
        ("scares me", "scares me"),
        ("", ""),
        ("???", "???"),
    ],
)
def test_the_account_at_the_beginning_is_left_out(text: str, left: str) -> None:
    """A handle or an account's name in one word goes, everything else stays, and nothing is left empty."""
    assert read(text) == [left]


def test_a_name_that_begins_several_turns_is_an_address() -> None:
    """Only where it is written as a name, and is no plain word."""
    assert read("Northbank my card is gone", "Northbank still nothing") == ["my card is gone", "still nothing"]
    assert read("Still nothing", "Still nothing") == ["Still nothing", "Still nothing"]
    assert read("my card", "my card") == ["my card", "my card"]


def test_only_the_beginning_of_a_turn_counts() -> None:
    """A second sentence keeps its first word, but for handles."""
    sentences = [Sentence(0, 0, 10, "HometelCares hi.", Role.CUSTOMER), Sentence(0, 11, 40, "HometelCares is a joke.", Role.CUSTOMER)]
    assert without_addresses(sentences) == ["hi.", "HometelCares is a joke."]
