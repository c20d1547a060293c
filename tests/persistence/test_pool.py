"""Connections that are waited for."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from persistence.database import API_ROLE, Database
from persistence.scope import AnonymousScope
from tests.conftest import Place


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
        await asyncio.wait_for(asyncio.gather(*reading, return_exceptions=True), 10)
        assert all(task.cancelled() for task in cancelled)
    assert await database.read(AnonymousScope(), "select 1", []) == (1,)
