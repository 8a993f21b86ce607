"""Customers and agents told apart where the source does not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from insights.domain import Interaction, Role, Turn
from insights.text.roles import infer_roles

C, A, U = Role.CUSTOMER, Role.AGENT, Role.UNKNOWN


def thread(*texts: str, channel: str = "social", roles: tuple[Role, ...] = ()) -> Interaction:
    given = roles or (U,) * len(texts)
    turns = tuple(Turn(index, role, text) for index, (role, text) in enumerate(zip(given, texts, strict=True)))
    return Interaction("i", "s", "r", datetime(2026, 3, 2, tzinfo=UTC), channel, turns)


def roles(interaction: Interaction) -> list[Role]:
    return [turn.role for turn in infer_roles(interaction).turns]


THREADS = [
    (
        [
            "AcmeHelp my parcel never came and nobody answers",
            "Sorry to hear that! Please DM us your order number. ^JK",
            "AcmeHelp I did that two days ago",
            "Thanks, we'll look into this for you. ^JK",
        ],
        [C, A, C, A],
    ),
    (
        [
            "Why is my internet down again? This is ridiculous",
            "We apologise for the inconvenience. Could you please confirm your postcode?",
            "I already gave it to your useless agents",
            "Let me check this for you. Is there anything else I can help with?",
        ],
        [C, A, C, A],
    ),
]


@pytest.mark.parametrize(("texts", "expected"), THREADS)
def test_clear_threads(texts: list[str], expected: list[Role]) -> None:
    """Handles, apologies, requests to write in and initials tell who speaks."""
    assert roles(thread(*texts)) == expected


def test_agents_open_calls() -> None:
    """On the telephone a greeting by the firm is the agent's though it comes first."""
    call = thread("Thank you for calling Acme, how can I help you?", "hi my router keeps dropping, I'm fed up", channel="call")
    assert roles(call) == [A, C]


def test_silence_stays_unknown() -> None:
    """Without cues nothing is guessed from turn-taking alone."""
    assert roles(thread("Blue.", "Green.", "Red.", "Blue."))[1:] == [U, U, U]


def test_known_roles_stay() -> None:
    """Marked turns keep their role and help the others; bots and system messages are left out."""
    marked = thread("Blue.", "ok", "Green.", "How can I help you today?", roles=(C, Role.BOT, C, U))
    assert roles(marked) == [C, Role.BOT, C, A]
    complete = thread("a", "b", roles=(C, A))
    assert infer_roles(complete) is complete


def test_a_lone_turn_stays_as_it_is() -> None:
    """A single unmarked turn is no conversation."""
    lone = thread("Please DM us")
    assert infer_roles(lone) is lone
