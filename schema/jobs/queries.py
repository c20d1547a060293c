"""Reads of background work."""

from schema.jobs.types import Job
from schema.roots import RootPart, by_id, listed

ROOTS: dict[str, RootPart] = {"job": by_id(Job), "jobs": listed(Job)}
