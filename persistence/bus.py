"""The Redis channel that carries job snapshots from whoever commits to whoever listens. It may lose any of them."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID

import orjson
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from persistence.batches import Batches
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


class Feed:
    """What one listener has not yet seen: the newest snapshot of each job, so that a slow one holds little."""

    def __init__(self, account_id: UUID, job_id: UUID | None) -> None:
        self.account_id, self.job_id = account_id, job_id
        self._newest: dict[UUID, Snapshot] = {}
        self._changed = asyncio.Event()

    def offer(self, snapshot: Snapshot) -> None:
        if snapshot.account_id == self.account_id and self.job_id in (None, snapshot.id):
            known = self._newest.get(snapshot.id)
            if known is None or known.version < snapshot.version:
                self._newest[snapshot.id] = snapshot
                self._changed.set()

    def gap(self) -> None:
        """Something may have been missed: read the rows again."""
        self._changed.set()

    async def next(self, patience: float) -> list[Snapshot]:
        """What is new; nothing after `patience` seconds or a gap."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), patience)
        self._changed.clear()
        found, self._newest = list(self._newest.values()), {}
        return found


class Hub:
    """The receiving side: one Redis subscription for the process, any number of feeds."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._feeds: defaultdict[UUID, set[Feed]] = defaultdict(set)  # by job, or by account for all of its jobs
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._listen(), name="job snapshots")

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def ping(self) -> None:
        """RedisError when it does not answer."""
        await self._redis.ping()

    @asynccontextmanager
    async def follow(self, account_id: UUID, job_id: UUID | None = None) -> AsyncIterator[Feed]:
        """Feeds of one job, or of all jobs of the account; who follows still checks what its caller may see."""
        feed, about = Feed(account_id, job_id), job_id or account_id
        self._feeds[about].add(feed)
        try:
            yield feed
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
        for feeds in self._feeds.values():
            for feed in feeds:
                feed.gap()

    def _spread(self, data: bytes) -> None:
        values = json.loads(data)
        for name in ("id", "account_id", "site_id"):
            values[name] = UUID(values[name]) if values[name] else None
        snapshot = Snapshot(**values)
        for about in (snapshot.id, snapshot.account_id):
            for feed in self._feeds.get(about, ()):
                feed.offer(snapshot)
