"""Finds topics in texts and their vectors: the only place that imports BERTopic.

BERTopic runs on our own parts: vectors made beforehand, neighbours' communities instead of UMAP and HDBSCAN (equal or better on
labelled corpora, the number of topics found by itself, steadier over seeds, and no half a minute of compilation), and our own phrases under its class-based TF-IDF. It never loads a model and never touches the network.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.discover import Discovery, FoundTopic
from insights.discover.communities import communities, group_sums
from insights.discover.graph import neighbour_graph
from insights.discover.naming import Wording, keywords, name_topics, wordings
from insights.discover.phrases import phrases, says_something
from insights.discover.residue import confidences, reaches, settle, unit, within_reach, without_twins

RECIPE = "communities-1"
LEAST_TEXTS = 20
MOST_FITTED = 8_000
"""Above this, topics are found on a sample and the other texts join the nearest that reaches them."""

EXEMPLARS = 15
_NEIGHBOURS = 15
_PHRASES = 60
_UNUSED = ("umap", "hdbscan", "plotly", "spacy")


def discover(
    texts: Sequence[str], vectors: NDArray[np.float32], *, seed: int, min_size: int | None = None, count: int | None = None
) -> Discovery:
    """Finds what many of the texts have in common and names it.

    Texts that are alike letter for letter are looked at once and counted each. Texts without a telling word stay unassigned.

    Args:
        texts: One matter each: sentences, evidence, short messages.
        vectors: A row a text, ``(len(texts), dimensions)``, of length 1.
        seed: The same texts, vectors and seed give the same topics.
        min_size: Least texts of a topic; grows with the corpus where None.
        count: Number of topics wanted; found where None. There may be fewer where the texts do not part so finely.

    Raises:
        ValueError: Texts and vectors differ in number.
    """
    if len(texts) != len(vectors):
        raise ValueError(f"{len(texts)} texts but {len(vectors)} vectors")
    made_by = f"{RECIPE} seed {seed}"
    distinct, copies = _distinct(texts)
    if len(distinct) < LEAST_TEXTS:
        reason = f"{len(distinct)} different texts that say something; at least {LEAST_TEXTS} are needed to find topics"
        return Discovery(np.full(len(texts), -1, np.int64), np.zeros(len(texts), np.float32), (), reason, made_by)
    rows = unit(np.ascontiguousarray(vectors, np.float32)[distinct])
    with _one_thread():
        groups = _found_groups(rows, seed=seed, min_size=min_size, count=count)
        groups, ranked = _described([texts[index] for index in distinct], rows, groups)
        topics = _topics(distinct, rows, groups, copies, ranked)
        confident = confidences(
            rows, groups, np.array([topic.centroid for topic in topics], np.float32).reshape(len(topics), rows.shape[1])
        )
    assignment = np.where(copies >= 0, groups[copies], -1)
    confidence = np.where(copies >= 0, confident[copies], 0).astype(np.float32)
    return Discovery(assignment, confidence, topics, "" if topics else "no group of texts is large and close enough", made_by)


def least_size(texts: int) -> int:
    """Returns the least size of a topic in a corpus of so many texts: three tenths of the square root, at least 4."""
    return max(4, round(0.3 * math.sqrt(texts)))


def _distinct(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices of the first of each different telling text, and for every text its position among those or -1."""
    first: dict[str, int] = {}
    distinct: list[int] = []
    copies = np.full(len(texts), -1, np.int64)
    for index, text in enumerate(texts):
        key = " ".join(text.split()).casefold()
        if key not in first:
            first[key] = len(distinct) if says_something(text) else -1
            if first[key] >= 0:
                distinct.append(index)
        copies[index] = first[key]
    return np.array(distinct, np.int64), copies


def _found_groups(rows: NDArray[np.float32], *, seed: int, min_size: int | None, count: int | None) -> NDArray[np.int64]:
    """A group a text, -1 for the residue; large corpora are fitted on a seeded sample."""
    sample = np.arange(len(rows))
    if len(rows) > MOST_FITTED:
        sample = np.sort(np.random.default_rng(seed).choice(len(rows), MOST_FITTED, replace=False))
    chosen = rows[sample]
    least = min_size or (2 if count else least_size(len(chosen)))
    graph = neighbour_graph(chosen, min(_NEIGHBOURS, max(4, len(chosen) // 8)))
    fitted = settle(chosen, communities(graph, chosen, seed=seed, count=count), min_size=least)
    if count is None:
        fitted = without_twins(chosen, fitted, min_size=least)
    if len(sample) == len(rows) or fitted.max() < 0:
        return fitted if len(sample) == len(rows) else np.full(len(rows), -1, np.int64)
    centres = unit(group_sums(chosen, fitted))
    groups = within_reach(rows, centres, reaches(chosen, fitted, centres))
    groups[sample] = fitted
    return groups


def _described(texts: Sequence[str], rows: NDArray[np.float32], groups: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[list[Wording]]]:
    """Runs BERTopic over the groups; returns its topic a text, largest first, and each topic's phrases, best name first."""
    if groups.max() < 0:
        return groups, []
    found = [phrases(text) for text in texts]
    topics, weights = _bertopic([" ".join(keys) for keys in found], rows, groups)
    everywhere = Counter(key for keys in found for key in keys)
    centres = unit(group_sums(rows, topics))
    ranked = []
    for number in range(len(centres)):
        members = _most_central(rows, topics, centres, number)
        here = [found[member] for member in members]
        others = everywhere.copy()
        others.subtract(key for keys in here for key in keys)
        ranked.append(wordings(weights[number], here, others, len(texts) - len(here)))
    return topics, ranked


def _bertopic(
    documents: Sequence[str], rows: NDArray[np.float32], groups: NDArray[np.int64]
) -> tuple[NDArray[np.int64], dict[int, list[tuple[str, float]]]]:
    """BERTopic's topic a text and each topic's keys with their class-based TF-IDF."""
    with _without(_UNUSED):
        from bertopic import BERTopic
        from bertopic.cluster import BaseCluster
        from bertopic.dimensionality import BaseDimensionalityReduction
        from bertopic.vectorizers import ClassTfidfTransformer
        from sklearn.feature_extraction.text import CountVectorizer

        model = BERTopic(
            # Any language but English: else the underscores of our keys would be cleaned away.
            language="multilingual",
            top_n_words=_PHRASES,
            umap_model=BaseDimensionalityReduction(),
            hdbscan_model=BaseCluster(),
            vectorizer_model=CountVectorizer(analyzer=str.split),
            ctfidf_model=ClassTfidfTransformer(reduce_frequent_words=True),
            calculate_probabilities=False,
            verbose=False,
        )
        model.fit_transform(list(documents), embeddings=rows, y=groups)
    topics = np.array(model.topics_, np.int64)
    weights = {number: list(model.get_topic(number)) for number in range(int(topics.max()) + 1)}
    return topics, weights


def _topics(
    distinct: NDArray[np.int64],
    rows: NDArray[np.float32],
    groups: NDArray[np.int64],
    copies: NDArray[np.int64],
    ranked: Sequence[Sequence[Wording]],
) -> tuple[FoundTopic, ...]:
    centres = unit(group_sums(rows, groups))
    names = name_topics(ranked)
    times = np.bincount(copies[copies >= 0], minlength=len(distinct))
    return tuple(
        FoundTopic(
            label=names[number],
            keywords=keywords(ranked[number]),
            size=int(times[groups == number].sum()),
            centroid=centre,
            exemplars=tuple(int(distinct[row]) for row in _exemplars(rows, _most_central(rows, groups, centres, number), centre)),
            reach=round(float(reach), 4),
        )
        for number, (centre, reach) in enumerate(zip(centres, reaches(rows, groups, centres), strict=True))
    )


def _most_central(rows: NDArray[np.float32], groups: NDArray[np.int64], centres: NDArray[np.float32], number: int) -> NDArray[np.int64]:
    members = np.flatnonzero(groups == number)
    return members[np.argsort(-np.round(rows[members] @ centres[number], 5), kind="stable")]


def _exemplars(rows: NDArray[np.float32], central: NDArray[np.int64], centre: NDArray[np.float32]) -> list[int]:
    """The three most central texts, then those that lie near the centre and far from the ones chosen."""
    chosen = [int(row) for row in central[:3]]
    near = rows[central] @ centre
    while len(chosen) < min(EXEMPLARS, len(central)):
        gain = np.round(near - (rows[central] @ rows[chosen].T).max(axis=1), 5)
        gain[np.isin(central, chosen)] = -np.inf
        chosen.append(int(central[int(np.argmax(gain))]))
    return chosen


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums in one order whatever the machine: several threads would add in several."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield


@contextmanager
def _without(names: Sequence[str]) -> Iterator[None]:
    """Makes libraries absent that BERTopic imports where it finds them and that we do not use.

    BERTopic is made to run without them. UMAP alone costs half a minute of compilation on its first import, four seconds later.
    """
    hidden: dict[str, Any] = {name: None for name in names if name not in sys.modules}
    sys.modules.update(hidden)
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
