"""How people sound: spoken fillers, typing errors. Marks of proof (private-use characters) are left where they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence

from making.dice import Dice
from making.grammar import lower_first

_STARTS = ("Um, ", "Yeah, so ", "Well, ", "Look, ", "Right, so ", "Uh, ", "I mean, ", "So, ", "Okay so ", "Erm, ", "Yeah, ", "Honestly, ")
_MIDDLES = ("um", "uh", "erm", "like", "um,", "you know,", "you know,", "I mean,")
_DOUBLED = frozenset(["the", "i", "it", "and", "a", "to", "we", "my", "that", "is"])
_SHORT = {"you": "u", "please": "pls", "because": "cos", "thanks": "thx", "are": "r", "your": "ur", "and": "n", "people": "ppl", "to": "2"}
_MILD = {"please": "pls", "because": "cos", "thanks": "thx"}
_PLAIN_WORD = re.compile(r"^[a-z]{4,}$")
_WORD_AND_REST = re.compile(r"^([\ue000-\ue0ff]*)(.*?)([.,!?\ue0ff]*)$", re.DOTALL)
STYLES = {"clean": 0.3, "casual": 0.45, "sloppy": 0.25}


def spoken(text: str, dice: Dice, *, ease: float = 1.0) -> str:
    """Returns the text as a transcript has it, with fillers and repeated words; ``ease`` scales how often."""
    words, out = text.split(" "), []
    for place, word in enumerate(words):
        begins = place == 0 or words[place - 1].endswith((".", "!", "?", ".\ue0ff", "?\ue0ff", "!\ue0ff"))
        inner = 0 < place < len(words) - 1 and not begins
        if begins and dice.chance(0.16 * ease):
            start, word = dice.pick(_STARTS), lower_first(word)
            out.append(start.rstrip())
        elif inner and dice.chance(0.022 * ease):
            _interrupt(out, dice.pick(_MIDDLES))
        elif inner and word.lower() in _DOUBLED and dice.chance(0.035 * ease):
            out.append(word)
        out.append(word)
    return " ".join(out)


def typed(text: str, dice: Dice, style: str) -> str:
    """Returns the text as somebody types it in haste: ``clean``, ``casual`` or ``sloppy``."""
    if style == "clean":
        return _typos(text, dice, 0.004)
    short, errors = (_SHORT, 0.03) if style == "sloppy" else (_MILD, 0.012)
    text = _shortened(text, dice, short)
    if style == "sloppy" or dice.chance(0.35):
        text = text.lower()
    if dice.chance(0.7 if style == "sloppy" else 0.3):
        text = re.sub(r"(?<=[a-zA-Z])'(?=[a-z])", "", text)
    if dice.chance(0.6):
        text = re.sub("\\.(\ue0ff?)$", r"\1", text)
    return _typos(text, dice, errors)


def written(text: str, dice: Dice) -> str:
    """Returns the text with the few errors a letter has."""
    return _typos(text, dice, 0.005)


def _shortened(text: str, dice: Dice, short: dict[str, str]) -> str:
    def swap(word: str) -> str:
        before, core, after = _parts(word)
        return before + short[core] + after if core in short and dice.chance(0.6) else word

    return " ".join(map(swap, text.split(" ")))


def _typos(text: str, dice: Dice, rate: float) -> str:
    return " ".join(_typo(word, dice) if dice.chance(rate) else word for word in text.split(" "))


def _typo(word: str, dice: Dice) -> str:
    before, core, after = _parts(word)
    if not _PLAIN_WORD.match(core):
        return word
    place = dice.between(1, len(core) - 2)
    core = dice.pick(
        (
            core[:place] + core[place + 1] + core[place] + core[place + 2 :],
            core[:place] + core[place + 1 :],
            core[:place] + core[place] + core[place:],
        )
    )
    return before + core + after


def _parts(word: str) -> Sequence[str]:
    found = _WORD_AND_REST.match(word)
    return found.groups() if found else ("", word, "")


def _interrupt(out: list[str], filler: str) -> None:
    """Puts a filler after the last word, between commas where it needs them."""
    if filler.endswith(",") and out[-1][-1].isalnum():
        out[-1] += ","
    out.append(filler)
