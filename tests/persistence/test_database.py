"""Connections: given back once, whatever happens while they are made anew."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from persistence.database import WORKER_ROLE, Database
from persistence.errors import Away, TooSlow
from persistence.scope import SystemScope
from tests.conftest import Place
from tests.jobs.support import one, sql

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
