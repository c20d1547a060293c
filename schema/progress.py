"""Following jobs: the state at once, then every change, read again where a message may have been missed."""

from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID

import strawberry

from domain.errors import not_found
from domain.job import ENDED
from persistence.errors import Missing, SessionEnded
from persistence.queries.jobs import SNAPSHOT, snapshot_of
from persistence.terms import JobKind, JobStatus
from persistence.unit import Snapshot
from schema.context import Context, Info
from schema.entity import REGISTRY, ref
from schema.jobs.types import Job

REREAD_SECONDS = 5.0
SESSION_OVER = 4403


@strawberry.type
class JobProgress:
    """A job's state; `job` is read when it is asked for."""

    id: strawberry.ID
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
    @strawberry.subscription(  # type: ignore[untyped-decorator]
        description="The current state at once, then every change; completes when the job has ended."
    )
    async def job_progress(self, info: Info, id: strawberry.ID) -> AsyncIterator[JobProgress]:
        binding = REGISTRY.bindings["Job"].entity
        assert binding
        job_id = binding.decode(id)
        if job_id is None:
            raise not_found("job", "id")
        async for snapshot in follow(info.context, job_id):
            yield _shown(snapshot)


async def follow(context: Context, job_id: UUID) -> AsyncIterator[Snapshot]:
    """Subscribes first and reads then, so that nothing falls between; NOT_FOUND for what the caller may not see."""
    async with context.services.hub.follow(context.caller.account_id, job_id) as feed:
        snapshot = await _read(context, job_id)
        yield snapshot
        while snapshot.status not in ENDED:
            found = await feed.next(REREAD_SECONDS)
            newer = found[0] if found else await _read(context, job_id)
            if newer.version > snapshot.version:
                snapshot = newer
                yield snapshot


async def _read(context: Context, job_id: UUID) -> Snapshot:
    """Under the scope: so a session that has ended is noticed here, and its socket closed."""
    try:
        row = await context.services.database.read(context.scope(), SNAPSHOT, [job_id])
    except Missing:
        raise not_found("job", "id") from None
    except SessionEnded:
        if context.websocket:
            with suppress(RuntimeError):
                await context.websocket.close(SESSION_OVER, "The session has ended")
        raise
    return snapshot_of(row)


def _shown(snapshot: Snapshot) -> JobProgress:
    binding = REGISTRY.bindings["Job"].entity
    assert binding
    return JobProgress(
        id=strawberry.ID(binding.encode(snapshot.id)),
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
