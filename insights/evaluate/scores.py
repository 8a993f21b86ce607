"""Precision, recall and F1 of each kind and over all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.domain import Kind
from insights.evaluate.calibration import calibration_error
from insights.evaluate.evidence import EvidenceScore, evidence_score
from insights.evaluate.figures import RESAMPLES, Figure, draw, figure_of, ratio
from insights.evaluate.truth import KINDS, MAIN, NOTHING, Said, Truth

Pairs = Sequence[tuple[Truth, Said]]


@dataclass(frozen=True, slots=True)
class KindScore:
    """How one kind is recognised, over the interactions in which it is scored.

    Attributes:
        kind: The kind.
        found: Interactions in which people and engine found it.
        alarms: Those in which only the engine did.
        missed: Those in which only people did.
        left: Those in which neither did.
        precision, recall, f1: From these counts.
    """

    kind: Kind
    found: int
    alarms: int
    missed: int
    left: int
    precision: Figure
    recall: Figure
    f1: Figure

    @property
    def positives(self) -> int:
        """Interactions in which people found it."""
        return self.found + self.missed


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
        calibration_error: Expected calibration error over all kinds.
    """

    interactions: int
    missing: int
    kinds: tuple[KindScore, ...]
    main: Figure
    macro: Figure
    micro: Figure
    evidence: EvidenceScore | None
    calibration_error: Figure


def score(truths: Sequence[Truth], said: Mapping[str, Said], *, seed: int = 0, resamples: int = RESAMPLES) -> Scores:
    """Compares predictions with what people found.

    Args:
        truths: What people found.
        said: Interaction id to what was predicted.
        seed: Of the bootstrap.
        resamples: Samples of interactions, drawn with replacement, behind each interval.
    """
    pairs = paired(truths, said)
    draws = draw(len(pairs), seed=seed, resamples=resamples)
    counts = draws.sums(_outcomes(pairs))
    found, alarms, missed = counts[..., 0], counts[..., 1], counts[..., 2]
    precision, recall, f1 = ratio(found, found + alarms), ratio(found, found + missed), _f1(found, alarms, missed)
    kinds = tuple(
        KindScore(kind, *outcomes, *map(figure_of, (precision[:, k], recall[:, k], f1[:, k])))
        for k, (kind, outcomes) in enumerate(zip(KINDS, counts[0].astype(int).tolist(), strict=True))
    )
    micro = _f1(found.sum(axis=1), alarms.sum(axis=1), missed.sum(axis=1))
    return Scores(
        len(truths),
        sum(truth.id not in said for truth in truths),
        kinds,
        main=figure_of(f1[:, : len(MAIN)].mean(axis=1)),
        macro=figure_of(f1.mean(axis=1)),
        micro=figure_of(micro),
        evidence=evidence_score(pairs, draws),
        calibration_error=calibration_error(pairs, draws),
    )


def by_group(
    truths: Sequence[Truth], said: Mapping[str, Said], group: Callable[[Truth], str], *, seed: int = 0, resamples: int = RESAMPLES
) -> dict[str, Scores]:
    """Scores each group of interactions apart, in the order of their names."""
    groups: dict[str, list[Truth]] = {}
    for truth in truths:
        groups.setdefault(group(truth), []).append(truth)
    return {name: score(groups[name], said, seed=seed, resamples=resamples) for name in sorted(groups)}


def paired(truths: Sequence[Truth], said: Mapping[str, Said]) -> list[tuple[Truth, Said]]:
    """Puts beside each truth what was said; nothing where there is no prediction."""
    return [(truth, said.get(truth.id, NOTHING)) for truth in truths]


def _outcomes(pairs: Pairs) -> NDArray[np.float64]:
    """(n_interactions, n_kinds, 4): found, false alarm, missed, rightly left; all zero where people were not sure."""
    outcomes = np.zeros((len(pairs), len(KINDS), 4))
    for row, (truth, one) in enumerate(pairs):
        for k, kind in enumerate(KINDS):
            if kind not in truth.uncertain:
                true, told = kind in truth.evidence, kind in one.quotes
                outcomes[row, k, 0 if true and told else 1 if told else 2 if true else 3] = 1
    return outcomes


def _f1(found: NDArray[np.float64], alarms: NDArray[np.float64], missed: NDArray[np.float64]) -> NDArray[np.float64]:
    """F1, 0 where nothing was found."""
    return np.nan_to_num(ratio(2 * found, 2 * found + alarms + missed))
