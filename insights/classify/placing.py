"""Gives findings that no declared phrase claims the topic learnt from examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from insights.classify.learnt import LearntTopics, Placed, vectors_of
from insights.classify.taxonomy import CompiledTaxonomy, CompiledTopic
from insights.domain import PROBLEM_KINDS, Expectation, Insight, Interaction, Kind, Sentence, Vote, insight_id

if TYPE_CHECKING:
    from insights.encoder import Encoder

_SHOWN = 90  # characters of an example in a reason


class TopicPlacer:
    """Places findings under learnt topics of their kind.

    Args:
        model: The learnt topics.
        taxonomy: The taxonomy they were learnt for.
        encoder: Gives the encoder; asked when the first finding without a topic comes.
    """

    def __init__(self, model: LearntTopics, taxonomy: CompiledTaxonomy, encoder: Callable[[], Encoder]) -> None:
        self.id = model.id
        self._model = model
        self._taxonomy = taxonomy
        self._topics = {topic.key: topic for topic in taxonomy.topics}
        self._of_kind = {kind: self._mask(kind) for kind in Kind}
        self._kinds = {self._topics[key].kind for key in model.topics if key in self._topics}
        self._make = encoder
        self._encoder: Encoder | None = None

    def place(
        self, batch: Sequence[tuple[Interaction, Sequence[Sentence]]], found: Sequence[tuple[Insight, ...]]
    ) -> list[tuple[Insight, ...]]:
        """Returns the findings, those without a topic under the topic their evidence is most probably about, where that is sure enough.

        Args:
            batch: The interactions with their sentences.
            found: What was found in each.
        """
        waiting = [
            (row, number)
            for row, insights in enumerate(found)
            for number, insight in enumerate(insights)
            if insight.topic is None and insight.kind in self._kinds
        ]
        results = [list(insights) for insights in found]
        if not waiting:
            return [tuple(insights) for insights in results]
        texts = [_said(found[row][number], batch[row][1]) for row, number in waiting]
        among = np.stack([self._of_kind[found[row][number].kind] for row, number in waiting])
        if self._encoder is None:
            self._encoder = self._make()
        placed = self._model.place(texts, vectors_of(self._encoder, texts), among=among)
        for (row, number), place in zip(waiting, placed, strict=True):
            if place is not None and place.probability >= self._model.threshold:
                taken = {insight.id for insight in results[row]}
                results[row][number] = self._under(results[row][number], place, taken)
        return [tuple(insights) for insights in results]

    def _mask(self, kind: Kind) -> NDArray[np.bool_]:
        """Which topics a finding of a kind may be under: those of the kind, or none of them."""
        return np.array([not key or (key in self._topics and self._topics[key].kind is kind) for key in self._model.topics], bool)

    def _under(self, insight: Insight, place: Placed, taken: set[str]) -> Insight:
        """The finding under its topic, with what the taxonomy says of the topic and the example it is like."""
        topic = self._topics[place.topic]
        example = self._model.shown.texts[place.example]
        told = example if len(example) <= _SHOWN else example[: _SHOWN - 1].rstrip() + "…"
        vote = Vote(
            f"learnt:{topic.key}",
            insight.kind,
            topic.key,
            insight.evidence[0],
            round(place.probability, 4),
            f"learnt {topic.key}: like '{told}'",
        )
        missed = {*insight.missed_expectations, *(topic.expectations if insight.kind in PROBLEM_KINDS else ())}
        subject = insight.subject or self._product(topic)
        id = insight_id(insight.interaction_id, insight.kind, subject)
        if subject == insight.subject or id in taken:
            id, subject = insight.id, insight.subject
        return replace(
            insight,
            id=id,
            subject=subject,
            topic=topic.key,
            severity=max(insight.severity, topic.severity or insight.severity, key=lambda severity: severity.rank),
            missed_expectations=tuple(one for one in Expectation if one in missed),
            votes=(vote, *insight.votes),
        )

    def _product(self, topic: CompiledTopic) -> str:
        return self._taxonomy.products.labels.get(topic.product or "", "")


def _said(insight: Insight, sentences: Sequence[Sentence]) -> str:
    """The sentences a finding's evidence stands in, each once and in order; the evidence itself where none holds it."""
    held = [
        sentence.text
        for sentence in sentences
        if any(one.turn == sentence.turn and one.start < sentence.end and sentence.start < one.end for one in insight.evidence)
    ]
    return " ".join(held) or " ".join(one.quote for one in insight.evidence)
