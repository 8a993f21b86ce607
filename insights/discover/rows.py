"""A discovery as rows and as a summary, in the shape of ``insights discover``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from insights.discover import Discovery

_EXAMPLES = 3
_EXAMPLE_CHARACTERS = 300


def rows(ids: Sequence[str], discovery: Discovery) -> Iterator[dict[str, Any]]:
    """Yields ``{"id", "topic", "label", "confidence"}`` a text, in order; topic and label are None for the unassigned."""
    for text_id, topic, confidence in zip(ids, discovery.assignment.tolist(), discovery.confidence.tolist(), strict=True):
        label = discovery.topics[topic].label if topic >= 0 else None
        yield {"id": text_id, "topic": topic if topic >= 0 else None, "label": label, "confidence": round(confidence, 4)}


def summary(texts: Sequence[str], discovery: Discovery) -> dict[str, Any]:
    """Returns ``{"topics": [{"topic", "label", "keywords", "size", "examples"}], "outlier_share", "made_by"}``.

    ``reason`` is added where there are no topics. Examples are whole texts, cut at 300 characters, the most central first.
    """
    topics = [
        {
            "topic": number,
            "label": topic.label,
            "keywords": list(topic.keywords),
            "size": topic.size,
            "examples": [_cut(texts[index]) for index in topic.exemplars[:_EXAMPLES]],
        }
        for number, topic in enumerate(discovery.topics)
    ]
    outliers = float(np.mean(discovery.assignment < 0)) if len(discovery.assignment) else 0.0
    found: dict[str, Any] = {"topics": topics, "outlier_share": round(outliers, 4), "made_by": discovery.made_by}
    return found | {"reason": discovery.reason} if discovery.reason else found


def _cut(text: str) -> str:
    # A lone surrogate could not be written to a file.
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return clean if len(clean) <= _EXAMPLE_CHARACTERS else clean[: _EXAMPLE_CHARACTERS - 1].rstrip() + "…"
