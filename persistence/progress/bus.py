"""The Redis channels that carry job snapshots, and that something has happened on a site, from whoever commits to
whoever listens. They may lose any of it.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from typing import Any
from uuid import UUID

import orjson
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from persistence.progress.feed import Feed
from persistence.progress.rereads import Rereads
from persistence.progress.site_events import EventFeed, SiteEvents
from persistence.progress.snapshot import Snapshot, snapshot_from
from persistence.redis.batches import Batches
from persistence.scope import SessionScope
from persistence.unit import News, Nudge

log = structlog.get_logger()
CHANNEL, SITES = "igny8:jobs", "igny8:sites"
RECONNECT_SECONDS = 1.0
PUBLISH_SECONDS = 1.0


class Bus:
    """The sending side."""

    def __init__(self, redis: Redis) -> None:
        self._redis, self._send = redis, Batches(self._published)
        self._under_way: set[asyncio.Task[None]] = set()

    async def publish(self, news: list[News]) -> None:
        """What is lost is made up for by the next re-read: a failure here must not fail what is committed. Nobody
        waits for what only says where to read.
        """
        if any(isinstance(each, Snapshot) for each in news):
            await self._publish(news)
        else:
            task = asyncio.create_task(self._publish(news))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _publish(self, news: list[News]) -> None:
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                await self._send(news)
        except (RedisError, OSError) as error:  # a time-out is an OSError
            log.warning("progress not published", error=str(error) or type(error).__name__)

    async def _published(self, news: list[News]) -> None:
        """Of each job the newest alone, of each site once."""
        snapshots = [each for each in news if isinstance(each, Snapshot)]
        newest = {s.id: s for s in sorted(snapshots, key=lambda s: s.version)}
        sites = {each.site_id for each in news if isinstance(each, Nudge)}
        async with self._redis.pipeline(transaction=False) as pipeline:
            for snapshot in newest.values():
                pipeline.publish(CHANNEL, orjson.dumps(snapshot))
            for site in sites:
                pipeline.publish(SITES, str(site))
            await pipeline.execute()


class Hub:
    """The receiving side: one Redis subscription for the process, any number of feeds."""

    def __init__(self, redis: Redis, rereads: Rereads, events: SiteEvents) -> None:
        self._redis, self._rereads, self._events = redis, rereads, events
        self._feeds: defaultdict[UUID, set[Feed]] = defaultdict(set)  # by job, or by account for all of its jobs
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._listen(), name="job snapshots")

    async def stop(self) -> None:
        await self._rereads.stop()
        await self._events.stop()
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

    def follow_site(self, scope: SessionScope, site_id: UUID, until: float) -> AbstractContextManager[EventFeed]:
        """Its events, while the session sees the site and until then (epoch seconds)."""
        return self._events.following(scope, site_id, until)

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
                    await channel.subscribe(CHANNEL, SITES)
                    async for message in channel.listen():
                        self._hear(message)
            except (RedisError, OSError) as error:
                log.warning("job snapshots interrupted", error=str(error))
                await asyncio.sleep(RECONNECT_SECONDS)

    def _hear(self, message: dict[str, Any]) -> None:
        """The client subscribes again by itself when its connection was lost: something was missed then."""
        try:
            if message["type"] == "message":
                if message["channel"] == SITES.encode():
                    self._events.nudge(UUID(message["data"].decode()))
                else:
                    self._spread(message["data"])
                return
        except Exception as error:  # noqa: BLE001 - another release may say more, or less
            log.warning("job snapshot not understood", error=str(error))
        self._rereads.gap()
        self._events.gap()
        for feeds in self._feeds.values():
            for feed in feeds:
                if feed.job_id is None:
                    feed.gap()

    def _spread(self, data: bytes) -> None:
        snapshot = snapshot_from(json.loads(data))
        for about in (snapshot.id, snapshot.account_id):
            for feed in self._feeds.get(about, ()):
                feed.offer(snapshot)
