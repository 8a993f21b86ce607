"""Severity and missed expectations beside people's, and beside what a guess would do that always says the commonest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.domain import PROBLEM_KINDS, Expectation, Severity
from insights.evaluate.figures import Draws, Figure, figure_of, ratio
from insights.evaluate.truth import Said, Truth

_LEVELS = len(tuple(Severity))


@dataclass(frozen=True, slots=True)
class SeverityScore:
    """Agreement on severity, over the interactions to which people and engine gave one.

    Attributes:
        compared: Those interactions.
        kappa: Cohen's kappa with quadratic weights (1968): 1 is full agreement, 0 that of chance.
        same: Share with the same severity.
        guess: What always says the commonest: kappa (always 0) and ``guess_same``.
        guess_same: Share a guess that always says people's commonest would have right.
    """

    compared: int
    kappa: Figure
    same: Figure
    guess: float
    guess_same: float


@dataclass(frozen=True, slots=True)
class ExpectationScore:
    """Agreement on missed expectations, over the interactions in which people and engine found a problem.

    Attributes:
        compared: Those interactions.
        f1: Micro F1 over the ten expectations.
        guess_f1: Micro F1 of always naming the same ones, chosen on these very labels to be the best such guess.
        guess: Those it names.
        overall: Micro F1 over all interactions labelled, problems missed or made up included.
    """

    compared: int
    f1: Figure
    guess_f1: float
    guess: tuple[Expectation, ...]
    overall: Figure


def severity_score(pairs: Sequence[tuple[Truth, Said]], draws: Draws) -> SeverityScore | None:
    """Compares severities; None where people gave none that the engine could agree with."""
    tables = np.zeros((len(pairs), _LEVELS, _LEVELS))
    for row, (truth, one) in enumerate(pairs):
        if truth.severity is not None and one.severity is not None:
            tables[row, truth.severity.rank, one.severity.rank] = 1
    table = tables.sum(axis=0)
    if not table.sum():
        return None
    samples = draws.sums(tables)
    same = np.trace(samples, axis1=1, axis2=2)
    guess_same = float(table.sum(axis=1).max() / table.sum())
    return SeverityScore(int(table.sum()), figure_of(_kappa(samples)), figure_of(ratio(same, samples.sum(axis=(1, 2)))), 0.0, guess_same)


def expectation_score(pairs: Sequence[tuple[Truth, Said]], draws: Draws) -> ExpectationScore | None:
    """Compares missed expectations; None where people were not asked for them, or where no problem was found by both."""
    asked = [(row, truth.expectations, one, _both(truth, one)) for row, (truth, one) in enumerate(pairs) if truth.expectations is not None]
    together = [wanted for _, wanted, _, both in asked if both]
    if not together:
        return None
    counts = np.zeros((len(pairs), 2, 3))
    for row, wanted, one, both in asked:
        outcome = len(wanted & one.expectations), len(one.expectations - wanted), len(wanted - one.expectations)
        counts[row, 1] = outcome
        counts[row, 0] = outcome if both else 0
    found, alarms, missed = np.moveaxis(draws.sums(counts), -1, 0)
    f1 = ratio(2 * found, 2 * found + alarms + missed)
    guess_f1, guess = _best_guess(together)
    return ExpectationScore(len(together), figure_of(f1[:, 0]), guess_f1, guess, figure_of(f1[:, 1]))


def _both(truth: Truth, one: Said) -> bool:
    return bool(PROBLEM_KINDS & truth.evidence.keys()) and bool(PROBLEM_KINDS & one.quotes.keys())


def _kappa(tables: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quadratic kappa of each (n, levels, levels) table; NaN where both always say the same one thing."""
    levels = np.arange(_LEVELS)
    weights = (levels[:, None] - levels[None, :]) ** 2
    total = tables.sum(axis=(1, 2))
    by_chance = np.einsum("ni,nj->nij", tables.sum(axis=2), tables.sum(axis=1))
    observed, expected = (tables * weights).sum(axis=(1, 2)), ratio((by_chance * weights).sum(axis=(1, 2)), total)
    return 1 - ratio(observed, expected)


def _best_guess(together: Sequence[frozenset[Expectation]]) -> tuple[float, tuple[Expectation, ...]]:
    """The best set to name always: the commonest few, as many as give the best F1."""
    counted = Counter(expectation for wanted in together for expectation in wanted)
    ordered = sorted(counted, key=lambda expectation: (-counted[expectation], expectation))
    total, hits = sum(counted.values()), 0
    best: tuple[float, tuple[Expectation, ...]] = (0.0, ())
    for size, expectation in enumerate(ordered, start=1):
        hits += counted[expectation]
        f1 = 2 * hits / (size * len(together) + total)
        if f1 > best[0]:
            best = (f1, tuple(ordered[:size]))
    return best
