"""A second look at what fits nowhere: each text belongs to a topic only as far as the topic reaches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from insights.discover.communities import group_sums

_FENCE = 1.5
_LEAST_REACH = 0.25
_SHARPNESS = 20.0
_TWIN_MARGIN = 0.2  # in cosines between centres
_LEAST_KIN = 0.5
_FEWEST = 4  # groups below which nothing tells how near neighbours usually are


def settle(vectors: NDArray[np.float32], groups: NDArray[np.int64], *, min_size: int) -> NDArray[np.int64]:
    """Returns groups of at least ``min_size`` texts within reach of their centre, counted from 0; -1 for the rest.

    Groups that are too small are dissolved. Texts of theirs, and texts out of reach of their own group, join the nearest group if
    that reaches them; else they stay unassigned: an honest residue, a few in a hundred.
    """
    kept = _without_small(groups, min_size)
    while True:
        if kept.max(initial=-1) < 0:
            return kept
        centres = unit(group_sums(vectors, kept))
        joined = within_reach(vectors, centres, reaches(vectors, kept, centres), prefer=kept)
        settled = _without_small(joined, min_size)
        if settled.max() == kept.max():
            return settled
        kept = settled


def without_twins(vectors: NDArray[np.float32], groups: NDArray[np.int64], *, min_size: int) -> NDArray[np.int64]:
    """Returns the settled groups with twins made one: groups that are nearer to each other, by far, than to anything else.

    In a small corpus the same matter in other words ("captions lag", "subtitles late") easily becomes several groups. What parts
    twins from neighbours is not how near they are, which differs between corpora, but that nothing else is nearly as near: in the
    tree of groups (average linkage of their centres) a family stands out that would be joined to the next only much later.
    """
    if groups.max(initial=-1) < _FEWEST - 1:
        return groups
    centres = unit(group_sums(vectors, groups))
    joined = groups
    for family in _families(centres):
        joined = np.where(np.isin(groups, family), family[0], joined)
    return settle(vectors, joined, min_size=min_size) if (joined != groups).any() else groups


def _families(centres: NDArray[np.float32]) -> list[list[int]]:
    """The largest branches of the tree of groups that stand out; numbers of their groups, in order."""
    from scipy.cluster.hierarchy import linkage

    count = len(centres)
    tree = linkage(centres.astype(np.float64), "average", metric="cosine")
    members = [[group] for group in range(count)]
    near = [1.0] * count  # cosine at which a branch was joined
    found: list[list[int]] = []
    for one, other, distance, _ in tree:
        for branch in (int(one), int(other)):
            inside = near[branch]
            stands_out = inside >= _LEAST_KIN and inside - (1.0 - distance) >= _TWIN_MARGIN
            if len(members[branch]) > 1 and stands_out:
                found = [*(family for family in found if not set(family) <= set(members[branch])), sorted(members[branch])]
        members.append([*members[int(one)], *members[int(other)]])
        near.append(1.0 - float(distance))
    return found


def reaches(vectors: NDArray[np.float32], groups: NDArray[np.int64], centres: NDArray[np.float32]) -> NDArray[np.float64]:
    """Returns the least cosine to its centre with which a text belongs to each group: the lower fence of its cosines.

    That is one and a half times the middle half's width below the lower quartile (Tukey 1977): where a mean and its deviation
    would be drawn down by the very strangers they should keep out, quartiles are not.
    """
    found = np.empty(len(centres))
    for group, centre in enumerate(centres):
        cosines = vectors[groups == group] @ centre
        lower, upper = np.quantile(cosines, (0.25, 0.75))
        found[group] = max(_LEAST_REACH, float(lower - _FENCE * (upper - lower)))
    return found


def within_reach(
    vectors: NDArray[np.float32],
    centres: NDArray[np.float32],
    reach: NDArray[np.float64],
    *,
    prefer: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Returns each text's nearest group where that reaches it, else -1; a preferred group wins where it reaches the text."""
    cosines = vectors @ centres.T
    rows = np.arange(len(vectors))
    nearest = cosines.argmax(axis=1)
    # Not the next best that would reach it: a wide group far away must not swallow what a narrow one near by refuses.
    joined: NDArray[np.int64] = np.where(cosines[rows, nearest] >= reach[nearest], nearest, -1)
    if prefer is None:
        return joined
    stays = (prefer >= 0) & (cosines[rows, prefer] >= reach[prefer])
    return np.where(stays, prefer, joined)


def confidences(vectors: NDArray[np.float32], groups: NDArray[np.int64], centres: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns in [0, 1] how clearly each text's own group is the nearest: softmax of the cosines; 0 for the unassigned."""
    if not len(centres):
        return np.zeros(len(vectors), np.float32)
    shares = np.exp(_SHARPNESS * (vectors @ centres.T))
    shares /= shares.sum(axis=1, keepdims=True)
    own = shares[np.arange(len(vectors)), groups]
    return np.where(groups >= 0, own, 0.0).astype(np.float32)


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns rows scaled to length 1; a row of zeros stays."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return (rows / np.where(lengths == 0, 1, lengths)).astype(np.float32)


def _without_small(groups: NDArray[np.int64], min_size: int) -> NDArray[np.int64]:
    """Numbers the large enough groups from 0, largest first, older number first among equals."""
    inside = groups[groups >= 0]
    sizes = np.bincount(inside, minlength=1)
    order = [group for group in np.argsort(-sizes, kind="stable") if sizes[group] >= min_size]
    numbers = np.full(len(sizes) + 1, -1, np.int64)
    numbers[order] = np.arange(len(order))
    return numbers[groups]
