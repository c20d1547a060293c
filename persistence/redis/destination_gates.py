"""A gate before each destination: how many are at it, of all workers, and until when it is let be.

A destination that fails is let be for a while, longer each time, and one at a time tries it then. One that is slow, or
of which nobody knows yet whether it is, has one at it, so that it does not hold up the others' work.
"""

import asyncio
import random
import time
import uuid
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

AT_ONCE = 6
SLOW_SECONDS = 5.0  # that an answer takes, on the average of late
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0
GIVEN_UP_SECONDS = 3600.0  # of nothing but failures: what comes then is refused
KEPT_SECONDS = 24 * 3600
LEASE_SECONDS, BEAT_SECONDS = 15.0, 5.0
POLL_SECONDS, REDIS_SECONDS = 0.1, 1.0
log = structlog.get_logger()

# (0, 0) for who is in; else how many seconds it is closed for, and for how many nothing but failures have come.
ENTER = """
local now = redis.call('TIME')
now = tonumber(now[1]) + tonumber(now[2]) / 1e6
local state = redis.call('HMGET', KEYS[2], 'until', 'since', 'slow')
local closed, since, slow = tonumber(state[1] or 0) - now, tonumber(state[2] or 0), tonumber(state[3] or -1)
local failing = since > 0 and now - since or 0
if closed > 0 then return {tostring(closed), tostring(failing)} end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local most = (since > 0 or slow < 0 or slow > tonumber(ARGV[3])) and 1 or tonumber(ARGV[2])
if redis.call('ZCARD', KEYS[1]) >= most then
  return {tostring(slow > tonumber(ARGV[3]) and slow or tonumber(ARGV[5])), tostring(failing)}
end
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[4]), ARGV[1])
redis.call('EXPIRE', KEYS[1], math.ceil(tonumber(ARGV[4])) + 1)
return {'0', '0'}
"""
ANSWERED = """
local slow = tonumber(redis.call('HGET', KEYS[1], 'slow') or ARGV[1])
redis.call('HSET', KEYS[1], 'slow', tostring(slow * 0.7 + tonumber(ARGV[1]) * 0.3))
redis.call('EXPIRE', KEYS[1], tonumber(ARGV[2]))
"""
# Several that were at it fail of one thing: they count as one.
FAILED = """
local now = redis.call('TIME')
now = tonumber(now[1]) + tonumber(now[2]) / 1e6
local state = redis.call('HMGET', KEYS[1], 'until', 'since', 'times')
local pause = tonumber(ARGV[1])
if tonumber(state[1] or 0) <= now then
  local times = tonumber(state[3] or 0)
  pause = math.max(pause, math.min(tonumber(ARGV[3]), tonumber(ARGV[2]) * 2 ^ times))
  redis.call('HSET', KEYS[1], 'times', times + 1, 'since', state[2] or tostring(now))
end
redis.call('HSET', KEYS[1], 'until', tostring(math.max(tonumber(state[1] or 0), now + pause)))
redis.call('EXPIRE', KEYS[1], tonumber(ARGV[4]))
"""
STAY = """
local now = redis.call('TIME')
redis.call('ZADD', KEYS[1], 'XX', tonumber(now[1]) + tonumber(now[2]) / 1e6 + tonumber(ARGV[2]), ARGV[1])
redis.call('EXPIRE', KEYS[1], math.ceil(tonumber(ARGV[2])) + 1)
"""


class Closed(Exception):
    """For so many seconds; nothing but failures have come for `failing` seconds, 0 where it is only busy."""

    def __init__(self, seconds: float, failing: float) -> None:
        super().__init__(f"closed for {seconds:.1f} s")
        self.seconds, self.failing = seconds, failing

    @property
    def given_up(self) -> bool:
        return self.failing >= GIVEN_UP_SECONDS


class DestinationGates:
    """A Redis that is away stops nobody; without it there is no work to be had either."""

    def __init__(self, redis: Redis, at_once: int = AT_ONCE) -> None:
        self._redis, self._at_once = redis, at_once
        self._enter, self._stay = redis.register_script(ENTER), redis.register_script(STAY)
        self._answered, self._failed = redis.register_script(ANSWERED), redis.register_script(FAILED)

    @asynccontextmanager
    async def through(self, destination: str, *, patience: float) -> AsyncIterator[None]:
        """Closed where it is let be, or after `patience` seconds of others being at it."""
        key, token = f"igny8:destination:{destination}", uuid.uuid4().hex
        await self._wait(destination, key, token, patience)
        stay = asyncio.create_task(self._keep(key, token))
        try:
            yield
        finally:
            stay.cancel()
            with suppress(RedisError, OSError):  # a time-out is an OSError
                async with asyncio.timeout(REDIS_SECONDS):
                    await self._redis.zrem(key, token)

    async def _wait(self, destination: str, key: str, token: str, patience: float) -> None:
        until = time.monotonic() + patience
        args: list[str | float] = [token, self._at_once, SLOW_SECONDS, LEASE_SECONDS, POLL_SECONDS]
        while True:
            try:
                async with asyncio.timeout(REDIS_SECONDS):
                    found = await self._enter(keys=[key, _state(destination)], args=args)
            except (RedisError, OSError) as error:
                log.warning("destination's gate not asked", error=str(error) or type(error).__name__)
                return
            seconds, failing = map(float, found)
            if not seconds:
                return
            if time.monotonic() + seconds > until:
                raise Closed(seconds, failing)
            await asyncio.sleep(seconds * random.uniform(1, 1.2))

    async def answered(self, destination: str, seconds: float) -> None:
        """How long an answer took, whatever it said."""
        await self._told(self._answered(keys=[_state(destination)], args=[seconds, KEPT_SECONDS]))

    async def worked(self, destination: str) -> None:
        """Nothing is held against it any more."""
        await self._told(self._redis.hdel(_state(destination), "until", "since", "times"))

    async def failed(self, destination: str, retry_after: float = 0.0) -> None:
        """It did not answer, or asked to be let be for so long."""
        args = [retry_after, FIRST_PAUSE, LONGEST_PAUSE, KEPT_SECONDS]
        await self._told(self._failed(keys=[_state(destination)], args=args))

    async def _told(self, telling: Awaitable[object]) -> None:
        with suppress(RedisError, OSError):
            async with asyncio.timeout(REDIS_SECONDS):
                await telling

    async def _keep(self, key: str, token: str) -> None:
        """Inside for as long as it takes; whose process dies is out when its lease ends."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            with suppress(RedisError, OSError):
                await self._stay(keys=[key], args=[token, LEASE_SECONDS])


def _state(destination: str) -> str:
    return f"igny8:destination:{destination}:state"
