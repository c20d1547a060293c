"""Reads of background work."""

from schema.graph.roots import RootPart, by_id, listed
from schema.jobs.types import Job

ROOTS: dict[str, RootPart] = {"job": by_id(Job), "jobs": listed(Job)}
