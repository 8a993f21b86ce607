"""Topics nobody declared: found in vectors, named in the customers' own words, known again tomorrow.

``topics.discover`` finds them, ``identity.assign`` joins new texts to known ones, ``rows`` writes both down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class FoundTopic:
    """A topic found by machine.

    Attributes:
        label: Short readable name, unique among the topics found with it.
        keywords: Most telling words and phrases first.
        size: Texts assigned.
        centroid: Mean direction of its texts, ``(dimensions,)``, length 1.
        exemplars: Indices of texts that stand for it: the most central first, then those that show its breadth.
        reach: Least cosine to ``centroid`` with which a text belongs to it.
    """

    label: str
    keywords: tuple[str, ...]
    size: int
    centroid: NDArray[np.float32]
    exemplars: tuple[int, ...]
    reach: float


@dataclass(frozen=True, slots=True, eq=False)
class Discovery:
    """What was found in some texts.

    Attributes:
        assignment: Position of each text's topic in ``topics``, ``(texts,)``; -1 where a text belongs to none.
        confidence: In [0, 1] a text, ``(texts,)``: how clearly its topic is nearer than the others; 0 where unassigned.
        topics: Largest first.
        reason: Why there are no topics; empty where there are.
        made_by: Recipe and seed.
    """

    assignment: NDArray[np.int64]
    confidence: NDArray[np.float32]
    topics: tuple[FoundTopic, ...]
    reason: str
    made_by: str
