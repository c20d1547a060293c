"""Attempts that failed, counted by kind of job and by cause: for operators, and no truth of anything."""

import asyncio
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from persistence.terms import FailureCause, JobKind

KEY, REDIS_SECONDS = "igny8:failures", 1.0
log = structlog.get_logger()


class FailureCounts:
    """In Redis, for all workers together; what Redis forgets begins again at nought."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def add(self, kind: JobKind, cause: FailureCause) -> None:
        try:
            async with asyncio.timeout(REDIS_SECONDS):
                await self._redis.hincrby(KEY, f"{kind.value} {cause.value}", 1)
        except (RedisError, OSError) as error:
            log.warning("failure not counted", error=str(error) or type(error).__name__)

    async def counts(self) -> dict[tuple[str, str], int]:
        """By kind and cause; none while Redis is away."""
        try:
            found: dict[Any, Any] = await self._redis.hgetall(KEY)
        except (RedisError, OSError) as error:
            log.warning("failures not read", error=str(error) or type(error).__name__)
            return {}
        return {(kind, cause): int(n) for key, n in found.items() for kind, _, cause in [key.decode().partition(" ")]}
