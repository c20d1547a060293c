"""The unit of work: the only place that commits, and after the commit dispatches jobs and tells who listens."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Executable, Result, Select, event, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import UOWTransaction
from sqlalchemy.orm.exc import StaleDataError

from persistence import errors
from persistence.models import Job
from persistence.models.base import Row
from persistence.postgres.database import Database, UnitSession, translated
from persistence.postgres.wire import Statement, Wire
from persistence.progress.snapshot import Snapshot, snapshot
from persistence.queries.events import Record, recording
from persistence.scope import Scope
from persistence.secrets import Vault

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Nudge:
    """Something has happened on a site: read its events."""

    site_id: UUID


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Work that waits: `count` messages saying that the account has some in a queue."""

    account_id: UUID
    queue: str
    count: int = 1


Dispatcher = Callable[[list[Dispatch]], Awaitable[None]]
News = Snapshot | Nudge
Publisher = Callable[[list[News]], Awaitable[None]]


@dataclass(slots=True)
class Unit:
    """One transaction in one scope. `wire`: its connection, for statements of their own beside the ORM's session.

    `first`: the row of the statement that it began with.
    """

    database: Database
    wire: Wire
    scope: Scope
    vault: Vault
    dispatches: list[Dispatch] = field(default_factory=list)
    jobs: dict[UUID, Job] = field(default_factory=dict)
    told: dict[UUID, Snapshot] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    first: tuple[Any, ...] | None = None
    adopted: tuple[Row, ...] = ()
    began_at: datetime | None = None
    _session: AsyncSession | None = None

    @property
    def session(self) -> AsyncSession:
        """Made when it is first asked for."""
        if self._session is None:
            self._session = self.database.session(self.wire)
            self._session.sync_session.info["unit"] = self
            self._session.add_all(self.adopted)
        return self._session

    def adopt(self, *rows: Row) -> None:
        """Rows that a statement has read or locked here: what is changed of them is written at the end."""
        self.adopted += rows
        if self._session:
            self._session.add_all(rows)

    async def now(self) -> datetime:
        """When this transaction began, by the database's clock: the only one whose times are written and compared."""
        if self.began_at is None:
            row = await self.wire.ask(Statement("select now()", ()))
            assert row
            self.began_at = row[0]
        assert self.began_at
        return self.began_at

    async def get(self, row: type[R], id: UUID, *, lock: bool = False) -> R:
        """The row, or Missing. `lock`: FOR UPDATE, read afresh."""
        found = await self.session.get(row, id, with_for_update=lock or None, populate_existing=lock)
        if found is None:
            raise errors.Missing(row.__name__)
        return found

    async def all(self, statement: Select[R]) -> list[R]:
        return list((await self.session.scalars(statement)).all())

    async def many(self, row: type[R], ids: list[UUID]) -> list[R]:
        """The rows in the order of `ids`; Missing when one of them is not there."""
        found = {r.id: r for r in await self.all(select(row).where(row.id.in_(ids)))}
        if len(found) != len(set(ids)):
            raise errors.Missing(row.__name__)
        return [found[id] for id in dict.fromkeys(ids)]

    async def flush(self) -> None:
        """Writes what is pending, so that constraints speak now: Duplicate, Broken, Stale."""
        if self._session is None and not any(inspect(row).modified for row in self.adopted):
            return
        try:
            with translated():
                await self.session.flush()
        except StaleDataError as stale:
            raise errors.Stale from stale

    async def run(self, statement: Executable) -> Result[Any]:
        """A statement about many rows, past those that the session holds; constraints speak as in `flush`."""
        with translated():
            return await self.session.execute(statement, execution_options={"synchronize_session": False})

    def add(self, *rows: Row) -> None:
        self.session.add_all(rows)

    async def close(self) -> None:
        """Its rows are nobody's then, with the values that they have."""
        if self._session:
            await self._session.close()

    @property
    def snapshots(self) -> list[Snapshot]:
        """Of the jobs that it changed."""
        return [*(snapshot(job) for job in self.jobs.values()), *self.told.values()]

    @property
    def news(self) -> list[News]:
        """What listeners are told: of jobs what they are now, of sites that something has happened there."""
        changed = self.snapshots
        sites = {site for record in self.records for site, _, _ in record.places}
        sites |= {job.site_id for job in changed if job.has_ended}
        return [*changed, *(Nudge(site) for site in sites if site)]

    def tell(self, changed: Snapshot) -> None:
        """A job that a statement changed past its row here."""
        self.told[changed.id] = changed
        self.jobs.pop(changed.id, None)


class Units:
    """Makes units; holds what a process does after a commit."""

    def __init__(self, database: Database, vault: Vault, dispatch: Dispatcher, publish: Publisher) -> None:
        self.database, self.vault = database, vault
        self.dispatch, self.publish = dispatch, publish

    @asynccontextmanager
    async def __call__(self, scope: Scope, first: Statement | None = None) -> AsyncIterator[Unit]:
        """Commits at the end of the block, rolls back when it raises. `first` is asked on the way in."""
        async with self.database.transaction(scope, first) as (wire, row):
            unit = Unit(self.database, wire, scope, self.vault)
            unit.first = row
            try:
                with translated():  # what raw statements raise as well
                    yield unit
                await unit.flush()
                with translated():
                    if unit.records:
                        await wire.ask(recording(unit.records))
                    await wire.commit()
            finally:
                await unit.close()
        # Outside the transaction: its connection is back in the pool while Redis is slow or away.
        await asyncio.gather(
            *([self.dispatch(unit.dispatches)] if unit.dispatches else []),
            *([self.publish(news)] if (news := unit.news) else []),
        )


@event.listens_for(UnitSession, "before_flush")
def _remember_jobs(session: UnitSession, _: UOWTransaction, __: Any) -> None:
    """Every change of a job makes a new version of it; whoever changes one has it locked."""
    unit: Unit | None = session.info.get("unit")
    if unit is None:
        return
    for job in [row for row in session.dirty if isinstance(row, Job) and session.is_modified(row)]:
        job.version += 1
        unit.jobs[job.id] = job
    unit.jobs.update({row.id: row for row in session.new if isinstance(row, Job)})
