"""How good the findings are: precision, recall and F1 a kind with intervals, evidence, calibration.

Pure functions from what people found and what was predicted to figures. Kinds on which people were not sure are not scored.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from insights.domain import Decision, Insight, Kind

KINDS = tuple(Kind)
MAIN = KINDS[:3]
BINS = 10
# Words that say nothing of what a quote is about.
_EMPTY_WORDS = """
a an and are as at be been but by can could did do for from had has have he her him his how i if in is it its just me my no not of on or
our she so that the their them then there they this to up us was we were what when which who will with would you your
"""


@dataclass(frozen=True, slots=True)
class Truth:
    """What people found in one interaction.

    Attributes:
        id: The interaction's id in its source.
        evidence: Kind to the excerpt that proves it.
        uncertain: Kinds that are not scored.
        group: What figures are broken down by, such as the source or channel.
    """

    id: str
    evidence: Mapping[Kind, str]
    uncertain: frozenset[Kind] = frozenset()
    group: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What was predicted for one interaction: kind to its quotes, and kind to confidence for yes and undecided alike."""

    quotes: Mapping[Kind, tuple[str, ...]]
    confidences: Mapping[Kind, float]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in [0, 1] with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class KindScore:
    """Precision, recall and F1 of one kind over ``positives`` interactions that have it."""

    kind: Kind
    positives: int
    precision: float
    recall: float
    f1: Figure


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
    overlap: float
    half: float
    missed: float
    words: int


@dataclass(frozen=True, slots=True)
class Scores:
    """All figures of one comparison.

    Attributes:
        interactions: Interactions compared.
        missing: Those without a prediction; they count as empty.
        kinds: One entry a kind.
        main: Macro F1 over product issues, process failures and competitive mentions.
        macro: Macro F1 over all six.
        micro: Micro F1 over all six.
        evidence: Agreement of the quotes, None where nothing was rightly found.
        calibration_error: Mean distance of confidence and share right over ten bins of confidence, weighted by size.
    """

    interactions: int
    missing: int
    kinds: tuple[KindScore, ...]
    main: Figure
    macro: Figure
    micro: Figure
    evidence: EvidenceScore | None
    calibration_error: float


_Row = tuple[tuple[bool, bool] | None, ...]
_Counts = list[tuple[int, int, int]]


def said_of(insights: Iterable[Insight]) -> Said:
    """Returns what the insights of one interaction say, in the form that is scored; only a yes is a claim."""
    quotes: dict[Kind, tuple[str, ...]] = {}
    confidences: dict[Kind, float] = {}
    for insight in insights:
        confidences[insight.kind] = max(insight.confidence, confidences.get(insight.kind, 0.0))
        if insight.decision is Decision.YES:
            quotes[insight.kind] = quotes.get(insight.kind, ()) + tuple(evidence.quote for evidence in insight.evidence)
    return Said(quotes, confidences)


def score(truths: Sequence[Truth], said: Mapping[str, Said], *, seed: int = 0, resamples: int = 400) -> Scores:
    """Compares predictions with what people found.

    Args:
        truths: What people found.
        said: Interaction id to what was predicted.
        seed: Of the bootstrap.
        resamples: Samples of interactions, drawn with replacement, behind each interval.
    """
    nothing = Said({}, {})
    pairs = [(truth, said.get(truth.id, nothing)) for truth in truths]
    rows = [_row(truth, one) for truth, one in pairs]
    point, rng = _figures(rows), random.Random(seed)  # noqa: S311 - a bootstrap needs no secrets
    samples = [_figures([rows[rng.randrange(len(rows))] for _ in rows]) for _ in range(resamples if rows else 0)]

    def figure(name: str) -> Figure:
        values = sorted(sample[name] for sample in samples)
        if not values:
            return Figure(point[name], point[name], point[name])
        low, high = (len(values) * 25) // 1000, len(values) - 1 - (len(values) * 25) // 1000
        return Figure(point[name], values[low], values[high])

    counts = _counts(rows)
    kinds = tuple(
        KindScore(kind, tp + fn, tp / (tp + fp) if tp + fp else 0.0, tp / (tp + fn) if tp + fn else 0.0, figure(kind))
        for kind, (tp, fp, fn) in zip(KINDS, counts, strict=True)
    )
    missing = sum(truth.id not in said for truth in truths)
    return Scores(
        len(truths), missing, kinds, figure("main"), figure("macro"), figure("micro"), evidence_score(pairs), calibration_error(pairs)
    )


def by_group(truths: Sequence[Truth], said: Mapping[str, Said], *, seed: int = 0, resamples: int = 400) -> dict[str, Scores]:
    """Scores each group of interactions apart, in the order of their names."""
    groups: dict[str, list[Truth]] = {}
    for truth in truths:
        groups.setdefault(truth.group, []).append(truth)
    return {name: score(groups[name], said, seed=seed, resamples=resamples) for name in sorted(groups)}


def evidence_score(pairs: Sequence[tuple[Truth, Said]]) -> EvidenceScore | None:
    """Compares quotes with excerpts by their content words; None where no kind was rightly found."""
    matches, lengths = [], []
    for truth, one in pairs:
        for kind in (kind for kind in KINDS if kind in truth.evidence and kind in one.quotes):
            quoted = " ".join(one.quotes[kind])
            wanted, given = content_words(truth.evidence[kind]), content_words(quoted)
            both = len(wanted & given)
            matches.append(2 * both / (len(wanted) + len(given)) if both else 0.0)
            lengths.append(len(quoted.split()))
    if not matches:
        return None
    count = len(matches)
    half, missed = sum(match >= 0.5 for match in matches) / count, sum(match == 0 for match in matches) / count
    return EvidenceScore(count, sum(matches) / count, half, missed, sorted(lengths)[count // 2])


def calibration_error(pairs: Sequence[tuple[Truth, Said]]) -> float:
    """Returns the expected calibration error of the confidences given, in [0, 1] (Guo et al. 2017, equal-width bins)."""
    given = [
        (confidence, kind in truth.evidence)
        for truth, one in pairs
        for kind, confidence in sorted(one.confidences.items())
        if kind not in truth.uncertain
    ]
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in given:
        bins.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, right))
    distances = (abs(sum(c for c, _ in members) - sum(right for _, right in members)) for members in bins.values())
    return sum(distances) / len(given) if given else 0.0


def content_words(text: str) -> frozenset[str]:
    """Returns the words of a text that say what it is about, without marks, in lower case."""
    return frozenset(word.strip(".,;:!?'\"()[]").lower() for word in text.split()) - frozenset(_EMPTY_WORDS.split()) - {""}


def table(scores: Scores) -> str:
    """Returns the figures as lines for people; a kind with fewer than ten positives is marked as saying little."""
    lines = [f"{'kind':20s} {'n':>5s} {'precision':>9s} {'recall':>7s} {'F1':>6s}  95 % interval"]
    for one in scores.kinds:
        note = "" if one.positives >= BINS else "  (few)"
        lines.append(f"{one.kind:20s} {one.positives:5d} {one.precision:9.3f} {one.recall:7.3f} {_told(one.f1)}{note}")
    for name, figure in (("macro F1, main three", scores.main), ("macro F1, all six", scores.macro), ("micro F1", scores.micro)):
        lines.append(f"{name:44s} {_told(figure)}")
    if scores.evidence:
        told = scores.evidence
        lines.append(
            f"evidence of {told.found}: overlap {told.overlap:.3f}, at least half {told.half:.3f}, missed {told.missed:.3f}, {told.words} words"
        )
    lines.append(
        f"calibration error {scores.calibration_error:.3f} over {scores.interactions} interactions, {scores.missing} without a prediction"
    )
    return "\n".join(lines)


def _told(figure: Figure) -> str:
    return f"{figure.value:6.3f}  {figure.low:.3f} to {figure.high:.3f}"


def _row(truth: Truth, one: Said) -> _Row:
    return tuple(None if kind in truth.uncertain else (kind in truth.evidence, kind in one.quotes) for kind in KINDS)


def _counts(rows: Sequence[_Row]) -> _Counts:
    """True positives, false positives, false negatives a kind."""
    counts = []
    for position in range(len(KINDS)):
        pairs = [pair for row in rows if (pair := row[position]) is not None]
        tp = sum(true and told for true, told in pairs)
        counts.append((tp, sum(told for _, told in pairs) - tp, sum(true for true, _ in pairs) - tp))
    return counts


def _figures(rows: Sequence[_Row]) -> dict[str, float]:
    counts = _counts(rows)
    found = {kind.value: _f1(*one) for kind, one in zip(KINDS, counts, strict=True)}
    found["main"] = sum(found[kind] for kind in MAIN) / len(MAIN)
    found["macro"] = sum(found[kind] for kind in KINDS) / len(KINDS)
    found["micro"] = _f1(*(sum(column) for column in zip(*counts, strict=True)))
    return found


def _f1(tp: int, fp: int, fn: int) -> float:
    return 2 * tp / (2 * tp + fp + fn) if tp else 0.0
