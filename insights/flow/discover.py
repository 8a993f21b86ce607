"""Insights without a topic join a known one, and what is left is searched for topics nobody declared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from insights.config.load import Loaded
from insights.discover import Discovery
from insights.discover.identity import KnownTopic, assign
from insights.discover.topics import discover
from insights.domain import Kind
from insights.encoder import Encoder, load_encoder
from insights.flow.progress import Progress, silent
from insights.registry import find_model
from insights.store import Store

ENCODER = "minilm"


@dataclass(frozen=True, slots=True)
class DiscoverReport:
    """Insights that came without a topic, those that joined a known one, new topics, and what stayed unassigned."""

    without_topic: int
    joined: int
    new_topics: int
    placed: int

    @property
    def unassigned(self) -> int:
        """Insights still without a topic: counted and shown, never hidden."""
        return self.without_topic - self.joined - self.placed


def discover_topics(loaded: Loaded, store: Store, *, on: date, workers: int = 1, progress: Progress = silent) -> DiscoverReport:
    """Finds topics, a kind at a time, in the evidence of insights that no declared topic claims.

    Args:
        loaded: The workspace.
        store: Open for writing.
        on: Day noted as the topics' birth.
        workers: Threads of the encoder; vectors do not depend on them.
        progress: Told after each kind.
    """
    waiting = {kind: store.unassigned(kind) for kind in Kind}
    if not loaded.settings.discover.enabled or not any(waiting.values()):
        return DiscoverReport(sum(map(len, waiting.values())), 0, 0, 0)
    encoder = load_encoder(find_model(ENCODER, workspace=loaded.root), threads=workers)
    total = DiscoverReport(0, 0, 0, 0)
    for position, (kind, pairs) in enumerate(waiting.items(), start=1):
        report = _discover_kind(loaded, store, encoder, kind, pairs, on)
        total = _plus(total, report)
        progress("discover", position, len(waiting))
    return total


def _discover_kind(
    loaded: Loaded, store: Store, encoder: Encoder, kind: Kind, pairs: Sequence[tuple[str, str]], on: date
) -> DiscoverReport:
    if not pairs:
        return DiscoverReport(0, 0, 0, 0)
    ids, texts = [insight for insight, _ in pairs], [text for _, text in pairs]
    vectors = encoder.encode(texts)
    joined = _join_known(store, kind, ids, vectors)
    rest = [index for index, insight in enumerate(ids) if insight not in joined]
    table = loaded.settings.discover
    seed = loaded.settings.workspace.seed if table.seed is None else table.seed
    found = discover([texts[index] for index in rest], vectors[rest], seed=seed, min_size=table.min_size)
    placed = _add_found(store, kind, [ids[index] for index in rest], vectors[rest], found, on)
    return DiscoverReport(len(pairs), len(joined), len(found.topics), placed)


def _join_known(store: Store, kind: Kind, ids: Sequence[str], vectors: NDArray[np.float32]) -> set[str]:
    known = store.known_topics(kind)
    if not known:
        return set()
    nearest, similarity = assign(vectors, [KnownTopic(topic.id, topic.label, topic.centroid, topic.exemplars) for topic in known])
    pairs = [(ids[row], known[index].id, float(similarity[row])) for row, index in enumerate(nearest) if index >= 0]
    store.assign_topics(pairs)
    return {insight for insight, _, _ in pairs}


def _add_found(store: Store, kind: Kind, ids: Sequence[str], vectors: NDArray[np.float32], found: Discovery, on: date) -> int:
    pairs: list[tuple[str, str, float]] = []
    for number, topic in enumerate(found.topics):
        exemplars = list(topic.exemplars)
        stored = store.add_topic(
            label=topic.label,
            kind=kind,
            keywords=topic.keywords,
            centroid=topic.centroid,
            exemplars=vectors[exemplars],
            examples=tuple(ids[index] for index in exemplars),
            born=on,
            made_by=found.made_by,
        )
        members = np.flatnonzero(found.assignment == number)
        pairs += [(ids[int(row)], stored.id, float(found.confidence[int(row)])) for row in members]
    store.assign_topics(pairs)
    return len(pairs)


def _plus(one: DiscoverReport, other: DiscoverReport) -> DiscoverReport:
    return DiscoverReport(
        one.without_topic + other.without_topic, one.joined + other.joined, one.new_topics + other.new_topics, one.placed + other.placed
    )
