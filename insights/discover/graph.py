"""Who is near whom: the weighted graph of nearest neighbours between vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_BLOCK = 1_024
_BISECTIONS = 40


def neighbour_graph(vectors: NDArray[np.float32], neighbours: int) -> Any:
    """Returns the fuzzy neighbour graph, a symmetric sparse matrix ``(n, n)`` of weights in (0, 1] with an empty diagonal.

    A text's tie to its nearest neighbour weighs 1; further ones fade at the text's own pace, so that dense and sparse regions
    count alike. It is the graph UMAP lays out (McInnes et al. 2018, arXiv 1802.03426, section 3.1), without the layout.

    Args:
        vectors: ``(n, d)``, rows of length 1, n > neighbours.
        neighbours: Ties a text before the graph is made symmetric.
    """
    import scipy.sparse as sp

    near, similarity = nearest(vectors, neighbours)
    weights = _faded(np.maximum(0.0, 1.0 - similarity))
    n = len(vectors)
    starts = np.repeat(np.arange(n), neighbours)
    ties = sp.csr_matrix((weights.ravel(), (starts, near.ravel())), shape=(n, n))
    both = ties.multiply(ties.T)
    graph = (ties + ties.T - both).tocsr()
    graph.sort_indices()
    return graph


def nearest(vectors: NDArray[np.float32], count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Returns indices and cosines of each row's nearest other rows, ``(n, count)``, nearest first; memory grows with n only."""
    n = len(vectors)
    indices = np.empty((n, count), np.int64)
    cosines = np.empty((n, count), np.float64)
    for start in range(0, n, _BLOCK):
        # Rounded, so that the last digits of another processor or thread count do not change an order.
        block = np.round(vectors[start : start + _BLOCK] @ vectors.T, 5).astype(np.float64)
        rows = np.arange(len(block))
        block[rows, start + rows] = -2.0
        # Equal cosines are told apart by position: partition alone would leave that to chance.
        block -= np.arange(n) * 1e-12
        part = np.argpartition(-block, count - 1, axis=1)[:, :count]
        values = np.take_along_axis(block, part, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")
        indices[start : start + len(block)] = np.take_along_axis(part, order, axis=1)
        cosines[start : start + len(block)] = np.round(np.take_along_axis(values, order, axis=1), 5)
    return indices, cosines


def _faded(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights whose sum is log2 of the number of neighbours in every row; the pace is found by bisection."""
    beyond = distances - distances[:, :1]
    target = np.log2(distances.shape[1])
    low, high = np.zeros(len(distances)), np.full(len(distances), 4.0)
    for _ in range(_BISECTIONS):
        pace = (low + high) / 2
        wide = np.exp(-beyond / np.maximum(pace, 1e-9)[:, None]).sum(axis=1) > target
        high, low = np.where(wide, pace, high), np.where(wide, low, pace)
    weights: NDArray[np.float64] = np.exp(-beyond / np.maximum((low + high) / 2, 1e-9)[:, None])
    return weights
