"""Lists that were asked for as files: what they are of, under a token that lasts ten minutes, in Redis."""

import hashlib
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from persistence.errors import Unanswered

LASTS = timedelta(minutes=10)


class Exports:
    """An export that is lost with Redis is asked for again."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def put(self, asked: dict[str, Any]) -> tuple[str, datetime]:
        """Its token, and when it ends. Unanswered while Redis is away."""
        token = secrets.token_urlsafe(32)
        try:
            await self._redis.set(_key(token), json.dumps(asked), ex=LASTS)
        except (RedisError, OSError) as error:
            raise Unanswered from error
        return token, datetime.now(UTC) + LASTS

    async def get(self, token: str) -> dict[str, Any] | None:
        """None for one that is not, or is no more."""
        try:
            found = await self._redis.get(_key(token))
        except (RedisError, OSError) as error:
            raise Unanswered from error
        return dict(json.loads(found)) if found else None


def _key(token: str) -> str:
    return f"igny8:export:{hashlib.sha256(token.encode()).hexdigest()}"
