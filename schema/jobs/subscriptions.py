"""Following jobs: the state at once, then every change, read again where a message may have been missed."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated
from uuid import UUID

import orjson
import strawberry

from domain.errors import DomainError, not_found
from domain.job import ENDED
from persistence.errors import AccountCancelled, Missing, SessionEnded
from persistence.graph.model import Entity
from persistence.progress import rereads
from persistence.queries.jobs import ACTIVITY, SNAPSHOT, activity_of, snapshot_of
from persistence.redis.query_budget import Balance
from persistence.terms import JobKind, JobStatus, Role
from persistence.unit import Snapshot
from schema.context import Context, Info
from schema.execution.cost import check_balance, spent
from schema.execution.operation import Telling, current
from schema.execution.planner import Leaves
from schema.graph.entity import REGISTRY, ref
from schema.graph.fields import said
from schema.jobs.types import Job
from schema.mutation import id_argument

READ_SECONDS = 1.0  # between two values that carry the job itself, which is read each time
OVER = (SessionEnded, AccountCancelled, DomainError)
NOWHERE = UUID(int=0)
REMEMBERED = 5_000  # jobs that a listener of an account was told of: an ended one is read again for a while
SiteId = Annotated[strawberry.ID, id_argument("Site", "The website whose jobs are told.")]
OVERLAP = timedelta(seconds=5)  # a transaction may commit later than it was stamped
ONE_BY_ONE = (Role.EDITOR, Role.VIEWER)  # see the sites that they were given


@strawberry.type
class JobProgress:
    """A job's state; `job` is read when it is asked for."""

    job_id: strawberry.ID = strawberry.field(description="The job that it is about.")
    kind: JobKind = strawberry.field(description="What the work is.")
    status: JobStatus = strawberry.field(description="How far the work is, or how it ended.")
    phase: str = strawberry.field(description="What is being done now, in a word or two; done once it has ended.")
    message: str = strawberry.field(description="What the job says of itself; empty at first.")
    done: int = strawberry.field(description="How much of total has ended, in any way.")
    total: int = strawberry.field(description="How much there is to do, in the units of its kind.")
    error: str | None = strawberry.field(description="The newest reason why an item failed; null when none has.")
    credits_held: int = strawberry.field(description="Credits still set aside for items that have not ended.")
    credits_spent: int = strawberry.field(description="Credits charged so far.")
    version: int = strawberry.field(description="Counts changes of the job; of two values the higher is the newer.")
    job: Job | None = strawberry.field(
        description="All of the job as it is now; at most one value a second is told with it."
    )


@strawberry.type
class Subscription:
    """What changes while one listens."""

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
        async for shown in _told(info.context, follow(info.context, job_id, 0.0 if leaves else READ_SECONDS)):
            yield shown

    @strawberry.subscription(  # type: ignore[untyped-decorator]
        description="All open jobs of a site at once, then every change of any of its jobs."
    )
    async def site_activity(self, info: Info, site_id: SiteId) -> AsyncIterator[JobProgress]:
        site = _binding("Site").decode(site_id) or NOWHERE
        async for shown in _told(info.context, follow_all(info.context, site)):
            yield shown

    @strawberry.subscription(  # type: ignore[untyped-decorator]
        description="All open jobs that the caller may see at once, then every change of any job."
    )
    async def account_activity(self, info: Info) -> AsyncIterator[JobProgress]:
        async for shown in _told(info.context, follow_all(info.context)):
            yield shown


async def _told(context: Context, snapshots: AsyncGenerator[Snapshot]) -> AsyncIterator[JobProgress]:
    """Where scalars alone are asked for, the transport tells all who ask the same with one text, and nothing is left
    for the engine. What reads the job itself spends the account's budget with each value, and waits for it.
    """
    operation = current()
    if operation.plan.leaves:
        operation.telling = Telling(snapshots, partial(text_of, operation.plan.leaves))
        return
    budgets, account = context.services.query_budgets, context.caller.account_id
    if operation.requested > budgets.most:
        wait = (operation.requested - budgets.most) / budgets.rate
        check_balance(operation.requested, Balance(budgets.most, wait))
    async with aclosing(snapshots):
        async for snapshot in snapshots:
            while wait := (await budgets.spend(account, operation.requested)).wait:  # noqa: ASYNC110 - time restores it
                await asyncio.sleep(wait)
            operation.actual = operation.sent = 0
            context.services.metrics.values.inc()
            yield _shown(snapshot)
            used = spent(operation.requested, operation.actual, operation.sent)
            await budgets.settle(account, operation.requested, used)


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
        while snapshot.status not in ENDED:
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
        found, sites, since = await _read_all(context, None, site_id)
        if site_id and site_id not in sites:
            raise not_found("site", "siteId")
        feed.remind(_soon())
        while True:
            for snapshot in found:
                if told.get(snapshot.id, 0) < snapshot.version and _seen(context, snapshot, sites, site_id):
                    told[snapshot.id] = snapshot.version
                    yield snapshot
            while len(told) > REMEMBERED:
                del told[next(iter(told))]
            found, gap = await feed.next()
            if gap:
                missed, sites, since = await _read_all(context, since - OVERLAP, site_id)
                found = [*found, *missed]
                feed.remind(_soon())


def _soon() -> float:
    """Seconds to the next reading. Many who began at once do not read at once for ever."""
    return rereads.REREAD_SECONDS * random.uniform(0.7, 1.0)


def _seen(context: Context, snapshot: Snapshot, sites: set[UUID], site_id: UUID | None) -> bool:
    if site_id:
        return snapshot.site_id == site_id and site_id in sites
    return context.caller.role not in ONE_BY_ONE or snapshot.site_id in sites


async def _read_all(
    context: Context, since: datetime | None, site_id: UUID | None
) -> tuple[list[Snapshot], set[UUID], datetime]:
    try:
        return activity_of(await context.services.database.read(context.scope(), ACTIVITY, [since, site_id]))
    except OVER:
        await context.close_socket()
        raise


async def _read(context: Context, job_id: UUID) -> Snapshot:
    """Under the scope: so a session that has ended is noticed here, and its socket closed."""
    try:
        row = await context.services.database.read(context.scope(), SNAPSHOT, [job_id])
    except Missing:
        raise not_found("job", "id") from None
    except OVER:
        await context.close_socket()
        raise
    return snapshot_of(row)


def text_of(leaves: Leaves, snapshot: Snapshot) -> str:
    """The `data` of one value. All feeds are offered the same object, and each job's after another's."""
    kept, text = leaves.kept
    if kept is not snapshot:
        data = {key: SHOWN[name](snapshot) for key, name in leaves.fields}
        text = orjson.dumps({leaves.key: data}).decode()
        leaves.kept = snapshot, text
    return text


SHOWN: dict[str, Callable[[Snapshot], object]] = {
    "__typename": lambda _: "JobProgress",
    "jobId": lambda s: _binding("Job").encode(s.id),
    "kind": lambda s: s.kind,
    "status": lambda s: s.status,
    "phase": lambda s: s.phase,
    "message": lambda s: s.message,
    "done": lambda s: s.done,
    "total": lambda s: s.total,
    "error": lambda s: s.error,
    "creditsHeld": lambda s: s.credits_held,
    "creditsSpent": lambda s: s.credits_spent,
    "version": lambda s: s.version,
}


def _shown(snapshot: Snapshot) -> JobProgress:
    return JobProgress(
        job_id=strawberry.ID(_binding("Job").encode(snapshot.id)),
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


def _binding(name: str) -> Entity:
    entity = REGISTRY.bindings[name].entity
    assert entity
    return entity
