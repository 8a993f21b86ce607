"""A small grammar for lifelike sentences.

``{slot}`` takes a phrase from a bank, ``(a|b|)`` one of the alternatives (the last one here is nothing), both may nest, and
``[...]`` marks the words that prove the matter. While a contact is being written the marks are private-use characters, so
that fillers and typing errors may fall inside the proof and the gold label still quotes it verbatim.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from making.dice import Dice

OPEN, CLOSE = 0xE000, "\ue0ff"
STICKY = frozenset(
    [
        "amount",
        "bigger",
        "device",
        "month",
        "parcel",
        "plan",
        "price",
        "rival",
        "room",
        "show",
        "speed",
        "town",
        "tv_rival",
        "usual",
        "weekday",
        "weeks",
        "when_day",
    ]
)
_BLANKS = re.compile(r"[ \t]+")
_AFTER_MARK = re.compile(" ([\ue000-\ue0fe]) ")
_BEFORE_STOP = re.compile(" ([,.!?\ue0ff])")
_TWO_STOPS = re.compile(",([.!?])")
_CHOICE = re.compile(r"[({]")
_MARKED = re.compile("([\ue000-\ue0fe])(.*?)\ue0ff", re.DOTALL)
_FIRST_WORD = re.compile("([\ue000-\ue0fe\"']*)([A-Z][A-Za-z']*)")
_CAPITAL = frozenset(
    [
        "I",
        "Lumbrell",
        "Vantelo",
        "Kestrix",
        "Copper",
        "Tellavue",
        "Fibre",
        "View",
        "Mobile",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ]
)
_ARTICLE = re.compile(r"\b([Aa]) (?=[aeio](?!ne\b|uro))")
_START = re.compile(r"(^|[.!?]\s+)([\ue000-\ue0fe\"']*)([a-z])")


class Grammar:
    """The banks of one channel's phrases, and the choices a contact has made so far."""

    def __init__(self, banks: Mapping[str, Sequence[str]], dice: Dice, *, channel: str, bound: Mapping[str, str]) -> None:
        """Keeps the banks, the chance, the channel whose own banks come first, and what is already decided."""
        self._banks, self._dice, self._channel = banks, dice, channel
        self.bound = dict(bound)

    def say(self, template: str, *, mark: int = 0) -> str:
        """Returns a sentence; its proof stands between the mark's private-use characters."""
        text = self._expand(template).replace("[", chr(OPEN + mark)).replace("]", CLOSE)
        return tidy(text)

    def one_of(self, templates: Sequence[str], *, mark: int = 0) -> str:
        """Returns a sentence from one of the templates."""
        return self.say(self._dice.pick(templates), mark=mark)

    def _expand(self, template: str) -> str:
        parts, place = [], 0
        while found := _CHOICE.search(template, place):
            parts.append(template[place : found.start()])
            if found[0] == "(":
                place = _closing(template, found.start()) + 1
                parts.append(self._expand(self._dice.pick(_branches(template[found.start() + 1 : place - 1]))))
            else:
                place = template.index("}", found.start()) + 1
                parts.append(self._slot(template[found.start() + 1 : place - 1]))
        return "".join([*parts, template[place:]])

    def _slot(self, name: str) -> str:
        if name in self.bound:
            return self.bound[name]
        bank = self._banks.get(f"{name}_{self._channel}", self._banks.get(name))
        if not bank:
            raise KeyError(f"no phrases for {{{name}}}")
        phrase = self._expand(self._dice.pick(bank))
        if name in STICKY:
            self.bound[name] = phrase
        return phrase


def tidy(text: str) -> str:
    """Returns the text with single spaces, no space before a stop, and sentences that begin with a capital."""
    text = _BLANKS.sub(" ", text).strip()
    text = _AFTER_MARK.sub(r" \1", text)
    text = _BEFORE_STOP.sub(r"\1", text)
    text = _TWO_STOPS.sub(r"\1", text)
    text = _ARTICLE.sub(r"\1n ", text)
    return _START.sub(lambda found: found[1] + found[2] + found[3].upper(), text)


def lower_first(text: str) -> str:
    """Lowers the first letter, except of I and of names."""
    found = _FIRST_WORD.match(text)
    if not found or found[2].split("'")[0] in _CAPITAL or found[2][1:] != found[2][1:].lower():
        return text
    return found[1] + found[2][0].lower() + found[2][1:] + text[found.end() :]


def joined(lead: str, text: str) -> str:
    """Returns a lead and a sentence; the sentence goes on in small letters where the lead does not end one."""
    return f"{lead} {text if lead.endswith(('.', '!', '?', ':')) else lower_first(text)}"


def unmark(text: str) -> tuple[str, dict[int, str]]:
    """Returns the text without marks, and the proof of each mark's number."""
    found = {ord(mark) - OPEN: proof for mark, proof in _MARKED.findall(text)}
    return _MARKED.sub(r"\2", text), found


def _closing(text: str, start: int) -> int:
    depth = 0
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place
    raise ValueError(f"no closing bracket in: {text}")


def _branches(text: str) -> list[str]:
    branches, depth = [""], 0
    for sign in text:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "|" and depth == 0:
            branches.append("")
        else:
            branches[-1] += sign
    return branches
