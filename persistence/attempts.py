"""How often something may be tried: moving windows in Redis, shared by all API processes."""

from limits import parse
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter


class Attempts:
    """`rate` is like "10/minute"."""

    def __init__(self, redis_url: str) -> None:
        scheme, _, rest = redis_url.partition("://")
        known = "redis+unix" if scheme == "unix" else scheme
        self._storage = RedisStorage(f"async+{known}://{rest}", implementation="redispy")
        self._limiter = SlidingWindowCounterRateLimiter(self._storage)

    async def allowed(self, rate: str, *key: str) -> bool:
        """Counts this attempt; False when there were too many."""
        return await self._limiter.hit(parse(rate), *key)

    async def forget(self, rate: str, *key: str) -> None:
        await self._limiter.clear(parse(rate), *key)
