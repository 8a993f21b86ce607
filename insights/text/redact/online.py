"""E-mail addresses (written and spoken), web addresses that carry secrets, network and device addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from insights.text.redact.marks import Mark, Span
from insights.text.redact.view import View, words_of

_LOCAL_END = re.compile(r"[\w.+%'&*=/?^{}~!#$|-]{1,64}\Z")
_DOMAIN = re.compile(r"(?:\[?\d{1,3}(?:\.\d{1,3}){3}\]?|[^\W_](?:[\w-]{0,62})(?:\.[^\W_][\w-]{0,62}){0,7}\.[^\W\d_]{2,24}(?![\w]))")


def find_emails(view: View) -> Iterator[Span]:
    """Yields written e-mail addresses; every ``@`` is looked at once, with bounded reach to both sides."""
    text = view.text
    at = text.find("@")
    while at >= 0:
        span = _email_around(text, at)
        if span:
            yield span
        at = text.find("@", at + 1)


def _email_around(text: str, at: int) -> Span | None:
    left = at - 1 if at and text[at - 1] == " " and text[at + 1 : at + 2] == " " else at
    right = at + 2 if left < at else at + 1
    domain = _DOMAIN.match(text, right)
    local = _LOCAL_END.search(text[max(0, left - 64) : left])
    if not domain or not local:
        return None
    start = left - len(local[0].lstrip(".'/=?!*&|#"))
    return Span(start, domain.end(), Mark.EMAIL) if start < left else None


_PROVIDERS = (
    r"gmail|googlemail|hotmail|outlook|yahoo|icloud|live|msn|aol|gmx|proton(?:mail)?|me|web|btinternet|sky|eircom|comcast|verizon|att"
)
_TLDS = (
    r"com|org|net|edu|gov|info|biz|co|io|me|tv|app|dev|uk|ie|de|fr|es|it|nl|be|at|ch|pt|pl|se|no|dk|fi|cz|gr|eu|us|ca|au|nz|in|za|br|mx|jp"
)
_DOT = r"(?:\s*\.\s*|\s+dot\s+|\s*[(\[{]\s*dot\s*[)\]}]\s*)"
_SPOKEN_DOMAIN = re.compile(
    rf"(?:\s+at(?: the rate)?(?: of)?\s+|\s*[(\[{{]\s*at\s*[)\]}}]\s*)"
    rf"(?:(?:[a-z0-9-]{{1,40}}{_DOT}){{1,3}}(?:{_TLDS})\b|(?:{_PROVIDERS})(?:\s+(?:{_TLDS})\b)?(?!\w))",
    re.IGNORECASE,
)
_SPOKEN_PART = re.compile(r"(?:^|[\s,:;])((?:[^\W_]|[._-])+)\Z")
_JOINTS = words_of("dot underscore dash hyphen minus point plus")
_DIGIT_WORDS = words_of("zero oh one two three four five six seven eight nine double triple")
_MOST_PARTS = 24
_SPOKEN_WAKE = frozenset(f"dot at {_PROVIDERS}".replace("(?:mail)?", "").replace("|", " ").split()) - {
    "at",
    "me",
    "live",
    "web",
    "sky",
    "att",
}


def find_spoken_emails(view: View) -> Iterator[Span]:
    """Yields addresses as they are said: "j dot smith at example dot com", "anna underscore k at gmail"."""
    if "at" not in view.vocabulary or not view.any_of(_SPOKEN_WAKE):
        return
    for place, _ in view.places(_AT):
        domain = _SPOKEN_DOMAIN.match(view.text, _before_gap(view.text, place))
        start = domain and _spoken_local_start(view.text, domain.start())
        if (
            domain
            and start is not None
            and (_HAS_TLD.search(domain[0]) or not _ADDRESS_TALK.isdisjoint(view.vocabulary) or _LINKED.search(view.text[start:place]))
        ):
            yield Span(start, domain.end(), Mark.EMAIL)


_AT = frozenset({"at"})
# "I looked at Yahoo" is no address: a provider's bare name needs talk of addresses, or a local part put together of pieces.
_HAS_TLD = re.compile(rf"(?:\.|\bdot\b|\s)\W*(?:{_TLDS})\Z", re.IGNORECASE)
_ADDRESS_TALK = frozenset({"email", "mail", "emails", "e"})
_LINKED = re.compile(r"\d|[._-]|\b(?:dot|underscore|dash)\b", re.IGNORECASE)


def _before_gap(text: str, at: int) -> int:
    """Steps back over the bracket and the spaces before "at"."""
    if at and text[at - 1] in "([{":
        at -= 1
    while at and text[at - 1] == " ":
        at -= 1
    return at


def _spoken_local_start(text: str, end: int) -> int | None:
    """Walks back over the words of a spoken local part: one word, and more as long as joints, digits or single letters link them."""
    start: int | None = None
    linked = True
    for _ in range(_MOST_PARTS):
        part = _SPOKEN_PART.search(text[max(0, end - 66) : end].rstrip())
        if not part:
            break
        word = part[1].lower()
        joint = word in _JOINTS
        single = len(word) == 1 or word.isdigit() or word in _DIGIT_WORDS
        if not (linked or joint or single):
            break
        end = max(0, end - 66) + part.start(1)
        start = start if joint else end
        linked = joint
    return start


_URL = re.compile(r"(?:[a-z][a-z0-9+.-]{1,10}://|www\.)[^\s<>\"'\ue000]{3,2048}", re.IGNORECASE)
_BARE_QUERY = re.compile(
    r"(?<![\w@/.])(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,10}/[^\s<>\"'\ue000]{0,500}\?[^\s<>\"'\ue000]{1,500}", re.IGNORECASE
)
_TOKEN_SEGMENT = re.compile(r"(?=[\w.~-]*\d)(?=[\w.~-]*[A-Za-z])[\w.~-]{20,}|\d{8,}|[0-9a-f]{16,}", re.IGNORECASE)
_TRAILING = ".,;:!?)]}'\""


def find_urls(view: View) -> Iterator[Span]:
    """Yields web addresses that carry credentials, a query, a fragment with values, or a token in the path; plain ones stay."""
    plain = "://" in view.text or "www." in view.low
    for match in _URL.finditer(view.text) if plain else ():
        url = match[0].rstrip(_TRAILING)
        if _carries_secret(url):
            yield Span(match.start(), match.start() + len(url), Mark.URL)
    if "?" in view.text and "/" in view.text:
        yield from (
            Span(match.start(), match.start() + len(match[0].rstrip(_TRAILING)), Mark.URL) for match in _BARE_QUERY.finditer(view.text)
        )


def _carries_secret(url: str) -> bool:
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
    except ValueError:
        return True
    if parts.query or "@" in parts.netloc or "=" in parts.fragment or "=" in parts.path:
        return True
    return any(_TOKEN_SEGMENT.fullmatch(segment) for segment in parts.path.split("/"))


_DOTTED = re.compile(r"\d\.\d{1,3}\.\d")
_IPV4 = re.compile(r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\w|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?=[0-9a-f:]*:[0-9a-f]*:)[0-9a-f:]{2,39}(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3})?(?![\w:])", re.IGNORECASE)
_MAC = re.compile(r"(?<![\w:-])[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}(?![\w:-])", re.IGNORECASE)
_VERSION = re.compile(
    r"(?:\bv|versions?|firmware|release|build|ios|android|update|software)\s*(?:is|to|number|no\.?)?\s*[:=]?\s*\Z", re.IGNORECASE
)


# Words that tell an address with small numbers from a version.
_IP_WORDS = words_of("ip ipv address host server login logged gateway router dns ping")


def find_network(view: View) -> Iterator[Span]:
    """Yields IP addresses of both versions and MAC addresses; version numbers stay."""
    text = view.text
    if view.digits and _DOTTED.search(text):
        for match in _IPV4.finditer(text):
            octets = match[0].split(".")
            if sum(len(octet) > 1 for octet in octets) < 2 and _IP_WORDS.isdisjoint(view.vocabulary):
                continue
            if not _VERSION.search(text[max(0, match.start() - 30) : match.start()]):
                yield Span(*match.span(), Mark.IP)
    if "::" in text or text.count(":") >= 7:
        yield from (Span(*match.span(), Mark.IP) for match in _IPV6.finditer(text) if _is_ipv6(match[0]))
    if text.count(":") >= 5 or text.count("-") >= 5:
        yield from (Span(*match.span(), Mark.ID) for match in _MAC.finditer(text))


def _is_ipv6(text: str) -> bool:
    if not any(char.isdigit() for char in text) and len(text) < 6:
        return False
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True
