"""Reads of keywords, clusters and ideas."""

from schema.graph.roots import RootPart, by_id, listed
from schema.planner.types import Cluster, Idea, Keyword

ROOTS: dict[str, RootPart] = {
    "keyword": by_id(Keyword),
    "keywords": listed(Keyword),
    "cluster": by_id(Cluster),
    "clusters": listed(Cluster),
    "idea": by_id(Idea),
    "ideas": listed(Idea),
}
