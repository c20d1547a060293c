"""An item's lease: extended while the outside world is called, and the call ended when the lease is."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
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


class Interrupts:
    """Tells all that are under way to end, and all that begin after that."""

    def __init__(self) -> None:
        self._heard: set[Callable[[], None]] = set()
        self._set = False

    @contextmanager
    def heard(self, end: Callable[[], None]) -> Iterator[None]:
        self._heard.add(end)
        try:
            if self._set:
                end()
            yield
        finally:
            self._heard.discard(end)

    async def pause(self, seconds: float) -> None:
        """Interrupted before they are over."""
        told = asyncio.Event()
        with self.heard(told.set), suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await told.wait()
            raise Interrupted

    def set(self) -> None:
        self._set = True
        for end in list(self._heard):
            end()


class Lease:
    """Nobody needs one while a transaction has the item locked: whoever claims skips what is locked."""

    def __init__(self, units: Units, scope: JobScope, claimed: Claim) -> None:
        self.units, self.scope, self.claimed = units, scope, claimed
        self._beating: asyncio.Task[Exception] | None = None

    async def during(self, call: Coroutine[Any, Any, Any], interrupts: Interrupts) -> Any:
        """The call's answer; LeaseLost, Interrupted, or ProviderError for a cancelled job, and the call ends."""
        loop = asyncio.get_running_loop()
        work, over = asyncio.ensure_future(call), loop.create_future()

        def end(reason: Exception | None) -> None:
            if not over.done():
                over.set_result(reason)

        def begin_beats() -> None:
            self._beating = asyncio.ensure_future(self._beats())
            self._beating.add_done_callback(lambda beats: None if beats.cancelled() else end(beats.result()))

        work.add_done_callback(lambda _: end(None))
        timer = loop.call_later(BEAT_SECONDS, begin_beats)  # most calls are over by then
        try:
            with interrupts.heard(lambda: end(Interrupted())):
                reason = await over
            if work.done():
                return await work
            assert reason
            raise reason
        finally:
            timer.cancel()
            left = [task for task in (work, self._beating) if task and not task.done()]
            if left:
                await _ended(*left)

    async def _beats(self) -> Exception:
        """Why the call has to end."""
        while True:
            try:
                await self.extend()
            except (LeaseLost, ProviderError) as reason:
                return reason
            except Exception as error:  # noqa: BLE001 - the database may be away for a moment
                log.warning("lease not extended", error=str(error))
            await asyncio.sleep(BEAT_SECONDS)

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
