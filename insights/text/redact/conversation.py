"""What one turn means for another: questions that give short answers away, and card numbers dictated in pieces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from insights.domain import Role
from insights.text.redact.cards import CARD_WORDS, card_windows
from insights.text.redact.digits import Stream, streams
from insights.text.redact.marks import Mark, Span
from insights.text.redact.view import View, words_of

_ASKING = (
    "?", "can i ", "could i ", "may i ", "might i ", "can you", "could you", "can we", "may we", "please", "what's", "what is", "whats ", "provide",
    "confirm", "verify", "give me", "i need", "i'll need", "tell me", "go ahead", "read ",
)  # fmt: skip
_ASKED_FOR: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("name", ("your name", "full name", "first name", "last name", "surname", "the name", "maiden name", "names", "and name", "name and", "name,", "name please")),
    ("cvv", ("cvv", "cvc", "security code", "three digit", "four digit", "3 digit", "4 digit", "3-digit", "4-digit", "three-digit", "back of")),
    ("card", ("card", "long number", "sixteen digit", "16 digit", "16-digit")),
    ("phone", ("phone", "mobile n", "mobile?", "cell n", "contact number", "callback number", "call back number", "best number", "number to reach", "number to call")),
    ("account", ("account number", "account no", "account id", "customer number", "customer id", "policy number", "policy no", "membership", "member number",
                 "member id", "contract number")),
    ("id", ("social security", "ssn", "national insurance", "passport", "licence", "license", "last four")),
    ("birth", ("date of birth", "dob", "birthday", "born")),
    ("address", ("address", "postcode", "post code", "postal code", "zip", "eircode")),
    ("secret", ("password", "your pin", "pin number", "passcode", "verification code", "one-time code", "one time code")),
)  # fmt: skip
_NOTHING: frozenset[str] = frozenset()


def asked_by(view: View) -> frozenset[str]:
    """Returns what a turn asks the other side for, such as ``{"name"}``."""
    low = view.low
    asked = frozenset(what for what, phrases in _ASKED_FOR if any(phrase in low for phrase in phrases))
    return asked if asked and any(phrase in low for phrase in _ASKING) else _NOTHING


# What was asked for, the mark of the answer, and least and most digits of it.
_ANSWERS: tuple[tuple[str, Mark, int, int], ...] = (
    ("cvv", Mark.CVV, 3, 4),
    ("card", Mark.CARD, 12, 19),
    ("id", Mark.ID, 4, 15),
    ("phone", Mark.PHONE, 6, 15),
    ("secret", Mark.SECRET, 4, 8),
    ("account", Mark.ACCOUNT, 5, 24),
)
_BIRTHDATE = re.compile(
    r"\b(?:\d{1,4}[-/. ]\d{1,2}[-/. ]\d{2,4}|(?:the )?\d{1,2}(?:st|nd|rd|th)?\s+(?:of\s+)?[a-z]{3,9},?\s+\d{2,4}|[a-z]{3,9}\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{2,4})\b",
    re.IGNORECASE,
)
_ALPHANUMERIC = re.compile(r"(?<![\w-])(?=[A-Za-z0-9-]*\d[A-Za-z0-9-]*\d[A-Za-z0-9-]*\d)[A-Za-z0-9]+(?:-[A-Za-z0-9]+){0,4}(?![\w-])")
_POSTCODE = re.compile(r"\A\W*(?:(?:yes|yeah|sure|it'?s|it is|ok|okay)\W+){0,3}([A-Za-z0-9]{2,5}[ -]?[A-Za-z0-9]{2,5})\W*\Z", re.IGNORECASE)
_SHORT_ANSWER = 25


def find_answers(view: View) -> Iterator[Span]:
    """Yields numbers and dates of a short turn that answer what the other side asked for."""
    if not view.asked or len(view.words) > _SHORT_ANSWER:
        return
    if "birth" in view.asked and view.digits:
        yield from (Span(*match.span(), Mark.BIRTHDATE) for match in _BIRTHDATE.finditer(view.text))
    if "address" in view.asked and view.digits:
        postcode = _POSTCODE.match(view.text)
        if postcode and any(map(str.isdigit, postcode[1])):
            yield Span(*postcode.span(1), Mark.ADDRESS)
    wanted = [(mark, least, most) for what, mark, least, most in _ANSWERS if what in view.asked]
    if not wanted:
        return
    for stream in streams(view.text):
        fitting = [mark for mark, least, most in wanted if least <= len(stream.digits) <= most]
        if fitting:
            yield Span(stream.start, stream.end, fitting[0])
    if "account" in view.asked or "id" in view.asked:
        mark = Mark.ACCOUNT if "account" in view.asked else Mark.ID
        yield from (Span(*match.span(), mark) for match in _ALPHANUMERIC.finditer(view.text) if len(match[0]) >= 5)


# --- numbers dictated over several turns ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Piece:
    """A run of digits that opens or ends a turn."""

    turn: int
    stream: Stream


_WORDS_AROUND = 6
_LOOK_BACK = 4
_INTERJECTION_WORDS = 12
_MOST_DIGITS = 40


def find_dictated(turns: Sequence[tuple[Role, View]]) -> Iterator[tuple[int, Span]]:
    """Yields (turn, span) of card numbers that one speaker gives in pieces over turns, with short words of the other between.

    The pieces of one speaker are joined; a valid card number in them (issuer, length, Luhn), or 12 to 19 digits in all after talk of a card, is
    masked in every piece, and where the other speaker repeats a piece.
    """
    pieces_of = {at: _pieces(view) for at, (_, view) in enumerate(turns)}
    at = 0
    while at < len(turns):
        chain = _chain(turns, pieces_of, at)
        if len({piece.turn for piece in chain}) > 1:
            yield from _masked(turns, pieces_of, chain)
            at = chain[-1].turn
        at += 1


def _pieces(view: View) -> list[Stream]:
    """Returns the digit streams of a turn that says little else."""
    if not view.digits and not view.any_of(_DIGIT_TALK):
        return []
    found = streams(view.text)
    spoken_words = sum(len(stream.digits) for stream in found if stream.spoken)
    if len(view.words) - spoken_words > 2 * _WORDS_AROUND + 8:
        return []
    alone = len(view.words) - spoken_words <= 3
    return [stream for stream in found if alone or len(stream.digits) >= 2]


_DIGIT_TALK = words_of("zero one two three four five six seven eight nine oh double triple ten eleven twelve twenty thirty forty fifty sixty seventy eighty ninety")  # fmt: skip


def _chain(turns: Sequence[tuple[Role, View]], pieces_of: dict[int, list[Stream]], first: int) -> list[_Piece]:
    """Returns the pieces of one speaker from turn ``first`` on, as long as only short turns of others stand between."""
    chain = [_Piece(first, stream) for stream in pieces_of[first]]
    if not chain or _answers_another(turns[first][1]):
        return []
    role = turns[first][0]
    total = sum(len(piece.stream.digits) for piece in chain)
    for at in range(first + 1, len(turns)):
        if _answers_another(turns[at][1]):
            break
        if turns[at][0] is role and pieces_of[at]:
            chain += [_Piece(at, stream) for stream in pieces_of[at]]
            total += sum(len(stream.digits) for stream in pieces_of[at])
        elif len(turns[at][1].words) > _INTERJECTION_WORDS or turns[at][0] is role:
            break
        if total > _MOST_DIGITS:
            break
    return chain


def _answers_another(view: View) -> bool:
    """Whether a turn answers a question for something else than the card's number."""
    return bool(view.asked) and ("card" not in view.asked or "cvv" in view.asked)


def _masked(turns: Sequence[tuple[Role, View]], pieces_of: dict[int, list[Stream]], chain: list[_Piece]) -> Iterator[tuple[int, Span]]:
    joined = Stream()
    owner: list[int] = []
    for number, piece in enumerate(chain):
        joined.breaks += [at + len(joined.digits) for at in piece.stream.breaks]
        joined.starts += piece.stream.starts
        joined.ends += piece.stream.ends
        joined.digits += piece.stream.digits
        joined.spoken = joined.spoken or piece.stream.spoken
        owner += [number] * len(piece.stream.digits)
    context = _card_talk(turns, chain[0].turn, chain[-1].turn)
    hit: set[int] = set()
    for start, end in card_windows(joined, context=context):
        hit.update(owner[start:end])
    if len({chain[number].turn for number in hit}) < 2 and not context:
        return
    said = set()
    for number in sorted(hit):
        piece = chain[number]
        said.add(piece.stream.digits)
        yield piece.turn, Span(piece.stream.start, piece.stream.end, Mark.CARD)
    if hit:
        yield from _repeats(turns, pieces_of, chain, said)


def _card_talk(turns: Sequence[tuple[Role, View]], first: int, last: int) -> bool:
    return any(turns[at][1].any_of(CARD_WORDS) for at in range(max(0, first - _LOOK_BACK), last + 1))


def _repeats(
    turns: Sequence[tuple[Role, View]], pieces_of: dict[int, list[Stream]], chain: list[_Piece], said: set[str]
) -> Iterator[tuple[int, Span]]:
    role = turns[chain[0].turn][0]
    whole = "".join(piece.stream.digits for piece in chain)
    for at in range(chain[0].turn, min(len(turns), chain[-1].turn + 3)):
        if turns[at][0] is role:
            continue
        for stream in pieces_of[at]:
            if stream.digits in said or (len(stream.digits) >= 3 and stream.digits in whole):
                yield at, Span(stream.start, stream.end, Mark.CARD)
