"""Keywords, clusters and ideas: what becomes background work."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import func, select

from domain.billing.rules import CREDITS_PER_IDEAS, clustering_price
from domain.errors import bad_input, not_found
from domain.idempotency import once
from domain.job import Place, Work, create_job
from domain.planner.imports import Report, Source, TooManyRows, file_source, import_rows
from domain.planner.rules import (
    MAX_FILE_BYTES,
    MAX_KEYWORD_IDS,
    MAX_REQUEST_BYTES,
    MAX_REQUEST_ROWS,
    check_cluster_size,
    check_idea_count,
    check_subjects,
)
from persistence.base import SectorRow
from persistence.blobs import Blobs
from persistence.errors import Missing
from persistence.models import Cluster, Keyword, Sector
from persistence.scope import Scope
from persistence.terms import Granularity, JobKind, KeywordStatus
from persistence.unit import Unit, Units

FILES, COMPUTE, TEXT = "files", "compute", "text"


@dataclass(frozen=True, slots=True)
class Imported:
    """A report, or for a large file the job that goes on."""

    report: Report | None = None
    job_id: UUID | None = None


async def import_source(units: Units, scope: Scope, sector_id: UUID, source: Source, *, dry_run: bool) -> Report:
    """Within the request; BAD_INPUT when there are more rows than it may carry."""
    try:
        async with units(scope) as unit:
            return await import_rows(unit, sector_id, source, dry_run=dry_run, max_rows=MAX_REQUEST_ROWS)
    except TooManyRows:
        raise bad_input(
            f"That is more than {MAX_REQUEST_ROWS} rows; send them as a file.", "input", source.name
        ) from None


async def import_file(
    units: Units,
    scope: Scope,
    blobs: Blobs,
    user_id: UUID,
    sector_id: UUID,
    file: BinaryIO,
    size: int,
    *,
    dry_run: bool,
) -> Imported:
    """Up to 20 MB and 50,000 rows at once, more as a job."""
    if size > MAX_FILE_BYTES:
        raise bad_input(f"The file is larger than {MAX_FILE_BYTES // 1_000_000} MB; split it.", "input", "file")
    if size <= MAX_REQUEST_BYTES:
        try:
            async with units(scope) as unit:
                source = file_source(file)
                return Imported(await import_rows(unit, sector_id, source, dry_run=dry_run, max_rows=MAX_REQUEST_ROWS))
        except TooManyRows:
            file.seek(0)
    return Imported(job_id=await _import_later(units, scope, blobs, user_id, sector_id, file, size, dry_run=dry_run))


async def _import_later(
    units: Units,
    scope: Scope,
    blobs: Blobs,
    user_id: UUID,
    sector_id: UUID,
    file: BinaryIO,
    size: int,
    *,
    dry_run: bool,
) -> UUID:
    key = await blobs.put(file, MAX_FILE_BYTES)
    try:
        async with units(scope) as unit:
            sector = await find_sector(unit, sector_id)
            place = Place(sector.account_id, user_id, sector.site_id, sector.id)
            work = [Work(sector.id, max(1, size // 1024), 0)]
            job = await create_job(unit, JobKind.IMPORT_KEYWORDS, FILES, place, work, {"blob": key, "dryRun": dry_run})
            return job.id
    except BaseException:
        await blobs.delete(key)
        raise


@dataclass(frozen=True, slots=True)
class Clustering:
    """What to cluster, and how. No keywords given: all unclustered ones of the sector."""

    sector_id: UUID
    keyword_ids: list[UUID] | None = None
    granularity: Granularity = Granularity.BALANCED
    max_cluster_size: int | None = None


async def cluster_keywords(unit: Unit, user_id: UUID, wanted: Clustering, key: str | None) -> UUID:
    """The job's id. Charged by the keywords it places."""
    size = check_cluster_size(wanted.max_cluster_size)
    sector = await find_sector(unit, wanted.sector_id)

    async def make() -> UUID:
        number = await _count(unit, wanted)
        params = {
            "granularity": wanted.granularity.value,
            "maxClusterSize": size,
            "keywordIds": [str(id) for id in wanted.keyword_ids] if wanted.keyword_ids else None,
        }
        place = Place(sector.account_id, user_id, sector.site_id, sector.id)
        work = [Work(sector.id, number, clustering_price(number))]
        return (await create_job(unit, JobKind.CLUSTER_KEYWORDS, COMPUTE, place, work, params)).id

    return await once(unit, sector.account_id, "clusterKeywords", key, wanted, make)


async def _count(unit: Unit, wanted: Clustering) -> int:
    statement = select(func.count()).select_from(Keyword).where(Keyword.sector_id == wanted.sector_id)
    if wanted.keyword_ids:
        ids = list(dict.fromkeys(wanted.keyword_ids))
        check_subjects(len(ids), "keywordIds", MAX_KEYWORD_IDS)
        if await unit.session.scalar(statement.where(Keyword.id.in_(ids))) != len(ids):
            raise not_found("keyword in the sector", "input", "keywordIds")
        statement = statement.where(Keyword.id.in_(ids))
    free = statement.where(Keyword.cluster_id.is_(None), Keyword.status != KeywordStatus.ARCHIVED)
    number = (await unit.session.scalar(free)) or 0
    if not number:
        raise bad_input("There are no unclustered keywords; import some with importKeywords.", "input", "sectorId")
    return number


async def find_sector(unit: Unit, sector_id: UUID) -> Sector:
    try:
        return await unit.get(Sector, sector_id)
    except Missing:
        raise not_found("sector", "input", "sectorId") from None


async def generate_ideas(
    unit: Unit, user_id: UUID, cluster_ids: list[UUID], count: int | None, key: str | None
) -> UUID:
    """One item per cluster; the job's site and sector are the clusters', where they have one in common."""
    ids = list(dict.fromkeys(cluster_ids))
    check_subjects(len(ids), "clusterIds")
    number = check_idea_count(count)
    try:
        clusters = await unit.many(Cluster, ids)
    except Missing:
        raise not_found("cluster", "input", "clusterIds") from None

    async def make() -> UUID:
        work = [Work(cluster.id, 1, CREDITS_PER_IDEAS) for cluster in clusters]
        place = place_of(clusters, user_id)
        return (await create_job(unit, JobKind.GENERATE_IDEAS, TEXT, place, work, {"count": number})).id

    return await once(unit, clusters[0].account_id, "generateIdeas", key, [ids, number], make)


def place_of(rows: Sequence[SectorRow], user_id: UUID) -> Place:
    """Of rows that belong to a sector each."""
    sites, sectors = {row.site_id for row in rows}, {row.sector_id for row in rows}
    if len(sites) > 1:
        raise bad_input("Take them from one site at a time.", "input")
    return Place(rows[0].account_id, user_id, rows[0].site_id, rows[0].sector_id if len(sectors) == 1 else None)
