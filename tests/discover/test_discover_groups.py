"""Neighbours, communities and the second look at the residue, each for itself."""

from __future__ import annotations

import numpy as np
import pytest
from discover_corpus import corpus, strangers, unit

from insights.discover import graph as graphs
from insights.discover.communities import communities, louvain, separation
from insights.discover.graph import nearest, neighbour_graph
from insights.discover.residue import confidences, settle, within_reach, without_twins


def test_nearest_neighbours_are_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Block by block the same neighbours are found as in one table, nearest first, never oneself."""
    rows = strangers(50)
    monkeypatch.setattr(graphs, "_BLOCK", 7)
    indices, cosines = nearest(rows, 6)
    table = rows @ rows.T
    np.fill_diagonal(table, -2)
    assert np.array_equal(indices, np.argsort(-table, axis=1)[:, :6])
    assert (np.diff(cosines, axis=1) <= 0).all()


def test_the_graph_is_symmetric_and_each_text_has_a_full_tie() -> None:
    """Weights are in (0, 1], the same both ways, and the nearest neighbour weighs 1."""
    weights = neighbour_graph(strangers(60), 8)
    assert abs(weights - weights.T).max() < 1e-12
    assert weights.data.min() > 0
    assert weights.data.max() <= 1 + 1e-12
    assert np.allclose(weights.max(axis=1).toarray(), 1)
    assert weights.diagonal().sum() == 0


def test_copies_of_one_vector_do_not_break_the_graph() -> None:
    """Texts with equal vectors are at distance nought from each other; the weights stay finite."""
    weights = neighbour_graph(np.repeat(strangers(3), 12, axis=0), 8)
    assert np.isfinite(weights.data).all()


def test_finer_views_have_more_groups() -> None:
    """A higher resolution never finds fewer groups on this corpus."""
    _, vectors, _ = corpus()
    weights = neighbour_graph(vectors, 10)
    numbers = [int(louvain(weights, resolution, seed=0).max()) + 1 for resolution in (0.5, 2.0, 8.0, 16.0)]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("seed", range(4))
def test_clear_groups_are_found_whatever_the_seed(seed: int) -> None:
    """Where groups are clear the order of visits does not matter."""
    _, vectors, names = corpus()
    groups = communities(neighbour_graph(vectors, 10), vectors, seed=seed)
    assert len(set(zip(groups.tolist(), names, strict=True))) == len(set(names)) == groups.max() + 1


def test_separation_prefers_the_true_groups() -> None:
    """The mean silhouette of the true groups beats that of random ones; one group alone has none."""
    _, vectors, names = corpus()
    true = np.unique(names, return_inverse=True)[1].astype(np.int64)
    assert separation(vectors, true) > 0.4 > abs(separation(vectors, np.random.default_rng(0).permutation(true)))
    assert separation(vectors, np.zeros(len(vectors), np.int64)) == 0


def test_small_groups_dissolve_into_those_that_reach_them() -> None:
    """Members of a group too small to be one join a neighbour within reach; a stranger among them stays outside."""
    rows = unit(np.array([[1, 0.01 * i, 0] for i in range(8)] + [[0.99, 0.05, 0.02], [0, 0, 1]], float))
    groups = np.array([0] * 8 + [1, 1], np.int64)
    assert settle(rows, groups, min_size=4).tolist() == [0] * 9 + [-1]


def test_nothing_large_enough_leaves_everything_outside() -> None:
    """No group of the least size: all unassigned."""
    assert (settle(strangers(9), np.arange(9) // 3, min_size=4) == -1).all()


def test_reach_decides_and_preference_holds() -> None:
    """A text joins the nearest group only if that reaches it, and stays where it is as long as its own does."""
    centres = unit(np.array([[1, 0], [0, 1]], float))
    rows = unit(np.array([[1, 0.9], [0.9, 1], [-1, -1]], float))
    reach = np.array([0.5, 0.5])
    assert within_reach(rows, centres, reach).tolist() == [0, 1, -1]
    assert within_reach(rows, centres, reach, prefer=np.array([1, -1, 0])).tolist() == [1, 1, -1]


def test_confidence_is_high_near_one_centre_and_low_between_two() -> None:
    """Clear texts are sure, texts between two topics are not, unassigned ones have none."""
    centres = unit(np.array([[1, 0], [0, 1]], float))
    clear, torn, outside = confidences(unit(np.array([[1, 0], [1, 1], [1, 0]], float)), np.array([0, 0, -1]), centres)
    assert clear > 0.99
    assert torn == pytest.approx(0.5, abs=1e-3)
    assert outside == 0


def test_twins_become_one_and_neighbours_stay_apart() -> None:
    """Groups that nothing else is nearly as near to are one, be they two or three; groups that are all about as near stay."""
    rng = np.random.default_rng(4)
    axes = np.eye(8, 32, dtype=np.float32)
    family = [axes[0], 0.75 * axes[0] + 0.66 * axes[1], 0.75 * axes[0] + 0.66 * axes[2]]

    def kinds(centres: list[np.ndarray]) -> list[set[int]]:
        rows = unit(np.concatenate([centre + rng.normal(scale=0.15, size=(12, 32)) for centre in centres]).astype(np.float32))
        found = without_twins(rows, np.repeat(np.arange(len(centres)), 12), min_size=4)
        return [set(found[12 * k : 12 * k + 12].tolist()) - {-1} for k in range(len(centres))]

    two = kinds([*family[:2], axes[3], axes[4], axes[5]])
    assert two[0] == two[1]
    assert len(set.union(*two)) == 4
    three = kinds([*family, axes[3], axes[4], axes[5]])
    assert three[0] == three[1] == three[2]
    assert len(set.union(*three)) == 4
    apart = kinds([axes[k] + 0.8 * axes[7] for k in range(5)])
    assert len(set.union(*apart)) == 5
