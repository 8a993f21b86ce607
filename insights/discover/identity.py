"""Known topics stay themselves: new texts join the nearest one, and only what is left is searched for new topics.

Topics are never found anew and renumbered. A topic is its centroid and some pinned exemplars; texts beyond the threshold of
every known topic are the residue that ``topics.discover`` looks at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.discover.residue import unit

THRESHOLD = 0.70
"""Lower keeps ids steadier and swallows new matters; higher sees these sooner and splits known ones."""


@dataclass(frozen=True, slots=True, eq=False)
class KnownTopic:
    """A topic that has an id.

    Attributes:
        id: Its lasting id, such as ``T-0042``.
        label: Its name.
        centroid: ``(dimensions,)``, length 1.
        exemplars: ``(m, dimensions)``, rows of length 1, m >= 0: what a person confirmed, or the texts it was found in.
    """

    id: str
    label: str
    centroid: NDArray[np.float32]
    exemplars: NDArray[np.float32]


def assign(
    vectors: NDArray[np.float32], known: Sequence[KnownTopic], *, threshold: float = THRESHOLD
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Returns for each text the position of its topic in ``known``, or -1, and its likeness to the nearest topic.

    Likeness is the cosine to the topic's centre or to its nearest exemplar, whichever is greater, in [-1, 1]. Of topics equally
    near the first wins, so the order of ``known`` should be that of the ids.

    Args:
        vectors: ``(n, dimensions)``, rows of length 1.
        known: Topics that may be joined.
        threshold: Least likeness for joining.
    """
    if not known or not len(vectors):
        return np.full(len(vectors), -1, np.int64), np.zeros(len(vectors), np.float32)
    likeness = np.stack([_likeness(vectors, topic) for topic in known], axis=1)
    best = likeness.argmax(axis=1)
    nearest = likeness[np.arange(len(vectors)), best].astype(np.float32)
    return np.where(nearest >= threshold, best, -1).astype(np.int64), nearest


def moved(topic: KnownTopic, vectors: NDArray[np.float32], *, size: int) -> KnownTopic:
    """Returns the topic with its centre moved towards texts that joined it; id, label and exemplars stay.

    Args:
        topic: As it was.
        vectors: Texts that joined, ``(n, dimensions)``.
        size: Texts it had before; the centre weighs as much as these did together.
    """
    if not len(vectors):
        return topic
    return KnownTopic(topic.id, topic.label, unit(topic.centroid * size + vectors.sum(axis=0)), topic.exemplars)


def _likeness(vectors: NDArray[np.float32], topic: KnownTopic) -> NDArray[np.float32]:
    anchors = np.vstack([topic.centroid[None, :], topic.exemplars.reshape(-1, vectors.shape[1])])
    found: NDArray[np.float32] = np.round(vectors @ anchors.T, 5).max(axis=1)
    return found
