"""A figure with its interval, by drawing interactions with replacement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

RESAMPLES = 1000
_TAILS = (2.5, 97.5)
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its 95 % bootstrap interval; all three are 0 where there is nothing to tell it from."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True, slots=True)
class Draws:
    """How often each interaction was drawn in each sample: ``weights`` is (1 + n_samples, n_interactions), the first all ones."""

    weights: NDArray[np.float64]

    def sums(self, counts: ArrayLike) -> NDArray[np.float64]:
        """Returns the sums of (n_interactions, ...) counts in the data and in each sample: (1 + n_samples, ...)."""
        return np.tensordot(self.weights, np.asarray(counts, dtype=np.float64), axes=1)


def draw(interactions: int, *, seed: int, resamples: int = RESAMPLES) -> Draws:
    """Draws samples of as many interactions as there are, with replacement; the same seed gives the same samples.

    Args:
        interactions: How many there are.
        seed: Of the draw.
        resamples: How many samples.
    """
    rng = np.random.default_rng(seed)
    weights = np.ones((1 + (resamples if interactions else 0), interactions))
    for row in weights[1:]:
        row[:] = np.bincount(rng.integers(0, interactions, interactions), minlength=interactions)
    return Draws(weights)


def figure_of(values: NDArray[np.float64]) -> Figure:
    """Returns the first value with the interval that the further ones span; samples in which it is undefined (NaN) do not count."""
    told = values[1:][np.isfinite(values[1:])]
    if not np.isfinite(values[0]):
        return Figure(0.0, 0.0, 0.0)
    low, high = np.percentile(told, _TAILS) if len(told) else (values[0], values[0])
    # The last digits of a sum may depend on the processor; the same input gives the same figures.
    return Figure(*(round(float(value), _DIGITS) for value in (values[0], low, high)))


def ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns ``above / below``, NaN where ``below`` is zero."""
    quotient = np.full(np.shape(above), np.nan)
    np.divide(above, below, out=quotient, where=np.asarray(below) != 0)
    return quotient
