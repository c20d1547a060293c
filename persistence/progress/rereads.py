"""Followed jobs read again every few seconds: what was not told is made up for, and who may see no more learns it.

One statement for all that are due in a process, and one reading for all who follow a job in one session. Who has
missed nothing is not woken.
"""

import asyncio
import json
import math
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from persistence.postgres.database import Database
from persistence.progress.feed import Feed
from persistence.progress.snapshot import Snapshot, snapshot_from
from persistence.queries.jobs import FOLLOWED
from persistence.scope import AnonymousScope, SessionScope

REREAD_SECONDS = 5.0
TICK_SECONDS = 0.1
READ_SECONDS = 5.0
LEAST = 20  # pairs that a tick may read, however few there are
RETRY_SECONDS, PATIENCE_SECONDS = (
    1.0,
    30.0,
)  # for a database that is away; then everybody reads for themselves, and says what is wrong
Pair = tuple[UUID, str, UUID]  # session, its role, job
log = structlog.get_logger()


@dataclass(slots=True)
class Watched:
    """When it is due (monotonic), and who follows until when (epoch seconds)."""

    due: float
    feeds: dict[Feed, float] = field(default_factory=dict)


class Rereads:
    """The audited function behind it sees what each session would see of its job, and no more."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._watched: OrderedDict[Pair, Watched] = OrderedDict()  # nearly in the order in which they are due
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def following(self, scope: SessionScope, job_id: UUID, feed: Feed, until: float) -> Iterator[None]:
        """The feed is offered the job as the session sees it; it is told of a gap when the session does not see it,
        and after `until` (epoch seconds): its own scope tells which.
        """
        pair = scope.session_id, scope.role.value, job_id
        watched = self._watched.get(pair)
        if watched is None:
            watched = self._watched[pair] = Watched(time.monotonic() + REREAD_SECONDS)
        watched.feeds[feed] = until
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="jobs read again")
        try:
            yield
        finally:
            del watched.feeds[feed]
            if not watched.feeds and self._watched.get(pair) is watched:
                del self._watched[pair]

    def gap(self) -> None:
        """Everything is due: something may have been missed."""
        for watched in self._watched.values():
            watched.due = min(watched.due, time.monotonic())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while self._watched:
            await asyncio.sleep(TICK_SECONDS)
            if due := self._due(time.monotonic()):
                await self._answer(due)

    def _due(self, now: float) -> dict[Pair, Watched]:
        """No more than it takes to get round in half of the time: those who began at once are spread."""
        most = max(LEAST, math.ceil(len(self._watched) * 2 * TICK_SECONDS / REREAD_SECONDS))
        found: dict[Pair, Watched] = {}
        for pair, watched in self._watched.items():
            if watched.due > now or len(found) == most:
                break
            found[pair] = watched
        return found

    async def _answer(self, due: dict[Pair, Watched]) -> None:
        try:
            async with asyncio.timeout(READ_SECONDS):  # one dead connection must not keep everybody waiting
                found = await self._read(list(due))
        except Exception as error:  # noqa: BLE001 - it is tried again
            log.warning("followed jobs not read", error=str(error) or type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)
            late = time.monotonic() - PATIENCE_SECONDS
            due, found = {pair: watched for pair, watched in due.items() if watched.due < late}, {}
        now, clock = time.monotonic(), time.time()
        for pair, watched in due.items():
            snapshot = found.get(pair)
            for feed, until in watched.feeds.items():
                if snapshot is None or until < clock:
                    feed.gap()
                else:
                    feed.offer(snapshot)
            watched.due = now + REREAD_SECONDS
            if pair in self._watched:
                self._watched.move_to_end(pair)

    async def _read(self, pairs: list[Pair]) -> dict[Pair, Snapshot]:
        sessions, roles, jobs = ([*column] for column in zip(*pairs, strict=True))
        row = await self._database.read(AnonymousScope(), FOLLOWED, [sessions, roles, jobs])
        states = {state["id"]: snapshot_from(state) for state in json.loads(row[0])}
        return {pairs[number - 1]: states[id] for number, id in json.loads(row[1])}
