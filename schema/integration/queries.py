"""Reads of integrations."""

from schema.graph.roots import RootPart, by_id, listed
from schema.integration.types import Integration, SyncRun

ROOTS: dict[str, RootPart] = {
    "integration": by_id(Integration),
    "integrations": listed(Integration),
    "syncRun": by_id(SyncRun),
    "syncRuns": listed(SyncRun),
}
