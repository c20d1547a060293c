"""How much an account may ask for: a leaky bucket in Redis, spent in slices that each process takes ahead.

A slice saves the round trip of most requests; what a process has not spent of one within a second is let go, and
comes back by the bucket's own restoring.
"""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

SLICE_SECONDS = 1.0
SLICES = 50  # that a full bucket has
KEPT = 10_000  # accounts
REDIS_SECONDS = 0.5
log = structlog.get_logger()

# What is in use drains at `rate`; `need` is granted whole or not at all, up to `want` where there is more.
TAKE = """
local now = redis.call('TIME')
now = tonumber(now[1]) + tonumber(now[2]) / 1e6
local need, want, most, rate = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local kept = redis.call('HMGET', KEYS[1], 'used', 'at')
local used = math.max(0, (tonumber(kept[1]) or 0) - (now - (tonumber(kept[2]) or now)) * rate)
local free = most - used
local granted = 0
if free >= need then
  granted = math.min(want, free)
  used = used + granted
  redis.call('HSET', KEYS[1], 'used', used, 'at', now)
  redis.call('PEXPIRE', KEYS[1], math.ceil(most / rate * 1000) + 1000)
end
return {math.floor(granted), math.floor(most - used)}
"""


# What was used beyond what was granted: it may be more than there is, and the account waits until it has drained.
CHARGE = """
local now = redis.call('TIME')
now = tonumber(now[1]) + tonumber(now[2]) / 1e6
local amount, most, rate = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', KEYS[1], 'used', 'at')
local used = math.max(0, (tonumber(kept[1]) or 0) - (now - (tonumber(kept[2]) or now)) * rate) + amount
redis.call('HSET', KEYS[1], 'used', used, 'at', now)
redis.call('PEXPIRE', KEYS[1], math.ceil(math.max(used, most) / rate * 1000) + 1000)
return math.floor(most - used)
"""


@dataclass(slots=True)
class Slice:
    """What a process may still spend without asking, until `until`; `remote`: what was left beside it."""

    left: int = 0
    until: float = 0.0
    remote: int = 0


@dataclass(frozen=True, slots=True)
class Balance:
    """`wait`: seconds until there may be enough, 0 where there was."""

    available: int
    wait: float = 0.0


class QueryBudgets:
    """`rate` a second is restored, up to ten seconds' worth."""

    def __init__(self, redis: Redis, rate: int) -> None:
        self.rate, self.most = rate, rate * 10
        self._take, self._charge = redis.register_script(TAKE), redis.register_script(CHARGE)
        self._slices: OrderedDict[UUID, Slice] = OrderedDict()

    async def spend(self, account: UUID, cost: int) -> Balance:
        """Takes the cost; a balance with a `wait` took nothing. A Redis that is away stops nobody."""
        slice = self._slice(account)
        if slice.left < cost:
            try:
                await self._refill(account, slice, cost - slice.left)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("query budget not counted", error=str(error) or type(error).__name__)
                return Balance(self.most)
        if slice.left < cost:
            wait = (cost - slice.left - slice.remote) / self.rate
            return Balance(self._available(slice), max(0.1, wait))
        slice.left -= cost
        return Balance(self._available(slice))

    def give_back(self, account: UUID, amount: int) -> int:
        """What was asked for and not used; what is available then."""
        slice = self._slice(account)
        slice.left += amount
        return self._available(slice)

    async def settle(self, account: UUID, taken: int, used: int) -> int:
        """Of what was taken for an operation it used more, or less; what is available then."""
        slice = self._slice(account)
        slice.left += taken - used
        if slice.left < 0:
            owed, slice.left = -slice.left, 0
            try:
                async with asyncio.timeout(REDIS_SECONDS):
                    slice.remote = int(await self._charge(keys=[_key(account)], args=[owed, self.most, self.rate]))
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("query budget not counted", error=str(error) or type(error).__name__)
        return self._available(slice)

    async def balance(self, account: UUID) -> Balance:
        """What there is to spend, also of an account that this process has not asked for yet, or not lately."""
        slice = self._slice(account)
        if slice.until < time.monotonic():
            try:
                await self._refill(account, slice, 0)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("query budget not read", error=str(error) or type(error).__name__)
                return Balance(self.most)
        return Balance(self._available(slice))

    def _available(self, slice: Slice) -> int:
        return min(max(0, slice.left + slice.remote), self.most)

    def _slice(self, account: UUID) -> Slice:
        found = self._slices.get(account)
        if found is None:
            found = self._slices[account] = Slice()
            if len(self._slices) > KEPT:
                self._slices.popitem(last=False)
        if found.until < time.monotonic():
            found.left = 0
        return found

    async def _refill(self, account: UUID, slice: Slice, need: int) -> None:
        want = max(need, self.most // SLICES)
        async with asyncio.timeout(REDIS_SECONDS):
            answer = await self._take(keys=[_key(account)], args=[need, want, self.most, self.rate])
        granted, slice.remote = int(answer[0]), int(answer[1])
        slice.left, slice.until = slice.left + granted, time.monotonic() + SLICE_SECONDS


def _key(account: UUID) -> str:
    return f"igny8:budget:{account}"
