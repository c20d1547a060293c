"""What work of planning is about: a sector, clusters, portions of many ids."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from domain.ai.briefs import ClusterBrief
from domain.planned import MAX_SUBJECTS
from domain.rows import find, find_all
from persistence.models import Cluster, Job, JobItem, Keyword, Sector
from persistence.unit import Unit

STRENGTH = func.coalesce(Keyword.volume, Keyword.impressions, 0)


async def find_sector(unit: Unit, sector_id: UUID) -> Sector:
    return await find(unit, Sector, sector_id, "input", "sectorId")


async def find_clusters(unit: Unit, cluster_ids: list[UUID]) -> list[Cluster]:
    return await find_all(unit, Cluster, cluster_ids, "input", "clusterIds", most=MAX_SUBJECTS)


def portions(number: int, size: int) -> list[int]:
    """How many each item of a job over so many is about."""
    return [min(size, number - done) for done in range(0, number, size)]


def portion_of(job: Job, item: JobItem, name: str, size: int) -> list[UUID]:
    """The ids that an item of a job over many is about."""
    ids: list[str] = job.params[name]
    return [UUID(id) for id in ids[item.position * size : (item.position + 1) * size]]


async def strongest(unit: Unit, cluster_id: UUID, limit: int) -> Sequence[Any]:
    """A cluster's strongest keywords with their language."""
    statement = (
        select(Keyword.keyword, Keyword.language)
        .where(Keyword.cluster_id == cluster_id)
        .order_by(STRENGTH.desc(), Keyword.id)
        .limit(limit)
    )
    return (await unit.session.execute(statement)).all()


async def brief_of(unit: Unit, cluster: Cluster, limit: int) -> ClusterBrief:
    rows = await strongest(unit, cluster.id, limit)
    return ClusterBrief(cluster.name, [r.keyword for r in rows] or [cluster.name], rows[0].language if rows else None)
