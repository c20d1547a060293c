"""Connections of the pools, and statements on libpq's pipeline as it stands, without a cursor.

What psycopg's cursors do around two statements is half of what a small read costs a process. Parameters go as text
and without types, so the statement's own casts say what they are, and one statement has one plan.
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.abc import Buffer
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import InvalidSqlStatementName, error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.rows import TupleRow
from psycopg.sql import Literal
from sqlalchemy.ext.asyncio import AsyncEngine

PARAMETER = re.compile(r"\$(\d+)")
KEPT = 100  # prepared statements of a connection
CANCEL_SECONDS = 1.0
DONE = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with $n parameters, each with a cast where its type cannot be told, and their values."""

    sql: str
    values: Sequence[Any]
    prepare: bool = True


class Wire(AsyncConnection[TupleRow]):
    """A pooled connection, in autocommit: a transaction is begun by the statement that opens its scope.

    `engine`: SQLAlchemy over it alone, made when a transaction first asks for the ORM.
    """

    engine: AsyncEngine | None = None

    async def ask(self, statement: Statement) -> tuple[Any, ...] | None:
        """Its first row; None where it has no row."""
        cursor = AsyncRawCursor(self)
        await cursor.execute(statement.sql, statement.values, prepare=statement.prepare or None)
        return await cursor.fetchone()

    async def begin(self, opening: Statement, first: Statement | None) -> tuple[Any, ...] | None:
        """A transaction that `opening` opens; the first row of its `first` statement."""
        # Two statements can be sent at once as long as they have no parameters.
        text = PARAMETER.sub(lambda f: Literal(opening.values[int(f[1]) - 1]).as_string(self), opening.sql)
        await self.execute(f"begin; {text}".encode(), prepare=False)
        return await self.ask(first) if first else None


class LeanWire(Wire):
    """Without cursors. Outside a transaction the statements of one pipeline are one of their own.

    Nothing else prepares on it: psycopg lets all prepared statements go when a transaction with some of its own fails.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._names: OrderedDict[str, bytes] = OrderedDict()
        self._made = 0
        self._transformer = Transformer(self)

    async def texts(self, statements: Sequence[Statement]) -> tuple[bytes, ...] | None:
        """The first row of the last statement, whose columns are text and never null; None where it has no row.

        In one round trip. Raises psycopg's errors. Interrupted, the connection is closed: the pool makes another.
        """
        last = await self._last(statements)
        if not last.ntuples:
            return None
        return tuple(last.get_value(0, column) or b"" for column in range(last.nfields))

    async def row(self, statements: Sequence[Statement]) -> tuple[Any, ...] | None:
        """As `texts`, of columns of any type, as psycopg makes them."""
        last = await self._last(statements)
        if not last.ntuples:
            return None
        self._transformer.set_pgresult(last)
        return self._transformer.load_row(0, tuple)

    async def ask(self, statement: Statement) -> tuple[Any, ...] | None:
        return await self.row([statement])

    async def begin(self, opening: Statement, first: Statement | None) -> tuple[Any, ...] | None:
        statements = [Statement("begin", (), prepare=False), opening, *([first] if first else [])]
        return await self.row(statements)

    async def _last(self, statements: Sequence[Statement]) -> PGresult:
        pgconn, given = self.pgconn, [self._dumped(statement.values) for statement in statements]
        sent: list[tuple[str, bytes] | None] = []  # for each result: the statement it prepares
        try:
            pgconn.enter_pipeline_mode()
            for statement, values in zip(statements, given, strict=True):
                self._send(pgconn, statement, values, sent)
            pgconn.pipeline_sync()
            results = await _synced(pgconn)
            pgconn.exit_pipeline_mode()
        except BaseException:  # a cancellation as well: what is still on its way belongs to nobody then
            await self._give_up()
            raise
        for prepared, result in zip(sent, results, strict=True):
            if result.status not in DONE:
                error = error_from_result(result, self.info.encoding)
                if isinstance(error, InvalidSqlStatementName):
                    self._names.clear()  # somebody between has let them go
                raise error
            if prepared:
                self._names[prepared[0]] = prepared[1]
        return results[-1]

    def _dumped(self, values: Sequence[Any]) -> Sequence[Buffer | None]:
        return self._transformer.dump_sequence(values, [PyFormat.TEXT] * len(values))

    def _send(
        self,
        pgconn: PGconn,
        statement: Statement,
        values: Sequence[Buffer | None],
        sent: list[tuple[str, bytes] | None],
    ) -> None:
        if not statement.prepare:
            pgconn.send_query_params(statement.sql.encode(), values)
        else:
            name = self._names.get(statement.sql)
            if name is None:
                name = self._prepare(pgconn, statement.sql, sent)
            else:
                self._names.move_to_end(statement.sql)
            pgconn.send_query_prepared(name, values)
        sent.append(None)

    def _prepare(self, pgconn: PGconn, sql: str, sent: list[tuple[str, bytes] | None]) -> bytes:
        if len(self._names) >= KEPT:
            _, oldest = self._names.popitem(last=False)
            pgconn.send_query_params(b"deallocate " + oldest, [])
            sent.append(None)
        self._made += 1
        name = b"read_%d" % self._made
        pgconn.send_prepare(name, sql.encode())
        sent.append((sql, name))
        return name

    async def _give_up(self) -> None:
        with suppress(psycopg.Error, OSError, TimeoutError):
            await self.cancel_safe(timeout=CANCEL_SECONDS)
        self.pgconn.finish()


async def _synced(pgconn: PGconn) -> list[PGresult]:
    """The results of all that was sent, up to the pipeline's end; the task wakes once, however many pieces come."""
    loop, socket = asyncio.get_running_loop(), pgconn.socket
    while pgconn.flush():
        await _writable(loop, socket)
    found: list[PGresult] = []
    ended: asyncio.Future[None] = loop.create_future()

    def read() -> None:
        if ended.done():  # cancelled a moment ago
            loop.remove_reader(socket)
            return
        try:
            pgconn.consume_input()
            while not pgconn.is_busy():
                result = pgconn.get_result()
                if result is None:
                    continue  # the end of one statement's
                if result.status == ExecStatus.PIPELINE_SYNC:
                    loop.remove_reader(socket)
                    ended.set_result(None)
                    return
                found.append(result)
        except Exception as error:  # noqa: BLE001 - the task raises it
            loop.remove_reader(socket)
            ended.set_exception(error)

    loop.add_reader(socket, read)
    try:
        await ended
    except asyncio.CancelledError:
        loop.remove_reader(socket)
        raise
    return found


async def _writable(loop: asyncio.AbstractEventLoop, socket: int) -> None:
    waiter: asyncio.Future[None] = loop.create_future()
    loop.add_writer(socket, lambda: None if waiter.done() else waiter.set_result(None))
    try:
        await waiter
    finally:
        loop.remove_writer(socket)
