"""Payment card numbers in a digit stream: issuer table, length and Luhn check (ISO/IEC 7812-1)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise

from insights.text.redact.digits import Stream
from insights.text.redact.view import words_of

CARD_WORDS = words_of(
    "card cards visa mastercard maestro amex discover diners jcb unionpay cc debit credit pan cardnumber kreditkarte carte tarjeta"
)

# First digits of an issuer's range (inclusive, as text of equal length) and the lengths its numbers may have.
_ISSUERS: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("4", "4", (16, 13, 19)),  # Visa
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),  # Mastercard, second series
    ("34", "34", (15,)),  # American Express
    ("37", "37", (15,)),
    ("6011", "6011", (16, 17, 18, 19)),  # Discover
    ("644", "649", (16, 17, 18, 19)),
    ("65", "65", (16, 17, 18, 19)),
    ("300", "305", (14, 16, 19)),  # Diners Club
    ("3095", "3095", (14, 16, 19)),
    ("36", "36", (14, 16, 19)),
    ("38", "39", (14, 16, 19)),
    ("3528", "3589", (16, 17, 18, 19)),  # JCB
    ("2131", "2131", (15,)),
    ("1800", "1800", (15,)),
    ("62", "62", (16, 17, 18, 19)),  # UnionPay
    ("81", "81", (16, 17, 18, 19)),
    ("50", "50", (16, 13, 14, 15, 17, 18, 19, 12)),  # Maestro, Verve, Elo
    ("56", "58", (16, 13, 14, 15, 17, 18, 19, 12)),
    ("6304", "6304", (16, 13, 14, 15, 17, 18, 19, 12)),
    ("67", "67", (16, 13, 14, 15, 17, 18, 19, 12)),
    ("60", "60", (16,)),  # RuPay, Hipercard
    ("63", "63", (16,)),
    ("82", "82", (16,)),
    ("2200", "2205", (16, 17, 18, 19)),  # Mir
    ("9792", "9792", (16,)),  # Troy
)
_LONGEST = 19
_SHORTEST = 12
_TRAILER = 8
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def lengths_of(digits: str, start: int = 0) -> tuple[int, ...]:
    """Returns the lengths a card number that begins at ``start`` may have, likeliest first; empty for no issuer."""
    for low, high, lengths in _ISSUERS:
        if low <= digits[start : start + len(low)] <= high:
            return lengths
    return ()


def card_windows(stream: Stream, *, context: bool) -> Iterator[tuple[int, int]]:
    """Yields index ranges of the stream's digits that are card numbers; linear in the stream's length.

    Args:
        stream: Digits with their places.
        context: Whether words about cards stand nearby; then odd groupings, and numbers whose check digit fails, count too.
    """
    digits, size = stream.digits, len(stream.digits)
    if size < _SHORTEST:
        return
    sums = _luhn_sums(digits)
    bounds = {*stream.breaks, size}
    at, found = 0, False
    for start in _starts(stream):
        if start < at:
            continue
        end = _card_end(stream, start, sums, bounds, context)
        if end:
            found = True
            # What follows in the same breath is the expiry date and the security code.
            at = size if size - end <= _TRAILER else end
            yield start, at
    if context and not found and size <= _LONGEST:
        yield 0, size


def _starts(stream: Stream) -> Iterator[int]:
    """Yields where a number may begin: at a group of digits, or anywhere in a run too long for one number."""
    size = len(stream.digits)
    for at, begin in enumerate(stream.breaks):
        end = stream.breaks[at + 1] if at + 1 < len(stream.breaks) else size
        yield from range(begin, end) if end - begin > _LONGEST else (begin,)


def _luhn_sums(digits: str) -> tuple[list[int], list[int]]:
    """Returns prefix sums with the digits at even, and at odd, places doubled, so that any window's Luhn sum is one difference."""
    even, odd = [0], [0]
    for place, digit in enumerate(digits):
        value = int(digit)
        plain, doubled = (odd, even) if place % 2 == 0 else (even, odd)
        plain.append(plain[-1] + value)
        doubled.append(doubled[-1] + _DOUBLED[value])
    return even, odd


def _card_end(stream: Stream, start: int, sums: tuple[list[int], list[int]], bounds: set[int], context: bool) -> int:
    """Returns where the card number that begins at ``start`` ends, or 0."""
    for length in lengths_of(stream.digits, start):
        end = start + length
        if end > len(stream.digits) or (length == _SHORTEST and not context):
            continue
        doubled = sums[end % 2]
        if (doubled[end] - doubled[start]) % 10 == 0 and (context or _looks_like_one(stream, start, end, bounds)):
            return end
    return 0


def _looks_like_one(stream: Stream, start: int, end: int, bounds: set[int]) -> bool:
    """Whether the grouping is one people use for card numbers: none, equal groups, or a first group of four and no crumbs."""
    if stream.spoken:
        return True
    inner = stream.breaks[bisect_right(stream.breaks, start) : bisect_left(stream.breaks, end)]
    if not inner:
        return True
    if end not in bounds:
        return False
    edges = [start, *inner, end]
    sizes = [after - before for before, after in pairwise(edges)]
    equal = len(set(sizes[:-1])) == 1 and sizes[-1] <= sizes[0]
    return equal or (sizes[0] == 4 and min(sizes) >= 3)
