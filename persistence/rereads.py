"""Followed jobs read again: one statement for all sockets of a process that are due within a moment."""

import asyncio
import json
from uuid import UUID

import structlog

from persistence.database import Database
from persistence.queries.jobs import FOLLOWED, snapshot_from
from persistence.scope import AnonymousScope, SessionScope
from persistence.unit import Snapshot

WINDOW_SECONDS = 0.02
Pair = tuple[UUID, str, UUID]  # session, its role, job
log = structlog.get_logger()


class Rereads:
    """The audited function behind it sees what each session would see of its job, and no more."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked: dict[Pair, asyncio.Future[Snapshot | None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def read(self, scope: SessionScope, job_id: UUID) -> Snapshot | None:
        """The job as the session sees it. None: it does not, or the database is away; its own scope tells which."""
        pair = scope.session_id, scope.role.value, job_id
        if pair not in self._asked:
            self._asked[pair] = asyncio.get_running_loop().create_future()
            self._task = self._task or asyncio.create_task(self._answer())
        return await asyncio.shield(self._asked[pair])

    async def _answer(self) -> None:
        await asyncio.sleep(WINDOW_SECONDS)
        asked, self._asked, self._task = self._asked, {}, None
        found: dict[int, Snapshot] = {}
        try:
            found = await self._read(list(asked))
        except Exception as error:  # noqa: BLE001 - each reads for itself then, and says what is wrong
            log.warning("followed jobs not read", error=str(error) or type(error).__name__)
        for number, future in enumerate(asked.values(), 1):
            if not future.done():
                future.set_result(found.get(number))

    async def _read(self, pairs: list[Pair]) -> dict[int, Snapshot]:
        sessions, roles, jobs = ([*column] for column in zip(*pairs, strict=True))
        row = await self._database.read(AnonymousScope(), FOLLOWED, [sessions, roles, jobs])
        states = {state["id"]: snapshot_from(state) for state in json.loads(row[0])}
        return {number: states[id] for number, id in json.loads(row[1])}
