"""What is clustered: one point for all the keywords that have the same words, or else the same vector."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from jobs.adapters.embeddings import Vectors, text_vectors, unit, words

Ints: TypeAlias = NDArray[np.int64]

_CENTRING_PRIOR = 30
"""As many points at the origin are averaged in, or a handful of keywords about one topic would be pushed apart."""


@dataclass(frozen=True, slots=True)
class Points:
    """`vectors` (p, d) of length 1 or 0, number of keywords in each (p,), and the point of each keyword (n,)."""

    vectors: Vectors
    sizes: Ints
    of_keyword: Ints


def points(keywords: Sequence[str]) -> Points:
    """The distinct points of at least one keyword, in order of first appearance."""
    bags: dict[tuple[str, ...], int] = {}
    of_keyword = np.array([bags.setdefault(tuple(sorted(words(keyword))), len(bags)) for keyword in keywords])
    vectors = text_vectors(list(bags))
    of_bag = _same(vectors)
    of_keyword = of_bag[of_keyword]
    return Points(_centred(vectors[np.unique(of_bag, return_index=True)[1]]), np.bincount(of_keyword), of_keyword)


def _same(vectors: Vectors) -> Ints:
    """Labels 0..p-1 (n,), in order of first appearance, equal for equal vectors; zeros equal nothing.

    Thousands of equal points ("1234", "2143", ... have the same pieces) would all choose the same nearest neighbour,
    and the linkage could merge only one pair of them in a round.
    """
    seen: dict[bytes | int, int] = {}
    rounded = vectors.round(4) + 0.0  # turns -0.0, whose bytes differ, into 0.0
    keys = (row.tobytes() if row.any() else place for place, row in enumerate(rounded))
    return np.array([seen.setdefault(key, len(seen)) for key in keys])


def _centred(vectors: Vectors) -> Vectors:
    """Without what all have in common ("menopause" in a list about it), so that one threshold fits every list."""
    known = vectors.any(axis=1, keepdims=True)
    common = vectors.sum(axis=0) / (known.sum() + _CENTRING_PRIOR)
    return unit(np.where(known, vectors - common, 0))
