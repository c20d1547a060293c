"""Whether the sessions of open sockets still stand: a socket that is only open asks for nothing that would tell.

One statement every few seconds for all sockets of a process.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

import structlog

from persistence.postgres.database import Database
from persistence.scope import AnonymousScope

LOOK_SECONDS = 5.0
ENDED = "select coalesce(json_agg(n), '[]')::text from ended_sessions($1::uuid[], $2::text[]) n"
Pair = tuple[UUID, str]  # a session, and the role that it was begun in
End = Callable[[], Awaitable[None]]
log = structlog.get_logger()


class SessionChecks:
    """The audited function behind it tells who was signed out, deactivated, given another role or cancelled."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._open: defaultdict[Pair, list[End]] = defaultdict(list)
        self._task: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Future[None]] = set()

    @contextmanager
    def watched(self, session_id: UUID, role: str, end: End) -> Iterator[None]:
        """`end` is run once the session does not stand any more, and not after the block; it raises nothing."""
        pair = session_id, role
        self._open[pair].append(end)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="sessions looked at")
        try:
            yield
        finally:
            if end in self._open.get(pair, ()):
                self._open[pair].remove(end)
            if not self._open.get(pair, True):
                del self._open[pair]

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while self._open:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._look([*self._open])
            except Exception as error:  # noqa: BLE001 - it is looked at again
                log.warning("sessions not looked at", error=str(error) or type(error).__name__)

    async def _look(self, pairs: list[Pair]) -> None:
        if not pairs:
            return
        sessions, roles = ([*column] for column in zip(*pairs, strict=True))
        row = await self._database.read(AnonymousScope(), ENDED, [sessions, roles])
        for n in json.loads(row[0]):
            for end in self._open.pop(pairs[n - 1], []):
                task = asyncio.ensure_future(end())  # by itself: nobody waits for one that does not read
                self._ending.add(task)
                task.add_done_callback(self._ending.discard)
