"""Keywords, clusters and ideas: what becomes background work."""

from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import func, select
from stamina import retry_context

from domain.billing.rules import clustering_price, ideas_price, intents_price, names_price
from domain.errors import bad_input, not_found
from domain.job import create_job
from domain.planned import Place, Planned, Work, place_of
from domain.planner.functions import CLASSIFY_INTENT, GENERATE_IDEAS, NAME_CLUSTERS
from domain.planner.imports import Report, Source, TooManyRows, file_source, import_rows
from domain.planner.rules import (
    INTENTS_AT_ONCE,
    MAX_FILE_BYTES,
    MAX_KEYWORD_IDS,
    MAX_REQUEST_BYTES,
    MAX_REQUEST_ROWS,
    NAMES_AT_ONCE,
    check_cluster_size,
    check_idea_count,
    check_subjects,
)
from domain.planner.work import ClusterKeywords, ImportKeywords
from persistence.blobs import Blobs
from persistence.errors import Deadlock, Missing
from persistence.models import Cluster, Keyword, Sector
from persistence.scope import Scope
from persistence.terms import Granularity, KeywordStatus, LimitKey
from persistence.unit import Unit, Units


@dataclass(frozen=True, slots=True)
class Imported:
    """A report, or for a large file the job that goes on."""

    report: Report | None = None
    job_id: UUID | None = None


async def import_source(units: Units, scope: Scope, sector_id: UUID, source: Source, *, dry_run: bool) -> Report:
    """Within the request; BAD_INPUT when there are more rows than it may carry."""
    try:
        return await _import_now(units, scope, sector_id, source, dry_run=dry_run)
    except TooManyRows:
        raise bad_input(
            f"That is more than {MAX_REQUEST_ROWS} rows; send them as a file.", "input", source.name
        ) from None


async def _import_now(units: Units, scope: Scope, sector_id: UUID, source: Source, *, dry_run: bool) -> Report:
    """Once more where it and somebody else waited for each other: the plan's room is counted before rows are locked."""
    # A block and no decorator: of a function stamina logs the arguments too, and these are an account's keywords.
    async for attempt in retry_context(on=Deadlock, attempts=3, timeout=None, wait_initial=0.05, wait_jitter=0.2):
        with attempt:
            async with units(scope) as unit:
                return await import_rows(unit, sector_id, source, dry_run=dry_run, max_rows=MAX_REQUEST_ROWS)
    raise AssertionError("the last attempt returns or raises")


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
            return Imported(await _import_now(units, scope, sector_id, file_source(file), dry_run=dry_run))
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
            params = {"blob": key, "dryRun": dry_run}
            job = await create_job(unit, Planned(ImportKeywords(), place, work, params))
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


async def plan_clustering(unit: Unit, user_id: UUID, wanted: Clustering) -> Planned:
    """Charged by the keywords it places."""
    size = check_cluster_size(wanted.max_cluster_size)
    sector = await find_sector(unit, wanted.sector_id)
    number = await _count(unit, wanted)
    params = {
        "granularity": wanted.granularity.value,
        "maxClusterSize": size,
        "keywordIds": [str(id) for id in wanted.keyword_ids] if wanted.keyword_ids else None,
    }
    place = Place(sector.account_id, user_id, sector.site_id, sector.id)
    work = [Work(sector.id, number, clustering_price(number))]
    return Planned(ClusterKeywords(), place, work, params)


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


async def plan_ideas(unit: Unit, user_id: UUID, cluster_ids: list[UUID], count: int | None) -> Planned:
    """One item per cluster; the job's site and sector are the clusters', where they have one in common."""
    number = check_idea_count(count)
    clusters = await _clusters(unit, cluster_ids)
    work = [Work(cluster.id, 1, ideas_price(number)) for cluster in clusters]
    uses = {LimitKey.AI_REQUESTS: len(work), LimitKey.CONTENT_IDEAS: number * len(work)}
    return Planned(GENERATE_IDEAS, place_of(clusters, user_id), work, {"count": number}, uses)


async def plan_names(unit: Unit, user_id: UUID, cluster_ids: list[UUID], *, merge: bool) -> Planned:
    """One item per 20 clusters, all of one sector."""
    clusters = await _clusters(unit, cluster_ids)
    if len({cluster.sector_id for cluster in clusters}) > 1:
        raise bad_input("Take clusters of one sector at a time.", "input", "clusterIds")
    clusters.sort(key=lambda cluster: (-cluster.volume, cluster.id))
    params = {"clusterIds": [str(cluster.id) for cluster in clusters], "merge": merge}
    work = [Work(None, n, names_price(n)) for n in _portions(len(clusters), NAMES_AT_ONCE)]
    uses = {LimitKey.AI_REQUESTS: len(work)}
    return Planned(NAME_CLUSTERS, place_of(clusters, user_id), work, params, uses)


async def plan_intents(unit: Unit, user_id: UUID, sector_id: UUID, keyword_ids: list[UUID] | None) -> Planned:
    """One item per 50 keywords. None given: those of the sector that have no intent."""
    sector = await find_sector(unit, sector_id)
    statement = select(Keyword.id).where(Keyword.sector_id == sector.id, Keyword.status != KeywordStatus.ARCHIVED)
    if keyword_ids:
        wanted = list(dict.fromkeys(keyword_ids))
        check_subjects(len(wanted), "keywordIds", MAX_KEYWORD_IDS)
        statement = statement.where(Keyword.id.in_(wanted))
    else:
        statement = statement.where(func.cardinality(Keyword.intent) == 0)
    ids = list((await unit.session.scalars(statement.order_by(Keyword.id).limit(MAX_KEYWORD_IDS))).all())
    if keyword_ids and len(ids) != len(set(keyword_ids)):
        raise not_found("keyword in the sector", "input", "keywordIds")
    if not ids:
        raise bad_input("All keywords of the sector have an intent; give keywordIds.", "input", "sectorId")
    work = [Work(None, n, intents_price(n)) for n in _portions(len(ids), INTENTS_AT_ONCE)]
    place = Place(sector.account_id, user_id, sector.site_id, sector.id)
    params, uses = {"keywordIds": [str(id) for id in ids]}, {LimitKey.AI_REQUESTS: len(work)}
    return Planned(CLASSIFY_INTENT, place, work, params, uses)


def _portions(number: int, size: int) -> list[int]:
    return [min(size, number - done) for done in range(0, number, size)]


async def _clusters(unit: Unit, cluster_ids: list[UUID]) -> list[Cluster]:
    ids = list(dict.fromkeys(cluster_ids))
    check_subjects(len(ids), "clusterIds")
    try:
        return await unit.many(Cluster, ids)
    except Missing:
        raise not_found("cluster", "input", "clusterIds") from None
