"""Telephone numbers, bank accounts, national ids and the numbers that only their context gives away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from insights.text.redact.cards import CARD_WORDS, card_windows
from insights.text.redact.digits import SPOKEN, Stream, ascii_digits, streams
from insights.text.redact.marks import Mark, Span
from insights.text.redact.view import View

_WINDOW = 60

# --- what the words before a number say it is ---------------------------------------------------------------------------------

# Mark, least and most digits, and the words (lower case) that announce such a number; None for numbers that are nobody's.
_CONTEXTS: tuple[tuple[Mark | None, int, int, str], ...] = (
    (Mark.CVV, 3, 4, r"cvv2?|cvc2?|csc|cv2|card verification|security (?:code|number)|(?:three|four|3|4)[ -]digits? (?:code )?on the"),
    (Mark.CARD, 12, 19, r"cards?|visa|mastercard|maestro|amex|american express|long number|sixteen digits?|16 digits?|cc"),
    (
        Mark.ID,
        6,
        15,
        r"social security|ssn|national insurance|ni number|nino|ppsn?|passport|driv(?:er|ing)(?:['’]?s)? licen[cs]e|licen[cs]e number|tax (?:id|file|number)|tin|tfn"
        r"|nhs|medicare|aadhaar|national id|identity (?:card|number)|id (?:card|number)|imei",
    ),
    (
        Mark.PHONE,
        7,
        15,
        r"(?:tele)?phones?|mobiles?|cell|landline|tel|call(?:ed|ing)?|contact|fax|whatsapp|text(?:ed)?|ring|reach(?:ed)?|dial(?:led|ed)?|sms|messages|answer(?:ed|ing)?|callback"
        r"|my number|registered|ph|mob",
    ),
    (
        Mark.ACCOUNT,
        5,
        24,
        r"accounts?|acct|customer (?:number|no|id|ref|reference)|client (?:number|id)|policy|member(?:ship)?|subscriber|contract|loyalty|sort code|routing|patient"
        r"|frequent flyer|bank",
    ),
    (None, 0, 0, r"order|tracking|invoice|ticket|case|incident|reference|model|version|serial|flight|item|sku|parcel|fault|build"),
)
_CONTEXT = re.compile(r"\b(?:" + "|".join(f"({words})" for *_, words in _CONTEXTS) + r")\b")


def _meaning(before: str) -> tuple[Mark, int, int] | None:
    """Returns what the words before a number (in lower case) make it, with the digits it must have; the nearest word decides."""
    nearest = 0
    for match in _CONTEXT.finditer(before):
        nearest = match.lastindex or 0
    mark, least, most, _ = _CONTEXTS[nearest - 1]
    return (mark, least, most) if nearest and mark else None


# --- digit streams: cards, and numbers dictated in words --------------------------------------------------------------------------


_ATOMS = SPOKEN | {"one", "oh", "nil", "o"}
_REACH = 40
# A card number of twelve digits, some of them written as the letter O.
_FEWEST = 9
_TRAILING_ZEROS = re.compile(r"[oO]{1,4}(?!\w)")


def find_streams(view: View) -> Iterator[Span]:
    """Yields card numbers in any written or spoken form, and other dictated numbers by their context."""
    for start, end, spoken in _regions(view):
        for stream in streams(view.text[start:end], start):
            card_talk = view.any_of(CARD_WORDS) or "card" in view.asked
            context = card_talk and _near_card(view, stream) and "\n" not in view.text[stream.start : stream.end]
            windows = list(card_windows(stream, context=context))
            for first, last in windows:
                if not context and _is_fraction(view.text, stream.starts[first]):
                    continue
                yield Span(stream.starts[first], stream.ends[last - 1], Mark.CARD)
            if spoken and stream.spoken and not windows:
                yield from _dictated(view, stream)


def _regions(view: View) -> Iterator[tuple[int, int, bool]]:
    """Yields (start, end, spoken) of stretches dense enough in digits or number words to hold a number that identifies someone."""
    said = view.places(_ATOMS) if view.any_of(SPOKEN) else []
    atoms = sorted([*view.digits, *said]) if said else list(view.digits)
    first, count, words = 0, 0, 0
    said_starts = {start for start, _ in said}
    for at, (start, end) in enumerate(atoms):
        spoken = start in said_starts
        count += 2 if spoken else end - start
        words += spoken
        if at + 1 == len(atoms) or atoms[at + 1][0] - end > _REACH:
            if count >= _FEWEST or words >= 3:
                zeros = _TRAILING_ZEROS.match(view.text, end)
                yield atoms[first][0], zeros.end() if zeros else end, words >= 3
            first, count, words = at + 1, 0, 0


def _is_fraction(text: str, start: int) -> bool:
    """Whether digits are the decimals of a number such as 0.4234456121921539."""
    return start > 1 and text[start - 1] in ".," and text[start - 2].isdigit()


def _near_card(view: View, stream: Stream) -> bool:
    before = view.low[max(0, stream.start - 2 * _WINDOW) : stream.start]
    meaning = _meaning(before)
    return meaning[0] is Mark.CARD or meaning[0] is Mark.CVV if meaning else "card" in view.asked


def _dictated(view: View, stream: Stream) -> Iterator[Span]:
    """Yields a number said in words whose context, or whose length, says that it identifies someone."""
    size = len(stream.digits)
    meaning = _meaning(view.low[max(0, stream.start - _WINDOW) : stream.start])
    if meaning and meaning[1] <= size <= meaning[2]:
        yield Span(stream.start, stream.end, meaning[0])
    elif size >= 7 and len(stream.breaks) >= 5:
        yield Span(stream.start, stream.end, Mark.PHONE if stream.digits[0] == "0" or size in (10, 11) else Mark.ID)


# --- written numbers ----------------------------------------------------------------------------------------------------------------

_CLUSTER = re.compile(
    r"(?<![\w+(])(?<!\d[.,/\-–])(?:\+|\(\+?)?\d(?:[ \t().\-/–\u00a0\u2011]{0,3}\d){3,23}(?:\s?(?:x|ext\.?)\s?\d{1,6})?(?![\w%])"
)
_EXTENSION = re.compile(r"\s?(?:x|ext\.?)\s?\d+\Z")
_MONEY_BEFORE = re.compile(r"(?:[$€£¥₹]|\b(?:usd|eur|gbp|rs|inr|aud|cad))\s?$", re.I)
_MONEY_AFTER = re.compile(
    r"\s?(?:[$€£¥₹%]|(?:dollars?|euros?|pounds?|quid|usd|eur|gbp|rupees|cents|percent|mbps|gb|mb|kwh|km|miles|points|minutes|hours)\b)",
    re.I,
)
_DATE = re.compile(r"(?:\d{1,2}[-/.\s]\d{1,2}[-/.\s](?:19|20)?\d\d|(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2})(?:\s+\d{1,2}(?:[.:]\d\d)?)?\s?")
_YEARS = re.compile(r"(?:19|20)\d\d\s?[-–/]\s?(?:19|20)?\d\d")
_NANP = re.compile(r"(?:\+?1[\s.\-]?)?(?:\(\d{3}\)\s?|\d{3}[\s.\-–])\d{3}[\s.\-–]\d{4}")
_SSN = re.compile(r"\d{3}[-–]\d{2}[-–]\d{4}")
_GROUPED = re.compile(r"\(?\d{1,4}\)?(?:\s?[-.]\s?\d{2,4}){2,4}")
_DECIMAL = re.compile(r"\d+\.\d+(?:\.\d{5,})?")
_CPF = re.compile(r"\d{3}\.\d{3}\.\d{3}-\d{2}")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.\s]\d{3})+")


def find_written(view: View) -> Iterator[Span]:
    """Yields phone numbers, national ids and account numbers that are written in digits."""
    for start, end in view.stretches:
        yield from _clusters(view, start, end)


def _clusters(view: View, start: int, end: int) -> Iterator[Span]:
    for match in _CLUSTER.finditer(view.text, start, end):
        mark = _kind_of_cluster(view, match[0], match.start(), match.end())
        if mark:
            yield Span(match.start(), match.end(), mark)


def _kind_of_cluster(view: View, number: str, start: int, end: int) -> Mark | None:
    number, text, low = _EXTENSION.sub("", number), view.text, view.low
    digits = ascii_digits(number)
    if _DATE.fullmatch(number) or _YEARS.fullmatch(number) or _MONEY_BEFORE.search(text, max(0, start - 5), start):
        return None
    if _MONEY_AFTER.match(text, end):
        return None
    before = low[max(0, start - _WINDOW) : start]
    plain = _kind_of_form(number, digits)
    if plain and not (plain is Mark.PHONE and number[0] not in "+(" and _is_harmless(before[-_NEAR:])):
        return plain
    meaning = _meaning(before)
    if meaning and meaning[1] <= len(digits) <= meaning[2] and meaning[0] is not Mark.CVV:
        return meaning[0]
    return None


_NEAR = 25


def _is_harmless(before: str) -> bool:
    """Whether the nearest announcing word makes the number an order's, ticket's or the like."""
    nearest = 0
    for match in _CONTEXT.finditer(before):
        nearest = match.lastindex or 0
    return nearest == len(_CONTEXTS)


def _kind_of_form(number: str, digits: str) -> Mark | None:
    """Returns what the written form alone proves."""
    size = len(digits)
    if _SSN.fullmatch(number) or _CPF.fullmatch(number):
        return Mark.ID
    if number[0] == "+" or number.startswith("(+"):
        return Mark.PHONE if 8 <= size <= 15 else None
    if _NANP.fullmatch(number):
        return Mark.PHONE
    if digits.startswith("00") and 11 <= size <= 16 and digits[2] != "0":
        return Mark.PHONE
    if digits[0] == "0" and 9 <= size <= 12 and not digits.startswith("00") and not _DECIMAL.fullmatch(number):
        return Mark.PHONE
    if _DECIMAL.fullmatch(number):
        return None
    if number[0] == "(" and 7 <= size <= 12 and ")" in number:
        return Mark.PHONE
    if _GROUPED.fullmatch(number) and (9 if "." in number else 8) <= size <= 12 and not _THOUSANDS.fullmatch(number):
        return Mark.PHONE
    return None


# --- numbers with a form of their own -----------------------------------------------------------------------------------------------

_NINO = re.compile(r"(?<!\w)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ -]?\d\d[ -]?\d\d[ -]?\d\d[ -]?[A-D](?!\w)", re.I)
_PPS = re.compile(r"(?<!\w)(\d{7})([A-W])([A-IW]?)(?!\w)", re.I)
_CODICE_FISCALE = re.compile(r"(?<!\w)[A-Z]{6}\d\d[A-EHLMPR-T]\d\d[A-Z]\d{3}[A-Z](?!\w)", re.I)
_DNI = re.compile(r"(?<!\w)([XYZ]?)-?(\d{7,8})-?([A-HJ-NP-TV-Z])(?!\w)", re.I)
_PAN_INDIA = re.compile(r"(?<!\w)[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z](?!\w)")
_IBAN_START = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2})[ -]?(\d\d)(?=[ \-\u00a0]?[A-Za-z0-9])")
_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28,
    "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18,
    "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32,
    "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15,
    "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip


_LETTER_BY_DIGITS = re.compile(r"[A-Za-z]{2}[ -]?\d\d|\d{7}-?[A-Za-z]")


def find_formed(view: View) -> Iterator[Span]:
    """Yields IBANs and national ids whose own form or check character proves them."""
    trusted = "iban" in view.vocabulary
    for start, end in view.stretches:
        if not _LETTER_BY_DIGITS.search(view.text, start, end):
            continue
        yield from _formed(view.text, start, end, trusted)


def _formed(text: str, start: int, end: int, trusted: bool) -> Iterator[Span]:
    for match in _IBAN_START.finditer(text, start, end):
        iban_end = _iban_end(text, match.start(), trusted=trusted)
        if iban_end:
            yield Span(match.start(), iban_end, Mark.IBAN)
    for pattern in (_NINO, _CODICE_FISCALE, _PAN_INDIA):
        yield from (Span(*match.span(), Mark.ID) for match in pattern.finditer(text, start, end))
    for match in _PPS.finditer(text, start, end):
        if _pps_fits(match[1], match[2].upper(), match[3].upper()):
            yield Span(*match.span(), Mark.ID)
    for match in _DNI.finditer(text, start, end):
        if _dni_fits(match[1].upper(), match[2], match[3].upper()):
            yield Span(*match.span(), Mark.ID)


_LEAST_IBAN_DIGITS = 10


def _iban_end(text: str, start: int, *, trusted: bool) -> int:
    """Returns where the IBAN that begins at ``start`` ends, or 0: ISO 13616 length of the country and mod 97 (which ``trusted`` waives)."""
    length = _IBAN_LENGTHS.get(text[start : start + 2].upper())
    if length is None:
        return 0
    kept: list[str] = []
    for at in range(start, min(len(text), start + 2 * length)):
        char = text[at]
        if char.isascii() and char.isalnum():
            kept.append(char)
            if len(kept) == length:
                glued = at + 1 < len(text) and text[at + 1].isalnum()
                return (
                    0 if glued or sum(map(str.isdigit, kept)) < _LEAST_IBAN_DIGITS else (at + 1 if trusted or _mod97("".join(kept)) else 0)
                )
        elif char not in " -.\u00a0\u202f\n":
            return 0
    return 0


def _mod97(iban: str) -> bool:
    moved = iban[4:] + iban[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def _pps_fits(digits: str, check: str, second: str) -> bool:
    """Check letter of the Irish PPS number: weights 8 to 2 (and 9 for a second letter), modulo 23."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(8, 1, -1), strict=True))
    total += 9 * (ord(second) - 64) if second and second != "W" else 0
    return "WABCDEFGHIJKLMNOPQRSTUV"[total % 23] == check


def _dni_fits(prefix: str, digits: str, check: str) -> bool:
    """Check letter of the Spanish DNI (eight digits) and NIE (X, Y or Z and seven)."""
    if len(digits) != (7 if prefix else 8):
        return False
    number = int({"X": "0", "Y": "1", "Z": "2"}.get(prefix, "") + digits)
    return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] == check
