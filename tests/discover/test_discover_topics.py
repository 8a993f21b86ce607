"""Topics are found, reproducibly, in what many texts have in common, and nowhere else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from discover_corpus import DIMENSIONS, MATTERS, corpus, purity, strangers

from insights.discover import topics
from insights.discover.topics import discover, least_size

SCRIPT = """
import sys; sys.path.insert(0, sys.argv[1])
from discover_corpus import corpus
from insights.discover.topics import discover
texts, vectors, _ = corpus()
found = discover(texts, vectors, seed=3)
print(found.assignment.tolist(), found.confidence.tolist(), [(t.label, t.keywords, t.exemplars, t.reach) for t in found.topics])
print([name for name in ("umap", "torch", "plotly") if name in sys.modules])
"""


def test_the_matters_of_a_corpus_are_found_and_named() -> None:
    """Four matters give four topics, nearly every text in the right one, each named by its own word."""
    texts, vectors, names = corpus()
    found = discover(texts, vectors, seed=0)
    assert len(found.topics) == len(MATTERS)
    assert purity(found.assignment.tolist(), names) == 1
    assert (found.assignment >= 0).mean() > 0.9
    labels = " ".join(topic.label.lower() for topic in found.topics)
    assert all(matter in labels for matter in MATTERS)
    assert not found.reason


def test_a_discovery_adds_up() -> None:
    """Sizes count the texts assigned, largest first; confidence is in [0, 1] and 0 only outside; centroids have length 1."""
    texts, vectors, _ = corpus()
    found = discover(texts, vectors, seed=0)
    sizes = [topic.size for topic in found.topics]
    assert sizes == [int((found.assignment == number).sum()) for number in range(len(sizes))]
    assert sizes == sorted(sizes, reverse=True)
    assert np.array_equal(found.confidence == 0, found.assignment < 0)
    assert found.confidence.min() >= 0
    assert found.confidence.max() <= 1
    for number, topic in enumerate(found.topics):
        assert np.linalg.norm(topic.centroid) == pytest.approx(1, abs=1e-5)
        assert len(set(topic.exemplars)) == len(topic.exemplars) > 0
        assert {int(found.assignment[index]) for index in topic.exemplars} == {number}


def test_two_processes_find_the_same_and_load_no_umap() -> None:
    """The same texts, vectors and seed give the same topics in another process, and what BERTopic could draw in stays out."""
    command = [sys.executable, "-c", SCRIPT, str(Path(__file__).parent)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    runs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert runs[0] == runs[1]
    assert runs[0].splitlines()[-1] == "[]"


def test_strangers_stay_unassigned() -> None:
    """Texts that belong to nothing are an honest residue, and few others are."""
    texts, vectors, _ = corpus()
    odd = [f"unlike {word}" for word in ("zebra", "violin", "glacier", "lantern", "harvest", "quartz")]
    found = discover([*texts, *odd], np.vstack([vectors, strangers(len(odd))]), seed=0)
    assert (found.assignment[len(texts) :] == -1).all()
    assert (found.assignment[: len(texts)] >= 0).mean() > 0.9


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ([], "0 different texts"),
        (["the bill is wrong"] * 500, "1 different texts"),
        (["", " ", "\n"] * 30, "0 different texts"),
        (["yes okay thank you", "um no", "[NAME]", "12 34"] * 20, "0 different texts"),
        ([f"matter number {number} word{number}" for number in range(19)], "19 different texts"),
    ],
)
def test_too_little_to_go_by_gives_a_reason(texts: list[str], reason: str) -> None:
    """Too few different texts that say something: no topics, everything unassigned, and why."""
    found = discover(texts, strangers(max(1, len(texts)))[: len(texts)], seed=0)
    assert found.topics == ()
    assert (found.assignment == -1).all()
    assert found.assignment.shape == found.confidence.shape == (len(texts),)
    assert reason in found.reason


def test_fillers_stay_outside_and_copies_count() -> None:
    """A text without a telling word is never assigned; a repeated text is in its first one's topic and counts each time."""
    texts, vectors, _ = corpus()
    again = [texts[0].upper(), f"  {texts[0]}  ", "yes okay"]
    found = discover([*texts, *again], np.vstack([vectors, vectors[[0, 0, 0]]]), seed=0)
    first, *copies, filler = found.assignment[[0, -3, -2, -1]].tolist()
    assert copies == [first, first]
    assert filler == -1
    assert found.topics[first].size == int((found.assignment == first).sum())


def test_nothing_in_common_gives_no_topics_but_a_reason() -> None:
    """Where no group is as large as asked for, nothing is found and it is said."""
    texts, vectors, _ = corpus(each=6)
    found = discover(texts, vectors, seed=0, min_size=20)
    assert found.topics == ()
    assert "large" in found.reason


@pytest.mark.parametrize("count", [2, 3, 4])
def test_a_number_of_topics_can_be_asked_for(count: int) -> None:
    """With a number given there are that many topics where the texts allow it."""
    texts, vectors, _ = corpus()
    assert len(discover(texts, vectors, seed=0, count=count).topics) == count


def test_large_corpora_are_fitted_on_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts beyond the sample join the nearest topic that reaches them."""
    monkeypatch.setattr(topics, "MOST_FITTED", 80)
    texts, vectors, names = corpus(each=60)
    found = discover(texts, vectors, seed=0)
    assert len(found.topics) == len(MATTERS)
    assert purity(found.assignment.tolist(), names) == 1
    assert (found.assignment >= 0).mean() > 0.85


def test_texts_and_vectors_must_match() -> None:
    """A missing vector is a mistake of the caller."""
    with pytest.raises(ValueError, match="2 texts but 1 vectors"):
        discover(["one", "two"], np.zeros((1, DIMENSIONS), np.float32), seed=0)


@pytest.mark.parametrize(("texts", "size"), [(20, 4), (400, 6), (3_000, 16), (10_000, 30)])
def test_the_least_size_follows_the_corpus(texts: int, size: int) -> None:
    """More texts ask for larger topics."""
    assert least_size(texts) == size
