"""Following jobs: the state at once, then every change, read again where a message may have been missed."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Annotated, Any
from uuid import UUID

import strawberry

from domain.errors import camel, not_found
from persistence.errors import Missing
from persistence.graph.model import Entity
from persistence.progress import rereads
from persistence.progress.snapshot import FIELDS, IDS, Snapshot, snapshot_of
from persistence.queries.jobs import ACTIVITY, SNAPSHOT, Activity, activity_of
from persistence.terms import JobKind, JobStatus
from schema.context import Context, Info
from schema.execution.operation import current
from schema.execution.telling import Shown, read, tell
from schema.graph.entity import REGISTRY, as_columns, ref
from schema.graph.fields import said
from schema.jobs.types import Job
from schema.mutation import id_argument

READ_SECONDS = 1.0  # between two values that carry the job itself, which is read each time
NOWHERE = UUID(int=0)
REMEMBERED = 5_000  # jobs that a listener of an account was told of: an ended one is read again for a while
SiteId = Annotated[strawberry.ID, id_argument("Site", "The website whose jobs are told.")]
OVERLAP = timedelta(seconds=5)  # a transaction may commit later than it was stamped
SCALARS = [name for name in FIELDS if name not in (*IDS, "version")]


@strawberry.type
@as_columns(Job, SCALARS)
class JobProgress:
    """A job's state; `job` is read when it is asked for."""

    job_id: strawberry.ID = strawberry.field(description="The job that it is about.")
    version: int = strawberry.field(description="Counts changes of the job; of two values the higher is the newer.")
    job: Job | None = strawberry.field(
        description="All of the job as it is now; at most one value a second is told with it."
    )


@strawberry.type
class JobsSubscription:
    @strawberry.subscription(  # type: ignore[untyped-decorator]
        description="The current state at once, then every change; completes when the job has ended."
    )
    async def job_progress(
        self, info: Info, id: Annotated[strawberry.ID, said("The id of a job.")]
    ) -> AsyncIterator[JobProgress]:
        job_id = _binding("Job").decode(id)
        if job_id is None:
            raise not_found("job", "id")
        leaves = current().plan.leaves
        snapshots = follow(info.context, job_id, 0.0 if leaves else READ_SECONDS)
        async for shown in tell(info.context, snapshots, SHOWN, _shown):
            yield shown

    @strawberry.subscription(  # type: ignore[untyped-decorator]
        description="All open jobs of a site at once, then every change of any of its jobs."
    )
    async def site_activity(self, info: Info, site_id: SiteId) -> AsyncIterator[JobProgress]:
        site = _binding("Site").decode(site_id) or NOWHERE
        async for shown in tell(info.context, follow_all(info.context, site), SHOWN, _shown):
            yield shown

    @strawberry.subscription(  # type: ignore[untyped-decorator]
        description="All open jobs that the caller may see at once, then every change of any job."
    )
    async def account_activity(self, info: Info) -> AsyncIterator[JobProgress]:
        async for shown in tell(info.context, follow_all(info.context), SHOWN, _shown):
            yield shown


async def follow(context: Context, job_id: UUID, pause: float = 0.0) -> AsyncGenerator[Snapshot]:
    """Subscribes first and reads then, so that nothing falls between; NOT_FOUND for what the caller may not see.

    However much is told, the row is read every few seconds: so what was lost is made up for, and access that was
    withdrawn ends the subscription. Between two values there are at least `pause` seconds.
    """
    services = context.services
    with (
        services.metrics.following.track_inprogress(),
        services.hub.follow_job(context.scope(), job_id, context.caller.expires_at) as feed,
    ):
        snapshot = await _read(context, job_id)
        feed.seen = snapshot.version
        yield snapshot
        while not snapshot.has_ended:
            found, gap = await feed.next()
            if gap:
                found = [await _read(context, job_id)]
            if found[0].version > snapshot.version:
                snapshot = found[0]
                yield snapshot
                if pause:
                    await asyncio.sleep(pause)


async def follow_all(context: Context, site_id: UUID | None = None) -> AsyncGenerator[Snapshot]:
    """As `follow`, of all jobs that the caller may see, without end; NOT_FOUND for a site that is not the caller's.

    What the caller may see is read again every few seconds, and so is what may have been missed.
    """
    told: dict[UUID, int] = {}
    services = context.services
    with (
        services.metrics.following.track_inprogress(),
        services.hub.follow_account(context.caller.account_id) as feed,
    ):
        now = await _read_all(context, None, site_id)
        if not now.found:
            raise not_found("site", "siteId")
        found = now.jobs
        feed.remind(_soon())
        while True:
            for snapshot in found:
                here = site_id in (None, snapshot.site_id)
                if here and now.found and snapshot.site_id in now.sites and told.get(snapshot.id, 0) < snapshot.version:
                    told[snapshot.id] = snapshot.version
                    yield snapshot
            while len(told) > REMEMBERED:
                del told[next(iter(told))]
            found, gap = await feed.next()
            if gap:
                now = await _read_all(context, now.moment - OVERLAP, site_id)
                found = [*found, *now.jobs]
                feed.remind(_soon())


def _soon() -> float:
    """Seconds to the next reading. Many who began at once do not read at once for ever."""
    return rereads.REREAD_SECONDS * random.uniform(0.7, 1.0)


async def _read_all(context: Context, since: datetime | None, site_id: UUID | None) -> Activity:
    return activity_of(await read(context, ACTIVITY, [since, site_id]))


async def _read(context: Context, job_id: UUID) -> Snapshot:
    try:
        return snapshot_of(await read(context, SNAPSHOT, [job_id]))
    except Missing:
        raise not_found("job", "id") from None


SHOWN: Shown[Snapshot] = {
    "__typename": lambda _: "JobProgress",
    "jobId": lambda s: _binding("Job").encode(s.id),
    **{camel(name): attrgetter(name) for name in (*SCALARS, "version")},
}


def _shown(snapshot: Snapshot) -> JobProgress:
    known: dict[str, Any] = {name: getattr(snapshot, name) for name in SCALARS}
    known |= {"kind": JobKind(snapshot.kind), "status": JobStatus(snapshot.status)}
    id = strawberry.ID(_binding("Job").encode(snapshot.id))
    return JobProgress(job_id=id, version=snapshot.version, job=ref(Job, snapshot.id), **known)


def _binding(name: str) -> Entity:
    entity = REGISTRY.bindings[name].entity
    assert entity
    return entity
