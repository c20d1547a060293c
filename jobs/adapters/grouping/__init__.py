"""Groups keywords into clusters by the meaning of their words, locally and repeatably: no network, no key."""

from jobs.adapters.grouping.grouper import VectorGrouper, partition

__all__ = ["VectorGrouper", "partition"]
