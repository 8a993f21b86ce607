"""Readable, unique names of topics in their customers' own words, without a language model."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from insights.discover.phrases import words_of

KEYWORDS = 10
_LENGTH_COUNTS = (1.0, 1.7, 2.0)
_LEAST_SHARE = 0.08
_LEAST_ADDED = 0.15
_SAYS_ENOUGH = 0.5
_WORTH_LENGTH = 0.2
_MOST_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Wording:
    """A phrase as one topic's texts have it.

    Attributes:
        key: See ``phrases.phrases``.
        weight: c-TF-IDF of the phrase in the topic.
        share: Share of the topic's texts that have it, in (0, 1].
        elsewhere: Share of all other texts that have it, in [0, 1].
        shown: Its wording in the most central text that has it.
    """

    key: str
    weight: float
    share: float
    elsewhere: float
    shown: str

    @property
    def score(self) -> float:
        """How well the phrase names the topic: telling, longer, frequent here and rare elsewhere."""
        length = _LENGTH_COUNTS[min(len(words_of(self.key)), 3) - 1]
        return self.weight * length * math.sqrt(self.share) * self.share / (self.share + self.elsewhere)


def wordings(
    weights: Sequence[tuple[str, float]],
    members: Sequence[Mapping[str, str]],
    others: Counter[str],
    texts_elsewhere: int,
) -> list[Wording]:
    """Returns a topic's phrases, best name first.

    Args:
        weights: Phrase keys with their c-TF-IDF in the topic.
        members: Key to wording of each text of the topic, the most central text first.
        others: Texts outside the topic a key.
        texts_elsewhere: Texts outside the topic.
    """
    here = Counter(key for member in members for key in member)
    shown: dict[str, str] = {}
    for member in members:
        for key, words in member.items():
            shown.setdefault(key, words)
    found = [
        Wording(key, weight, here[key] / len(members), others[key] / max(texts_elsewhere, 1), shown[key])
        for key, weight in weights
        if key in shown and weight > 0
    ]
    return sorted(found, key=lambda wording: (-wording.score, wording.key))


def name_topics(ranked: Sequence[Sequence[Wording]]) -> list[str]:
    """Returns a name a topic, no two alike; larger topics, which come first, choose first.

    A name is the topic's best phrase; where that stands in less than half of its texts, or names another topic already, the best
    phrase that adds something follows after a comma.
    """
    taken: set[frozenset[str]] = set()
    names: list[str] = []
    for number, choices in enumerate(ranked, start=1):
        parts = _parts(choices, taken)
        taken.add(_told_by(parts))
        names.append(_written(parts) or f"Topic {number}")
    return _made_unique(names)


def keywords(ranked: Sequence[Wording]) -> tuple[str, ...]:
    """Returns the most telling wordings of a topic, none a repetition of an earlier one."""
    found: list[Wording] = []
    for wording in ranked:
        words = set(words_of(wording.key))
        if not any(words <= set(words_of(other.key)) for other in found):
            found.append(wording)
    return tuple(wording.shown.lower() for wording in found[:KEYWORDS])


def _parts(choices: Sequence[Wording], taken: set[frozenset[str]]) -> list[Wording]:
    frequent = [choice for choice in choices if choice.share >= _LEAST_SHARE] or list(choices)
    if not frequent:
        return []
    parts = [_told_fuller(frequent[0], choices)]
    for choice in frequent[1:]:
        enough = max(part.share for part in parts) >= _SAYS_ENOUGH or len(parts) == 2
        if (enough and _told_by(parts) not in taken) or len(parts) == 3:
            break
        if choice.share < _LEAST_ADDED and _told_by(parts) not in taken:
            continue
        if not set(words_of(choice.key)) & _told_by(parts):
            parts.append(choice)
    return parts


def _told_fuller(best: Wording, choices: Sequence[Wording]) -> Wording:
    """A single word says little (``add``): the best phrase around it takes its place where it is frequent enough."""
    if len(words_of(best.key)) > 1:
        return best
    fuller = (choice for choice in choices if best.key in words_of(choice.key) and choice.key != best.key)
    return next((choice for choice in fuller if choice.share >= _WORTH_LENGTH * best.share), best)


def _told_by(parts: Sequence[Wording]) -> frozenset[str]:
    return frozenset(word for part in parts for word in words_of(part.key))


def _written(parts: Sequence[Wording]) -> str:
    text = ", ".join(part.shown if part.shown.isupper() else part.shown.lower() for part in parts)
    short = text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS].rsplit(" ", 1)[0].rstrip(",") + " …"
    return short[:1].upper() + short[1:]


def _made_unique(names: Sequence[str]) -> list[str]:
    seen: Counter[str] = Counter()
    unique: list[str] = []
    used = {name.casefold() for name in names}
    for name in names:
        seen[name.casefold()] += 1
        shown = name
        while seen[name.casefold()] > 1 and shown.casefold() in used:
            shown = f"{name} ({seen[name.casefold()]})"
            seen[name.casefold()] += shown.casefold() in used
        used.add(shown.casefold())
        unique.append(shown)
    return unique
