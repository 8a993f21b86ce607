"""An invented corpus whose topics are known: sentences by pattern, and vectors that lie around a direction a topic."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MATTERS = {
    "refund": ("my refund has not arrived", "still waiting for the refund", "the refund was promised on", "refund for the kettle missing"),
    "password": ("i cannot reset my password", "the password reset mail never comes", "forgot my password", "password reset fails on"),
    "router": ("the router drops the connection", "router lights blink red", "new router keeps restarting", "router offline since"),
    "parking": ("no parking in front of the shop", "parking at the branch is too small", "please offer parking", "parking ticket at"),
}
DIMENSIONS = 48


def corpus(each: int = 40, *, spread: float = 0.35, seed: int = 1) -> tuple[list[str], NDArray[np.float32], list[str]]:
    """Returns texts, vectors ``(texts, 48)`` and the name of each text's matter; shuffled."""
    random = np.random.default_rng(seed)
    directions = unit(random.normal(size=(len(MATTERS), DIMENSIONS)))
    rows, texts, names = [], [], []
    for direction, (name, patterns) in zip(directions, MATTERS.items(), strict=True):
        for number in range(each):
            noise = unit(random.normal(size=(1, DIMENSIONS)))[0]
            rows.append(direction + spread * noise)
            texts.append(f"{patterns[number % len(patterns)]} case {number}{name[0]}")
            names.append(name)
    order = random.permutation(len(texts))
    return [texts[i] for i in order], unit(np.array(rows))[order], [names[i] for i in order]


def unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    """Returns rows scaled to length 1."""
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def strangers(count: int, *, seed: int = 9) -> NDArray[np.float32]:
    """Returns vectors that lie nowhere near a matter."""
    return unit(np.random.default_rng(seed).normal(size=(count, DIMENSIONS)))


def purity(assignment: Sequence[int], names: Sequence[str]) -> float:
    """Returns the share of assigned texts whose topic is mostly of their matter."""
    right = total = 0
    for topic in {topic for topic in assignment if topic >= 0}:
        inside = [name for name, found in zip(names, assignment, strict=True) if found == topic]
        right += max(inside.count(name) for name in set(inside))
        total += len(inside)
    return right / total
