"""What went wrong: which kind stood in for which, and examples to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from insights.domain import Kind
from insights.evaluate.truth import KINDS, Said, Truth

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Confusion:
    """Interactions in which ``missed`` was missed and ``claimed`` wrongly claimed; None stands for nothing of that sort."""

    missed: Kind | None
    claimed: Kind | None
    interactions: int


@dataclass(frozen=True, slots=True)
class Example:
    """A mistake to read.

    Attributes:
        kind: The kind.
        id: Of the interaction.
        source: Its feed.
        confidence: Of the false alarm; of a miss that of an undecided finding, 0 where nothing was seen.
        quote: Redacted: the words of the false alarm, or those people marked; empty where these run over turns.
    """

    kind: Kind
    id: str
    source: str
    confidence: float
    quote: str


@dataclass(frozen=True, slots=True)
class Examples:
    """A kind's mistakes: false alarms, the surest first; misses, the least suspected first and of these the gravest."""

    kind: Kind
    alarms: tuple[Example, ...]
    misses: tuple[Example, ...]


def confusion(pairs: Sequence[tuple[Truth, Said]]) -> tuple[Confusion, ...]:
    """Counts which kind was claimed where which was missed, most frequent first."""
    counted: Counter[tuple[Kind | None, Kind | None]] = Counter()
    for truth, one in pairs:
        scored = [kind for kind in KINDS if kind not in truth.uncertain]
        missed: list[Kind | None] = [kind for kind in scored if kind in truth.evidence and kind not in one.quotes]
        claimed: list[Kind | None] = [kind for kind in scored if kind in one.quotes and kind not in truth.evidence]
        if missed or claimed:
            counted.update((first, second) for first in missed or [None] for second in claimed or [None])
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0][0] or "", item[0][1] or ""))
    return tuple(Confusion(missed, claimed, count) for (missed, claimed), count in ordered)


def examples(pairs: Sequence[tuple[Truth, Said]], kind: Kind, *, most: int) -> Examples:
    """Returns at most ``most`` false alarms and misses of a kind."""
    alarms = [
        Example(kind, _name(truth), truth.source, one.confidences.get(kind, 0.0), _shown(" … ".join(one.quotes[kind])))
        for truth, one in pairs
        if kind in one.quotes and kind not in truth.evidence and kind not in truth.uncertain
    ]
    missed = [(truth, one) for truth, one in pairs if kind in truth.evidence and kind not in one.quotes and kind not in truth.uncertain]
    missed.sort(key=lambda pair: (pair[1].confidences.get(kind, 0.0), -(pair[0].severity.rank if pair[0].severity else -1), pair[0].id))
    misses = [
        Example(
            kind,
            _name(truth),
            truth.source,
            one.confidences.get(kind, 0.0),
            _shown(truth.evidence[kind]) if kind not in truth.hidden else "",
        )
        for truth, one in missed[:most]
    ]
    alarms.sort(key=lambda example: (-example.confidence, example.id))
    return Examples(kind, tuple(alarms[:most]), tuple(misses))


def _name(truth: Truth) -> str:
    return _shown(truth.shown_as or truth.id)


def _shown(text: str) -> str:
    """One line that steers no terminal, of bearable length."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"
