"""One pool of PostgreSQL connections for the process: SQLAlchemy's units and the compiled reads share it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Self, TypeVar

import psycopg
import structlog
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.abc import Buffer
from psycopg.pq import TransactionStatus
from psycopg.sql import Literal
from psycopg_pool import PoolTimeout
from sqlalchemy import Dialect, Engine, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry, NullPool
from sqlalchemy.util import LRUCache

from persistence import errors
from persistence.postgres.connection import Startup, duration
from persistence.postgres.pool import Pool
from persistence.postgres.wire import PARAMETER, LeanWire, Statement, Wire
from persistence.scope import Scope

T = TypeVar("T")
log = structlog.get_logger()
URL = make_url("postgresql+psycopg://")
COPY_MS = 600_000
WAIT_SECONDS = 10.0  # for a connection, of whoever waits for an answer
UNENDED = (TransactionStatus.INTRANS, TransactionStatus.INERROR)
SHUTDOWN = (psycopg.errors.AdminShutdown, psycopg.errors.CrashShutdown)
API_ROLE, WORKER_ROLE, OWNER_ROLE = "igny8_api", "igny8_worker", "igny8_owner"
SESSION_ERRORS: dict[str, type[errors.PersistenceError]] = {
    "IG401": errors.SessionEnded,
    "IG402": errors.AccountSuspended,
    "IG403": errors.AccountCancelled,
    "IG409": errors.SiteArchived,
}


class UnitSession(Session):
    """A class of its own, for those who listen to the sessions of units alone."""


class Lending(NullPool):
    """Of SQLAlchemy's: it gives back what it was lent by being done with it."""

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        return None


async def _lend(wire: Wire) -> Wire:
    return wire


async def _dialect(wire: Wire) -> Dialect:
    """One that has asked the server what it needs to know."""
    engine = create_async_engine(URL, async_creator=partial(_lend, wire), poolclass=Lending)
    async with engine.connect():
        return engine.dialect


class Database:
    """Connections that took their role when they were made; changing it per transaction would re-plan statements."""

    dialect: Dialect

    def __init__(self, url: str, role: str, *, size: int = 16, statement_timeout_ms: int = 30_000) -> None:
        patience = WAIT_SECONDS if role == API_ROLE else 30.0
        limited = {"statement_timeout": duration(statement_timeout_ms)}
        work = Startup(role, limited)
        reads = Startup(role, {**limited, "default_transaction_read_only": "on"})
        self.role, self._open = role, False
        self._refused: errors.WrongSession | None = None
        self.pool: Pool[Wire] = Pool(
            url,
            # What a worker does for an item is a dozen statements of ours; mutations have many, by the ORM.
            connection_class=LeanWire if role == WORKER_ROLE else Wire,
            min_size=1,
            max_size=size - size // 2 if role == API_ROLE else size,
            open=False,
            timeout=patience,
            configure=partial(self._compare, work),
            kwargs={
                "options": work.options,
                "application_name": role,
                "autocommit": True,
                **({"prepare_threshold": None} if role == WORKER_ROLE else {}),
            },
        )
        # A pipeline on a connection in autocommit is one transaction of its own, without begin and commit.
        self.reads: Pool[LeanWire] = Pool(
            url,
            connection_class=LeanWire,
            min_size=0 if role == WORKER_ROLE else 1,
            max_size=size // 2,
            open=False,
            timeout=patience,
            close_returns=True,
            configure=partial(self._compare, reads),
            kwargs={
                "options": reads.options,
                "application_name": f"{role}_reads",
                "autocommit": True,
                "prepare_threshold": None,
            },
        )
        self.compiled: LRUCache[Any, Any] = LRUCache(500)

    async def open(self) -> Self:
        """Raises UnsafeRole and WrongSession, or psycopg's PoolTimeout when the server does not answer within 10 s."""
        try:
            await self.pool.open(wait=True, timeout=10)
            await self.reads.open(wait=True, timeout=10)
            async with self.reads.connection():  # a pool may begin without one
                pass
            if self._refused:
                raise self._refused
            await self._refuse_unsafe_role()
        except BaseException:
            await self.close()
            raise
        self._open = True
        return self

    async def _compare(self, startup: Startup, connection: Wire) -> None:
        """Of every new connection, since what is behind the address may change. Told at the start, and refused later:
        the pool makes another then, and says in the log why.
        """
        cursor = await connection.execute(startup.question.encode(), prepare=False)
        try:
            startup.check(await cursor.fetchone())
        except errors.WrongSession as wrong:
            if self._open:
                raise
            self._refused = wrong

    async def close(self) -> None:
        await self.reads.close()
        await self.pool.close()

    async def _refuse_unsafe_role(self) -> None:
        async with self.pool.connection() as connection:
            self.dialect = await _dialect(connection)
            cursor = await connection.execute(
                "select current_user, r.rolsuper or r.rolbypassrls, exists (select from pg_class c join pg_namespace n "
                "on n.oid = c.relnamespace where n.nspname = 'public' and c.relowner = r.oid) "
                "from pg_roles r where rolname = current_user"
            )
            row = await cursor.fetchone()
        if row is None or row[1] or row[2]:
            raise errors.UnsafeRole(f"the role {row and row[0]} is not bound by row-level security")

    @asynccontextmanager
    async def transaction(self, scope: Scope, first: Statement | None = None) -> AsyncIterator[tuple[Wire, Any]]:
        """One transaction that was opened by `scope`, and the first row of its `first` statement.

        The caller commits, else it is rolled back. Raises Away where it cannot be opened.
        """
        opening = Statement(*scope.opening)
        wire: Wire | None = None
        try:
            with reached():
                wire = await self.pool.getconn()
                try:
                    with translated():
                        row = await wire.begin(opening, first)
                except psycopg.OperationalError as error:
                    if not (wire.broken or isinstance(error, SHUTDOWN)):
                        raise
                    dead, wire = wire, None  # given back once: what follows may fail, and it may be another's by then
                    await self.pool.putconn(dead)
                    await self.pool.check()  # a server that was restarted breaks all connections, not only this one
                    wire = await self.pool.getconn()
                    with translated():
                        row = await wire.begin(opening, first)
            yield wire, row
        finally:
            if wire is not None:
                await self._give_back(wire)

    async def _give_back(self, wire: Wire) -> None:
        """Rolled back where it is still open: a refused scope, whoever raised or was cancelled. The pool would do so as
        well, and warn of each.
        """
        try:
            if wire.info.transaction_status in UNENDED:
                await wire.rollback()
        except psycopg.Error:
            pass  # it is broken then, and the pool makes another
        finally:
            await self.pool.putconn(wire)

    def session(self, wire: Wire) -> AsyncSession:
        """The ORM inside a transaction that is open on `wire`."""
        if wire.engine is None:
            wire.engine = self._engine_over(wire)
        return AsyncSession(wire.engine, sync_session_class=UnitSession, expire_on_commit=False)

    def _engine_over(self, wire: Wire) -> AsyncEngine:
        """Without asking the server anything, since a transaction is open; statements compiled once serve all wires."""
        adapter, lend = self.dialect.loaded_dbapi, partial(_lend, wire)
        pool = Lending(lambda: adapter.connect(async_creator_fn=lend), dialect=self.dialect)
        options = {"compiled_cache": self.compiled}
        return AsyncEngine(
            Engine(pool, self.dialect, URL, hide_parameters=True, query_cache_size=0, execution_options=options)
        )

    async def write(self, sql: str, parameters: list[Any]) -> tuple[Any, ...] | None:
        """The first row of one statement in a transaction of its own and in no scope: of what the role sees anyway."""
        try:
            return await self._write(sql, parameters)
        except SHUTDOWN:
            pass  # so it was not committed
        except psycopg.OperationalError as error:
            if error.sqlstate is not None or isinstance(error, PoolTimeout):
                raise
        await self.pool.check()
        return await self._write(sql, parameters)

    async def _write(self, sql: str, parameters: list[Any]) -> tuple[Any, ...] | None:
        wire = await self.pool.getconn()
        try:
            return await wire.ask(Statement(sql, parameters))
        finally:
            await self.pool.putconn(wire)

    @asynccontextmanager
    async def copied(self, scope: Scope, sql: str, parameters: list[Any]) -> AsyncIterator[AsyncIterator[Buffer]]:
        """What `COPY … TO STDOUT` writes, piece by piece, in one read-only transaction in `scope`."""
        async with self.reads.connection() as connection:
            opening, opened_for = scope.opening
            with translated():
                async with connection.transaction():
                    cursor = AsyncRawCursor(connection)
                    await cursor.execute(opening, opened_for)
                    await connection.execute(f"set local statement_timeout = {COPY_MS}".encode())
                    # COPY takes no parameters.
                    text = PARAMETER.sub(lambda f: Literal(parameters[int(f[1]) - 1]).as_string(connection), sql)
                    async with connection.cursor().copy(text.encode()) as copy:
                        yield aiter(copy)

    async def read_texts(
        self, scope: Scope, sql: str, parameters: list[Any], *, prepare: bool = True
    ) -> tuple[bytes, ...]:
        """As `read`, of columns that are text and never null, left as the UTF-8 that came; on libpq's own pipeline."""
        with reached():
            return await self._twice(partial(self._read_texts, scope, sql, parameters, prepare))

    async def read(self, scope: Scope, sql: str, parameters: list[Any]) -> tuple[Any, ...]:
        """The one row of one statement in one read-only transaction, in a single round trip.

        Raises Missing, Away, TooSlow, and what `translated` knows.
        """
        with reached():
            return await self._twice(partial(self._read, scope, sql, parameters))

    async def _twice(self, read: Callable[[], Awaitable[tuple[T, ...]]]) -> tuple[T, ...]:
        """Once more where the connection was no longer good: reading again changes nothing."""
        try:
            return await read()
        except psycopg.errors.InvalidSqlStatementName:
            return await read()
        except (*SHUTDOWN, psycopg.InterfaceError):
            pass
        except psycopg.OperationalError as error:
            if error.sqlstate is not None or isinstance(error, PoolTimeout):  # then no connection is broken
                raise
        await self.reads.check()
        return await read()

    async def _read_texts(self, scope: Scope, sql: str, parameters: list[Any], prepare: bool) -> tuple[bytes, ...]:
        statements = [Statement(*scope.opening), Statement(sql, parameters, prepare)]
        return await self._asked(lambda wire: wire.texts(statements))

    async def _read(self, scope: Scope, sql: str, parameters: list[Any]) -> tuple[Any, ...]:
        statements = [Statement(*scope.opening), Statement(sql, parameters)]
        return await self._asked(lambda wire: wire.row(statements))

    async def _asked(self, ask: Callable[[LeanWire], Awaitable[tuple[T, ...] | None]]) -> tuple[T, ...]:
        wire = await self.reads.getconn()
        try:
            with translated():
                row = await ask(wire)
        finally:
            await self.reads.putconn(wire)
        if row is None:
            raise errors.Missing("row")
        return row


async def raw(session: AsyncSession) -> AsyncConnection[Any]:
    """The psycopg connection under a session's transaction."""
    connection = (await (await session.connection()).get_raw_connection()).driver_connection
    assert isinstance(connection, AsyncConnection)
    return connection


class translated:
    """Turns what `enter` and constraints raise into errors of ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        original = getattr(error, "orig", error)
        if not isinstance(original, psycopg.Error):
            return
        known = SESSION_ERRORS.get(original.sqlstate or "")
        constraint = original.diag.constraint_name or ""
        if known:
            raise known(original.diag.message_detail or original.diag.message_primary or "") from None
        if isinstance(original, psycopg.errors.QueryCanceled):
            raise errors.TooSlow from error
        if isinstance(original, psycopg.errors.DiskFull):
            raise errors.NoRoom from error
        if isinstance(original, psycopg.errors.DeadlockDetected):
            raise errors.Deadlock from error
        if isinstance(original, psycopg.errors.UniqueViolation):
            raise errors.Duplicate(constraint) from error
        if isinstance(original, psycopg.errors.ForeignKeyViolation | psycopg.errors.CheckViolation):
            raise errors.Broken(constraint) from error


class reached:
    """Turns what says that the server is away, or has nothing to spare, into Away. Not for what may be committed."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) and _away(error.sqlstate):
            reason = str(error).strip() or type(error).__name__
            log.warning("database away", error=reason)
            raise errors.Away(reason) from error


def _away(state: str | None) -> bool:
    """By SQLSTATE: the connection went, or could not be made; too many of them; a server that ends or begins."""
    return state is None or state == "53300" or state[:2] == "08" or state[:3] == "57P"
