"""An item's lease: extended while the outside world is called, and the call ended when the lease is."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from domain.ports import ProviderError
from persistence.queries import jobs as queries
from persistence.queries.jobs import Claim
from persistence.scope import JobScope
from persistence.terms import FailureCause
from persistence.unit import Units

BEAT_SECONDS = 4.0
log = structlog.get_logger()


class LeaseLost(Exception):
    """Another worker has the item, or it has ended."""


class Interrupted(Exception):
    """This worker is to end: somebody else shall do it."""


class Lease:
    """Nobody needs one while a transaction has the item locked: whoever claims skips what is locked."""

    def __init__(self, units: Units, scope: JobScope, claimed: Claim) -> None:
        self.units, self.scope, self.claimed = units, scope, claimed

    async def during(self, call: Coroutine[Any, Any, Any], interrupt: asyncio.Event) -> Any:
        """The call's answer; LeaseLost, Interrupted, or ProviderError for a cancelled job, and the call ends."""
        work = asyncio.ensure_future(call)
        beats, stop = asyncio.ensure_future(self._beats()), asyncio.ensure_future(interrupt.wait())
        try:
            await asyncio.wait({work, beats, stop}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return await work
            if beats.done():
                raise beats.result()
            raise Interrupted
        finally:
            await _ended(work, beats, stop)

    async def _beats(self) -> Exception:
        """Why the call has to end."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                await self.extend()
            except (LeaseLost, ProviderError) as reason:
                return reason
            except Exception as error:  # noqa: BLE001 - the database may be away for a moment
                log.warning("lease not extended", error=str(error))

    async def extend(self) -> None:
        """LeaseLost, or ProviderError when the job is to be cancelled."""
        cancelled = await queries.beat(self.units.database, self.claimed)
        if cancelled is None:
            raise LeaseLost
        if cancelled:
            raise ProviderError("The job was cancelled.", retryable=False, cause=FailureCause.CANCELLED)


async def _ended(*tasks: "asyncio.Future[Any]") -> None:
    """Cancelled, as often as it takes: libraries swallow a cancellation now and then."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=1)
    await asyncio.gather(*tasks, return_exceptions=True)
