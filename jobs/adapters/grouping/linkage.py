"""Average-linkage clustering in memory linear in the number of points, by merging reciprocal nearest neighbours.

Two groups that are each other's nearest can be merged at once, in any order: average linkage is reducible, so the
result is that of the textbook algorithm without its n x n matrix. A group whose nearest neighbour was left alone
keeps it, so only the others are searched again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Ints: TypeAlias = NDArray[np.int64]

_BLOCK = 4_000_000
_NOBODY = -1


@dataclass(slots=True)
class _Groups:
    """`means` (g, d), points and keywords in each (g,), nearest partner or _NOBODY, and likeness to it (g,)."""

    means: Floats
    points: Ints
    sizes: Ints
    nearest: Ints
    likeness: Floats


def average_linkage(
    vectors: Floats,
    sizes: Ints,
    *,
    threshold: float,
    max_size: int | None = None,
    merged: Callable[[int], None] = lambda groups_left: None,
) -> Ints:
    """Labels 0..g-1 (n,): groups whose mean cosine distance was at most `threshold` when they were merged.

    `vectors` (n, d) have length 1, or 0 for a point that resembles nothing. `sizes` (n,) is what each point counts
    towards `max_size`, which no merge exceeds. `merged` is told how many groups are left after each round.
    """
    count = len(vectors)
    groups = _Groups(
        vectors.copy(), np.ones(count, np.int64), sizes.copy(), np.full(count, _NOBODY), np.zeros(count, np.float32)
    )
    labels = np.arange(count)
    _search(groups, labels, 1 - threshold, max_size)
    while len(pairs := _reciprocal(groups)):
        renumbered, stale = _merge(groups, pairs)
        labels = renumbered[labels]
        _search(groups, stale, 1 - threshold, max_size)
        merged(len(groups.means))
    return labels


def _search(groups: _Groups, rows: Ints, floor: float, max_size: int | None) -> None:
    """Finds the nearest allowed partner of `rows`, _NOBODY where none is at least `floor` alike."""
    step = max(1, _BLOCK // max(1, len(groups.means)))
    for start in range(0, len(rows), step):
        chunk = rows[start : start + step]
        alike = groups.means[chunk] @ groups.means.T
        alike[np.arange(len(chunk)), chunk] = -np.inf
        if max_size is not None:
            room = max_size - groups.sizes[chunk]
            if groups.sizes.max() > room.min():
                alike[groups.sizes > room[:, None]] = -np.inf
        nearest = alike.argmax(axis=1)
        best = alike[np.arange(len(chunk)), nearest]
        groups.nearest[chunk] = np.where(best >= floor, nearest, _NOBODY)
        groups.likeness[chunk] = best


def _reciprocal(groups: _Groups) -> Ints:
    """(p, 2) pairs of groups that are each other's nearest, the lower number first."""
    left = np.arange(len(groups.nearest))
    right = groups.nearest
    mutual = (right > left) & (right[right] == left)
    if not mutual.any() and (right != _NOBODY).any():
        # Rounding can make a ring of equals in which no two choose each other: take the closest pair.
        closest = int(np.where(right != _NOBODY, groups.likeness, -np.inf).argmax())
        return np.sort(np.array([[closest, right[closest]]]), axis=1)
    return np.stack([left[mutual], right[mutual]], axis=1)


def _merge(groups: _Groups, pairs: Ints) -> tuple[Ints, Ints]:
    """Merges disjoint `pairs`; returns every old number's new one, and the new numbers to search again."""
    kept, dropped = pairs[:, 0], pairs[:, 1]
    points = groups.points[kept] + groups.points[dropped]
    share = (groups.points[kept] / points).astype(np.float32)[:, None]
    groups.means[kept] = share * groups.means[kept] + (1 - share) * groups.means[dropped]
    groups.points[kept] = points
    groups.sizes[kept] += groups.sizes[dropped]
    touched = np.zeros(len(groups.means) + 1, dtype=bool)  # the extra last entry answers for _NOBODY
    touched[pairs] = True
    stale = touched[groups.nearest]
    alive = np.ones(len(groups.means), dtype=bool)
    alive[dropped] = False
    renumbered = np.cumsum(alive) - 1
    renumbered[dropped] = renumbered[kept]
    _compact(groups, alive, renumbered)
    return renumbered, np.flatnonzero(stale[alive])


def _compact(groups: _Groups, alive: NDArray[np.bool_], renumbered: Ints) -> None:
    """Removes the groups that are not `alive` and gives partners their new numbers."""
    groups.means = groups.means[alive]
    groups.points = groups.points[alive]
    groups.sizes = groups.sizes[alive]
    groups.likeness = groups.likeness[alive]
    nearest = groups.nearest[alive]
    groups.nearest = np.where(nearest == _NOBODY, _NOBODY, renumbered[nearest])
