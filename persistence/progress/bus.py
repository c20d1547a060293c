"""The Redis channel that carries job snapshots from whoever commits to whoever listens. It may lose any of them."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any
from uuid import UUID

import orjson
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from persistence.progress.feed import Feed
from persistence.progress.rereads import Rereads
from persistence.redis.batches import Batches
from persistence.scope import SessionScope
from persistence.unit import Snapshot

log = structlog.get_logger()
CHANNEL = "igny8:jobs"
RECONNECT_SECONDS = 1.0
PUBLISH_SECONDS = 1.0


class Bus:
    """The sending side."""

    def __init__(self, redis: Redis) -> None:
        self._redis, self._send = redis, Batches(self._published)

    async def publish(self, snapshots: list[Snapshot]) -> None:
        """A nudge that is lost is made up for by the next re-read: a failure here must not fail what is committed."""
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                await self._send(snapshots)
        except (RedisError, OSError) as error:  # a time-out is an OSError
            log.warning("progress not published", error=str(error) or type(error).__name__)

    async def _published(self, snapshots: list[Snapshot]) -> None:
        """Of each job the newest alone."""
        newest = {s.id: s for s in sorted(snapshots, key=lambda s: s.version)}
        async with self._redis.pipeline(transaction=False) as pipeline:
            for snapshot in newest.values():
                pipeline.publish(CHANNEL, orjson.dumps(snapshot))
            await pipeline.execute()


class Hub:
    """The receiving side: one Redis subscription for the process, any number of feeds."""

    def __init__(self, redis: Redis, rereads: Rereads) -> None:
        self._redis, self._rereads = redis, rereads
        self._feeds: defaultdict[UUID, set[Feed]] = defaultdict(set)  # by job, or by account for all of its jobs
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._listen(), name="job snapshots")

    async def stop(self) -> None:
        await self._rereads.stop()
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def ping(self) -> None:
        """RedisError when it does not answer."""
        await self._redis.ping()

    @contextmanager
    def follow_job(self, scope: SessionScope, job_id: UUID, until: float) -> Iterator[Feed]:
        """Offers the job whenever it has changed, also where no message told so. A gap means that the caller may see
        it no more, or that it is after `until` (epoch seconds); who follows still reads it first in its own scope.
        """
        feed = Feed(scope.account_id, job_id)
        with self._registered(feed, job_id), self._rereads.following(scope, job_id, feed, until):
            yield feed

    @contextmanager
    def follow_account(self, account_id: UUID) -> Iterator[Feed]:
        """All jobs of the account; who follows still checks what its caller may see, and reads where there is a gap."""
        feed = Feed(account_id, None)
        with self._registered(feed, account_id), closing(feed):
            yield feed

    @contextmanager
    def _registered(self, feed: Feed, about: UUID) -> Iterator[None]:
        self._feeds[about].add(feed)
        try:
            yield
        finally:
            self._feeds[about].discard(feed)
            if not self._feeds[about]:
                del self._feeds[about]

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as channel:
                    await channel.subscribe(CHANNEL)
                    async for message in channel.listen():
                        self._hear(message)
            except (RedisError, OSError) as error:
                log.warning("job snapshots interrupted", error=str(error))
                await asyncio.sleep(RECONNECT_SECONDS)

    def _hear(self, message: dict[str, Any]) -> None:
        """The client subscribes again by itself when its connection was lost: something was missed then."""
        try:
            if message["type"] == "message":
                self._spread(message["data"])
                return
        except Exception as error:  # noqa: BLE001 - another release may say more, or less
            log.warning("job snapshot not understood", error=str(error))
        self._rereads.gap()
        for feeds in self._feeds.values():
            for feed in feeds:
                if feed.job_id is None:
                    feed.gap()

    def _spread(self, data: bytes) -> None:
        values = json.loads(data)
        for name in ("id", "account_id", "site_id"):
            values[name] = UUID(values[name]) if values[name] else None
        snapshot = Snapshot(**values)
        for about in (snapshot.id, snapshot.account_id):
            for feed in self._feeds.get(about, ()):
                feed.offer(snapshot)
