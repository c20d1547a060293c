"""Connections: what they are from their start, and given back once, whatever happens while they are made anew."""

import asyncio
import logging
import re
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Self
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import PoolTimeout
from sqlalchemy import make_url

from persistence.errors import Away, SessionEnded, TooSlow, WrongSession
from persistence.postgres.database import API_ROLE, WORKER_ROLE, Database
from persistence.postgres.migrations import migrate
from persistence.postgres.revisions import pending
from persistence.postgres.secret_rotation import rotate
from persistence.postgres.wire import Statement
from persistence.scope import AnonymousScope, Scope, SessionScope, SystemScope
from persistence.secrets import Vault
from persistence.terms import Role
from tests.conftest import SECRET, Place
from tests.jobs.support import one, sql
from tests.waiting import ended

SCOPE = SystemScope("test")
DROP = (
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> "
    "pg_backend_pid() and application_name = 'igny8_worker'"
)


@pytest.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    opened = await Database(place.database_url, WORKER_ROLE, size=2).open()
    yield opened
    await opened.close()


async def test_dropped_connections_are_replaced_at_once(place: Place, database: Database) -> None:
    for _ in range(3):
        sql(place, DROP)
        async with database.transaction(SCOPE) as (wire, _):
            assert await (await wire.execute("select current_setting('igny8.reason')")).fetchone() == ("test",)
        sql(place, DROP)
        assert await database.write("select $1::int", [7]) == (7,)


async def test_a_connection_goes_back_once_when_no_other_can_be_had(
    place: Place, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.transaction(SCOPE):
        pass
    get, calls = database.pool.getconn, 0

    async def once(*_: object) -> object:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise PoolTimeout("none within 30 s")
        return await get()

    monkeypatch.setattr(database.pool, "getconn", once)
    sql(place, DROP)
    with pytest.raises(Away):
        async with database.transaction(SCOPE):
            pytest.fail("there is no connection")
    monkeypatch.undo()

    async with database.transaction(SCOPE), database.transaction(SCOPE):
        assert database.pool.get_stats()["pool_size"] <= 2


async def test_a_refused_scope_is_not_tried_twice(place: Place) -> None:
    """A statement time-out is the server's answer: its connection is whole, and rolled back."""
    with psycopg.connect(place.database_url) as holder:
        holder.execute("create or replace function enter_slow() returns void language sql as 'select pg_sleep(9)'")
        holder.execute("grant execute on function enter_slow() to igny8_worker")
        holder.commit()

    class Slow:
        @property
        def opening(self) -> tuple[str, tuple[object, ...]]:
            return "select enter_slow()", ()

    database = await Database(place.database_url, WORKER_ROLE, size=2, statement_timeout_ms=100).open()
    began = asyncio.get_running_loop().time()
    with pytest.raises(TooSlow):
        async with database.transaction(Slow()):
            pytest.fail("it is not open")
    assert asyncio.get_running_loop().time() - began < 2
    sql(place, "drop function enter_slow()")
    async with database.transaction(SCOPE) as (wire, _):
        assert wire.info.transaction_status.name == "INTRANS"
    await database.close()
    assert one(place, "select count(*) from pg_stat_activity where state = 'idle in transaction'") == 0


@pytest.mark.parametrize("role", [API_ROLE, WORKER_ROLE])
async def test_nothing_is_given_back_in_the_midst_of_a_transaction(
    place: Place, role: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Refused, failed or cancelled at any moment: the pool has nothing to roll back, and to warn of."""
    scope: Scope = AnonymousScope() if role == API_ROLE else SCOPE
    database = await Database(place.database_url, role, size=4).open()

    async def fail() -> None:
        async with database.transaction(scope):
            raise ZeroDivisionError

    async def refuse() -> None:
        # Whoever has ended their session: the statement that opens the scope fails.
        async with database.transaction(SessionScope(UUID(int=1), UUID(int=2), UUID(int=3), Role.OWNER)):
            pytest.fail("it is not open")

    async def work() -> None:
        async with database.transaction(scope) as (wire, _):
            await wire.ask(Statement("select 1 from pg_sleep(0.003)", []))
            await wire.commit()

    with caplog.at_level(logging.WARNING, "psycopg.pool"):
        with pytest.raises(ZeroDivisionError):
            await fail()
        if role == API_ROLE:
            with pytest.raises(SessionEnded):
                await refuse()
        for round in range(30):
            working = [asyncio.create_task(work()) for _ in range(3)]
            await asyncio.sleep(0.0004 * round)
            for task in working:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await ended(asyncio.gather(*working, return_exceptions=True))
        assert await database.write("select $1::int", [7]) == (7,)
    await database.close()
    assert [r.getMessage() for r in caplog.records if "returned connection" in r.getMessage()] == []


class Pooler:
    """In front of PostgreSQL, as PgBouncer is: what sessions ask for at their start goes through `passes` first."""

    def __init__(self, url: str) -> None:
        self.target = make_url(url)
        self.passes: Callable[[str], str] = lambda options: options

    async def __aenter__(self) -> Self:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()

    @property
    def url(self) -> str:
        port = self.server.sockets[0].getsockname()[1]
        return self.target.set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (start := await self._packet(reader))[:4] in (SSL_REQUEST, GSS_REQUEST):
            writer.write(b"N")
        if start[:4] == VERSION_3:
            start = self._passed(start)
        there = await asyncio.open_unix_connection(f"{self.target.query['host']}/.s.PGSQL.{self.target.port or 5432}")
        there[1].write(struct.pack("!I", len(start) + 4) + start)
        await asyncio.gather(self._pump(reader, there[1]), self._pump(there[0], writer))

    @staticmethod
    async def _packet(reader: asyncio.StreamReader) -> bytes:
        (size,) = struct.unpack("!I", await reader.readexactly(4))
        return await reader.readexactly(size - 4)

    def _passed(self, start: bytes) -> bytes:
        words = start[4:].rstrip(b"\0").split(b"\0")
        asked = dict(zip(words[::2], words[1::2], strict=True))
        asked[b"options"] = self.passes(asked[b"options"].decode()).encode()
        return start[:4] + b"".join(name + b"\0" + value + b"\0" for name, value in asked.items()) + b"\0"

    @staticmethod
    async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
            writer.close()


SSL_REQUEST, GSS_REQUEST, VERSION_3 = (struct.pack("!I", code) for code in (80877103, 80877104, 196608))


@pytest.fixture
async def pooler(place: Place) -> AsyncIterator[Pooler]:
    async with Pooler(place.database_url) as made:
        yield made


@pytest.mark.parametrize("role", [API_ROLE, WORKER_ROLE])
@pytest.mark.parametrize(
    ("asked", "gets", "told"),
    [
        (".*", "", "PgBouncer"),
        (r"-c role=\w+", "", r"role is \w+, not igny8_"),
        ("TimeZone=UTC", "TimeZone=Asia/Tokyo", "TimeZone is Asia/Tokyo, not UTC"),
        (r"-c statement_timeout=\S+", "", "statement_timeout is 0, not 30s"),
        ("-c default_transaction_read_only=on", "", "default_transaction_read_only is off, not on"),
    ],
)
async def test_what_is_dropped_on_the_way_is_noticed_at_the_start(
    pooler: Pooler, role: str, asked: str, gets: str, told: str
) -> None:
    """In both pools. A login of the wrong rights would see rows past the policies, or write where it reads."""
    pooler.passes = lambda options: re.sub(asked, gets, options)
    with pytest.raises(WrongSession, match=told):
        await Database(pooler.url, role, size=2).open()


async def test_what_is_dropped_later_serves_nobody(pooler: Pooler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("persistence.postgres.database.WAIT_SECONDS", 0.5)
    database = await Database(pooler.url, API_ROLE, size=4).open()
    pooler.passes = lambda _: ""
    async with database.transaction(AnonymousScope()):
        with pytest.raises(Away):
            async with database.transaction(AnonymousScope()):
                pytest.fail("this connection is not what it asked for")
    await database.close()


async def test_migrations_and_rotation_go_past_a_pooler(pooler: Pooler) -> None:
    assert not await asyncio.to_thread(pending, pooler.url)
    pooler.passes = lambda _: ""
    for work in (pending, migrate, lambda url: rotate(url, Vault([SECRET]))):
        with pytest.raises(WrongSession, match="let IGNY8_DATABASE_URL name PostgreSQL itself"):
            await asyncio.to_thread(work, pooler.url)
