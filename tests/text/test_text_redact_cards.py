"""Card numbers in the forms people write and say, in one turn and over several."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from insights.domain import Interaction, Role, Turn
from insights.text.redact import Redactor

REDACTOR = Redactor()
ISSUERS = [
    ("4", 16),
    ("4", 13),
    ("4", 19),
    ("51", 16),
    ("2221", 16),
    ("34", 15),
    ("37", 15),
    ("6011", 16),
    ("3528", 16),
    ("36", 14),
    ("62", 17),
]
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def luhn(number: str) -> bool:
    """The check of ISO/IEC 7812-1, written plainly."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def make_number(seed: int) -> str:
    """A number of a random issuer that passes the Luhn check."""
    chance = random.Random(seed)
    prefix, length = ISSUERS[seed % len(ISSUERS)]
    body = prefix + "".join(chance.choice("0123456789") for _ in range(length - len(prefix) - 1))
    return next(body + digit for digit in "0123456789" if luhn(body + digit))


def groups(number: str) -> list[str]:
    if len(number) == 15:
        return [number[:4], number[4:10], number[10:]]
    return [number[at : at + 4] for at in range(0, len(number), 4)]


def spoken(number: str) -> str:
    return " ".join(WORDS[int(digit)] for digit in number)


def multiplied(number: str) -> str:
    """Says runs of equal digits as "double" and "triple", and zero as "oh"."""
    said: list[str] = []
    at = 0
    while at < len(number):
        run = 1
        while run < 3 and number[at + run : at + run + 1] == number[at]:
            run += 1
        word = "oh" if number[at] == "0" else WORDS[int(number[at])]
        said.append({1: word, 2: f"double {word}", 3: f"triple {word}"}[run])
        at += run
    return " ".join(said)


FORMATS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "spaces": lambda number: " ".join(groups(number)),
    "dashes": lambda number: "-".join(groups(number)),
    "dots": lambda number: ".".join(groups(number)),
    "every digit": " ".join,
    "nbsp": lambda number: "\u00a0".join(groups(number)),
    "zero width": lambda number: "\u200b".join(groups(number)),
    "en dash": lambda number: "–".join(groups(number)),
    "lines": lambda number: "\n".join(groups(number)),
    "entity": lambda number: "&nbsp;".join(groups(number)),
    "underscore": lambda number: "_".join(groups(number)),
    "brackets": lambda number: " ".join(f"({group})" for group in groups(number)),
    "colons": lambda number: ":".join(groups(number)),
    "fullwidth": lambda number: "".join(chr(0xFF10 + int(digit)) for digit in number),
    "arabic": lambda number: "".join(chr(0x660 + int(digit)) for digit in number),
    "letter o": lambda number: number.replace("0", "O"),
    "spoken": spoken,
    "fillers": lambda number: spoken(number).replace(" four", " uh four").replace(" seven", ", um, seven"),
    "multiplied": multiplied,
    "pairs": lambda number: " ".join(number[at : at + 2] for at in range(0, len(number), 2)),
}


@pytest.mark.parametrize("form", FORMATS)
def test_no_digit_of_a_card_survives(form: str) -> None:
    """Whatever the form, the whole number is replaced, also where nothing around it speaks of cards."""
    for seed in range(33):
        written = FORMATS[form](make_number(seed))
        redacted, _ = REDACTOR.redact_text(f"hello it is {written} thanks")
        assert redacted.replace("([CARD])", "[CARD]") == "hello it is [CARD] thanks", (form, seed)


def test_glued_to_letters() -> None:
    """A number glued to words is found."""
    assert REDACTOR.redact_text("card4111111111111111exp")[0] == "card[CARD]exp"


def test_a_card_with_a_slip_is_masked_where_cards_are_spoken_of() -> None:
    """After "my card number is" a number counts even if its check digit fails."""
    assert REDACTOR.redact_text("my card number is 4111 1111 1111 1112")[0] == "my card number is [CARD]"
    assert REDACTOR.redact_text("parcel 4111 1111 1111 1112")[0] == "parcel 4111 1111 1111 1112"


def conversation(*turns: tuple[Role, str]) -> Interaction:
    numbered = tuple(Turn(index, role, text) for index, (role, text) in enumerate(turns))
    return Interaction("i", "s", "r", datetime(2026, 3, 2, tzinfo=UTC), "call", numbered)


def texts(interaction: Interaction) -> list[str]:
    return [turn.text for turn in REDACTOR.redact(interaction)[0].turns]


@pytest.mark.parametrize("say", [str, " ".join, spoken, multiplied], ids=["digits", "spaced", "spoken", "multiplied"])
def test_dictated_in_pieces_over_turns(say: Callable[[str], str]) -> None:
    """A number given in pieces, with the agent's "okay" between, is replaced in every piece."""
    for seed in range(22):
        turns = [(Role.AGENT, "Can you read me the long number on the card?")]
        for group in groups(make_number(seed)):
            turns += [(Role.CUSTOMER, say(group)), (Role.AGENT, "okay")]
        spoken_by_customer = texts(conversation(*turns))[1::2]
        assert set(spoken_by_customer) == {"[CARD]"}, seed


def test_split_over_two_turns_and_repeated() -> None:
    """A number over two turns goes, and so does the piece the agent repeats."""
    found = texts(
        conversation(
            (Role.AGENT, "the card number please"),
            (Role.CUSTOMER, "sure 4111 1111"),
            (Role.AGENT, "4111 1111 okay"),
            (Role.CUSTOMER, "then 1111 1111"),
        )
    )
    assert found == ["the card number please", "sure [CARD]", "[CARD] okay", "then [CARD]"]


def test_answers_to_questions() -> None:
    """A short answer is masked for what the other side asked."""
    found = texts(
        conversation(
            (Role.AGENT, "May I have your full name please?"),
            (Role.CUSTOMER, "yes it's rubija quillfeather"),
            (Role.AGENT, "And the three digits on the back of the card?"),
            (Role.CUSTOMER, "four five six"),
            (Role.AGENT, "What is your date of birth?"),
            (Role.CUSTOMER, "12 March 1980"),
            (Role.AGENT, "Thank you Rubija, and your account number?"),
            (Role.CUSTOMER, "it's 0044719"),
        )
    )
    assert found[1::2] == ["yes it's [NAME]", "[CVV]", "[BIRTHDATE]", "it's [ACCOUNT]"]
    assert found[6] == "Thank you [NAME], and your account number?"


HARMLESS = [
    [(Role.CUSTOMER, "I ordered 12 of them"), (Role.AGENT, "okay"), (Role.CUSTOMER, "and 30 more on 12/03/2026")],
    [(Role.CUSTOMER, "order number 40281993"), (Role.AGENT, "and the date?"), (Role.CUSTOMER, "2026-03-02")],
    [(Role.CUSTOMER, "it costs 49.99"), (Role.CUSTOMER, "and was 39.99 before")],
]


@pytest.mark.parametrize("turns", HARMLESS)
def test_other_numbers_over_turns_stay(turns: list[tuple[Role, str]]) -> None:
    """Quantities, orders, dates and prices over several turns are not joined into cards."""
    assert texts(conversation(*turns)) == [text for _, text in turns]
