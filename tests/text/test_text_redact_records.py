"""Redaction of whole records: meta, offsets, failing closed, idempotence, hostile input."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.domain import Interaction, Role, Turn
from insights.errors import RedactionError
from insights.text import redact
from insights.text.redact import Redactor

REDACTOR = Redactor(protected=["Acme"])


def record(*texts: str, meta: dict[str, str] | None = None) -> Interaction:
    roles = (Role.CUSTOMER, Role.AGENT)
    turns = tuple(Turn(index, roles[index % 2], text) for index, text in enumerate(texts))
    return Interaction("i", "s", "r", datetime(2026, 3, 2, tzinfo=UTC), "chat", turns, meta=meta or {})


def test_names_from_meta_go_from_every_turn() -> None:
    """A name the record carries is replaced in all turns, and its meta value wholly."""
    given_record = record("thanks, quillfeather here", "Okay Zyxandra", meta={"name_customer": "Zyxandra Quillfeather", "region": "North"})
    redacted, redactions = REDACTOR.redact(given_record)
    assert [turn.text for turn in redacted.turns] == ["thanks, [NAME] here", "Okay [NAME]"]
    assert redacted.meta == {"name_customer": "[NAME]", "region": "North"}
    assert [(entry.turn, given_record.turns[entry.turn].text[entry.start : entry.end]) for entry in redactions] == [
        (0, "quillfeather"),
        (1, "Zyxandra"),
    ]


def test_names_learnt_in_one_turn_go_from_the_others() -> None:
    """A name given with strong context is replaced where it stands without any."""
    redacted, _ = REDACTOR.redact(record("my name is Rubija", "Right Rubija, I see", "rubija again"))
    assert [turn.text for turn in redacted.turns] == ["my name is [NAME]", "Right [NAME], I see", "[NAME] again"]


def test_meta_values_are_redacted() -> None:
    """Known keys are replaced wholly, other values like any text; empty ones stay."""
    meta = {"email_from": "x", "phone": "55", "note": "reach me at a@b.example", "tier": "gold", "customer_name": ""}
    redacted, _ = REDACTOR.redact(record("hello", meta=meta))
    assert redacted.meta == {
        "email_from": "[EMAIL]",
        "phone": "[PHONE]",
        "note": "reach me at [EMAIL]",
        "tier": "gold",
        "customer_name": "",
    }


def test_fails_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong inside becomes a RedactionError that holds none of the text."""

    def burst(*_: object) -> None:
        raise ValueError("secret words")

    monkeypatch.setattr(redact, "detect", burst)
    for call in (lambda: REDACTOR.redact(record("secret words")), lambda: REDACTOR.redact_text("secret words")):
        with pytest.raises(RedactionError) as caught:
            call()
        assert "secret" not in str(caught.value) + caught.value.hint
        assert caught.value.__cause__ is None


FRAGMENTS = st.sampled_from(
    ["my name is ", "Anna", " Smith", "Hi ", "card ", "4111 1111 1111 1111", " 4111", " double four", " oh", " cvv ", "123", "a@b.example", " at gmail dot com",
     "42 Elm Street, Leeds LS1 4AP", "[NAME]", "[CARD]", "\n", ", ", ". ", "Kind regards,\n", "07700 900123", " account ", "12345678", "Will", " 10.1.22.33", "Mr ",
     "İ", "é", "🙂", "password: x1!", "https://a.example/?q=1", "? ", "DE89370400440532013000", "okay", " – ", "\u200b", "Acme", " one two three four five six seven "]
)  # fmt: skip
TEXTS = st.one_of(st.lists(FRAGMENTS, max_size=14).map("".join), st.text(max_size=80))


@settings(derandomize=True, deadline=None, max_examples=300)
@given(TEXTS)
def test_redaction_is_idempotent(text: str) -> None:
    """Redacting what is redacted changes nothing, and spans rebuild the redacted text from the original."""
    once, spans = REDACTOR.redact_text(text)
    assert REDACTOR.redact_text(once) == (once, ())
    rebuilt, at = "", 0
    for start, end, mark in spans:
        assert at <= start < end <= len(text)
        rebuilt += text[at:start] + f"[{mark}]"
        at = end
    assert rebuilt + text[at:] == once


@settings(derandomize=True, deadline=None, max_examples=120)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_redaction_of_records_is_idempotent(texts: list[str]) -> None:
    """A redacted conversation stays as it is when redacted again."""
    once, _ = REDACTOR.redact(record(*texts, meta={"name_x": "Zyx Quill"}))
    again, redactions = REDACTOR.redact(once)
    assert again == once
    assert redactions == ()


HOSTILE = [
    "a.a.a.",
    "1",
    "1 ",
    "@",
    "a@",
    " ",
    "one ",
    "at dot ",
    "a:",
    "(1",
    "Hi Anna ",
    "12 Elm Street ",
    "account number ",
    "AB12",
    "4111111111111111 ",
    "\ue000",
    "[NAME]",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_input_comes_to_an_end(unit: str) -> None:
    """Long runs of what patterns feed on are redacted in time that grows with their length; they end at all, and idempotently."""
    text = (unit * 20_000)[:20_000]
    once, _ = REDACTOR.redact_text(text)
    assert REDACTOR.redact_text(once)[1] == ()
