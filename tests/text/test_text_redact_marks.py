"""What is replaced by which mark, and what must stay."""

from __future__ import annotations

import pytest

from insights.text.redact import Redactor

REDACTOR = Redactor(protected=["Vodafone", "Fibre 500", "Grace Mobile", "Alexa"])

REPLACED = [
    # e-mail
    ("write to jo.bloggs+x@mail.example.co.uk please", "write to [EMAIL] please"),
    ("it's j dot smith at example dot com", "it's [EMAIL]"),
    ("my email is anna underscore k 4 2 at gmail", "my email is [EMAIL]"),
    ("anna (at) example (dot) com", "[EMAIL]"),
    # telephone
    ("call me on 07700 900123", "call me on [PHONE]"),
    ("ring +44 (0)20 7946 0958 after six", "ring [PHONE] after six"),
    ("my number is (212) 555-0147.", "my number is [PHONE]."),
    ("905-674-3793", "[PHONE]"),
    ("my mobile is 699 956 915", "my mobile is [PHONE]"),
    ("mobile oh seven seven double zero nine double zero one two three", "mobile [PHONE]"),
    # bank
    ("IBAN DE89 3704 0044 0532 0130 00", "IBAN [IBAN]"),
    ("pay ie29aibk93115212345678 today", "pay [IBAN] today"),
    ("sort code 20-00-00, account number 12345678", "sort code [ACCOUNT], account number [ACCOUNT]"),
    # cards
    ("card 4111 1111 1111 1111 exp 12/27 cvv 123", "card [CARD] exp 12/27 cvv [CVV]"),
    ("the security code on the back is four five six", "the security code on the back is [CVV]"),
    # ids
    ("my ssn is 078-05-1120", "my ssn is [ID]"),
    ("NI number JK 12 34 56 C or AB123456C", "NI number [ID] or [ID]"),
    ("PPS 1234567T", "PPS [ID]"),
    ("passport number X1234567", "passport number [ID]"),
    ("dni 12345678Z", "dni [ID]"),
    # accounts
    ("my account number is AC-4471902", "my account number is [ACCOUNT]"),
    ("policy no. 99887766", "policy no. [ACCOUNT]"),
    # secrets and birth
    ("password: hunter2!", "password: [SECRET]"),
    ("my PIN is 4821", "my PIN is [SECRET]"),
    ("date of birth 3rd of May 1984", "date of birth [BIRTHDATE]"),
    ("DOB: 12/03/1980", "DOB: [BIRTHDATE]"),
    # addresses
    ("I live at 42 Elm Street, Leeds LS1 4AP", "I live at [ADDRESS]"),
    ("send it to 12b Oak Road please", "send it to [ADDRESS] please"),
    ("postcode is D02 X285", "postcode is [ADDRESS]"),
    ("Hauptstraße 12, Berlin", "[ADDRESS], Berlin"),
    ("rue de la Paix 14", "[ADDRESS]"),
    ("PO Box 1234", "[ADDRESS]"),
    ("20789 Allika 46, Suite 501", "[ADDRESS]"),
    # network
    ("my ip is 82.14.201.7", "my ip is [IP]"),
    ("2001:db8:85a3::8a2e:370:7334 again", "[IP] again"),
    ("MAC 00:1B:44:11:3A:B7", "MAC [ID]"),
    ("see https://acme.example/reset?token=abc123 now", "see [URL] now"),
    ("https://user:pass@acme.example/", "[URL]"),
    # names
    ("Hello, my name is Rubija.", "Hello, my name is [NAME]."),
    ("my name is anna kowalska and my router is dead", "my name is [NAME] and my router is dead"),
    ("This is Siobhan speaking", "This is [NAME] speaking"),
    ("I'm Tendai from Leeds", "I'm [NAME] from Leeds"),
    ("Dear Mr O'Brien,", "Dear Mr [NAME],"),
    ("I spoke to Priya yesterday", "I spoke to [NAME] yesterday"),
    ("Thanks, Anna", "Thanks, [NAME]"),
    ("It was fine.\n\nKind regards,\nWilhelmina Ost", "It was fine.\n\nKind regards,\n[NAME]"),
    ("Hi Anna, the line is down", "Hi [NAME], the line is down"),
    ("Dr. Fanucci told me", "Dr. [NAME] told me"),
    ("my wife Grace called", "my wife [NAME] called"),
    ("Name: Jo Bloggs\nPlan: Gold", "Name: [NAME]\nPlan: Gold"),
    ("I met Alvir D. Miklos there", "I met [NAME] there"),
]

KEPT = [
    "I ordered 3 boxes of 500 sheets on 12/03/2026 for £1,249.99",
    "Fibre 500 drops at 10:30 and again at 22:15, 45 minutes each",
    "my iPhone 15 Pro and the Galaxy S23 both run iOS 17.2",
    "order number 40281993 has not arrived",
    "the period 2019-2020 and the 2026-03-02 invoice",
    "I will mark my words and may hope for grace",
    "John Lewis and Wells Fargo are cheaper than Vodafone",
    "We moved to Leeds, then to San Diego and Sydney",
    "Hi Vodafone, why is Alexa offline?",
    "version 10.12.14.2 of the app",
    "see https://help.acme.example/routers/setup for the guide",
    "This is ridiculous. I'm Furious. It's broken",
    "Thanks, Regards and goodbye",
    "one or two people waited three hours",
    "Please call the bank, they know the account since 2019",
    "I paid 1 200 300 rupees, or 100 200 300 units",
    "the 24 hour drive and 5 minutes down the road",
    "upgrade from 100 to 1,000 Mbps for 29.99 a month",
    "I looked at Yahoo for an answer",
    "at 159 images uploading it got stuck",
    "my Name is not on the list",
    "loss = -0.42344561219215393",
]


@pytest.mark.parametrize(("text", "expected"), REPLACED, ids=[text[:40] for text, _ in REPLACED])
def test_personal_data_becomes_a_typed_mark(text: str, expected: str) -> None:
    """Every form of personal data is replaced by the mark of its type, and nothing else is."""
    assert REDACTOR.redact_text(text)[0] == expected


@pytest.mark.parametrize("text", KEPT, ids=[text[:40] for text in KEPT])
def test_what_identifies_nobody_stays(text: str) -> None:
    """Dates, money, quantities, products, organisations and places are left alone."""
    assert REDACTOR.redact_text(text) == (text, ())


def test_offsets_point_into_the_original() -> None:
    """Redactions give the places of the original text, also when a second look finds more."""
    text = "Hi Anna, 4111 1111 1111 1111 or a@b.example"
    redacted, spans = REDACTOR.redact_text(text)
    assert redacted == "Hi [NAME], [CARD] or [EMAIL]"
    assert [text[start:end] for start, end, _ in spans] == ["Anna", "4111 1111 1111 1111", "a@b.example"]


def test_marks_already_there_are_left() -> None:
    """A text that has marks in it keeps them, whatever stands around them."""
    text = "my name is [NAME], card [CARD] cvv [CVV], mail [EMAIL]"
    assert REDACTOR.redact_text(text) == (text, ())


def test_known_names_are_replaced_with_care() -> None:
    """Names a record carries go in any case; those that are everyday words only where they are written like names."""
    names = ["Will Ostrander", "Grace Quill"]
    text = "Will you tell ostrander that I will wait? I asked Grace and Will."
    assert REDACTOR.redact_text(text, names=names)[0] == "Will you tell [NAME] that I will wait? I asked [NAME] and [NAME]."


def test_names_of_teams_are_no_names() -> None:
    """A record's name field that holds a team or bot teaches nothing."""
    text = "support will call, the front desk too"
    assert REDACTOR.redact_text(text, names=["Support Team", "Front Desk Agent"])[0] == text


def test_protected_names_cut_through_a_name() -> None:
    """Of a span that holds a protected name only the rest is replaced."""
    assert REDACTOR.redact_text("my name is Anna Vodafone")[0] == "my name is [NAME] Vodafone"
    assert REDACTOR.redact_text("I left Grace Mobile for my sister Grace")[0] == "I left Grace Mobile for my sister [NAME]"
