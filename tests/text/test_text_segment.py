"""Sentences, and how long ones and long documents are handled."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.domain import Interaction, Role, Turn, Visibility
from insights.errors import DocumentTooLongError
from insights.text.segment import Segmenter

SEGMENTER = Segmenter()


def interaction(*texts: str, channel: str = "chat") -> Interaction:
    turns = tuple(Turn(index, Role.CUSTOMER, text) for index, text in enumerate(texts))
    return Interaction("i", "s", "r", datetime(2026, 3, 2, tzinfo=UTC), channel, turns)


def sentences(text: str, channel: str = "chat") -> list[str]:
    return [sentence.text for sentence in SEGMENTER.sentences(interaction(text, channel=channel))]


SPLITS = [
    ("It broke. I called! Nobody came?", ["It broke.", "I called!", "Nobody came?"]),
    ("Dr. Smith said 3.50 e.g. with tax... and left. Fine.", ["Dr. Smith said 3.50 e.g. with tax... and left.", "Fine."]),
    ('"Really?!" she said. (No.) Yes.', ['"Really?!"', "she said.", "(No.)", "Yes."]),
    ("1. Restart it. 2. Wait.", ["1. Restart it.", "2. Wait."]),
    ("No. It costs no. 5 etc. Sorry.", ["No.", "It costs no. 5 etc.", "Sorry."]),
    ("it is broken.Please help", ["it is broken.", "Please help"]),
    ("Dear team,\nthe app\ncrashes.\n- one\n- two\n\nBye", ["Dear team,\nthe app\ncrashes.", "- one", "- two", "Bye"]),
    ("no marks at all", ["no marks at all"]),
    ("Thanks [NAME]. See [URL].", ["Thanks [NAME].", "See [URL]."]),
    ("使えません。電話しました。", ["使えません。", "電話しました。"]),
    ("   ", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), SPLITS, ids=[text[:20] for text, _ in SPLITS])
def test_sentences(text: str, expected: list[str]) -> None:
    """Sentences end at their marks, not at abbreviations, numbers or dots that trail off."""
    assert sentences(text) == expected


def test_long_speech_is_cut_at_pauses() -> None:
    """Speech without punctuation is cut into pieces of at most forty words, before words such as "but"."""
    text = " ".join(["word"] * 30) + " but " + " ".join(["word"] * 30) + " and then " + " ".join(["word"] * 20)
    pieces = sentences(text)
    assert all(len(piece.split()) <= 40 for piece in pieces)
    assert [piece.split()[0] for piece in pieces] == ["word", "but", "and"]
    assert " ".join(pieces) == text


def test_mail_history_is_not_cut() -> None:
    """Only what may be analysed is cut into sentences."""
    assert sentences("It fails.\n\n> Try again. Please.", "email") == ["It fails."]


def test_role_and_visibility_come_along() -> None:
    """A sentence carries its turn's index, role and visibility."""
    turns = (Turn(0, Role.AGENT, "Note. Two.", visibility=Visibility.INTERNAL), Turn(1, Role.UNKNOWN, "Hi"))
    found = SEGMENTER.sentences(Interaction("i", "s", "r", datetime(2026, 3, 2, tzinfo=UTC), "ticket", turns))
    assert [(entry.turn, entry.role, entry.visibility) for entry in found] == [
        (0, Role.AGENT, Visibility.INTERNAL),
        (0, Role.AGENT, Visibility.INTERNAL),
        (1, Role.UNKNOWN, Visibility.PUBLIC),
    ]


def test_a_document_over_the_limit_is_refused_without_its_words() -> None:
    """An interaction longer than the limit raises, and the message holds numbers only."""
    with pytest.raises(DocumentTooLongError) as caught:
        Segmenter(max_characters=1_000).sentences(interaction("secret " * 100, "words " * 100))
    assert "secret" not in str(caught.value)


def test_a_huge_turn_is_cut() -> None:
    """A turn longer than a million characters, where spaCy's own limit lies, is cut all the same."""
    found = Segmenter(max_characters=3_000_000).sentences(interaction(("word" * 250 + ". ") * 1_000))
    assert len(found) == 1_000


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.text(max_size=300) | st.text(alphabet=st.sampled_from("ab ,.!?\n-1A\"')"), max_size=300), st.sampled_from(["email", "call"]))
def test_every_sentence_is_verbatim(text: str, channel: str) -> None:
    """Sentences are stripped parts of the turn, in order, and nothing visible is lost of a call."""
    at = 0
    for sentence in SEGMENTER.sentences(interaction(text, channel=channel)):
        assert sentence.text == text[sentence.start : sentence.end] == sentence.text.strip() != ""
        assert channel == "email" or not text[at : sentence.start].strip()
        assert sentence.start >= at
        at = sentence.end
    assert channel == "email" or not text[at:].strip()
