"""The KeywordGrouper that works on word vectors: average linkage, cut at a distance that depends on granularity."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from jobs.adapters.grouping.linkage import average_linkage
from jobs.adapters.grouping.points import points
from persistence.terms import Granularity

THRESHOLDS: Mapping[Granularity, float] = {
    Granularity.BROAD: 0.78,
    Granularity.BALANCED: 0.68,
    Granularity.FINE: 0.54,
}
"""Largest mean cosine distance between two groups that are still merged."""


def partition(keywords: Sequence[str], granularity: Granularity) -> NDArray[np.int64]:
    """Labels 0..g-1 (len(keywords),): the groups by distance alone, of any size."""
    if not keywords:
        return np.zeros(0, dtype=np.int64)
    found = points(keywords)
    return average_linkage(found.vectors, found.sizes, threshold=THRESHOLDS[granularity])[found.of_keyword]


class VectorGrouper:
    """Implements domain.ports.KeywordGrouper; stateless, and the same keywords always give the same groups."""

    def group(
        self,
        keywords: Sequence[str],
        *,
        strengths: Sequence[int],
        granularity: Granularity,
        max_size: int,
        progress: Callable[[int, int], None],
    ) -> list[list[int]]:
        """See the protocol. A topic above `max_size` becomes several groups of the keywords most alike."""
        if max_size < 1 or len(strengths) != len(keywords):
            raise ValueError("max_size must be at least 1, and strengths as many as keywords")
        total = len(keywords)
        progress(0, total)
        groups = list(_groups(keywords, strengths, THRESHOLDS[granularity], max_size, progress)) if keywords else []
        progress(total, total)
        return sorted(groups, key=lambda group: (-sum(strengths[place] for place in group), group[0]))


def _groups(
    keywords: Sequence[str],
    strengths: Sequence[int],
    threshold: float,
    max_size: int,
    progress: Callable[[int, int], None],
) -> Iterator[list[int]]:
    """Positions in groups of at most `max_size`, strongest first in each; the groups in no particular order."""
    total, found = len(keywords), points(keywords)

    def merged(groups_left: int) -> None:
        progress(total - total * groups_left // len(found.sizes), total)

    labels = average_linkage(found.vectors, found.sizes, threshold=threshold, max_size=max_size, merged=merged)
    members: dict[int, list[int]] = {}
    for place in sorted(range(total), key=lambda place: (-strengths[place], place)):
        members.setdefault(int(labels[found.of_keyword[place]]), []).append(place)
    for group in members.values():
        # Only keywords of one and the same point can still be too many: they are alike, so any cut will do.
        yield from (group[start : start + max_size] for start in range(0, len(group), max_size))
