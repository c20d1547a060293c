"""What listeners of jobs have not yet seen."""

import asyncio
from uuid import UUID

from persistence.progress.snapshot import Snapshot


class Feed:
    """What one listener has not yet seen: the newest snapshot of each job, so that a slow one holds little.

    Its one timer stands through any number of values: to make and cancel one for each would cost more than to wait.
    """

    def __init__(self, account_id: UUID, job_id: UUID | None) -> None:
        self.account_id, self.job_id = account_id, job_id
        self.seen = -1  # the version of its one job that is known: who follows begins with one of its own
        self._newest: dict[UUID, Snapshot] = {}
        self._due = False
        self._waiter: asyncio.Future[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None

    def offer(self, snapshot: Snapshot) -> None:
        if snapshot.account_id == self.account_id and self.job_id in (None, snapshot.id):
            known = self._newest.get(snapshot.id)
            if snapshot.version > (known.version if known else self.seen):
                self._newest[snapshot.id] = snapshot
                self._wake()

    def gap(self) -> None:
        """Something may have been missed: read the rows again."""
        self._due = True
        self._wake()

    def remind(self, seconds: float) -> None:
        """A gap after so long, in place of the one that was asked for before."""
        self.close()
        self._alarm = asyncio.get_running_loop().call_later(seconds, self.gap)

    async def next(self) -> tuple[list[Snapshot], bool]:
        """What is new, and whether there was a gap; waits for one of them."""
        if not self._newest and not self._due:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        found, gap = list(self._newest.values()), self._due
        self._newest, self._due, self._waiter = {}, False, None
        if self.job_id and found:
            self.seen = found[0].version
        return found, gap

    def close(self) -> None:
        if self._alarm:
            self._alarm.cancel()

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)
