"""Sites that are archived, and come back.

An archived site takes nothing but reads, exports and deletes: who is about to do something about a row of it is refused
where their transaction begins (the function refuse_archived of the database, for the rows that its scope has named).
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select, update

from domain import audit
from domain.billing.limits import check_room
from domain.billing.service import lock_balance
from domain.crud import number_of
from domain.errors import not_found
from domain.functions import Function
from domain.job import cancel_jobs
from domain.rows import distinct
from persistence.models import Cluster, Idea, Image, Job, Keyword, Publication, Sector, Site
from persistence.terms import AuditOperation, JobKind, LimitKey, SectorStatus, SiteStatus
from persistence.unit import Unit

COUNTED = {
    LimitKey.KEYWORDS: Keyword,
    LimitKey.CLUSTERS: Cluster,
    LimitKey.CONTENT_IDEAS: Idea,
}  # of what a plan limits, what belongs to a site


async def delete_sites(unit: Unit, ids: Sequence[UUID], functions: Mapping[JobKind, Function]) -> list[UUID]:
    """Archived: their work that waits ends, what runs within seconds; after thirty days they are purged."""
    sites = await _locked(unit, ids)
    gone = [site.id for site in sites]
    open_jobs = select(Job).where(Job.site_id.in_(gone), Job.finished_at.is_(None)).order_by(Job.id)
    await cancel_jobs(unit, await unit.all(open_jobs), functions)
    for site in sites:
        site.status, site.is_active = SiteStatus.ARCHIVED, False
        site.archived_at = site.archived_at or await unit.now()
    in_use = update(Sector).where(Sector.site_id.in_(gone), Sector.is_active)
    await unit.run(in_use.values(is_active=False, status=SectorStatus.INACTIVE, archived_at=func.now()))
    audit.record(
        unit, sites[0].account_id, "deleteSites", "Site", operation=AuditOperation.DELETE,
        after={"status": SiteStatus.ARCHIVED.value}, ids={id: id for id in gone},
    )  # fmt: skip
    return gone


async def _locked(unit: Unit, ids: Sequence[UUID]) -> list[Site]:
    """Alone: who has begun to do something there has ended, who begins waits. NOT_FOUND when one is not there.

    Workers, whose rows refer to the site, do not wait: they may hold what this is about to lock.
    """
    wanted = distinct(ids, "ids")
    turns = select(func.site_turn(Site.id).label("turn")).where(Site.id.in_(wanted)).distinct().order_by("turn")
    held = turns.subquery()
    await unit.session.execute(select(func.count(func.pg_advisory_xact_lock(held.c.turn))))
    statement = select(Site).where(Site.id.in_(wanted)).order_by(Site.id).with_for_update(key_share=True)
    found = {site.id: site for site in await unit.all(statement.execution_options(populate_existing=True))}
    if len(found) != len(wanted):
        raise not_found("site", "ids")
    return [found[id] for id in wanted]


async def bring_back(unit: Unit, site: Site, *field: str) -> None:
    """Its sectors are as they were. LIMIT_REACHED where the plan has no room for it, or for what is in it."""
    in_it = {key: await number_of(unit, row.id, row.site_id == site.id) for key, row in COUNTED.items()}
    kept = select(func.coalesce(func.sum(Image.bytes), 0)).where(Image.site_id == site.id, Image.blob_key.is_not(None))
    published = select(func.coalesce(func.sum(Publication.bytes), 0)).where(Publication.site_id == site.id)
    in_it[LimitKey.STORAGE] = sum([int((await unit.session.scalars(each)).one() or 0) for each in (kept, published)])
    await lock_balance(unit, site.account_id)
    for key, number in {LimitKey.SITES: 1, **in_it}.items():
        if number:
            await check_room(unit, site.account_id, key, number, *field)
    sectors = update(Sector).where(Sector.site_id == site.id, Sector.archived_at.is_not(None))
    await unit.run(sectors.values(is_active=True, status=SectorStatus.ACTIVE, archived_at=None))
