"""Following jobs: the state at once, then every change, read again where a message may have been missed."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from uuid import UUID

import strawberry
from strawberry.types.nodes import SelectedField, Selection

from domain.errors import DomainError, not_found
from domain.job import ENDED
from persistence.errors import Missing, SessionEnded
from persistence.queries.jobs import SNAPSHOT, snapshot_of
from persistence.terms import JobKind, JobStatus
from persistence.unit import Snapshot
from schema.context import Context, Info
from schema.entity import REGISTRY, ref
from schema.jobs.types import Job

REREAD_SECONDS = 5.0
READ_SECONDS = 1.0  # between two values that carry the job itself, which is read each time
SESSION_OVER = 4403


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


def _selects_job(selections: Sequence[Selection]) -> bool:
    return any(s.name == "job" if isinstance(s, SelectedField) else _selects_job(s.selections) for s in selections)


async def follow(context: Context, job_id: UUID, pause: float = 0.0) -> AsyncIterator[Snapshot]:
    """Subscribes first and reads then, so that nothing falls between; NOT_FOUND for what the caller may not see.

    However much is told, the row is read every few seconds: so what was lost is made up for, and access that was
    withdrawn ends the subscription. Between two values there are at least `pause` seconds.
    """
    async with context.services.hub.follow(context.caller.account_id, job_id) as feed:
        snapshot = await _read(context, job_id)
        read_at = time.monotonic()
        yield snapshot
        while snapshot.status not in ENDED:
            found = await feed.next(max(0.0, read_at + REREAD_SECONDS - time.monotonic()))
            if not found or time.monotonic() > read_at + REREAD_SECONDS:
                found, read_at = [await _read(context, job_id)], time.monotonic()
            if found[0].version > snapshot.version:
                snapshot = found[0]
                yield snapshot
                await asyncio.sleep(pause)


async def _read(context: Context, job_id: UUID) -> Snapshot:
    """Under the scope: so a session that has ended is noticed here, and its socket closed."""
    try:
        row = await context.services.database.read(context.scope(), SNAPSHOT, [job_id])
    except Missing:
        raise not_found("job", "id") from None
    except (SessionEnded, DomainError):
        if context.websocket:
            with suppress(RuntimeError):
                await context.websocket.close(SESSION_OVER, "The session has ended")
        raise
    return snapshot_of(row)


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
