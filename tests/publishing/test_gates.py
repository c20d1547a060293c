"""Destinations that are slow or away hold up nobody else: their gates, with the pool over them on one Redis."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from redis.asyncio import Redis

from domain.addresses import AllowedHosts
from domain.destinations import Connection, DestinationError
from domain.ports import PostponedError
from jobs.adapters.destinations import DestinationPool
from jobs.adapters.door import Door
from persistence.redis import destination_gates as gates
from persistence.redis.destination_gates import Closed, DestinationGates
from persistence.terms import IntegrationKind
from tests.conftest import Place
from tests.jobs.scripted import Scripted, reply
from tests.waiting import PATIENCE, until

BUSY = DestinationError("It is busy.", code="503", retryable=True)
ASKED = DestinationError("Too many requests.", code="429", retryable=True, retry_after=60)


@pytest.fixture
async def redis(place: Place) -> AsyncIterator[Redis]:
    async with Redis.from_url(place.redis_url) as client:
        await client.flushdb()
        yield client


async def entered(gate: DestinationGates, name: str = "one", patience: float = 0.0) -> Closed | None:
    try:
        async with gate.through(name, patience=patience):
            return None
    except Closed as closed:
        return closed


async def test_of_whom_nothing_is_known_there_is_one_at_it_until_the_first_answer(redis: Redis) -> None:
    here, there = DestinationGates(redis), DestinationGates(redis, at_once=3)
    async with here.through("one", patience=0):
        assert await entered(there) is not None
        assert await entered(there, "another") is None
        await here.answered("one", 0.05)
        async with there.through("one", patience=0), there.through("one", patience=0):
            assert await entered(there) is not None, "three are at it"
    assert await entered(there) is None


async def test_what_is_slow_has_one_at_it(redis: Redis) -> None:
    gate = DestinationGates(redis)
    await gate.answered("one", 20.0)
    async with gate.through("one", patience=0):
        closed = await entered(gate)
        assert closed is not None
        assert (closed.seconds, closed.failing) == (20.0, 0.0)
        for _ in range(8):
            await gate.answered("one", 0.1)
        assert await entered(gate) is None, "it has become fast again"


async def test_failures_close_it_longer_each_time_and_one_tries_it_then(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gates, "FIRST_PAUSE", 0.2)
    gate, other = DestinationGates(redis), DestinationGates(redis)
    await gate.answered("one", 0.1)
    for _ in range(5):  # that were at it together
        await gate.failed("one")
    first = await entered(other)
    assert first is not None
    assert 0 < first.seconds <= 0.2
    async with gate.through("one", patience=PATIENCE):
        assert await entered(other) is not None, "one tries it"
        await gate.failed("one")
    second = await entered(other)
    assert second is not None
    assert 0.2 < second.seconds <= 0.4
    assert second.failing > 0
    async with gate.through("one", patience=PATIENCE):
        await gate.worked("one")
        assert await entered(other) is None
    assert await entered(other) is None


async def test_it_is_let_be_for_as_long_as_it_asks(redis: Redis) -> None:
    gate = DestinationGates(redis)
    await gate.failed("one", 900)
    await gate.failed("one", 5)
    closed = await entered(gate)
    assert closed is not None
    assert 890 < closed.seconds <= 900


async def test_the_place_of_a_worker_that_died_is_free_when_its_lease_ends(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gates, "LEASE_SECONDS", 0.3)
    monkeypatch.setattr(gates, "BEAT_SECONDS", 60.0)
    gate = DestinationGates(redis)
    async with gate.through("one", patience=0):
        assert await entered(gate, patience=PATIENCE) is None


async def test_without_redis_everybody_is_let_in() -> None:
    async with Redis.from_url("redis://127.0.0.1:1") as away:
        gate = DestinationGates(away)
        assert await entered(gate) is None
        await gate.failed("one")
        await gate.worked("one")


class Asking:
    """As much of an adapter as a pool's test needs: one question, and what its answer means."""

    def __init__(self, client: httpx2.AsyncClient, connection: Connection) -> None:
        self.client, self.url = client, connection.url or ""

    async def ask(self) -> str:
        response = await self.client.get(self.url)
        if response.status_code == 429:
            raise ASKED
        if response.status_code >= 500:
            raise BUSY
        if response.status_code == 409:
            raise DestinationError("Somebody edits it.", code="409 EDITED", retryable=True)
        return response.text


def pool_to(redis: Redis, *servers: Scripted) -> DestinationPool:
    hosts = ",".join(f"127.0.0.1:{urlsplit(server.url).port}" for server in servers)
    made: Any = Asking
    return DestinationPool(Door(AllowedHosts.of(hosts)), DestinationGates(redis), {IntegrationKind.WORDPRESS: made})


def connection(server: Scripted, id: str = "one") -> Connection:
    return Connection(IntegrationKind.WORDPRESS, server.url, {"id": id})


async def ask(pool: DestinationPool, to: Connection, **how: bool) -> str:
    async with pool.open(to, **how) as found:
        assert isinstance(found, Asking)
        return await found.ask()


async def test_a_destination_that_failed_is_not_called_again_at_once(redis: Redis) -> None:
    async with Scripted([reply(429, {})], otherwise=reply(200, {"ok": True})) as server:
        pool = pool_to(redis, server)
        with pytest.raises(DestinationError, match="Too many"):
            await ask(pool, connection(server))
        for _ in range(3):
            with pytest.raises(PostponedError, match="let be") as postponed:
                await ask(pool, connection(server))
            assert postponed.value.others
            assert 50 < postponed.value.seconds <= 60
        assert len(server.requests) == 1
        assert "ok" in await ask(pool, connection(server, "another"))
        assert "ok" in await ask(pool, connection(server), gated=False)
        assert "ok" in await ask(pool, connection(server)), "a test that passed has opened it"
        await pool.close()


async def test_what_is_said_of_one_article_closes_nothing(redis: Redis) -> None:
    async with Scripted([reply(409, {})], otherwise=reply(200, {"ok": True})) as server:
        pool = pool_to(redis, server)
        with pytest.raises(DestinationError, match="edits"):
            await ask(pool, connection(server))
        assert "ok" in await ask(pool, connection(server))
        await pool.close()


async def test_what_has_failed_for_an_hour_is_refused_until_it_works(redis: Redis) -> None:
    async with Scripted(otherwise=reply(200, {"ok": True})) as server:
        pool, gate = pool_to(redis, server), DestinationGates(redis)
        await gate.failed("one", 600)
        now = (await redis.time())[0]
        await redis.hset("igny8:destination:one:state", "since", str(now - 7200))  # type: ignore[misc]
        with pytest.raises(DestinationError, match="testConnection") as refused:
            await ask(pool, connection(server))
        assert not refused.value.retryable
        assert server.requests == []
        await pool.close()


async def test_one_that_answers_late_leaves_room_for_others(redis: Redis) -> None:
    """Its first answer shows what it is: until then there is one at it."""
    held = asyncio.Event()

    class Held(Asking):
        async def ask(self) -> str:
            await held.wait()
            return await super().ask()

    async with Scripted(otherwise=reply(200, {"ok": True})) as server:
        pool = pool_to(redis, server)
        late: Any = Held
        pool._kinds = {IntegrationKind.WORDPRESS: Asking, IntegrationKind.WEBHOOK: late}  # type: ignore[dict-item]
        slow = Connection(IntegrationKind.WEBHOOK, server.url, {"id": "slow"})
        first = asyncio.create_task(ask(pool, slow))
        await until(lambda: redis.exists("igny8:destination:slow"))
        with pytest.raises(PostponedError, match="Others are at"):
            await ask(pool, slow)
        assert "ok" in await ask(pool, connection(server))
        held.set()
        assert "ok" in await first
        await pool.close()
