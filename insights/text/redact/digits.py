"""Digit streams: the digits of a number however it is written or said, each with its place in the text.

People write ``4111-1111``, ``4 1 1 1``, ``4111.1111`` or ``411l 11O1``, and say "four one one one", "double four", "triple one, oh",
"forty-one eleven" with "uh" in between. All of these become one string of digits with offsets.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from insights.text.redact.view import words_of

UNITS = {
    "zero": "0", "nought": "0", "naught": "0", "nil": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
    "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
TEENS = {
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15", "sixteen": "16", "seventeen": "17",
    "eighteen": "18", "nineteen": "19",
}  # fmt: skip
TENS = {"twenty": "2", "thirty": "3", "forty": "4", "fourty": "4", "fifty": "5", "sixty": "6", "seventy": "7", "eighty": "8", "ninety": "9"}
TIMES = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
# "one" and "oh" are too common in talk to wake the scanner by themselves.
SPOKEN = frozenset({*UNITS, *TEENS, *TENS, *TIMES} - {"one", "nil"})
FILLERS = words_of("uh um uhm er erm eh ah hmm mm and then so like okay ok right yeah yes dash hyphen space stroke slash point dot comma")
_ZERO_LETTERS = frozenset({"o", "oh", "oo", "ooo", "oooo"})
# Anything that is no letter, digit, currency or mark may stand between the digits of one number.
_TOKEN = re.compile(r"(\d+)|([^\W\d_]+)|((?:&nbsp;|&\#160;|&\#xa0;|[^\w$€£¥₹%\ue000]|_)+)|(.)", re.IGNORECASE | re.DOTALL)
_LONGEST_GAP = 8
_MOST_FILLERS = 3


@dataclass(slots=True)
class Stream:
    """Digits that follow one another.

    Attributes:
        digits: ASCII digits.
        starts, ends: Offsets of the words or characters each digit comes from.
        breaks: Indices at which a group of digits begins (a separator stood before it).
        spoken: Whether words took part.
    """

    digits: str = ""
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    spoken: bool = False

    @property
    def start(self) -> int:
        """Where the first digit begins."""
        return self.starts[0]

    @property
    def end(self) -> int:
        """Where the last digit ends."""
        return self.ends[-1]


class _Builder:
    """Collects one stream after the other while the scanner walks over tokens."""

    def __init__(self) -> None:
        self.done: list[Stream] = []
        self._digits: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._breaks: list[int] = []
        self._soft: list[bool] = []
        self._spoken = False
        self.fillers = 0
        self.times = 1
        self.times_start = -1
        self.tens_at = -1

    def __bool__(self) -> bool:
        return bool(self._digits)

    @property
    def last_end(self) -> int:
        return self._ends[-1] if self._ends else -1

    def add(self, digits: str, start: int, end: int, *, spoken: bool, soft: bool = False) -> None:
        """Adds digits that all stem from the same words (spoken) or lie one after the other (written)."""
        if self.times > 1:
            digits, start = digits * self.times, self.times_start
            self.times = 1
        if not (self._digits and not spoken and not self._spoken and self.last_end == start):
            self._breaks.append(len(self._digits))
        each_own_place = not spoken and len(digits) == end - start
        for index, digit in enumerate(digits):
            self._digits.append(digit)
            self._starts.append(start + index if each_own_place else start)
            self._ends.append(start + index + 1 if each_own_place else end)
            self._soft.append(soft)
        self._spoken = self._spoken or spoken
        self.fillers = 0
        self.tens_at = -1

    def complete_tens(self, unit: str, end: int) -> None:
        """Turns "forty" (40) followed by "one" into 41."""
        self._digits[self.tens_at] = unit
        self._ends[self.tens_at - 1] = self._ends[self.tens_at] = end
        self.tens_at = -1

    def close(self) -> None:
        """Ends the stream; a lone O at the end of written digits was a letter after all."""
        while (not self._spoken or all(self._soft)) and self._soft and self._soft[-1]:
            for column in (self._digits, self._starts, self._ends, self._soft):
                column.pop()
        if self._digits:
            breaks = [at for at in self._breaks if at < len(self._digits)]
            self.done.append(Stream("".join(self._digits), self._starts, self._ends, breaks, self._spoken))
        self._digits, self._starts, self._ends, self._breaks, self._soft = [], [], [], [], []
        self._spoken, self.fillers, self.times, self.tens_at = False, 0, 1, -1


def ascii_digits(text: str) -> str:
    """Returns the decimal digits of ``text`` of any script as ASCII digits; other characters are left out."""
    if text.isascii() and text.isdigit():
        return text
    return "".join(str(unicodedata.decimal(char)) for char in text if char.isdecimal())


def streams(text: str, offset: int = 0) -> list[Stream]:
    """Returns all digit streams of ``text`` in order; takes time linear in its length.

    Args:
        text: The text, or a piece of one.
        offset: Where the piece begins; added to all places.
    """
    builder = _Builder()
    for match in _TOKEN.finditer(text):
        kind = match.lastindex
        start, end = match.start() + offset, match.end() + offset
        if kind == 1:
            builder.add(ascii_digits(match[0]), start, end, spoken=False)
        elif kind == 2:
            _take_word(builder, match[0], start, end)
        elif kind == 4 or end - start > _LONGEST_GAP:
            builder.close()
    builder.close()
    return builder.done


def _take_word(builder: _Builder, word: str, start: int, end: int) -> None:
    low = word.lower()
    if low in UNITS:
        if builder.tens_at > 0 and UNITS[low] != "0":
            builder.complete_tens(UNITS[low], end)
        else:
            builder.add(UNITS[low], start, end, spoken=True)
    elif low in TEENS:
        builder.add(TEENS[low], start, end, spoken=True)
    elif low in TENS:
        builder.add(TENS[low] + "0", start, end, spoken=True)
        builder.tens_at = len(builder._digits) - 1
    elif low in TIMES:
        builder.times, builder.times_start = TIMES[low], start
    elif low in _ZERO_LETTERS and (builder or low == "oh" or builder.times > 1):
        zeros = "0" if low == "oh" else "0" * len(low)
        builder.add(zeros, start, end, spoken=low == "oh", soft=start != builder.last_end)
    elif low in {"l", "i"} and builder and start == builder.last_end:
        builder.add("1", start, end, spoken=False, soft=True)
    elif low in FILLERS and builder and builder.fillers < _MOST_FILLERS:
        builder.fillers += 1
    else:
        builder.close()
