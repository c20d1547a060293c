"""Lists that were asked for as files: what they are of, under a token that lasts ten minutes, in Redis."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from persistence.errors import Unanswered
from persistence.redis.allotments import Allotment, Allotted

LASTS = timedelta(minutes=10)
ALLOTMENT = Allotment(entries=200, bytes=1_000_000, seconds=int(LASTS.total_seconds()))


class Exports:
    """An export that is lost with Redis is asked for again, and so is one that had to make room for newer ones."""

    def __init__(self, redis: Redis) -> None:
        self._kept = Allotted(redis, "export", ALLOTMENT)

    async def put(self, account: UUID, asked: bytes) -> tuple[str, datetime]:
        """The token of `asked`, which is JSON, and when it ends. Unanswered while Redis is away, or full."""
        token = secrets.token_urlsafe(32)
        try:
            await self._kept.put(account, _name(token), asked)
        except (RedisError, OSError) as error:
            raise Unanswered from error
        return token, datetime.now(UTC) + LASTS

    async def get(self, token: str) -> dict[str, Any] | None:
        """None for one that is not, or is no more."""
        try:
            found = await self._kept.get(_name(token))
        except (RedisError, OSError) as error:
            raise Unanswered from error
        return dict(orjson.loads(found)) if found else None


def _name(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
