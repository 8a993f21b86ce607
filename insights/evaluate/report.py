"""Everything that can be told of one model on one set of labelled interactions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from insights.evaluate.agreement import ExpectationScore, SeverityScore, expectation_score, severity_score
from insights.evaluate.calibration import Calibration, Coverage, calibration, coverage
from insights.evaluate.evidence import QuoteScore, quote_score
from insights.evaluate.figures import RESAMPLES, draw
from insights.evaluate.mistakes import Confusion, Examples, confusion, examples
from insights.evaluate.scores import Scores, by_group, paired, score
from insights.evaluate.truth import KINDS, Said, Truth

TARGET = 0.9
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a report, in the order in which they are told.

    Attributes:
        made_by: What made the findings.
        all: Over all interactions.
        by_channel, by_source: The same for each channel and each source.
        calibration: All kinds together, then each that has findings.
        coverage: Each kind at the target precision.
        quotes: Where quotes come from.
        severity: Or None where people told none.
        expectations: Or None where people told none.
        confusion: Which kind stood in for which.
        examples: Mistakes of each kind.
        errors: Kind to its counts ``tp``, ``fp``, ``fn``, ``tn``, and the same ``by_source``: what corrects counts.
    """

    made_by: str
    all: Scores
    by_channel: Mapping[str, Scores]
    by_source: Mapping[str, Scores]
    calibration: tuple[Calibration, ...]
    coverage: tuple[Coverage, ...]
    quotes: QuoteScore
    severity: SeverityScore | None
    expectations: ExpectationScore | None
    confusion: tuple[Confusion, ...]
    examples: tuple[Examples, ...]
    errors: Mapping[str, Mapping[str, object]]


def report(
    truths: Sequence[Truth],
    said: Mapping[str, Said],
    *,
    made_by: str = "",
    target: float = TARGET,
    most_examples: int = EXAMPLES,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Report:
    """Compares predictions with what people found, in every way there is.

    Args:
        truths: What people found.
        said: Interaction id to what was predicted.
        made_by: What made the predictions.
        target: Precision at which coverage is told, in (0, 1].
        most_examples: Most false alarms and most misses of each kind.
        seed: Of the bootstrap and of the folds.
        resamples: Samples behind each interval.
    """
    pairs = paired(truths, said)
    draws = draw(len(pairs), seed=seed, resamples=resamples)
    by_source = by_group(truths, said, lambda truth: truth.source, seed=seed, resamples=resamples)
    everything = score(truths, said, seed=seed, resamples=resamples)
    one_by_one = (calibration(pairs, draws, kind) for kind in KINDS)
    return Report(
        made_by,
        everything,
        by_group(truths, said, lambda truth: truth.channel, seed=seed, resamples=resamples),
        by_source,
        (calibration(pairs, draws), *(one for one in one_by_one if one.findings)),
        tuple(coverage(pairs, draws, kind, target=target, seed=seed) for kind in KINDS),
        quote_score(pairs, draws),
        severity_score(pairs, draws),
        expectation_score(pairs, draws),
        confusion(pairs),
        tuple(examples(pairs, kind, most=most_examples) for kind in KINDS),
        errors_of(everything, by_source),
    )


def errors_of(everything: Scores, by_source: Mapping[str, Scores]) -> dict[str, dict[str, object]]:
    """Returns the counts by which a model's counts are corrected later: for each kind in all, and of each source."""
    return {
        kind.value: {**_counts(everything, k), "by_source": {source: _counts(scores, k) for source, scores in by_source.items()}}
        for k, kind in enumerate(KINDS)
    }


def _counts(scores: Scores, k: int) -> dict[str, int]:
    one = scores.kinds[k]
    return {"tp": one.found, "fp": one.alarms, "fn": one.missed, "tn": one.left}
