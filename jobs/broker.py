"""The only place that names Redis as the broker.

A message says no more than "this account has work in this queue"; the rows say which. So a lost one is found again by
the sweep, and one delivered twice does nothing twice.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from uuid import UUID

# Dramatiq reads these when it is imported: it prefetches whole batches otherwise, and polls idle for a second.
os.environ.setdefault("dramatiq_queue_prefetch", "1")
os.environ.setdefault("dramatiq_worker_timeout", "50")

import dramatiq
import structlog
from dramatiq.asyncio import get_event_loop_thread
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware.asyncio import AsyncIO

from persistence.unit import Dispatch

QUEUES = ("text", "compute", "files")
log = structlog.get_logger()


class Loop(AsyncIO):
    """The actors' event loop; what lives on it is closed when the last actor has ended."""

    def __init__(self, close: Callable[[], Coroutine[Any, Any, None]] | None) -> None:
        super().__init__()
        self.close = close

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        loop = get_event_loop_thread()
        if loop and self.close:
            loop.run_coroutine(self.close())
        super().after_worker_shutdown(broker, worker)  # type: ignore[no-untyped-call]


def make_broker(redis_url: str, close: Callable[[], Coroutine[Any, Any, None]] | None = None) -> dramatiq.Broker:
    """Without Dramatiq's own retries and time limits: attempts and deadlines are rows."""
    broker: dramatiq.Broker = RedisBroker(url=redis_url, middleware=[Loop(close)])  # type: ignore[no-untyped-call]
    for queue in QUEUES:
        broker.declare_queue(queue)
    return broker


def make_actors(broker: dramatiq.Broker, run: Callable[[UUID, str], Awaitable[None]]) -> None:
    """One actor per queue, all of them thin over the runner."""

    def declare(queue: str) -> None:
        async def work(account: str) -> None:
            await run(UUID(account), queue)

        dramatiq.actor(broker=broker, queue_name=queue, actor_name=queue)(work)

    for queue in QUEUES:
        declare(queue)


class Sender:
    """Dispatches work after a commit."""

    def __init__(self, broker: dramatiq.Broker) -> None:
        self.broker = broker

    async def __call__(self, dispatches: list[Dispatch]) -> None:
        """What cannot be sent is logged: it is committed, and the sweep will send it again."""
        try:
            await asyncio.to_thread(self._send, dispatches)
        except Exception as error:  # noqa: BLE001 - a broker's failure must not fail what is committed
            log.warning("work not sent", error=str(error))

    def _send(self, dispatches: list[Dispatch]) -> None:
        for dispatch in dispatches:
            for _ in range(dispatch.count):
                self.broker.enqueue(
                    dramatiq.Message(
                        queue_name=dispatch.queue,
                        actor_name=dispatch.queue,
                        args=(str(dispatch.account_id),),
                        kwargs={},
                        options={},
                    )
                )
