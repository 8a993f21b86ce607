"""The language of a contact, told only where it is sure."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from insights.domain import Interaction, Role, Turn
from insights.text.language import code_of, is_read, language_of, language_of_text


def contact(*turns: tuple[Role, str]) -> Interaction:
    spoken = tuple(Turn(index, role, text) for index, (role, text) in enumerate(turns))
    return Interaction("i", "s", "r", datetime(2026, 3, 2, tzinfo=UTC), "chat", spoken)


@pytest.mark.parametrize(
    "text",
    [
        "I have been waiting for my refund for three weeks and nobody answers.",
        "app keeps crashin evry time i open it plz fix",
        "gonna switch 2 vodafone soon",
        "refnud not recieved yet, delivry was lait",
        "We flew from Düsseldorf to Łódź via Kraków and lost our bags.",
        "booked Casa do Rio in Porto Covo, got Casa da Praia instead",
        "The crème brûlée was burnt and the maître d' rude.",
        "Router LED red, reboot no effect, line test ok.",
        "gracias for the quick help, you guys are great",
        "soooo gooood",
    ],
)
def test_english_in_all_styles_stays_english(text: str) -> None:
    """Misspelt, slangy, clipped and full of foreign names, it is not set apart."""
    assert language_of_text(text) in ("en", None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Ich warte seit drei Wochen auf meine Rückerstattung.", "de"),
        ("Je n'ai toujours pas reçu ma commande.", "fr"),
        ("Llevo una semana esperando el reembolso y nadie me contesta.", "es"),
        ("Aplikacja ciągle się zawiesza po ostatniej aktualizacji.", "pl"),
        ("Приложение вылетает каждый раз, когда я открываю карту.", "ru"),
        ("我想取消我的合同，请告诉我怎么办理。", "zh"),
        ("契約を解約したいのですが、どうすればいいですか。", "ja"),
    ],
)
def test_other_languages_are_named(text: str, code: str) -> None:
    """A sentence suffices, in any script."""
    assert language_of_text(text) == code


@pytest.mark.parametrize("text", ["", "   ", "ok", "👍", "12345", "[NAME] [PHONE]", "https://example.org/a/b", "Hola", "SPEED", "\ud800"])
def test_too_little_is_not_judged(text: str) -> None:
    """A word, a mark, a number or an address is in no language."""
    assert language_of_text(text) is None


def test_the_customer_decides() -> None:
    """An English agent does not make a German customer English; without a customer the others count."""
    german = "Meine Rechnung ist schon wieder falsch, bitte rufen Sie mich an."
    greeting = "Thank you for calling, how can I help you today?"
    assert language_of(contact((Role.AGENT, greeting), (Role.CUSTOMER, german))) == "de"
    assert language_of(contact((Role.AGENT, greeting))) == "en"
    assert language_of(contact()) is None


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", True), ("en-GB", True), ("EN_us", True), (None, True), ("English", True), ("de", False), ("de-AT", False)],
)
def test_what_the_engine_reads(language: str | None, expected: bool) -> None:
    """Regions do not count; what is no code may be anything and is read."""
    assert is_read(language, ["en"]) is expected


@pytest.mark.parametrize(("tag", "code"), [("de-AT", "de"), (" FR ", "fr"), ("Deutsch", ""), ("", ""), (None, ""), ("und", "und")])
def test_codes(tag: str | None, code: str) -> None:
    """The language's own part of a tag."""
    assert code_of(tag) == code
