"""Whether corrected counts keep their word: how often the 95 % interval holds the true prevalence when that shifts.

Simulated, with seeds: a model with known sensitivity and specificity is measured on labelled contacts, then counts a kind among the
contacts of a period whose true prevalence differs from the labelled ones'. Three tables: by kind, prevalence and size of the period;
for a model whose error rates differ from source to source; and how often an arrow stands where nothing changed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from insights.track.prevalence import error_rates, kind_count, shares

NORMAL = 1.959964
PREVALENCES = (0.01, 0.02, 0.05, 0.10, 0.20, 0.40)
HANDLED = (300, 1500, 10_000)
# Sensitivity, specificity, labelled contacts with and without the kind: sizes as in two files of 2,640 labelled contacts.
MODELS = {
    "frequent, good": (0.84, 0.86, 1308, 1332),
    "frequent, fair": (0.66, 0.85, 726, 1914),
    "rare, good": (0.80, 0.98, 149, 2491),
    "rare, fair": (0.55, 0.975, 128, 2512),
    "rare, weak": (0.40, 0.97, 120, 2520),
    "rare, noisy": (0.45, 0.95, 189, 2451),
}


def report(*, repetitions: int = 10_000, seed: int = 0) -> None:
    """Prints coverage in all and of each cell, then for varying sources, then false arrows."""
    rng = np.random.default_rng(seed)
    print(f"coverage of the 95 % interval of corrected counts, {repetitions:,} repetitions a cell (mean width in points of prevalence)")
    print(f"{'model':16s} {'handled':>8s} " + " ".join(f"{f'{prevalence:.0%} true':>13s}" for prevalence in PREVALENCES))
    covered, uncorrected = [], []
    for name, model in MODELS.items():
        for handled in HANDLED:
            cells = [_cell(model, handled, prevalence, repetitions, rng) for prevalence in PREVALENCES]
            print(f"{name:16s} {handled:8,d} " + " ".join(f"{hit:5.1%} ({100 * width:4.1f})" for hit, width, _ in cells))
            covered += [hit for hit, _, _ in cells]
            uncorrected += [naive for _, _, naive in cells]
    within = sum(0.93 <= hit <= 0.97 for hit in covered)
    print(f"overall {np.mean(covered):.1%}; cells {min(covered):.1%} to {max(covered):.1%}, {within} of {len(covered)} within 93 to 97 %")
    print(f"for contrast, the counts as they are with the usual interval of a share: {np.mean(uncorrected):.1%}")
    _sources(rng, repetitions // 10)
    _arrows(rng, repetitions // 10)


def _cell(
    model: tuple[float, float, int, int], handled: int, prevalence: float, repetitions: int, rng: np.random.Generator
) -> tuple[float, float, float]:
    """Coverage, mean width, and the coverage of an interval that knows of no errors."""
    sensitivity, specificity, with_kind, without = model
    found, alarms = rng.binomial(with_kind, sensitivity, repetitions), rng.binomial(without, 1 - specificity, repetitions)
    count = rng.binomial(handled, _expected(prevalence, sensitivity, specificity), repetitions)
    _, low, high = shares(count, handled, found, with_kind - found, without - alarms, alarms, normal=NORMAL)
    held = (low <= prevalence) & (prevalence <= high)
    share = count / handled
    naive = np.abs(share - prevalence) <= NORMAL * np.sqrt(share * (1 - share) / handled)
    return float(held.mean()), float((np.clip(high, 0, 1) - np.clip(low, 0, 1))[np.isfinite(high)].mean()), float(naive.mean())


def _expected(prevalence: float, sensitivity: float, specificity: float) -> float:
    return prevalence * sensitivity + (1 - prevalence) * (1 - specificity)


def _sources(rng: np.random.Generator, repetitions: int) -> None:
    """A model measured on ten sources counts on an eleventh, its error rates differing between all of them."""
    print("where error rates differ between sources (ten labelled, counted on another): counted as one source, and allowed for")
    for alike in (0.0, 0.02, 0.05, 0.10):
        plain = allowed = told = 0
        for _ in range(repetitions):
            prevalence, handled = rng.choice(PREVALENCES), 1500
            sensitivities, alarms = _rates(0.8, alike, 11, rng), _rates(0.06, alike, 11, rng)
            sizes = rng.multinomial(2640, [0.3, 0.25, 0.1, 0.1, 0.08, 0.05, 0.04, 0.03, 0.03, 0.02])
            positives = rng.binomial(sizes, 0.2)
            hits, false = rng.binomial(positives, sensitivities[:10]), rng.binomial(sizes - positives, alarms[:10])
            measured = list(
                zip(hits.tolist(), false.tolist(), (positives - hits).tolist(), (sizes - positives - false).tolist(), strict=True)
            )
            count = rng.binomial(handled, prevalence * sensitivities[10] + (1 - prevalence) * alarms[10])
            together = [tuple(map(sum, zip(*measured, strict=True)))]
            plain += _holds(together, count, handled, prevalence) is True
            answer = _holds(measured, count, handled, prevalence)
            allowed, told = allowed + (answer is True), told + (answer is not None)
        print(
            f"  correlation within a source {alike:.2f}: {plain / repetitions:.1%} if counted as one, "
            f"{allowed / max(told, 1):.1%} if allowed for ({told / repetitions:.0%} could be corrected)"
        )


def _rates(mean: float, alike: float, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    if alike == 0:
        return np.full(count, mean)
    strength = 1 / alike - 1
    return rng.beta(mean * strength, (1 - mean) * strength, count)


def _holds(measured: list[tuple[int, ...]], count: int, handled: int, prevalence: float) -> bool | None:
    rates = error_rates([(one[0], one[1], one[2], one[3]) for one in measured])
    _, low, high = shares(count, handled, *rates.sensitivity, *rates.specificity, normal=NORMAL)
    return None if not np.isfinite(high) or high < 0 or low > 1 else bool(low <= prevalence <= high)


def _arrows(rng: np.random.Generator, repetitions: int) -> None:
    """Arrows over fourteen weeks of a kind counted by a fair model, its prevalence the same or half as high again in the last."""
    weeks = [f"W{week}" for week in range(14)]
    for factor, said in ((1.0, "nothing changed"), (1.5, "half as much again")):
        drawn = 0
        for _ in range(repetitions):
            handled = rng.poisson(1500, 14)
            prevalence = np.where(np.arange(14) == 13, 0.1 * factor, 0.1)
            counts = rng.binomial(handled, prevalence * 0.66 + (1 - prevalence) * 0.05)
            drawn += bool(kind_count(weeks, list(zip(counts.tolist(), handled.tolist(), strict=True)), None).direction)
        print(f"arrows where {said}: {drawn / repetitions:.1%}")
