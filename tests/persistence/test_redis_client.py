"""A client of Redis whose callers may be cancelled at any moment."""

import asyncio

import pytest

from persistence.redis.client import CancellableRedis
from tests.conftest import Place


async def test_who_is_cancelled_while_asking_does_not_go_on(place: Place) -> None:
    """Also in the very turn of the event loop in which the command was sent."""
    went_on = []

    async def ask(turns: int) -> None:
        await redis.get("a key")
        if cancelled[turns]:
            went_on.append(turns)

    async with CancellableRedis.from_url(place.redis_url) as redis:
        cancelled = [False] * 60
        for turns in range(len(cancelled)):
            asking = asyncio.create_task(ask(turns))
            for _ in range(turns % 20):
                await asyncio.sleep(0)
            cancelled[turns] = asking.cancel()
            if cancelled[turns]:
                with pytest.raises(asyncio.CancelledError):
                    await asking
        assert await redis.get("a key") is None
    assert went_on == []
    assert any(cancelled)
