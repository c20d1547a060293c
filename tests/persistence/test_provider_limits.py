"""Limits of a provider's key, shared by all workers: each here is a ProviderLimits of its own on one Redis."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from persistence.redis import provider_limits as limits
from persistence.redis.provider_limits import GateClosedError, Limit, ProviderLimits
from tests.conftest import Place
from tests.waiting import PATIENCE, until


@pytest.fixture
async def redis(place: Place) -> AsyncIterator[Redis]:
    async with Redis.from_url(place.redis_url) as client:
        await client.flushdb()
        yield client


async def enter(gate: ProviderLimits, key: str = "k", *, patience: float = 0.0) -> bool:
    try:
        async with gate.through("openai", key, patience=patience):
            return True
    except GateClosedError:
        return False


async def test_no_more_at_once_than_the_limit_over_all_workers(redis: Redis) -> None:
    workers = [ProviderLimits(redis, {"openai": Limit(at_once=3)}) for _ in range(4)]
    inside, most = 0, 0

    async def call(worker: ProviderLimits) -> None:
        nonlocal inside, most
        async with worker.through("openai", "k", patience=PATIENCE):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.02)
            inside -= 1

    await asyncio.gather(*(call(worker) for worker in workers for _ in range(5)))

    assert (inside, most) == (0, 3)


async def test_no_more_in_a_minute_than_the_limit(redis: Redis) -> None:
    first, second = (ProviderLimits(redis, {"openai": Limit(per_minute=2)}) for _ in range(2))

    assert [await enter(g) for g in (first, second, first)] == [True, True, False]

    with pytest.raises(GateClosedError) as closed:
        async with second.through("openai", "k", patience=5):
            pytest.fail("it is closed")
    assert 0 < closed.value.seconds <= 60
    await redis.zadd(await name(redis), {"long ago": 1})  # what is older than a minute does not count
    assert not await enter(first)


async def name(redis: Redis) -> str:
    (key,) = [k.decode() async for k in redis.scan_iter("igny8:gate:*:minute")]
    return key


async def test_keys_and_providers_have_gates_of_their_own(redis: Redis) -> None:
    gate = ProviderLimits(redis, {"openai": Limit(at_once=1)})
    async with gate.through("openai", "k", patience=0):
        assert not await enter(gate)
        assert await enter(gate, "another")
        async with gate.through("runware", "k", patience=0), gate.through("runware", "k", patience=0):
            pass  # without a limit
    assert await enter(gate), "open again"


async def test_who_dies_inside_is_out_after_its_lease(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BEAT_SECONDS", 0.05)
    gate = ProviderLimits(redis, {"openai": Limit(at_once=1)})
    async with gate.through("openai", "k", patience=0):
        ((holder, first),) = await held(redis)

        async def extended() -> bool:
            return (await held(redis))[0][1] > first

        await until(extended)
        assert not await enter(gate), "inside for as long as it lives"

    await redis.zadd(
        f"igny8:gate:openai:{limits.hashed('k')}", {holder: 1}, xx=False
    )  # as a process that died leaves it

    assert await enter(gate)


async def held(redis: Redis) -> list[tuple[bytes, float]]:
    """Who is inside, and until when."""
    (gate,) = await redis.keys("igny8:gate:*")
    found: list[tuple[bytes, float]] = await redis.zrange(gate, 0, -1, withscores=True)
    return found


async def test_an_error_inside_leaves(redis: Redis) -> None:
    gate = ProviderLimits(redis, {"openai": Limit(at_once=1)})
    with pytest.raises(ZeroDivisionError):
        async with gate.through("openai", "k", patience=0):
            raise ZeroDivisionError
    assert await enter(gate)


async def test_keys_are_not_told(redis: Redis) -> None:
    gate = ProviderLimits(redis, {"openai": Limit(at_once=1, per_minute=5)})
    async with gate.through("openai", "sk-secret", patience=0):
        names = await redis.keys("*")
    assert names
    assert not any(b"sk-secret" in each for each in names)


async def test_a_redis_that_is_away_stops_nobody() -> None:
    async with Redis.from_url("redis://127.0.0.1:1/0") as nowhere:
        assert await enter(ProviderLimits(nowhere, {"openai": Limit(at_once=1)}))
