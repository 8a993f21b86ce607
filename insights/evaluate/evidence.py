"""How the quotes agree with what people marked, and whether they are the customer's matter or an agent's script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from insights.evaluate.figures import Draws, Figure, figure_of, ratio
from insights.evaluate.truth import KINDS, Said, Truth

HALF = 0.5
# The closed word classes of English, without negations: words that hold a sentence together and say nothing of its matter.
_FUNCTION_WORDS = frozenset(
    word
    for words in (
        "a an the this that these those each every either all both some any such",
        "i me my mine myself you your yours yourself he him his himself she her hers herself it its itself",
        "we us our ours ourselves they them their theirs themselves who whom whose which what one ones",
        "of in on at by for from to into onto with within about as than over under between through during before after until since off up down out",
        "and or but so if because while when where why how though although unless whether",
        "be am is are was were been being have has had having do does did doing will would shall should can could may might must",
        "there here then just also too very",
        "i'm i've i'd i'll you're you've you'd you'll he's she's it's we're we've we'd we'll they're they've they'd they'll that's there's what's",
    )
    for word in words.split()
)
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")


@dataclass(frozen=True, slots=True)
class EvidenceScore:
    """How quotes agree with people's excerpts, over the kinds rightly found.

    Attributes:
        found: Kinds rightly found.
        overlap: Mean F1 over content words.
        half: Share with an F1 of at least .5.
        missed: Share that shares no content word.
        words: Median words quoted.
    """

    found: int
    overlap: Figure
    half: Figure
    missed: Figure
    words: float


@dataclass(frozen=True, slots=True)
class QuoteScore:
    """Where the quotes of claims come from.

    Attributes:
        quotes: Quotes of all claims.
        verbatim: Share that stands in the stored text, letter for letter, where it is said to stand.
        claims: Claims in interactions whose agent's or bot's turns are marked.
        script: Share of these that rests on nothing but what an agent or bot said to the customer, where people found
            nothing of the kind: where they did, the words were an admission.
    """

    quotes: int
    verbatim: float
    claims: int
    script: Figure


def evidence_score(pairs: Sequence[tuple[Truth, Said]], draws: Draws) -> EvidenceScore | None:
    """Compares quotes with excerpts by their content words; None where no kind was rightly found."""
    sums, lengths = np.zeros((len(pairs), 4)), []
    for row, (truth, one) in enumerate(pairs):
        for kind in (kind for kind in KINDS if kind in truth.evidence and kind in one.quotes):
            quoted = " ".join(one.quotes[kind])
            match = _overlap(truth.evidence[kind], quoted)
            sums[row] += (1, match, match >= HALF, match == 0)
            lengths.append(len(quoted.split()))
    if not lengths:
        return None
    found, *parts = np.moveaxis(draws.sums(sums), -1, 0)
    overlap, half, missed = (figure_of(ratio(part, found)) for part in parts)
    return EvidenceScore(len(lengths), overlap, half, missed, median(lengths))


def quote_score(pairs: Sequence[tuple[Truth, Said]], draws: Draws) -> QuoteScore:
    """Says where the quotes of claims come from."""
    quotes = sum(len(texts) for _, one in pairs for texts in one.quotes.values())
    counts = np.zeros((len(pairs), 2))
    for row, (truth, one) in enumerate(pairs):
        claims = {kind for kind in one.quotes if kind not in truth.uncertain} if one.roles_marked else set()
        counts[row] = len(claims), len((one.scripted & claims) - truth.evidence.keys())
    claims_made, scripted = np.moveaxis(draws.sums(counts), -1, 0)
    verbatim = sum(one.verbatim for _, one in pairs) / quotes if quotes else 0.0
    return QuoteScore(quotes, verbatim, int(claims_made[0]), figure_of(ratio(scripted, claims_made)))


def content_words(text: str) -> frozenset[str]:
    """Returns the words of a text that say what it is about, in lower case."""
    return frozenset(word.lower().replace("\u2019", "'") for word in _WORD.findall(text)) - _FUNCTION_WORDS


def _overlap(wanted: str, given: str) -> float:
    first, second = content_words(wanted), content_words(given)
    both = len(first & second)
    return 2 * both / (len(first) + len(second)) if both else 0.0
