"""Street addresses: what stands between a house number and a postcode, in the forms of several countries.

A town on its own is a place and stays; a town between a street and its postcode belongs to the address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from insights.text.redact.marks import Mark, Span
from insights.text.redact.view import View, words_of

_TYPES = (
    "street st road rd avenue ave av lane ln drive dr court ct place pl boulevard blvd way close crescent cres terrace square sq gardens gdns grove"
    " hill row mews parade highway hwy parkway pkwy circle cir trail trl quay walk view green rise park streets squares roads plaza alley loop"
    " turnpike pike ridge heights commons crossing path wharf esplanade croft vale"
)
_TYPE = "|".join(sorted(_TYPES.split(), key=len, reverse=True))
# Types that are seldom anything else in lower case after a number and a word.
_SURE_TYPE = "street|road|avenue|lane|close|crescent|terrace|boulevard|gardens|grove|mews|drive|court|square"
_SUFFIXES = (
    "straße|strasse|strase|str\\.|gasse|weg|platz|allee|ufer|damm|laan|straat|plein|gracht|kade|dijk|gade|vej|vegen|veien|veg|gatan|gata|vägen|väg|gränd"
    "|katu|kuja|tie|polku|bulevardi|utca|körút|utja|gt\\.|maantee|iela|gatve|vaenget|vænget|stræde|allé|alle|stien|haven|parken|kroken|bakken"
)
_PREFIXES = (
    "rue|avenue|boulevard|bd|allée|chemin|quai|impasse|via|viale|piazza|corso|strada|vicolo|calle|avenida|avda|paseo|carrer|plaza|camino|rua|praça|travessa"
    "|largo|estrada|alameda|ulica|ul\\.|aleja|al\\.|os\\.|strada|str\\.|bulevardul|kungsgatan|ulitsa|prospekt|jalan|jl\\.|quinta"
)
_WORD = r"[^\W\d_][\w'’.\-]{0,30}"
_CAP = r"[^\W\d_a-zà-öø-ÿ][\w'’.\-]{0,30}"
_NUMBER = r"\d{1,6}(?:[A-Za-z](?![A-Za-z]))?(?:\s?[-/]\s?\d{1,4}[A-Za-z]?)?"
_UNIT = r"(?:apt\.?|apartment|suite|ste\.?|unit|flat|floor|room|building|bldg\.?|block)\s?#?\s?(?:no\.?\s?)?(?:\d{1,5}[A-Za-z]?|(?-i:[B-HJ-Z])\d{0,4})(?!\w)"

_ENGLISH = re.compile(
    rf"(?<![\w$€£.,])(?:{_NUMBER},?\s+)(?:(?:{_NUMBER}\s+)?(?:{_CAP}[ ]){{1,4}}?)(?:(?i:{_TYPE}))\b\.?(?:\s+(?:NE|NW|SE|SW|[NSEW]|North|South|East|West)\b)?"
)
_ORDINAL = re.compile(
    rf"(?<![\w$€£.,]){_NUMBER}\s+(?:[NSEW]\.?\s+|(?:North|South|East|West)\s+)?\d{{1,3}}(?:st|nd|rd|th)\s+(?:{_TYPE})\b\.?", re.IGNORECASE
)
_LOWER = re.compile(rf"(?<![\w$€£.,])(?:{_NUMBER}|(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[ -])?(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)\s+((?:[^\W\d_]{{3,20}}\s){{1,2}}?)(?:{_SURE_TYPE})\b", re.IGNORECASE)  # fmt: skip
_SUFFIXED = re.compile(
    rf"(?:(?<![\w]){_NUMBER},?\s+)?(?<!\w)(?:{_CAP}\s){{0,2}}?{_CAP}?(?:(?<=\w)|\s)(?i:{_SUFFIXES})\s?,?\s?(?:{_NUMBER})(?![\w%])"
)
_SUFFIXED_AFTER = re.compile(rf"(?<![\w$€£.,]){_NUMBER}\s+(?:{_CAP}\s){{0,2}}?{_CAP}(?:{_SUFFIXES})(?!\w)")
_PREFIXED = re.compile(
    rf"(?:(?<![\w$€£.,]){_NUMBER},?\s+)?(?<!\w)(?i:{_PREFIXES})\s+(?:(?:de|da|do|di|du|la|le|los|las|del|della|dos|des|el|l'|d'|van|von|sv\.?)\s?){{0,2}}(?:{_CAP}[\s,]*){{1,4}}(?:(?:n[°ºo]?\.?\s?)?{_NUMBER})?(?!\w)"
)
_BOX = re.compile(
    r"(?<!\w)(?:P\.?\s?O\.?\s?Box|Post(?:al)?\s(?:Office\s)?Box|PSC|Unit|CMR)\s?#?\d{1,6}(?:,?\s+Box\s+\d{1,6})?(?!\w)", re.IGNORECASE
)
_MILITARY = re.compile(r"(?<!\w)[AFD]PO,?\s+A[AEP],?\s+\d{5}(?:-\d{4})?(?!\w)")
# A unit gives away the street before it, of whatever name: "20789 Allika 46, Suite 501".
_UNIT_ALONE = re.compile(
    rf"(?:(?<![\w$€£.,]){_NUMBER},?\s+(?:{_CAP}[ .,]*){{1,4}}?(?:{_NUMBER}\.?)?[\s,>]{{1,6}})?(?<!\w)(?i:{_UNIT})(?!\w)"
)

# --- postcodes --------------------------------------------------------------------------------------------------------------------

_UK = re.compile(
    r"(?<!\w)(?:A[BL]|B[ABDHLNRST]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]|L[ADELNSU]?|M[EKL]?"
    r"|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE)\d[A-Z\d]?\s\d(?!(?:GB|TB|HZ)\b)[ABD-HJLNP-UW-Z]{2}(?!\w)"
)
_CANADA = re.compile(r"(?<!\w)[ABCEGHJ-NPRSTVXY]\d[A-Z][ -]\d[A-Z]\d(?!\w)")
_EIRCODE = re.compile(r"(?<!\w)(?:[AC-FHKNPRTV-Y]\d\d|D6W) [0-9AC-FHKNPRTV-Y]{4}(?!\w)")
_STATE_ZIP = re.compile(
    r"(?<!\w)(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]),?\s+\d{5}(?:-\d{4})?(?!\w)"
)
_LABELLED_CODE = re.compile(
    r"(?:post ?codes?|postal codes?|zip(?: ?codes?)?|eircode|plz)(?:\s+(?:is|was|for|of|at|to|here|there|it'?s|my|the)){0,3}\s*[:=\-]?\s*(?P<value>(?=[A-Za-z0-9 -]{0,7}\d)[A-Za-z0-9]{2,10}(?:[ -](?=[A-Za-z0-9]*\d)[A-Za-z0-9]{2,5})?)(?!\w)",
    re.IGNORECASE,
)
_CODE_WORDS = words_of("post postcode postcodes postal zip zipcode zipcodes eircode plz")

# --- the words around an address ----------------------------------------------------------------------------------------------------

_ADDRESS_CUE = re.compile(
    r"(?:address(?:es)?(?:\s+of [^\n.]{1,40}? is|\s+(?:is|was|to|as|changed to|should be|will be|for delivery is|on file is|i gave was|with)|,? here (?:it is|they are))?\s*[:\-]?|liv(?:e|ing|es|ed) (?:at|in|on)"
    r"|resid(?:e|es|ing) at|mov(?:ed|ing) to|(?:deliver(?:ed)?|send|sent|ship(?:ped)?|mail(?:ed)?|post(?:ed)?|one|it) to|office is at|(?:located|arrived|meet you) at"
    r"|pick(?:ed)? up (?:at|from))\s+",
    re.IGNORECASE,
)
_CUE_WORDS = words_of(
    "address addresses arrived meet live living lives lived reside resides residing moved moving deliver delivered send sent ship shipped mail mailed post posted office located"
    " pick picked one it"
)
_BLOCK = re.compile(
    rf"(?:(?:{_CAP}|{_NUMBER}|\d[\w-]{{0,9}}|(?i:{_UNIT})|(?:u|de|da|do|di|du|la|le|los|las|del|dos|des|el|van|von|der|and|of|nan|sv|út|utca)\b\.?)(?:[ ]?[,./#]?[ ]?\n?[ \t]{{0,6}},?[ ]?)){{2,16}}"
)
_TAIL = re.compile(
    rf"(?:[ \t]*[,.]?[ \t]*(?:\n[ \t>]*){{0,2}},?[ \t]*(?:(?i:{_UNIT})|nan\b|(?:{_CAP}|[A-Z]{{2}})(?:[ \-]{_CAP}){{0,3}}|\d[\w-]{{2,9}}(?:[ -]\d[A-Za-z\d]{{1,3}})?)(?!\w)){{1,8}}"
)
_UNIT_AFTER = re.compile(rf"[,\s]{{1,8}}{_UNIT}(?!\w)", re.IGNORECASE)
_POSTCODE_END = re.compile(r"(?:\d{3,6}(?:[- ]\d{2,4})?|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|[A-Z]\d[A-Z]\s?\d[A-Z]\d)\.?\Z")
_NOT_STREETS = words_of(
    "minute minutes hour hours day days week weeks month months year years mile miles times time people more other different the this that same few away down"
    " up of my your a an km metres meters percent star bed bedroom door way long hard test flash good bad lost first second third and on off in at to"
)


_TYPE_WORDS = frozenset(_TYPES.split())
_SURE_TYPES = frozenset(_SURE_TYPE.split("|"))
_PREFIX_WORDS = frozenset(word.rstrip("\\.") for word in _PREFIXES.split("|"))
_SUFFIX_ENDS = tuple(suffix.removesuffix("\\.") for suffix in _SUFFIXES.split("|"))
_LAST_TWO = frozenset(suffix[-2:] for suffix in _SUFFIX_ENDS)
_BOX_WORDS = words_of("box psc cmr apo fpo dpo")
_UNIT_WORDS = words_of("apt apartment suite ste flat unit")
# Which words wake which patterns, and how far before and after such a word an address may reach.
_BY_WORD = (
    (_TYPE_WORDS, (_ENGLISH, _ORDINAL), 110, 20),
    (_PREFIX_WORDS, (_PREFIXED,), 20, 150),
    (_BOX_WORDS, (_BOX, _MILITARY), 20, 30),
    (_UNIT_WORDS, (_UNIT_ALONE,), 60, 20),
)


def find_addresses(view: View) -> Iterator[Span]:
    """Yields addresses and the postcodes that stand with them."""
    if view.digits:
        yield from _by_word(view)
        yield from _by_cue(view)
        yield from _postcodes(view)
    for start, end in view.around(view.places(_SURE_TYPES), 60, 0):
        for match in _LOWER.finditer(view.text, start, end):
            if _NOT_STREETS.isdisjoint(match[1].lower().split()):
                yield Span(match.start(), _with_tail(view.text, match.end()), Mark.ADDRESS)


def _by_word(view: View) -> Iterator[Span]:
    text = view.text
    suffixed = frozenset(word for word in view.vocabulary if word[-2:] in _LAST_TWO and word.endswith(_SUFFIX_ENDS))
    for words, patterns, before, after in (*_BY_WORD, (suffixed, (_SUFFIXED, _SUFFIXED_AFTER), 70, 30)):
        for start, end in view.around(view.places(words), before, after):
            if _has_digit(text, start, end):
                for pattern in patterns:
                    for match in pattern.finditer(text, start, end):
                        if not _is_address(match[0]):
                            continue
                        yield Span(match.start(), _with_tail(text, match.end()), Mark.ADDRESS)


# What "Drive" and "Place" also mean, and ways to go that are no streets ("via Amsterdam").
_HARDWARE = re.compile(r"\b(?:gb|tb|mb|google|dvd|cd|usb|hard|flash|solid|state|ssd|disk|test|external|series|one|icloud)\b", re.IGNORECASE)
_LOOSE_UNIT = re.compile(r"(?:unit|floor|room|building|block)\b", re.IGNORECASE)


def _is_address(found: str) -> bool:
    """Whether what a pattern found has a number in it and is no piece of hardware, way or floor."""
    if not _DIGIT.search(found) or _HARDWARE.search(found) or _LOOSE_UNIT.match(found):
        return False
    return not found.startswith("via ")


_DIGIT = re.compile(r"\d")


def _has_digit(text: str, start: int, end: int) -> bool:
    return _DIGIT.search(text, start, end) is not None


def _with_tail(text: str, end: int) -> int:
    """Returns where an address ends that reads on after the street: unit, town and country, if a postcode closes it."""
    tail = _TAIL.match(text, end, end + 160)
    while tail and tail.end() > end:
        if _POSTCODE_END.search(text[end : tail.end()]):
            return tail.end()
        shorter = max(text.rfind(" ", end, tail.end()), text.rfind("\n", end, tail.end()))
        if shorter <= end:
            break
        tail = _TAIL.match(text, end, shorter)
    unit = _UNIT_AFTER.match(text, end)
    return unit.end() if unit else end


def _by_cue(view: View) -> Iterator[Span]:
    """Yields what follows words such as "my address is", as long as it is written like an address and has a number in it."""
    for start, _ in view.places(_CUE_WORDS):
        cue = _ADDRESS_CUE.match(view.text, start)
        if not cue or not _has_digit(view.text, cue.end(), cue.end() + 160):
            continue
        block = _BLOCK.match(view.text, cue.end(), cue.end() + 160)
        if block and _has_digit(block[0], 0, len(block[0])) and re.search(r"[^\W\d_]{3}", block[0]):
            inside = block[0].rstrip(" ,.\n\t")
            yield Span(cue.end(), cue.end() + len(inside), Mark.ADDRESS)


_CAPITAL_BY_DIGIT = re.compile(r"[A-Z]\d|\d[A-Z]|[A-Z]{2},?\s+\d{5}")


def _postcodes(view: View) -> Iterator[Span]:
    for start, end in view.stretches:
        if _CAPITAL_BY_DIGIT.search(view.text, start, end):
            for pattern in (_UK, _STATE_ZIP, _CANADA, _EIRCODE):
                yield from (Span(*match.span(), Mark.ADDRESS) for match in pattern.finditer(view.text, start, end))
    for start, _ in view.places(_CODE_WORDS):
        match = _LABELLED_CODE.match(view.text, start)
        if match:
            yield Span(*match.span("value"), Mark.ADDRESS)
