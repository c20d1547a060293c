"""A site that can only be read: its pages as contents of origin IMPORTED, so that planning knows what is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid4

from sqlalchemy import select

from domain.access import Permission
from domain.accounts.sectors import place_for
from domain.addresses import check_url
from domain.crawling import Page, SiteReader
from domain.crud import record
from domain.errors import bad_input, conflict
from domain.functions import Charge, Params, Progress, Tools
from domain.integration.kinds import SYNCED
from domain.job import under_way
from domain.planned import Place, Planned, Work
from domain.rows import belonging, find
from domain.slugs import slugify
from domain.texts import MAX_TITLE, cut
from domain.writer.contents import MAX_HTML, MAX_META_DESCRIPTION, MAX_META_TITLE
from domain.writer.revisions import record_revision
from domain.writer.slugs import claim_slug, free_slug
from domain.writer.stored_body import Written, write
from domain.writer.threads import beside
from persistence.models import Content, Integration, Job, JobItem, Sector, Site
from persistence.scope import JobScope
from persistence.terms import (
    AuditOperation,
    ContentOrigin,
    ContentStatus,
    ContentType,
    JobKind,
    LimitKey,
    Queue,
)
from persistence.unit import Unit, Units

ACTION = "importSite"


@dataclass(frozen=True, slots=True)
class Wanted:
    site_id: UUID
    url: str
    sector_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    account_id: UUID
    site_id: UUID
    sector_id: UUID
    url: str
    job_id: UUID
    item_id: UUID

    @property
    def scope(self) -> JobScope:
        return JobScope(self.account_id, cause=self.job_id)


@dataclass(slots=True)
class Counts:
    read: int = 0
    imported: int = 0
    skipped: int = 0


class ImportSite:
    """What was imported before is not read again; whoever goes on after a killed worker finds it so."""

    kind, queue, phase = JobKind.IMPORT_SITE, Queue.PUBLISHING, "reading"
    permission, wanted = Permission.PUBLISH, Wanted

    async def plan(self, unit: Unit, user_id: UUID, wanted: Wanted) -> Planned:
        """CONFLICT where an integration tells what is there, which would come twice, and while it is read already."""
        site = await find(unit, Site, wanted.site_id, "input", "siteId")
        sector = await _sector(unit, site, wanted.sector_id)
        url = check_url(wanted.url, "input", "url")
        known = select(Integration.name).where(Integration.site_id == site.id, Integration.kind.in_(SYNCED))
        if name := await unit.session.scalar(known.limit(1)):
            raise conflict(f"“{name}” tells what is there: use syncIntegration.", "input", "siteId")
        if await under_way(unit, self.kind, [site.id]):
            raise conflict("The site is being read already.", "input", "siteId")
        place = Place(site.account_id, user_id, site.id, sector.id)
        return Planned(self, place, [Work(site.id, 1, 0)], {"url": url})

    async def begin(self, unit: Unit, subject_ids: Sequence[UUID], params: Params) -> None:
        return None

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> Reading | None:
        if job.site_id is None or job.sector_id is None or await unit.session.get(Sector, job.sector_id) is None:
            return None
        return Reading(job.account_id, job.site_id, job.sector_id, job.params["url"], job.id, item.id)

    async def call(self, tools: Tools, brief: Reading, progress: Progress) -> Counts:
        counts, units = Counts(), tools[Units]

        async def known(urls: Sequence[str]) -> set[str]:
            async with units(brief.scope) as unit:
                of = select(Content.published_url).where(
                    Content.site_id == brief.site_id, Content.published_url.in_(urls)
                )
                return {url for url in await unit.session.scalars(of) if url}

        async for step in tools[SiteReader].read(brief.url, known):
            progress("reading", step.done, step.total)
            counts.read = step.done
            if step.page is None:
                continue
            text = await beside(lambda page=step.page: write(page.html)[0])  # type: ignore[misc]
            async with units(brief.scope) as unit:
                made = await _content(unit, brief, step.page, text)
            counts.imported += made
            counts.skipped += not made
        return counts

    async def apply(self, unit: Unit, job: Job, item: JobItem, brief: Reading, answer: Counts) -> Charge:
        return Charge(0, message=f"{answer.imported:,} of {answer.read:,} addresses imported")

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        """What was imported stays."""
        return

    def uses_again(self, failed: Sequence[JobItem]) -> dict[LimitKey, int]:
        return {}


async def _sector(unit: Unit, site: Site, sector_id: UUID | None) -> Sector:
    """The one that is given, or the site's first."""
    if sector_id is not None:
        sector, _ = await place_for(unit, sector_id, None, "input")
        if sector.site_id != site.id:
            raise bad_input("Give a sector of the site.", "input", "sectorId")
        return sector
    first = select(Sector).where(Sector.site_id == site.id).order_by(Sector.created_at, Sector.id).limit(1)
    found = (await unit.session.scalars(first)).first()
    if found is None:
        raise conflict("The site has no sector that its pages could be put into; make one.", "input", "siteId")
    return found


async def _content(unit: Unit, brief: Reading, page: Page, text: Written) -> bool:
    """False for what is there, says nothing, or is longer than a content may be."""
    if not text.word_count or len(text.html_content) > MAX_HTML:
        return False
    await claim_slug(unit, brief.site_id, page.url)
    there = select(Content.id).where(Content.site_id == brief.site_id, Content.published_url == page.url)
    if await unit.session.scalar(there) is not None:
        return False
    sector = await unit.get(Sector, brief.sector_id)
    content = Content(
        **belonging(sector),
        title=cut(_printable(page.title), MAX_TITLE) or cut(text.excerpt, 80),
        slug=await free_slug(unit, brief.site_id, _slug(page), uuid4()),
        html_content=text.html_content,
        word_count=text.word_count,
        excerpt=text.excerpt,
        meta_title=cut(_printable(page.meta_title), MAX_META_TITLE) or None,
        meta_description=cut(_printable(page.meta_description), MAX_META_DESCRIPTION) or None,
        content_type=ContentType.POST if page.is_article else ContentType.PAGE,
        status=ContentStatus.PUBLISHED,
        origin=ContentOrigin.IMPORTED,
        published_url=page.url,
        published_at=page.published_at or await unit.now(),
    )
    unit.add(content)
    await unit.flush()
    await record_revision(unit, content, f"found at {page.url}"[:500], job_item_id=brief.item_id)
    record(unit, ACTION, content, AuditOperation.INSERT, after={"title": content.title})
    return True


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _slug(page: Page) -> str:
    """The last part of its address."""
    last = unquote(urlsplit(page.url).path).rstrip("/").rpartition("/")[2]
    return slugify(last.rpartition(".")[0] or last or page.title)


IMPORT_SITE = ImportSite()
