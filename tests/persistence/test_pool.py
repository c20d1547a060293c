"""Connections that are waited for."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from psycopg_pool import PoolClosed, PoolTimeout

from persistence.postgres.database import API_ROLE, Database
from persistence.scope import AnonymousScope
from tests.conftest import Place
from tests.waiting import PATIENCE, ended


@pytest.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    opened = await Database(place.database_url, API_ROLE, size=6).open()
    yield opened
    await opened.close()


async def test_who_is_cancelled_while_waiting_for_a_connection_does_not_go_on(database: Database) -> None:
    """Also when all who wait are cancelled at once: those that have one hand it to others in the same moment."""
    for round in range(20):
        reading = [
            asyncio.create_task(database.read(AnonymousScope(), "select 1 from pg_sleep(0.002)", [])) for _ in range(30)
        ]
        await asyncio.sleep(0.001 * round)
        cancelled = [task for task in reading if task.cancel()]
        await ended(asyncio.gather(*reading, return_exceptions=True))
        assert all(task.cancelled() for task in cancelled)
    assert await database.read(AnonymousScope(), "select 1", []) == (1,)


async def test_who_waits_too_long_is_told_and_takes_no_place(database: Database) -> None:
    lent = [await database.reads.getconn() for _ in range(3)]
    late = [asyncio.create_task(database.reads.getconn(0.1)) for _ in range(4)]
    await asyncio.sleep(0)
    assert database.reads.get_stats()["requests_waiting"] == 4
    assert all(isinstance(error, PoolTimeout) for error in await asyncio.gather(*late, return_exceptions=True))
    stats = database.reads.get_stats()
    assert stats["requests_waiting"] == 0
    assert stats["requests_wait_ms"] >= 400
    patient = asyncio.create_task(database.reads.getconn(PATIENCE))
    await asyncio.sleep(0)
    for connection in lent:
        await database.reads.putconn(connection)
    lent = [await patient, await database.reads.getconn(PATIENCE), await database.reads.getconn(PATIENCE)]
    assert len(set(lent)) == 3
    for connection in lent:
        await database.reads.putconn(connection)


async def test_a_broken_connection_and_one_given_back_twice_leave_as_many_places(database: Database) -> None:
    for _ in range(2):
        lent = [await database.reads.getconn() for _ in range(3)]
        lent[0].pgconn.finish()
        for connection in lent:
            await database.reads.putconn(connection)
        with pytest.raises(ValueError, match="return"):
            await database.reads.putconn(lent[1])
    lent = [await database.reads.getconn(PATIENCE) for _ in range(3)]
    with pytest.raises(PoolTimeout):
        await database.reads.getconn(0.05)
    for connection in lent:
        await database.reads.putconn(connection)


async def test_who_waits_while_the_pool_closes_is_told(place: Place) -> None:
    database = await Database(place.database_url, API_ROLE, size=2).open()
    lent = await database.reads.getconn()
    waiting = asyncio.create_task(database.reads.getconn(PATIENCE))
    await asyncio.sleep(0.01)
    await database.close()
    await database.reads.putconn(lent)
    with pytest.raises(PoolClosed):
        await ended(waiting)
