"""Names of people, found by the words around them and by the names a record itself carries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum

from insights.text.redact.lexicon import AMBIGUOUS, GIVEN, ORGANISATION, PARTICLES, STOP, SURNAMES
from insights.text.redact.marks import Mark, Span
from insights.text.redact.view import View, words_of

_CAPITAL = "A-ZÀ-ÖØ-ÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİĴĶĹĻĽĿŁŃŅŇŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽΑ-ΩΆ-ΏА-ЯЁ"
_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]{2,}|-[^\W\d_]+)*")
_CAP_TOKEN = re.compile(rf"(?<![\w'’-])[{_CAPITAL}][^\W\d_]*(?:['’][^\W\d_]{{2,}}|-[^\W\d_]+)*")
_GAP = re.compile(r"\.?[ \u00a0]{1,2}")
_MOST_TOKENS = 5
# Surnames that are words of every day, or half of a brand, count only beside a given name or a title.
EVERYDAY = words_of(
    "ball banks barber bell best black bond booker bowl brown bush butler carpenter carter case chambers chase church clay cook cooper costa day dean"
    " field fisher flowers ford foster fox france francis freeman gold grant gray green hall hart hill holiday holland hunt hunter jackson"
    " jordan justice king knight lane law li lim lin long love lucas marsh martin mason may mercedes miles mills mitchell moon moss newman north page paris"
    " park parker parsons paul pay porter powell power price reading rice rich rivers rock rose rowe royal savage short small snow south spencer stone"
    " street summers sun tailor taylor temple thomas tucker turner van walker wall ward washington waters watts weaver webb weber wells west wheeler white winter wolf"
    " wood woods young adams george bishop gates lewis lloyd morgan stewart wilson sanders patel john james joseph simon scott roy ross morris morrison"
)
_PLAIN_SURNAMES = SURNAMES - EVERYDAY - AMBIGUOUS
# Endings few words share that are no surnames; they count only after another capitalised word.
_SURNAME_SHAPE = re.compile(
    r"(?:[^\W\d_]{2,}(?:sson|sdóttir|dottir|ová|ović|ovic|ević|evic|jević|owski|owska|ewski|ewska|iewicz|owicz|czyk|enko|escu|opoulos|idis|akis|shvili|dze|ić|etti|inen|onen|änen)"
    r"|[^\W\d_]{3,}(?:sen|ski|cki|nov|rov|lov|mov|sov|kov|tov|zov|nev|yev|ieva|yeva|nova|rova|lova|mova|sova|kova|tova|vich|hadze)|mac[a-z]{4,}|mc[a-z]{4,}|o['’][a-z]{4,})\Z",
    re.IGNORECASE,
)
_SHAPE_TAILS = words_of("on ir ová vá ić ic ki ka cz yk ko cu os is li ze ti en ov ev va ch")
_NOT_SURNAMES = words_of(
    "chosen loosen lessen risen arisen worsen coarsen moscow kosovo improv casanova villanova supernova terranova mackintosh machine macbook"
)
_PLACE_BEFORE = words_of("san santa saint st port lake mount fort cape los las new north south east west royal lord camp")
ROLE_WORDS = words_of(
    "agent customer support service services team desk bot system admin operator queue speaker unknown user client caller advisor adviser representative"
    " assistant help helpdesk care visitor guest virtual channel sales billing noreply reply info office department"
)


class Strength(IntEnum):
    """How far the words before a name vouch for it."""

    LISTED = 1  # only a listed name, or one shaped like a surname beside another, counts
    CAPITAL = 2  # any capitalised word counts
    ANY = 3  # any word counts that is not of the commonest


# Words that open a cue, the cue itself from that word on, and its strength.
_CUES = (
    (
        "name surname",
        r"(?:sur)?name(?: (?:on|of|for) (?:the|my) (?:[a-z]+ ){0,2}?[a-z]+)?(?: is|['’]?s| was)(?: (?:also|actually|just))?\s*:?\s+",
        Strength.ANY,
    ),
    ("name surname", r"(?:sur)?name\s*[:=]\s*", Strength.ANY),
    (
        "name surname",
        r"(?:sur)?name(?: [a-z]+){0,5} ?\?\s*(?:[A-Za-z]+:\s*)?(?:(?:sure|yes|yeah|it'?s|that'?s|it is),?\s+)*",
        Strength.CAPITAL,
    ),
    ("under", r"under (?:the )?name (?:of |is )?", Strength.ANY),
    ("under", r"under\s+", Strength.LISTED),
    ("correct change", r"(?:correct|change) it to\s+", Strength.LISTED),
    ("mr mrs ms mx prof herr frau mister", r"[a-z]+\b\.?\s+", Strength.ANY),
    ("dr miss sir professor monsieur madame doctor", r"(?-i:Dr|Miss|Sir|Professor|Monsieur|Madame|Doctor)\b\.?\s+", Strength.CAPITAL),
    ("this i it", r"(?:this is|i['’]?m|i am|it['’]?s|it is)\s+", Strength.LISTED),
    ("speaking chatting talking", r"[a-z]+ (?:with|to)\s+", Strength.LISTED),
    ("spoke speak spoken talked chatted", r"[a-z]+ (?:with|to)\s+", Strength.LISTED),
    ("named", r"named\s+", Strength.CAPITAL),
    (
        "agent advisor adviser rep representative technician engineer assistant supervisor specialist consultant",
        r"[a-z]+(?: (?:called|named))?,?\s+",
        Strength.CAPITAL,
    ),
    (
        "husband wife son daughter mother father mum mom dad brother sister fiance fiancé fiancée colleague",
        r"[a-zé]+(?: (?:called|named|is called))?,?\s+",
        Strength.CAPITAL,
    ),
    ("hi hello hey dear hiya", r"[a-z]+\s*,?[ ]+(?:there,? )?", Strength.LISTED),
    ("good", r"good (?:morning|afternoon|evening)\s*,?[ ]+", Strength.LISTED),
    (
        "thanks thank thx cheers bye goodbye sorry okay ok welcome great perfect",
        r"(?:thank you|[a-z]+)(?: (?:so|very) much| a lot| again| back)?\s*[,!.]?[ ]+",
        Strength.LISTED,
    ),
)
_NOT_PERSONS = re.compile(
    r"(?:product|company|file|domain|business|brand|host|display|plan|store|shop|app|device|router|network|wifi|package|bank|hotel)\s+\Z"
)


def _rules() -> dict[str, tuple[tuple[re.Pattern[str], Strength], ...]]:
    rules: dict[str, tuple[tuple[re.Pattern[str], Strength], ...]] = {}
    for words, pattern, strength in _CUES:
        rule = (re.compile(pattern, re.IGNORECASE), strength)
        for word in words.split():
            rules[word] = (*rules.get(word, ()), rule)
    return rules


_RULES = _rules()
_RULE_WORDS = frozenset(_RULES)
_SIGN_OFF_WORDS = words_of(
    "regards wishes sincerely faithfully cheers thanks thank thx cordially respectfully yours best love grüßen grüße cordialement saludos saluti truly"
)
_SIGN_OFF_LINE = re.compile(r"[^\S\n]*[,.!]{0,2}[^\S\n]*(?:\r?\n[^\S\n]*){1,3}[-–~]?[^\S\n]*(?=[^\W\d_])")
_SIGN_OFF_END = re.compile(r",?[^\S\n]+(?=[^\W\d_])")
_FORMAL = words_of("regards wishes sincerely faithfully cordially respectfully truly")
_DASH_SIGNATURE = re.compile(r"(?:[-–—~^/]|\s\*)[ ]?(?=[^\W\d_]+(?: [^\W\d_]+)?\.?\s*\Z)")
_LINE_END = re.compile(r"[^\S\n]*[.,!]?[^\S\n]*(?:\r?\n|\Z)")
_AFTER_SELF = re.compile(r",?\s+(?:speaking|here)\b|,?\s+(?:originally )?from\b", re.IGNORECASE)
_SPEAKER = re.compile(rf"^[ \t]*(?=[{_CAPITAL}][^\W\d_]+(?: [{_CAPITAL}][^\W\d_]+)?:\s)", re.MULTILINE)
_LEAD_IN = re.compile(r"\A\W*(?:(?:yes|yeah|yep|sure|okay|ok|of course|certainly|hi|hello|oh|um+|uh+|it is|it'?s|it’s|that'?s|that is|my name is|this is|the name is|name is|please|so)\b\W*){0,4}", re.IGNORECASE)  # fmt: skip
_LONGEST_ANSWER = 8


def find_people(view: View) -> Iterator[Span]:
    """Yields names of people by their context; the list of common names counts only where a name is written like one."""
    yield from _by_cue(view)
    yield from _by_sign_off(view)
    yield from _by_list(view)
    if "name" in view.asked:
        yield from _as_answer(view)


def _by_cue(view: View) -> Iterator[Span]:
    for start, end in view.places(_RULE_WORDS):
        for pattern, strength in _RULES[view.low[start:end]]:
            cue = pattern.match(view.text, start)
            if not cue or (strength is Strength.ANY and _NOT_PERSONS.search(view.low[max(0, start - 16) : start])):
                continue
            span = read_name(view, cue.end(), _raised(view, cue, strength))
            if span:
                yield span


_LINE_START = re.compile(r"(?:\A|\n)[ \t>*]{0,3}(?:[a-z]{2,12} ){0,2}\Z")


def _raised(view: View, cue: re.Match[str], strength: Strength) -> Strength:
    """Lets an agent's greeting, and "this is X speaking", vouch for any capitalised word; a label amid a line for no other."""
    if (
        strength is Strength.ANY
        and ("=" in cue[0] or ":" in cue[0])
        and not _LINE_START.search(view.low[max(0, cue.start() - 30) : cue.start()])
    ):
        return Strength.CAPITAL
    if strength is not Strength.LISTED:
        return strength
    opening = cue[0].lower()
    if view.by_agent and opening.startswith(("hi", "hello", "hey", "dear", "good", "thank")):
        return Strength.CAPITAL
    if opening.startswith(("speaking", "chatting", "talking")):
        return (
            Strength.CAPITAL if view.low[max(0, cue.start() - 8) : cue.start()].endswith(("you're ", "you’re ", "you are ")) else strength
        )
    if opening.startswith(("this is", "i'm", "i am", "i’m")):
        span = read_name(view, cue.end(), Strength.CAPITAL)
        if span and _AFTER_SELF.match(view.text, span.end):
            return Strength.CAPITAL
    return strength


def _by_sign_off(view: View) -> Iterator[Span]:
    text = view.text
    for start, end in view.places(_SIGN_OFF_WORDS):
        cue = _SIGN_OFF_LINE.match(text, end)
        span = read_name(view, cue.end(), Strength.ANY) if cue else None
        if span and _LINE_END.match(text, span.end):
            yield span
        cue = _SIGN_OFF_END.match(text, end) if view.low[start:end] in _FORMAL else None
        span = read_name(view, cue.end(), Strength.CAPITAL) if cue else None
        if span and not text[span.end : span.end + 8].strip(" .!\n"):
            yield span
    dash = _DASH_SIGNATURE.search(text, max(0, len(text) - 40))
    if dash:
        span = read_name(view, dash.end(), Strength.CAPITAL if view.by_agent else Strength.LISTED)
        if span:
            yield span
    if ":" in text and "\n" in text:
        for speaker in _SPEAKER.finditer(text):
            span = read_name(view, speaker.end(), Strength.LISTED)
            if span:
                yield span


def _as_answer(view: View) -> Iterator[Span]:
    """Yields the name in a short turn that answers "may I have your name?"."""
    if len(view.words) > _LONGEST_ANSWER + 6:
        return
    lead_in = _LEAD_IN.match(view.text)
    at = lead_in.end() if lead_in else 0
    span = read_name(view, at, Strength.ANY if len(view.words) <= _LONGEST_ANSWER else Strength.CAPITAL)
    if span:
        yield span


_BY_LIST = GIVEN | _PLAIN_SURNAMES


def _by_list(view: View) -> Iterator[Span]:
    """Yields listed names: capitalised in text that uses capitals with care, or given name and surname together in any."""
    text, at = view.text, 0
    shaped = frozenset(word for word in view.vocabulary if word[-2:] in _SHAPE_TAILS and len(word) > 5 and _shaped(word))
    places = view.places(_BY_LIST)
    for start, end in sorted(places + view.places(shaped)) if shaped else places:
        if start < at:
            continue
        span = _listed_at(view, start, view.low[start:end])
        if span and not _place_or_shop(text, span):
            yield span
            at = span.end
    if _INITIAL.search(text):
        yield from (Span(*match.span(), Mark.NAME) for match in _WITH_INITIAL.finditer(text) if _may_be_given(match[1]))


def _listed_at(view: View, start: int, low: str) -> Span | None:
    """Returns the name of which a listed word is a part: a given name and what follows, or a surname and what stands before it."""
    text = view.text
    if not text[start].isupper():
        gap = _GAP.match(text, start + len(low)) if low in GIVEN else None
        surname = gap and _TOKEN.match(text, gap.end())
        return Span(start, surname.end(), Mark.NAME) if surname and surname[0] in _PLAIN_SURNAMES else None
    if shouts(text):
        return None
    if low in GIVEN:
        return read_name(view, start, Strength.LISTED)
    before = _CAP_BEFORE.search(text[max(0, start - 30) : start])
    token = before and _TOKEN.match(text, max(0, start - 30) + before.start(1))
    return _before_surname(view, token) if token and _may_be_given(token[0]) else None


_INITIAL = re.compile(r" [A-Z]\. ")
_WITH_INITIAL = re.compile(rf"(?<![\w'’.-])([{_CAPITAL}][^\W\d_]{{2,}})[ ][A-Z]\.[ ][{_CAPITAL}][^\W\d_]{{2,}}(?:-[^\W\d_]+)?")
_CAP_BEFORE = re.compile(rf"(?<![\w'’-])([{_CAPITAL}][^\W\d_]*(?:-[^\W\d_]+)?)\.?[ ]\Z")


def _may_be_given(token: str) -> bool:
    low = _bare(token)
    return low not in STOP and low not in ORGANISATION and low not in ROLE_WORDS


def _before_surname(view: View, token: re.Match[str]) -> Span | None:
    """Returns an unlisted capitalised word and the surname after it."""
    gap = _GAP.match(view.text, token.end())
    after = gap and _CAP_TOKEN.match(view.text, gap.end())
    if not after or (_bare(after[0]) not in _PLAIN_SURNAMES and not _shaped(_bare(after[0]))):
        return None
    return Span(token.start(), _without_possessive(view.text, after.start(), after.end()), Mark.NAME)


def _shaped(low: str) -> bool:
    return low not in _NOT_SURNAMES and low not in STOP and _SURNAME_SHAPE.match(low) is not None


def _place_or_shop(text: str, span: Span) -> bool:
    """Whether a listed name is part of a place (San Diego) or stands where shops do (at Wendy's)."""
    before = re.search(r"([^\W\d_]+)[.]?[ ]\Z", text[max(0, span.start - 14) : span.start])
    word = before[1].lower() if before else ""
    if word in _PLACE_BEFORE:
        return True
    possessive = text[span.end : span.end + 2] in {"'s", "’s"}
    return possessive and " " not in text[span.start : span.end] and word in {"at", "from", "in", "to", "into", "the"}


def read_name(view: View, start: int, strength: Strength) -> Span | None:
    """Returns the name that begins at ``start``, as far as ``strength`` vouches for it."""
    text = view.text
    first = _TOKEN.match(text, start)
    if not first or not _vouched(view, first, strength):
        return None
    end, tokens = first.end(), [first]
    capital = first[0][0].isupper()
    while len(tokens) < _MOST_TOKENS:
        gap = _GAP.match(text, end)
        token = gap and _TOKEN.match(text, gap.end())
        if not gap or not token or ("." in gap[0] and len(tokens[-1][0]) > 1 and _bare(tokens[-1][0]) not in {"st", "dr"}):
            break
        if not _goes_on(view, token, capital, strength):
            if strength < Strength.ANY and token[0][0].isupper() and _bare(token[0]) in ORGANISATION:
                return None
            break
        tokens.append(token)
        end = token.end()
    while len(tokens) > 1 and _bare(tokens[-1][0]) in PARTICLES:
        tokens.pop()
    last = tokens[-1]
    if text[last.end() : last.end() + 1] in CODE_AFTER:
        return None
    return Span(start, _without_possessive(text, last.start(), last.end()), Mark.NAME)


# After a word these say that it is part of a program, a path or a product number.
CODE_AFTER = frozenset("_/\\({[=<0123456789")


def _vouched(view: View, token: re.Match[str], strength: Strength) -> bool:
    low = _bare(token[0])
    if low in STOP or low in ROLE_WORDS or (low in ORGANISATION and strength < Strength.ANY) or not low.strip("x"):
        return False
    capital = token[0][0].isupper()
    if strength is Strength.ANY:
        return len(low) > 1 or capital
    if capital and not shouts(view.text):
        return strength is Strength.CAPITAL or low in GIVEN or low in AMBIGUOUS or _surname_follows(view, token)
    return low in GIVEN


def _surname_follows(view: View, token: re.Match[str]) -> bool:
    return _before_surname(view, token) is not None


def _goes_on(view: View, token: re.Match[str], capital: bool, strength: Strength) -> bool:
    """Whether a word after a name still belongs to it."""
    low = _bare(token[0])
    if token[0][0].isupper() and capital and not shouts(view.text):
        return low not in STOP and low not in ORGANISATION
    if low in PARTICLES:
        after = _GAP.match(view.text, token.end())
        return after is not None and _CAP_TOKEN.match(view.text, after.end()) is not None
    if capital and not shouts(view.text):
        return False
    listed = low in GIVEN or low in SURNAMES
    unlisted = strength is Strength.ANY and len(low) > 2 and low not in ORGANISATION and "name" in view.asked
    return (listed or unlisted) and low not in STOP


def _bare(token: str) -> str:
    low = token.lower().replace("’", "'")
    return low if low in SURNAMES else low.removesuffix("'s")


def _without_possessive(text: str, start: int, end: int) -> int:
    return end - 2 if text[max(start, end - 2) : end] in {"'s", "’s"} else end


def shouts(text: str) -> bool:
    """Whether a text is written in capitals throughout, so that a capital says nothing."""
    return text.isupper() and len(text) > 12
