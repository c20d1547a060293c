"""A look at all that is at a destination: what was changed there is taken over, what is new there is brought here.

One list of everything, a page at a time, tells by id, time of change and state what has to be read: also what was dated
back or ahead, which no question by time would show. What is in no page any more is asked for by itself before it counts
as gone, since lists move while they are read. Each thing is taken in a transaction of its own, so that whoever goes on
after a killed worker finds done what was done.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.access import Permission
from domain.destinations import (
    READ_AT_ONCE,
    Connection,
    DestinationError,
    Destinations,
    Listed,
    Remote,
    Syncable,
)
from domain.errors import conflict
from domain.functions import Charge, Params, Progress, Tools
from domain.integration.connecting import connection_of
from domain.integration.kinds import SYNCED
from domain.job import create_job, under_way
from domain.planned import Place, Planned, Work
from domain.publisher.bringing import bring
from domain.publisher.links import in_turn
from domain.publisher.publications import follow, is_taken, locked_publication
from domain.publisher.said import theirs_of
from domain.publisher.taking import ACTION, take
from domain.publisher.work.publish_content import PUBLISH_CONTENT, stand
from domain.rows import lock
from persistence.models import Content, Integration, Job, JobItem, Publication, Sector, SyncRun
from persistence.scope import JobScope
from persistence.terms import (
    ContentStatus,
    JobKind,
    LimitKey,
    Queue,
    RemoteEntityKind,
    RemoteStatus,
    SyncOutcome,
)
from persistence.unit import Unit, Units

KINDS = (RemoteEntityKind.POST, RemoteEntityKind.PAGE)
PUSHED = (ContentStatus.APPROVED, ContentStatus.PUBLISHED)
PUSHED_AT_ONCE = 500
NOT_SYNCED = "Nothing is changed at such a destination but by us."


@dataclass(frozen=True, slots=True)
class Wanted:
    integration_id: UUID


@dataclass(frozen=True, slots=True)
class Known:
    """What is known here of a thing there."""

    content_id: UUID
    status: RemoteStatus | None
    modified_at: datetime | None


@dataclass(slots=True)
class Counts:
    """Columns of a SyncRun."""

    listed: int = 0
    imported: int = 0
    updated: int = 0
    pushed: int = 0
    conflicting: int = 0
    gone: int = 0
    skipped: int = 0

    def columns(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Look:
    account_id: UUID
    site_id: UUID
    integration_id: UUID
    run_id: UUID
    job_id: UUID
    item_id: UUID
    user_id: UUID | None
    connection: Connection = field(repr=False)

    @property
    def scope(self) -> JobScope:
        return JobScope(self.account_id, cause=self.job_id)


class SyncIntegration:
    kind, queue, phase = JobKind.SYNC_INTEGRATION, Queue.PUBLISHING, "looking"
    permission, wanted = Permission.PUBLISH, Wanted

    async def plan(self, unit: Unit, user_id: UUID, wanted: Wanted) -> Planned:
        """CONFLICT for a destination that nobody else changes, and while another look is under way."""
        row = await lock(unit, Integration, wanted.integration_id, "input", "integrationId")
        if row.kind not in SYNCED:
            raise conflict(NOT_SYNCED, "input", "integrationId")
        if await under_way(unit, self.kind, [row.id]):
            raise conflict("It is being looked at already.", "input", "integrationId")
        if await unit.session.scalar(select(func.count()).where(Sector.site_id == row.site_id)) == 0:
            raise conflict("The site has no sector that what is found could be put into.", "input", "integrationId")
        return self.planned(row.account_id, row.site_id, row.id, user_id)

    def planned(self, account_id: UUID, site_id: UUID, integration_id: UUID, user_id: UUID | None = None) -> Planned:
        return Planned(self, Place(account_id, user_id, site_id, None), [Work(integration_id, 1, 0)])

    async def begin(self, unit: Unit, subject_ids: Sequence[UUID], params: Params) -> None:
        return None

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> Look | None:
        row = await unit.session.get(Integration, item.subject_id)
        if row is None or await unit.session.scalar(select(func.count()).where(Sector.site_id == row.site_id)) == 0:
            return None
        own = {"account_id": row.account_id, "site_id": row.site_id, "integration_id": row.id}
        made = insert(SyncRun).values(**own, job_item_id=item.id)
        again = made.on_conflict_do_update(
            index_elements=["account_id", "integration_id", "job_item_id"],
            set_={"outcome": SyncOutcome.UNDER_WAY, "error": None, "ended_at": None},
        )
        run_id = (await unit.run(again.returning(SyncRun.id))).scalar_one()
        return Look(row.account_id, row.site_id, row.id, run_id, job.id, item.id, job.user_id, connection_of(unit, row))

    async def call(self, tools: Tools, brief: Look, progress: Progress) -> Counts:
        counts = Counts()
        try:
            async with tools[Destinations].open(brief.connection) as destination:
                await Looker(tools[Units], brief, destination, counts, progress).look()  # type: ignore[arg-type]
        except DestinationError as error:
            async with tools[Units](brief.scope) as unit:
                await _end(unit, brief, SyncOutcome.FAILED, counts, error.reason)
            raise
        return counts

    async def apply(self, unit: Unit, job: Job, item: JobItem, brief: Look, answer: Counts) -> Charge:
        await _end(unit, brief, SyncOutcome.DONE, answer, None)
        named = (f"{number:,} {name}" for name, number in answer.columns().items() if number)
        return Charge(0, message=", ".join(named) or "nothing is there")

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        """What was taken over stays; the next look finds the rest."""
        open_run = update(SyncRun).where(SyncRun.job_item_id == item.id, SyncRun.outcome == SyncOutcome.UNDER_WAY)
        await unit.run(open_run.values(outcome=SyncOutcome.FAILED, error=item.error, ended_at=await unit.now()))

    def uses_again(self, failed: Sequence[JobItem]) -> dict[LimitKey, int]:
        return {}


async def _end(unit: Unit, brief: Look, outcome: SyncOutcome, counts: Counts, error: str | None) -> None:
    ended = update(SyncRun).where(SyncRun.id == brief.run_id)
    await unit.run(ended.values(outcome=outcome, error=error, ended_at=await unit.now(), **counts.columns()))


class Looker:
    """One look at one destination."""

    def __init__(self, units: Units, brief: Look, destination: Syncable, counts: Counts, progress: Progress) -> None:
        self.units, self.brief, self.destination = units, brief, destination
        self.counts, self.progress = counts, progress
        self.pushes: list[UUID] = []
        self.asked_at = datetime.min.replace(tzinfo=UTC)

    async def look(self) -> None:
        for entity in KINDS:
            seen: set[str] = set()
            async for page in self.destination.listed(entity):
                self.counts.listed += len(page)
                self.progress("looking", self.counts.listed, self.counts.listed + 1)
                seen |= {line.id for line in page}
                await self._read(entity, await self._changed(page))
            await self._missing(entity, seen)
        if self.pushes:
            await self._push()

    async def _changed(self, page: Sequence[Listed]) -> list[str]:
        """What has to be read: not known, or another state or time of change than was known."""
        async with self.units(self.brief.scope) as unit:
            self.asked_at = await unit.now()
            of = select(
                Publication.remote_id, Publication.content_id, Publication.status, Publication.modified_at
            ).where(
                Publication.integration_id == self.brief.integration_id,
                Publication.remote_id.in_([line.id for line in page]),
            )
            rows = (await unit.session.execute(of)).all()
        known = {row[0]: Known(*row[1:]) for row in rows}
        wanted = []
        for line in page:
            here = known.get(line.id)
            if here is None:
                wanted += [line.id] if line.status is not RemoteStatus.TRASHED else []
            elif here.status is not line.status or here.modified_at is None or here.modified_at != line.modified_at:
                wanted.append(line.id)
        return wanted

    async def _read(self, entity: RemoteEntityKind, ids: Sequence[str]) -> None:
        for at in range(0, len(ids), READ_AT_ONCE):
            for remote in await self.destination.read(ids[at : at + READ_AT_ONCE], entity):
                await self._take(entity, remote)

    async def _take(self, entity: RemoteEntityKind, remote: Remote) -> None:
        theirs = await theirs_of(remote)
        async with self.units(self.brief.scope) as unit:
            await in_turn(unit, self.brief.integration_id)
            publication = await self._publication(unit, remote)
            if publication is None:
                integration = await unit.get(Integration, self.brief.integration_id)
                made = await bring(unit, integration, entity, theirs, self.brief.item_id)
                self.counts.imported += made is not None
                self.counts.skipped += made is None
                return
            if publication.updated_at > self.asked_at or await is_taken(unit, publication):
                return  # what was read may be older than what is known by now: the next look takes it
            if remote.status is not RemoteStatus.TRASHED:
                taken = await take(unit, publication, theirs, self.brief.item_id)
                self.counts.updated += bool(taken.updated)
                self.counts.conflicting += len(taken.conflicts)
                if taken.ours and not taken.conflicts:
                    self.pushes.append(publication.content_id)
            await self._stands(unit, publication, remote)

    async def _publication(self, unit: Unit, remote: Remote) -> Publication | None:
        """By its id there; or by its marker, of one whose answer was lost. Locked."""
        of = select(Publication.content_id).where(Publication.integration_id == self.brief.integration_id)
        content_id = await unit.session.scalar(of.where(Publication.remote_id == remote.id))
        if content_id is None and remote.marker:
            lost = of.where(Publication.marker == remote.marker, Publication.remote_id.is_(None))
            content_id = await unit.session.scalar(lost)
        return await locked_publication(unit, content_id, self.brief.integration_id) if content_id else None

    async def _stands(self, unit: Unit, publication: Publication, remote: Remote) -> None:
        """Where it was put there by somebody, it shall stand."""
        if publication.status is not remote.status:
            publication.wanted_status, publication.is_held = remote.status, False
            publication.publish_at = remote.published_at if remote.status is RemoteStatus.SCHEDULED else None
        publication.remote_id, publication.modified_at = remote.id, remote.modified_at
        publication.unknown_since, publication.lookups = None, 0
        if remote.status is not RemoteStatus.TRASHED:
            publication.url, publication.slug = remote.url, remote.slug
        await stand(unit, publication, remote.status, remote.published_at)
        await follow(unit, publication.content_id, ACTION)

    async def _missing(self, entity: RemoteEntityKind, seen: set[str]) -> None:
        """What was known, and is in no page any more."""
        async with self.units(self.brief.scope) as unit:
            of = select(Publication.remote_id, Publication.content_id).where(
                Publication.integration_id == self.brief.integration_id,
                Publication.entity == entity,
                Publication.remote_id.is_not(None),
            )
            absent = [(id, content_id) for id, content_id in await unit.session.execute(of) if id and id not in seen]
        for remote_id, content_id in absent:
            async with self.units(self.brief.scope) as unit:
                self.asked_at = await unit.now()
            there = await self.destination.fetch(remote_id, entity)
            if there is not None:
                await self._take(entity, there)
                continue
            async with self.units(self.brief.scope) as unit:
                await in_turn(unit, self.brief.integration_id)
                publication = await locked_publication(unit, content_id, self.brief.integration_id)
                if publication is None or publication.remote_id != remote_id:
                    continue
                publication.remote_id = publication.url = publication.sent = publication.modified_at = None
                publication.wanted_status, publication.publish_at, publication.base = RemoteStatus.TRASHED, None, {}
                await stand(unit, publication, RemoteStatus.TRASHED, None)
                await follow(unit, content_id, ACTION)
            self.counts.gone += 1

    async def _push(self) -> None:
        """What was changed here alone goes there, where it was approved; a job of its own."""
        async with self.units(self.brief.scope) as unit:
            of = (
                select(Publication.content_id, Publication.status)
                .join(Content, Content.id == Publication.content_id)
                .where(
                    Publication.integration_id == self.brief.integration_id,
                    Publication.content_id.in_(self.pushes),
                    Publication.status.in_([RemoteStatus.DRAFT, RemoteStatus.PUBLISHED]),
                    Content.status.in_(PUSHED),
                )
                .order_by(Publication.content_id)
                .limit(PUSHED_AT_ONCE)
            )
            rows = (await unit.session.execute(of)).all()
            for status in (RemoteStatus.DRAFT, RemoteStatus.PUBLISHED):
                work = [Work(content_id, 1, 0) for content_id, its in rows if its is status]
                if work:
                    place = Place(self.brief.account_id, self.brief.user_id, self.brief.site_id, None)
                    params = {"integration_id": str(self.brief.integration_id), "status": status.value}
                    await create_job(unit, Planned(PUBLISH_CONTENT, place, work, params))
            self.counts.pushed = len(rows)


SYNC_INTEGRATION = SyncIntegration()
