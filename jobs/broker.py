"""The only place that names Redis as the broker.

A message says no more than "this account has work in this queue"; the rows say which. So a lost one is found again by
the sweep, and one delivered twice does nothing twice.
"""

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

os.environ.setdefault("dramatiq_worker_timeout", "50")  # read at import: idle, it polls once a second otherwise

import dramatiq
import redis
import structlog
from dramatiq.asyncio import get_event_loop_thread
from dramatiq.brokers.redis import RedisBroker, _RedisConsumer
from dramatiq.middleware.asyncio import AsyncIO
from redis.backoff import NoBackoff
from redis.retry import Retry

from persistence.redis.batches import Batches
from persistence.terms import Queue
from persistence.unit import Dispatch

WAITING = 5_000  # messages of a queue, beyond which callers' work is sent by the sweep: no account's twice
SEND_SECONDS = 2.0  # a mutation waits no longer for a broker that is away
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


class Consumer(_RedisConsumer):
    """Fetches when a message has ended, not when it next wakes: a worker that is busy has no pauses then."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)  # type: ignore[no-untyped-call]
        self._ended = threading.Event()

    def ack(self, message: dramatiq.MessageProxy) -> None:
        super().ack(message)  # type: ignore[no-untyped-call]
        self._ended.set()

    def __next__(self) -> dramatiq.MessageProxy | None:
        if not self.message_cache and self.outstanding_message_count >= self.prefetch:
            self._ended.clear()
            if self.outstanding_message_count >= self.prefetch and not self._ended.wait(self.timeout / 1000):
                return None
        return super().__next__()  # type: ignore[no-any-return, no-untyped-call]


class Broker(RedisBroker):
    """`at_once` per queue: a message counts as prefetched until it is acknowledged, not until it is begun."""

    def __init__(self, at_once: Mapping[str, int], **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]
        self.at_once = at_once

    @property
    def consumer_class(self) -> type[Consumer]:
        return Consumer

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 5000) -> dramatiq.Consumer:
        return super().consume(queue_name, self.at_once.get(queue_name, prefetch), timeout)

    def close(self) -> None:
        self.client.close()


def make_broker(
    redis_url: str,
    close: Callable[[], Coroutine[Any, Any, None]] | None = None,
    at_once: Mapping[str, int] | None = None,
) -> Broker:
    """Without Dramatiq's own retries and time limits: attempts and deadlines are rows."""
    client = redis.Redis.from_url(
        redis_url, retry=Retry(NoBackoff(), 1), socket_timeout=5, socket_connect_timeout=SEND_SECONDS
    )
    broker = Broker(at_once or {}, client=client, middleware=[Loop(close)])
    for queue in Queue:
        broker.declare_queue(queue.value)
    return broker


def make_actors(broker: dramatiq.Broker, run: Callable[[UUID, str], Awaitable[None]]) -> None:
    """One actor per queue, all of them thin over the runner."""

    def declare(queue: str) -> None:
        async def work(account: str) -> None:
            await run(UUID(account), queue)

        dramatiq.actor(broker=broker, queue_name=queue, actor_name=queue)(work)

    for queue in Queue:
        declare(queue.value)


class Sender:
    """Dispatches work after a commit. `most` messages of a queue may wait in the broker for this to send another."""

    def __init__(self, broker: Broker, most: int | None = None) -> None:
        self.broker, self.most = broker, most
        # Not the loop's own threads: a broker that is away would take them all.
        self._threads = ThreadPoolExecutor(4, "send")
        self._batches = Batches(self._sent)

    async def __call__(self, dispatches: list[Dispatch]) -> None:
        """What cannot be sent is logged: it is committed, and the sweep will send it again."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._batches(dispatches)
        except Exception as error:  # noqa: BLE001 - a broker's failure must not fail what is committed
            log.warning("work not sent", error=str(error) or type(error).__name__)

    async def _sent(self, dispatches: list[Dispatch]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, self._send, dispatches)

    def _send(self, dispatches: list[Dispatch]) -> None:
        for dispatch in dispatches:
            if self._full(dispatch.queue):
                log.warning("work not sent", error=f"{self.most:,} messages wait", queue=dispatch.queue)
                continue
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

    def _full(self, queue: str) -> bool:
        length: Any = self.broker.client.llen(f"{self.broker.namespace}:{queue}") if self.most else 0
        return bool(self.most and length >= self.most)


async def waiting(broker: Broker) -> Counter[tuple[UUID, str]]:
    """How many messages of each account and queue nobody has fetched yet."""
    return await asyncio.to_thread(_waiting, broker)


def _waiting(broker: Broker) -> Counter[tuple[UUID, str]]:
    found: Counter[tuple[UUID, str]] = Counter()
    for queue in Queue:
        key = f"{broker.namespace}:{queue.value}"
        ids: Any = broker.client.lrange(key, 0, -1)
        messages: Any = broker.client.hmget(f"{key}.msgs", ids) if ids else []
        for data in messages:
            if data:
                found[UUID(dramatiq.Message.decode(data).args[0]), queue.value] += 1
    return found
