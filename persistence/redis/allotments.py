"""What callers make Redis keep: of each account so many entries and so many bytes, the oldest make room for the newest.

All of it ends by itself and is asked for again where it is missing, so that a full Redis may drop it first.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from redis.asyncio import Redis

# The account's entries by age, as "size name"; one that another account has put there already is not this one's.
PUT = """
local seconds, entries, bytes = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if not redis.call('SET', KEYS[1], ARGV[1], 'EX', seconds, 'NX') then return 0 end
local now = redis.call('TIME')
now = tonumber(now[1]) + tonumber(now[2]) / 1e6
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - seconds)
redis.call('ZADD', KEYS[2], now, #ARGV[1] .. ' ' .. KEYS[1])
redis.call('EXPIRE', KEYS[2], seconds)
local total = 0
for place, entry in ipairs(redis.call('ZREVRANGE', KEYS[2], 0, -1)) do
  local size, key = string.match(entry, '^(%d+) (.*)$')
  total = total + tonumber(size)
  if place > 1 and (place > entries or total > bytes) then
    redis.call('DEL', key)
    redis.call('ZREM', KEYS[2], entry)
  end
end
return 1
"""


@dataclass(frozen=True, slots=True)
class Allotment:
    """Of each account: at most so many entries, and so many bytes in them, for so many seconds each."""

    entries: int
    bytes: int
    seconds: int


class Allotted:
    """Entries of one `kind`, under names that say what they are, or that nobody guesses: whoever has one reads it."""

    def __init__(self, redis: Redis, kind: str, allotment: Allotment) -> None:
        self._redis, self._kind, self.allotment = redis, kind, allotment
        self._put = redis.register_script(PUT)

    async def put(self, account: UUID, name: str, content: bytes) -> None:
        """RedisError, OSError when it does not answer, or has no room."""
        allotment = self.allotment
        await self._put(
            keys=[self._key(name), f"igny8:{self._kind}s:{account}"],
            args=[content, allotment.seconds, allotment.entries, allotment.bytes],
        )

    async def get(self, name: str) -> bytes | None:
        """None for what was never put, or is no more. RedisError, OSError when it does not answer."""
        found: Any = await self._redis.get(self._key(name))
        return None if found is None else bytes(found)

    def _key(self, name: str) -> str:
        return f"igny8:{self._kind}:{name}"
