"""Values that a label before them gives away: account and policy numbers, security codes, passwords, dates of birth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from insights.text.redact.marks import Mark, Span
from insights.text.redact.view import View

_IS = r"(?:\s*(?:is|was|are|for|of|ending(?: in)?|[:#=\-–]|no\.?|num(?:ber)?|nr\.?|id|code|ref(?:erence)?|\(|it'?s|that'?s|will be|would be|as|on file|below|with|the|my|your|card|back|called)){0,5}[\s:#=\-–(]*"
_CODE = r"(?P<value>(?=[A-Za-z0-9\-/. ]{0,12}\d)(?:[A-Za-z0-9]{0,6}[\-/.]?|(?-i:[A-Z]{1,4}) )\d[A-Za-z0-9]*(?:[\-/.]?\d[A-Za-z0-9]*|[\- ]\d{2,}){0,6})(?![\w%])"
_SPOKEN_DIGIT = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|\d)"


@dataclass(frozen=True, slots=True)
class Label:
    """A label and the value that may follow it.

    Attributes:
        mark: What the value is.
        cues: Words one of which must occur for the pattern to be tried.
        pattern: Label and value; the group ``value`` is replaced.
        digits: Least number of digits in the value.
    """

    mark: Mark
    cues: frozenset[str]
    pattern: re.Pattern[str]
    digits: int = 0


def _label(mark: Mark, cues: str, label: str, value: str, digits: int = 0) -> Label:
    return Label(mark, frozenset(cues.split()), re.compile(rf"(?:{label})\b{value}", re.IGNORECASE), digits)


_CVV_VALUE = rf"[^\d\n.?!]{{0,24}}?\b(?P<value>\d(?:[ -]?\d){{2,3}}|{_SPOKEN_DIGIT}(?:[\s,-]+{_SPOKEN_DIGIT}){{2,3}})\b(?![\d/])"
_SECRET_VALUE = r"(?:\s*(?:is|was|[:=]|to|it'?s)\s*|\s+)(?P<value>[\"']?(?=\S*[\d!@#$%^&*_])\S{3,64})"  # noqa: S105 - a pattern
_BIRTH_VALUE = (
    r"(?:\s*(?:is|was|on|[:=\-]|it'?s)\s*|\s+)(?P<value>(?:the\s+)?(?:\d{1,4}[-/. ]\d{1,2}[-/. ]\d{2,4}|\d{1,2}(?:st|nd|rd|th)?\s+(?:of\s+)?[a-z]{3,9}\.?,?\s+\d{2,4}"
    r"|[a-z]{3,9}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{2,4}))\b"
)
_LABELS = (
    _label(
        Mark.ACCOUNT,
        "account accounts acct customer client policy policies member membership subscriber contract loyalty sort routing patient frequent agreement meter mpan mprn",
        r"accounts?|acct|customer (?:number|no|id|ref(?:erence)?|code)|client (?:number|no|id|ref(?:erence)?)|polic(?:y|ies)|member(?:ship)?|subscriber"
        r"|contract|loyalty|sort code|routing|patient|frequent flyer|agreement|meter (?:number|point)|mpan|mprn",
        _IS + _CODE,
        digits=5,
    ),
    _label(
        Mark.ID,
        "ssn social ni nino pps ppsn passport license licence tax tin tfn nhs medicare aadhaar identity national dni nie cpf imei",
        r"ssn|social security|national insurance|ni number|nino|ppsn?|passport|licen[cs]e|tax (?:id|file|number)|tin|tfn|nhs|medicare|aadhaar"
        r"|national id|identity (?:card|number)|dni|nie|cpf|imei",
        _IS + _CODE,
        digits=5,
    ),
    _label(
        Mark.CVV,
        "cvv cvc cv cvn cid csc security card three four",
        r"cvv2?|cvc2?|csc|cvn|cid|cv2|security (?:code|number)|card verification|(?:three|four)[ -]digits?",
        _CVV_VALUE,
        digits=0,
    ),
    _label(Mark.SECRET, "password passwords passwd passcode passphrase pwd", r"passwords?|passwd|passcode|passphrase|pwd", _SECRET_VALUE),
    _label(
        Mark.SECRET,
        "pin otp one verification authentication activation login passcode",
        r"pin(?: (?:code|number))?|otp|(?:one[- ]time|verification|authentication|activation|login) (?:code|password|pin)|passcode",
        r"(?:\s*(?:is|was|[:=]|it'?s)\s*|\s+)(?P<value>\d(?:[ -]?\d){3,7})\b(?!\s*(?:[$€£%/]|days|minutes))",
    ),
    _label(
        Mark.BIRTHDATE, "date d dob birthday birth birthdate born", r"date of birth|d\.?o\.?b\.?|birthday|birth ?date|born", _BIRTH_VALUE
    ),
)
_CVV_FIRST = re.compile(r"\b(\d{3,4})\b (?:is|was|for|as) (?:the|my) (?:cvv|cvc|security code)", re.IGNORECASE)


def _rules() -> dict[str, tuple[Label, ...]]:
    rules: dict[str, tuple[Label, ...]] = {}
    for label in _LABELS:
        for word in sorted(label.cues):
            rules[word] = (*rules.get(word, ()), label)
    return rules


_RULES = _rules()
_RULE_WORDS = frozenset(_RULES)


def find_labelled(view: View) -> Iterator[Span]:
    """Yields the values after labels such as "account number is", "cvv", "password:" or "date of birth"."""
    for start, end in view.places(_RULE_WORDS):
        for label in _RULES[view.low[start:end]]:
            match = label.pattern.match(view.text, start)
            if match and sum(map(str.isdigit, match["value"])) >= label.digits and not _is_date(label.mark, match["value"]):
                yield Span(*match.span("value"), label.mark)
    if view.digits and ("cvv" in view.low or "cvc" in view.low or "security code" in view.low):
        yield from (Span(*match.span(1), Mark.CVV) for match in _CVV_FIRST.finditer(view.text))


_DATE_LIKE = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|(?:19|20)\d\d[-/.]\d\d[-/.]\d\d")


def _is_date(mark: Mark, value: str) -> bool:
    """Whether what follows an account label is only a date; six digits in pairs with dashes are a sort code."""
    return mark is Mark.ACCOUNT and _DATE_LIKE.fullmatch(value.strip()) is not None and not re.fullmatch(r"\d\d-\d\d-\d\d", value)
