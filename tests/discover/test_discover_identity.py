"""Known topics keep their ids: new texts join them, and only the residue is searched."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from discover_corpus import corpus, strangers, unit

from insights.discover.identity import THRESHOLD, KnownTopic, assign, moved
from insights.discover.topics import discover


@cache
def _known() -> list[KnownTopic]:
    texts, vectors, _ = corpus()
    found = discover(texts, vectors, seed=0)
    return [
        KnownTopic(f"T-{number:04}", topic.label, topic.centroid, vectors[list(topic.exemplars)])
        for number, topic in enumerate(found.topics, start=1)
    ]


def test_new_texts_join_their_topic_and_strangers_none() -> None:
    """Tomorrow's texts of the same matters go to the same ids; what is far from all stays for discovery."""
    known = _known()
    _, tomorrow, names = corpus(each=10, seed=1)
    positions, likeness = assign(np.vstack([tomorrow, strangers(5)]), known)
    ids = {(name, position) for name, position in zip(names, positions.tolist(), strict=False) if position >= 0}
    assert len(ids) == len(known)
    assert (positions[: len(tomorrow)] >= 0).mean() > 0.9
    assert (positions[len(tomorrow) :] == -1).all()
    assert likeness[len(tomorrow) :].max() < THRESHOLD


def test_joining_does_not_depend_on_the_company() -> None:
    """A text joins the same topic alone and among others."""
    known, rows = _known(), np.vstack([corpus(each=5, seed=1)[1], strangers(4)])
    together = assign(rows, known)[0].tolist()
    assert together == [int(assign(row[None, :], known)[0][0]) for row in rows]


def test_an_exemplar_can_claim_what_the_centre_does_not() -> None:
    """A text far from the centre joins when it is close to a confirmed example."""
    topic = KnownTopic("T-0001", "refund", unit(np.array([[1, 0, 0]], float))[0], unit(np.array([[0, 1, 0]], float)))
    rows = unit(np.array([[0, 1, 0.1]], float))
    bare = KnownTopic("T-0001", "refund", topic.centroid, topic.exemplars[:0])
    assert assign(rows, [topic])[0].tolist() == [0]
    assert assign(rows, [bare])[0].tolist() == [-1]


def test_the_first_of_equals_wins() -> None:
    """Two equally near topics: the older id."""
    topic = _known()[0]
    assert assign(topic.centroid[None, :], [topic, KnownTopic("T-0009", "copy", topic.centroid, topic.exemplars)])[0].tolist() == [0]


@pytest.mark.parametrize("count", [0, 3])
def test_without_topics_or_texts_nothing_joins(count: int) -> None:
    """No known topic: all -1; no text: empty."""
    positions, likeness = assign(strangers(3)[:count], _known() if count == 0 else [])
    assert positions.tolist() == [-1] * count
    assert likeness.tolist() == [0.0] * count


def test_a_topic_follows_its_texts_slowly() -> None:
    """Its centre moves by the weight of what joined; id, label and exemplars stay; nothing joined, nothing moves."""
    topic = KnownTopic("T-0001", "refund", unit(np.array([[1, 0]], float))[0], unit(np.array([[1, 0]], float)))
    joined = unit(np.array([[0, 1]], float))
    centre = moved(topic, joined, size=9).centroid
    assert centre.tolist() == pytest.approx([9 / 82**0.5, 1 / 82**0.5], abs=1e-6)
    assert moved(topic, joined[:0], size=9) is topic
    assert moved(topic, joined, size=9).exemplars is topic.exemplars
