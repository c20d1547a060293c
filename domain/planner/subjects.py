"""What work of planning is about: a sector, clusters, portions of many ids."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from domain.ai.briefs import ClusterBrief
from domain.errors import bad_input, not_found
from persistence.errors import Missing
from persistence.models import Cluster, Job, JobItem, Keyword, Sector
from persistence.unit import Unit

MAX_SUBJECTS = 500
STRENGTH = func.coalesce(Keyword.volume, Keyword.impressions, 0)


async def find_sector(unit: Unit, sector_id: UUID) -> Sector:
    try:
        return await unit.get(Sector, sector_id)
    except Missing:
        raise not_found("sector", "input", "sectorId") from None


async def find_clusters(unit: Unit, cluster_ids: list[UUID]) -> list[Cluster]:
    ids = list(dict.fromkeys(cluster_ids))
    check_subjects(len(ids), "clusterIds")
    try:
        return await unit.many(Cluster, ids)
    except Missing:
        raise not_found("cluster", "input", "clusterIds") from None


def check_subjects(number: int, field: str, most: int = MAX_SUBJECTS) -> None:
    if not 1 <= number <= most:
        raise bad_input(f"Give from 1 to {most} ids.", "input", field)


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
