"""How far a running item is, written to its job's row a few times a second at most."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import structlog

from persistence.models import Job
from persistence.scope import JobScope
from persistence.terms import JobStatus
from persistence.unit import Units

WRITE_SECONDS = 0.3
log = structlog.get_logger()


class ItemProgress:
    """`note` is called with the item's own done and total; the job counts in the weights of its items."""

    def __init__(self, units: Units, scope: JobScope, job_id: UUID, weight: int) -> None:
        self.units, self.scope, self.job_id, self.weight = units, scope, job_id, weight
        self._noted: tuple[str, int] | None = None
        self._written: tuple[str, int] | None = None
        self._open = False
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None

    def note(self, phase: str, done: int, total: int) -> None:
        self._noted = phase, self.weight * done // max(total, 1)
        if self._open and not self._timer:
            self._timer = asyncio.get_running_loop().call_later(WRITE_SECONDS, self._begin)

    @asynccontextmanager
    async def written(self) -> AsyncIterator[None]:
        """What is noted inside is written; nothing after it."""
        self._open = True
        try:
            yield
        finally:
            self._open = False
            if self._timer:
                self._timer.cancel()
            if self._writing:
                self._writing.cancel()
                await asyncio.gather(self._writing, return_exceptions=True)

    def _begin(self) -> None:
        self._writing = asyncio.ensure_future(self._write_noted())

    async def _write_noted(self) -> None:
        while self._noted != self._written:
            self._written = self._noted
            assert self._noted
            try:
                await self._write(*self._noted)
            except Exception as error:  # noqa: BLE001 - progress is a courtesy, the work goes on
                log.warning("progress not written", error=str(error))
            await asyncio.sleep(WRITE_SECONDS)
        self._timer = self._writing = None  # the next note begins anew

    async def _write(self, phase: str, done: int) -> None:
        async with self.units(self.scope) as unit:
            job = await unit.get(Job, self.job_id, lock=True)
            if job.status is JobStatus.RUNNING:
                job.phase = phase
                job.done = max(job.done, min(job.total, job.ended_weight + done))
