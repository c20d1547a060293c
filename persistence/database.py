"""One pool of PostgreSQL connections for the process: SQLAlchemy's units and the compiled reads share it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import psycopg
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import NullPool

from persistence import errors
from persistence.scope import Scope

API_ROLE, WORKER_ROLE, OWNER_ROLE = "igny8_api", "igny8_worker", "igny8_owner"
SESSION_ERRORS: dict[str, type[errors.PersistenceError]] = {
    "IG401": errors.SessionEnded,
    "IG402": errors.AccountSuspended,
    "IG403": errors.AccountCancelled,
}


class Utf8(Loader):
    def load(self, data: Buffer) -> bytes:
        return bytes(data)


class Database:
    """Connections that took their role when they were made; changing it per transaction would re-plan statements."""

    def __init__(self, url: str, role: str, *, size: int = 16, statement_timeout_ms: int = 30_000) -> None:
        options = f"-c role={role} -c timezone=UTC -c statement_timeout={statement_timeout_ms} -c jit=off"
        self.role = role
        self.pool: AsyncConnectionPool[AsyncConnection[TupleRow]] = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=max(1, size - size * 2 // 3) if role == API_ROLE else size,
            open=False,
            close_returns=True,
            kwargs={"options": options, "application_name": role},
        )
        # A pipeline on a connection in autocommit is one transaction of its own, without begin and commit.
        self.reads: AsyncConnectionPool[AsyncConnection[TupleRow]] = AsyncConnectionPool(
            url,
            min_size=0 if role == WORKER_ROLE else 1,
            max_size=max(1, size * 2 // 3),
            open=False,
            close_returns=True,
            kwargs={
                "options": f"{options} -c default_transaction_read_only=on",
                "application_name": f"{role}_reads",
                "autocommit": True,
            },
        )
        self.engine: AsyncEngine = create_async_engine(
            "postgresql+psycopg://", async_creator=self.pool.getconn, poolclass=NullPool, hide_parameters=True
        )
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    async def open(self) -> Self:
        """Raises UnsafeRole, or psycopg's PoolTimeout when the server does not answer within 10 s."""
        await self.pool.open(wait=True, timeout=10)
        await self.reads.open(wait=True, timeout=10)
        await self._refuse_unsafe_role()
        return self

    async def close(self) -> None:
        await self.engine.dispose()
        await self.reads.close()
        await self.pool.close()

    async def _refuse_unsafe_role(self) -> None:
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "select current_user, r.rolsuper or r.rolbypassrls, exists (select from pg_class c join pg_namespace n "
                "on n.oid = c.relnamespace where n.nspname = 'public' and c.relowner = r.oid) "
                "from pg_roles r where rolname = current_user"
            )
            row = await cursor.fetchone()
        if row is None or row[1] or row[2]:
            raise errors.UnsafeRole(f"the role {row and row[0]} is not bound by row-level security")

    @asynccontextmanager
    async def session(self, scope: Scope) -> AsyncIterator[AsyncSession]:
        """A session inside one transaction that was opened by `scope`; the caller commits."""
        async with self.sessions() as session:
            try:
                await self._enter(session, scope)
            except psycopg.OperationalError:
                await session.invalidate()
                await self.pool.check()  # a server that was restarted breaks all connections, not only this one
                await self._enter(session, scope)
            yield session

    async def _enter(self, session: AsyncSession, scope: Scope) -> None:
        with translated():
            sql, parameters = scope.opening
            await AsyncRawCursor(await raw(session)).execute(sql, parameters)

    async def write(self, scope: Scope, sql: str, parameters: list[Any]) -> tuple[Any, ...] | None:
        """The first row of one statement in one transaction, in a single round trip."""
        try:
            return await self._write(scope, sql, parameters)
        except psycopg.OperationalError as error:
            if error.sqlstate is not None or isinstance(error, PoolTimeout):
                raise
        await self.pool.check()
        return await self._write(scope, sql, parameters)

    async def _write(self, scope: Scope, sql: str, parameters: list[Any]) -> tuple[Any, ...] | None:
        async with self.pool.connection() as connection:
            cursor = AsyncRawCursor(connection)
            opening, opened_for = scope.opening
            with translated():
                async with connection.pipeline():
                    await cursor.execute(opening, opened_for, prepare=True)
                    await cursor.execute(sql, parameters, prepare=True)
                    await connection.commit()
            return await cursor.fetchone()

    async def read_texts(
        self, scope: Scope, sql: str, parameters: list[Any], *, prepare: bool = True
    ) -> tuple[bytes, ...]:
        """As `read`, of text columns alone, left as the UTF-8 that came: an answer of megabytes need not be decoded."""
        return await self.read(scope, sql, parameters, prepare=prepare, loader=Utf8)

    async def read(
        self,
        scope: Scope,
        sql: str,
        parameters: list[Any],
        *,
        prepare: bool = True,
        loader: type[Loader] | None = None,
    ) -> tuple[Any, ...]:
        """The one row of one statement in one read-only transaction, in a single round trip.

        `loader`: makes values of text columns.
        """
        try:
            return await self._read(scope, sql, parameters, prepare, loader)
        except (psycopg.errors.AdminShutdown, psycopg.errors.CrashShutdown, psycopg.InterfaceError):
            pass
        except psycopg.OperationalError as error:
            if error.sqlstate is not None or isinstance(error, PoolTimeout):  # then no connection is broken
                raise
        await self.reads.check()
        return await self._read(scope, sql, parameters, prepare, loader)

    async def _read(
        self, scope: Scope, sql: str, parameters: list[Any], prepare: bool, loader: type[Loader] | None
    ) -> tuple[Any, ...]:
        async with self.reads.connection() as connection:
            cursor = AsyncRawCursor(connection)
            if loader:
                cursor.adapters.register_loader("text", loader)
            opening, opened_for = scope.opening
            with translated():
                async with connection.pipeline():
                    await cursor.execute(opening, opened_for, prepare=True)
                    await cursor.execute(sql, parameters, prepare=prepare)
            row = await cursor.fetchone()
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
            raise known(original.diag.message_primary or "") from None
        if isinstance(original, psycopg.errors.UniqueViolation):
            raise errors.Duplicate(constraint) from error
        if isinstance(original, psycopg.errors.ForeignKeyViolation | psycopg.errors.CheckViolation):
            raise errors.Broken(constraint) from error
