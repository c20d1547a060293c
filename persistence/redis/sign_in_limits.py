"""How often something may be tried: moving windows in Redis, shared by all API processes."""

from contextlib import suppress

import structlog
from limits import parse
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.exceptions import RedisError

from persistence.errors import Unanswered

log = structlog.get_logger()


class SignInLimits:
    """`rate` is like "10/minute"."""

    def __init__(self, redis_url: str) -> None:
        scheme, _, rest = redis_url.partition("://")
        known = "redis+unix" if scheme == "unix" else scheme
        self._storage = RedisStorage(f"async+{known}://{rest}", implementation="redispy")
        self._limiter = SlidingWindowCounterRateLimiter(self._storage)

    async def allowed(self, rate: str, *key: str) -> bool:
        """Counts this attempt; False when there were too many. Unanswered when nobody can count: guessing passwords
        must not become free while Redis is away."""
        try:
            return await self._limiter.hit(parse(rate), *key)
        except (RedisError, OSError) as error:
            log.error("attempts cannot be counted", error=str(error))
            raise Unanswered from error

    async def forget(self, rate: str, *key: str) -> None:
        """Best effort: what was counted is forgotten by itself, later."""
        with suppress(RedisError, OSError):
            await self._limiter.clear(parse(rate), *key)
