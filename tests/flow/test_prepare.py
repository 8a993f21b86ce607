"""What may be stored: hashed, redacted, pseudonymised; a record that cannot be is refused with a masked excerpt."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from insights.domain import Interaction, Role, SetAside, Skipped, Turn, interaction_id
from insights.flow import prepare

KEY = b"k" * 32
EMAIL = "jane.canary@example.org"
SPOKEN = (Turn(0, Role.AGENT, "How can I help?"), Turn(1, Role.CUSTOMER, f"My name is Jane Canary, write to {EMAIL}."))


def contact(**fields):
    known = {
        "id": interaction_id("calls", "c-1"),
        "source": "calls",
        "source_ref": "c-1",
        "received_at": datetime(2026, 3, 2, tzinfo=UTC),
        "channel": "call",
        "turns": SPOKEN,
    }
    return Interaction(**{**known, **fields})


def prepared(*readings, key=KEY, limit=10_000):
    return prepare.make_preparer(("Lumbrell",), key, limit)(readings)


def test_the_hash_names_content_and_not_the_time_of_receipt():
    """The same words received later are the same record; another word, key or customer is another."""
    same, later = (one.content_hash for one in prepared(contact(), contact(received_at=datetime(2027, 1, 1, tzinfo=UTC))))
    assert same == later
    others = (contact(customer_ref="x"), contact(turns=SPOKEN[:1]), contact(meta={"a": "b"}), contact(channel="chat"))
    hashes = {one.content_hash for one in prepared(*others)} | {prepared(contact(), key=b"l" * 32)[0].content_hash, same}
    assert len(hashes) == 6


def test_the_hash_does_not_depend_on_the_order_of_meta():
    """Fields in another order are the same record."""
    one, other = prepared(contact(meta={"a": "1", "b": "2"}), contact(meta={"b": "2", "a": "1"}))
    assert one.content_hash == other.content_hash


@pytest.mark.parametrize(
    "fields",
    [
        {"turns": SPOKEN},
        {"meta": {"note": f"Jane's mail is {EMAIL}"}},
        {"meta": {f"asked by {EMAIL}": "yes"}},
        {"customer_ref": EMAIL},
        {"product": f"Fibre 500 for {EMAIL}"},
        {"queue": EMAIL},
        {"channel": EMAIL},
        {"language": EMAIL},
    ],
)
def test_no_field_of_a_record_carries_personal_data_further(fields):
    """Whatever field an address stands in, it is gone before anything is stored."""
    (found,) = prepared(contact(**fields))
    assert isinstance(found, prepare.Storable)
    assert "canary" not in repr(found).lower()


def test_redactions_count_in_the_original():
    """Offsets name the words that were replaced."""
    (found,) = prepared(contact())
    words = [SPOKEN[r.turn].text[r.start : r.end] for r in found.redactions]
    assert words == ["Jane Canary", EMAIL]
    assert found.interaction.turns[1].text == "My name is [NAME], write to [EMAIL]."


def test_too_long_costs_itself_only():
    """A record over the limit is refused with its length; its neighbours pass."""
    long = contact(source_ref="c-2", turns=(Turn(0, Role.CUSTOMER, "word " * 3_000),))
    first, second, third = prepared(contact(), long, contact())
    assert [type(one) for one in (first, third)] == [prepare.Storable] * 2
    assert (second.stage, second.locator, second.excerpt) == ("text", "c-2", "")
    assert "15000 characters" in second.reason


def test_whatever_goes_wrong_is_refused_without_a_word_of_the_text(monkeypatch):
    """An unforeseen fault in one record neither stops the others nor lets the record pass, and its message stays unsaid."""

    def faulty(interaction):
        if interaction.source_ref == "bad":
            raise ValueError(EMAIL)
        return interaction

    monkeypatch.setattr(prepare, "infer_roles", faulty)
    good, bad = prepared(contact(), contact(source_ref="bad"))
    assert isinstance(good, prepare.Storable)
    assert (bad.stage, bad.reason, bad.excerpt) == ("redact", "preparing it failed: ValueError", "")


@pytest.mark.parametrize(
    "content",
    [
        f'{{"text": "I am Jane Canary, {EMAIL}"'.encode(),
        f'{{"text": "{EMAIL}"'.encode("utf-16"),
        json.dumps({"text": EMAIL}).replace("@", "\\u0040").encode(),
        b"Subject: x\n\njane.canary=40example.org",
        b"To: jane.canary%40example.org",
        b"to jane.canary&#64;example.org",
        b"amFuZS5jYW5hcnlAZXhhbXBsZS5vcmcgd3JvdGU=",
        (f"{EMAIL} " * 25 + "x" * 30 + EMAIL)[:640].encode(),
        f"caf\xe9 {EMAIL}".encode("latin-1"),
        b"\x00\x01" + EMAIL.encode(),
    ],
)
def test_an_excerpt_of_what_was_refused_is_masked(content):
    """However a refused record writes an address, its excerpt does not show it."""
    (found,) = prepared(SetAside("f:1", "invalid JSON", "read", content))
    assert "canary" not in found.excerpt.lower()
    assert "jane" not in found.excerpt.lower()
    assert "amFuZS5j" not in found.excerpt
    assert EMAIL not in found.digest
    assert len(found.excerpt) <= 160


def test_an_excerpt_keeps_what_helps_to_find_the_fault():
    """The harmless beginning of a refused record stays readable."""
    (found,) = prepared(SetAside("f:1", "invalid JSON", "read", b'{"id": "c-7", "text": "late refund"'))
    assert found.excerpt == '{"id": "#", "text": "late refund"'


def test_skipped_records_pass_as_they_are():
    """A record that is no contact goes on to be counted."""
    skipped = Skipped("f:1", "automatic reply")
    assert prepared(skipped) == [skipped]


def test_a_lone_surrogate_neither_stops_the_hash_nor_the_redaction():
    """Text no encoding can hold is prepared like any other."""
    odd = contact(turns=(Turn(0, Role.CUSTOMER, f"broken \ud800 {EMAIL}"),), customer_ref="x\udfff")
    (found,) = prepared(odd)
    assert "[EMAIL]" in found.interaction.turns[0].text
    assert found.content_hash != prepared(replace(odd, customer_ref="y"))[0].content_hash
