"""Reads of keywords, clusters and ideas."""

from schema.planner.types import Cluster, ContentIdea, Keyword
from schema.roots import RootPart, by_id, listed

ROOTS: dict[str, RootPart] = {
    "keyword": by_id(Keyword),
    "keywords": listed(Keyword),
    "cluster": by_id(Cluster),
    "clusters": listed(Cluster),
    "idea": by_id(ContentIdea),
    "ideas": listed(ContentIdea),
}
