"""Chance, built on ``random.Random.random`` alone: the one method whose stream Python promises never to change."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of chance; the same name gives the same stream everywhere."""

    def __init__(self, *name: object) -> None:
        """Seeds the stream with the parts of its name."""
        self._random = random.Random("/".join(map(str, name)))

    def unit(self) -> float:
        """Returns a number in [0, 1)."""
        return self._random.random()

    def chance(self, probability: float) -> bool:
        """Returns True with the given probability in [0, 1]."""
        return self.unit() < probability

    def between(self, low: int, high: int) -> int:
        """Returns a whole number in the closed range."""
        return low + int(self.unit() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """Returns one item, each as likely as the others."""
        return items[int(self.unit() * len(items))]

    def weighted(self, weights: Mapping[T, float]) -> T:
        """Returns a key, each with a chance in proportion to its weight."""
        left = self.unit() * sum(weights.values())
        for key, weight in weights.items():
            left -= weight
            if left < 0:
                return key
        return next(reversed(list(weights)))

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """Returns up to ``count`` different items in random order."""
        pool = list(items)
        return [pool.pop(int(self.unit() * len(pool))) for _ in range(min(count, len(pool)))]

    def poisson(self, mean: float) -> int:
        """Returns a Poisson count (Knuth's product of uniforms), for means up to some hundreds."""
        limit, product, count = math.exp(-mean), self.unit(), 0
        while product > limit:
            product *= self.unit()
            count += 1
        return count
