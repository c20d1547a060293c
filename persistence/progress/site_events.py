"""Sites that are followed: their events are read when something has happened there, and every few seconds besides.

One statement for all that are due in a process, a few times a second at most, however many follow. The audited function
behind it tells of each session whether it still sees its site.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from uuid import UUID

import structlog

from persistence.postgres.database import Database
from persistence.queries.events import PAGE, SINCE, Happened, happened
from persistence.scope import AnonymousScope, SessionScope

APART_SECONDS = 0.25  # between two statements
REREAD_SECONDS = 5.0
READ_SECONDS = 5.0
RETRY_SECONDS = 1.0
AT_ONCE = 200  # sites of a statement
HELD = 1_000  # events that wait for one listener; who is further behind reads them by itself
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Batch:
    """What has come to be seen up to a moment; `whole`: all of it is here. `seen`: the site still is."""

    events: list[Happened]
    moment: str
    whole: bool = True
    seen: bool = True

    def followed(self, later: "Batch") -> "Batch":
        whole = self.whole and later.whole and len(self.events) + len(later.events) <= HELD
        return replace(later, events=[*self.events, *later.events] if whole else [], whole=whole)


@dataclass(slots=True, eq=False)
class EventFeed:
    """What one listener has not yet taken. The first batch is empty: it says from when on there will be events."""

    session_id: UUID
    role: str
    until: float
    waiting: Batch | None = None
    begun: bool = False
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, batch: Batch) -> None:
        if not self.begun:
            self.begun, batch = True, replace(batch, events=[], whole=True)
        elif not batch.events and batch.whole and batch.seen:
            return
        self.waiting = self.waiting.followed(batch) if self.waiting else batch
        self._came.set()

    async def next(self) -> Batch:
        await self._came.wait()
        found, self.waiting = self.waiting, None
        self._came.clear()
        assert found
        return found


@dataclass(slots=True)
class Watched:
    """When it is due (monotonic), and the moment up to which it was read."""

    due: float
    moment: str | None = None
    feeds: set[EventFeed] = field(default_factory=set)


class SiteEvents:
    """One for a process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._watched: dict[UUID, Watched] = {}
        self._task: asyncio.Task[None] | None = None
        self._nudged = asyncio.Event()

    @contextmanager
    def following(self, scope: SessionScope, site_id: UUID, until: float) -> Iterator[EventFeed]:
        """A site that is not seen, and the time after `until` (epoch seconds), say so: its own scope tells which."""
        feed = EventFeed(scope.session_id, scope.role.value, until)
        watched = self._watched.setdefault(site_id, Watched(0.0))
        watched.feeds.add(feed)
        self.nudge(site_id)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="events of sites")
        try:
            yield feed
        finally:
            watched.feeds.discard(feed)
            if not watched.feeds and self._watched.get(site_id) is watched:
                del self._watched[site_id]

    def nudge(self, site_id: UUID) -> None:
        if watched := self._watched.get(site_id):
            watched.due = 0.0
            self._nudged.set()

    def gap(self) -> None:
        """Everything is due: something may have been missed."""
        for site_id in self._watched:
            self.nudge(site_id)

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while self._watched:
            await self._wait()
            now = time.monotonic()
            due = [site for site, watched in self._watched.items() if watched.due <= now][:AT_ONCE]
            if due:
                await self._answer({site: self._watched[site] for site in due}, now)
                await asyncio.sleep(APART_SECONDS)

    async def _wait(self) -> None:
        """Until something is due."""
        soon = min(watched.due for watched in self._watched.values()) - time.monotonic()
        self._nudged.clear()
        if soon > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(soon):
                    await self._nudged.wait()

    async def _answer(self, due: dict[UUID, Watched], now: float) -> None:
        """Those who come meanwhile are answered the next time."""
        asked = [(feed, site, watched) for site, watched in due.items() for feed in watched.feeds]
        for watched in due.values():
            watched.due = now + REREAD_SECONDS
        try:
            async with asyncio.timeout(READ_SECONDS):  # one dead connection must not keep everybody waiting
                seen, events, moment = await self._read(asked)
        except Exception as error:  # noqa: BLE001 - it is tried again
            log.warning("events not read", error=str(error) or type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)
            for watched in due.values():
                watched.due = 0.0
            return
        by_site: dict[UUID, list[Happened]] = {}
        for event in events:
            by_site.setdefault(event.site_id, []).append(event)
        clock = time.time()
        for n, (feed, site, watched) in enumerate(asked, 1):
            found = by_site.get(site, []) if n in seen else []
            whole = len(found) < PAGE
            feed.offer(Batch(found if whole else [], moment, whole, seen=n in seen and feed.until > clock))
            watched.moment = moment

    async def _read(self, asked: list[tuple[EventFeed, UUID, Watched]]) -> tuple[set[int], list[Happened], str]:
        values = [
            [feed.session_id for feed, _, _ in asked],
            [feed.role for feed, _, _ in asked],
            [site for _, site, _ in asked],
            [watched.moment for _, _, watched in asked],
            PAGE,
        ]
        seen, events, moment = await self._database.read(AnonymousScope(), SINCE, values)
        return set(seen), happened(events), moment
