"""Following jobs: the state at once, then every change, read again where a message may have been missed."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry.types.nodes import SelectedField, Selection

from domain.errors import DomainError, not_found
from domain.job import ENDED
from persistence.errors import Missing, SessionEnded
from persistence.queries.jobs import ACTIVITY, SNAPSHOT, activity_of, snapshot_of
from persistence.terms import JobKind, JobStatus, Role
from persistence.unit import Snapshot
from schema.context import Context, Info
from schema.entity import REGISTRY, ref
from schema.jobs.types import Job
from schema.mutation import id_argument

REREAD_SECONDS = 5.0
READ_SECONDS = 1.0  # between two values that carry the job itself, which is read each time
SESSION_OVER = 4403
NOWHERE = UUID(int=0)
REMEMBERED = 5_000  # jobs that a listener of an account was told of: an ended one is read again for a while
SiteId = Annotated[strawberry.ID, id_argument("Site")]
OVERLAP = timedelta(seconds=5)  # a transaction may commit later than it was stamped
ONE_BY_ONE = (Role.EDITOR, Role.VIEWER)  # see the sites that they were given


@strawberry.type
class JobProgress:
    """A job's state; `job` is read when it is asked for."""

    job_id: strawberry.ID
    kind: JobKind
    status: JobStatus
    phase: str
    message: str
    done: int
    total: int
    error: str | None
    credits_held: int
    credits_spent: int
    version: int
    job: Job | None


@strawberry.type
class Subscription:
    """What changes while one listens."""

    @strawberry.subscription(  # type: ignore[untyped-decorator]
        description="The current state at once, then every change; completes when the job has ended."
    )
    async def job_progress(self, info: Info, id: strawberry.ID) -> AsyncIterator[JobProgress]:
        binding = REGISTRY.bindings["Job"].entity
        assert binding
        job_id = binding.decode(id)
        if job_id is None:
            raise not_found("job", "id")
        pause = READ_SECONDS if any(_selects_job(field.selections) for field in info.selected_fields) else 0.0
        async for snapshot in follow(info.context, job_id, pause):
            yield _shown(snapshot)

    @strawberry.subscription(  # type: ignore[untyped-decorator]
        description="All open jobs of a site at once, then every change of any of its jobs."
    )
    async def site_activity(self, info: Info, site_id: SiteId) -> AsyncIterator[JobProgress]:
        binding = REGISTRY.bindings["Site"].entity
        assert binding
        async for snapshot in follow_all(info.context, binding.decode(site_id) or NOWHERE):
            yield _shown(snapshot)

    @strawberry.subscription(  # type: ignore[untyped-decorator]
        description="All open jobs that the caller may see at once, then every change of any job."
    )
    async def account_activity(self, info: Info) -> AsyncIterator[JobProgress]:
        async for snapshot in follow_all(info.context):
            yield _shown(snapshot)


def _selects_job(selections: Sequence[Selection]) -> bool:
    return any(s.name == "job" if isinstance(s, SelectedField) else _selects_job(s.selections) for s in selections)


async def follow(context: Context, job_id: UUID, pause: float = 0.0) -> AsyncIterator[Snapshot]:
    """Subscribes first and reads then, so that nothing falls between; NOT_FOUND for what the caller may not see.

    However much is told, the row is read every few seconds: so what was lost is made up for, and access that was
    withdrawn ends the subscription. Between two values there are at least `pause` seconds.
    """
    async with context.services.hub.follow(context.caller.account_id, job_id) as feed:
        snapshot = await _read(context, job_id)
        again_at = _next_read()
        yield snapshot
        while snapshot.status not in ENDED:
            found = await feed.next(max(0.0, again_at - time.monotonic()))
            if not found or time.monotonic() > again_at:
                found, again_at = [await _reread(context, job_id)], _next_read()
            if found[0].version > snapshot.version:
                snapshot = found[0]
                yield snapshot
                await asyncio.sleep(pause)


def _next_read() -> float:
    """Many who began at once do not read at once for ever."""
    return time.monotonic() + REREAD_SECONDS * random.uniform(0.7, 1.0)


async def follow_all(context: Context, site_id: UUID | None = None) -> AsyncIterator[Snapshot]:
    """As `follow`, of all jobs that the caller may see, without end; NOT_FOUND for a site that is not the caller's.

    What the caller may see is read again every few seconds, and so is what may have been missed.
    """
    told: dict[UUID, int] = {}
    async with context.services.hub.follow(context.caller.account_id) as feed:
        since = datetime.now(UTC)
        found, sites = await _read_all(context, since, site_id)
        if site_id and site_id not in sites:
            raise not_found("site", "siteId")
        read_at = time.monotonic()
        while True:
            for snapshot in found:
                if told.get(snapshot.id, 0) < snapshot.version and _seen(context, snapshot, sites, site_id):
                    told[snapshot.id] = snapshot.version
                    yield snapshot
            while len(told) > REMEMBERED:
                del told[next(iter(told))]
            found = await feed.next(max(0.0, read_at + REREAD_SECONDS - time.monotonic()))
            if not found or time.monotonic() > read_at + REREAD_SECONDS:
                moment, read_at = datetime.now(UTC), time.monotonic()
                missed, sites = await _read_all(context, since - OVERLAP, site_id)
                since, found = moment, [*found, *missed]


def _seen(context: Context, snapshot: Snapshot, sites: set[UUID], site_id: UUID | None) -> bool:
    if site_id:
        return snapshot.site_id == site_id and site_id in sites
    return context.caller.role not in ONE_BY_ONE or snapshot.site_id in sites


async def _read_all(context: Context, since: datetime, site_id: UUID | None) -> tuple[list[Snapshot], set[UUID]]:
    try:
        return activity_of(await context.services.database.read(context.scope(), ACTIVITY, [since, site_id]))
    except (SessionEnded, DomainError):
        await _close(context)
        raise


async def _reread(context: Context, job_id: UUID) -> Snapshot:
    """Together with others that are due; whoever sees nothing so reads alone, to learn why."""
    with suppress(DomainError):
        if found := await context.services.rereads.read(context.scope(), job_id):
            return found
    return await _read(context, job_id)


async def _read(context: Context, job_id: UUID) -> Snapshot:
    """Under the scope: so a session that has ended is noticed here, and its socket closed."""
    try:
        row = await context.services.database.read(context.scope(), SNAPSHOT, [job_id])
    except Missing:
        raise not_found("job", "id") from None
    except (SessionEnded, DomainError):
        await _close(context)
        raise
    return snapshot_of(row)


async def _close(context: Context) -> None:
    if context.websocket:
        with suppress(RuntimeError):
            await context.websocket.close(SESSION_OVER, "The session has ended")


def _shown(snapshot: Snapshot) -> JobProgress:
    binding = REGISTRY.bindings["Job"].entity
    assert binding
    return JobProgress(
        job_id=strawberry.ID(binding.encode(snapshot.id)),
        kind=JobKind(snapshot.kind),
        status=JobStatus(snapshot.status),
        phase=snapshot.phase,
        message=snapshot.message,
        done=snapshot.done,
        total=snapshot.total,
        error=snapshot.error,
        credits_held=snapshot.credits_held,
        credits_spent=snapshot.credits_spent,
        version=snapshot.version,
        job=ref(Job, snapshot.id),
    )
