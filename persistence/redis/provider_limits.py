"""How many calls under one key are under way, and how many began within a minute: counted in Redis for all workers."""

import asyncio
import hashlib
import random
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

LEASE_SECONDS, BEAT_SECONDS = 15.0, 5.0
POLL_SECONDS, REDIS_SECONDS = 0.25, 1.0
log = structlog.get_logger()

# Two sorted sets: who is inside until when, and who entered when. A refusal says in how many seconds to ask again.
ENTER = """
local now = redis.call('TIME')
now = tonumber(now[1]) + tonumber(now[2]) / 1e6
local at_once, per_minute, lease, poll = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
if at_once > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
  if redis.call('ZCARD', KEYS[1]) >= at_once then return tostring(poll) end
end
if per_minute > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - 60)
  if redis.call('ZCARD', KEYS[2]) >= per_minute then
    local first = redis.call('ZRANGE', KEYS[2], -per_minute, -per_minute, 'WITHSCORES')
    return tostring(math.max(0.001, tonumber(first[2]) + 60 - now))
  end
  redis.call('ZADD', KEYS[2], now, ARGV[1])
  redis.call('EXPIRE', KEYS[2], 61)
end
if at_once > 0 then
  redis.call('ZADD', KEYS[1], now + lease, ARGV[1])
  redis.call('EXPIRE', KEYS[1], math.ceil(lease) + 1)
end
return '0'
"""
STAY = """
local now = redis.call('TIME')
redis.call('ZADD', KEYS[1], 'XX', tonumber(now[1]) + tonumber(now[2]) / 1e6 + tonumber(ARGV[2]), ARGV[1])
redis.call('EXPIRE', KEYS[1], math.ceil(tonumber(ARGV[2])) + 1)
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """Of each key of a provider; None: as many as there are."""

    at_once: int | None = None
    per_minute: int | None = None


class GateClosedError(Exception):
    """It will not open before so many seconds."""

    def __init__(self, seconds: float, limit: Limit) -> None:
        super().__init__(f"closed for {seconds:.1f} s")
        self.seconds, self.limit = seconds, limit


def hashed(key: str | None) -> str:
    return hashlib.sha256((key or "").encode()).hexdigest()[:32]


class ProviderLimits:
    """A gate per provider and key."""

    def __init__(self, redis: Redis, limits: Mapping[str, Limit]) -> None:
        self._redis, self._limits = redis, limits
        self._enter, self._stay = redis.register_script(ENTER), redis.register_script(STAY)

    @asynccontextmanager
    async def through(self, provider: str, key: str | None, *, patience: float) -> AsyncIterator[None]:
        """Inside, one of the provider's calls under the key may be made; GateClosedError after `patience` seconds.

        `key`: None for the platform's. A Redis that is away stops nobody; without it there is no work to be had either.
        """
        limit = self._limits.get(provider)
        if limit is None:
            yield
            return
        name = f"igny8:gate:{provider}:{hashed(key)}"
        keys, token = [name, f"{name}:minute"], uuid.uuid4().hex
        await self._wait(keys, token, limit, patience)
        stay = asyncio.create_task(self._keep(keys[0], token)) if limit.at_once else None
        try:
            yield
        finally:
            if stay:
                stay.cancel()
                with suppress(RedisError, OSError):  # a time-out is an OSError
                    async with asyncio.timeout(REDIS_SECONDS):
                        await self._redis.zrem(keys[0], token)

    async def _wait(self, keys: list[str], token: str, limit: Limit, patience: float) -> None:
        until = time.monotonic() + patience
        args: list[str | float] = [token, limit.at_once or 0, limit.per_minute or 0, LEASE_SECONDS, POLL_SECONDS]
        while True:
            try:
                async with asyncio.timeout(REDIS_SECONDS):
                    seconds = float(await self._enter(keys=keys, args=args))
            except (RedisError, OSError) as error:
                log.warning("provider's limits not counted", error=str(error) or type(error).__name__)
                return
            if not seconds:
                return
            if time.monotonic() + seconds > until:
                raise GateClosedError(seconds, limit)
            await asyncio.sleep(seconds * random.uniform(1, 1.2))

    async def _keep(self, key: str, token: str) -> None:
        """Inside for as long as the call takes; whose process dies is out when its lease ends."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            with suppress(RedisError, OSError):
                await self._stay(keys=[key], args=[token, LEASE_SECONDS])
