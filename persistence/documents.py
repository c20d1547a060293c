"""Documents that clients sent once and name by their hash since: in Redis for all processes, the last ones here."""

import hashlib
import re
from collections import OrderedDict
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

ID = re.compile(r"sha256:([0-9a-f]{64})")
KEPT_HERE, KEPT_SECONDS = 1000, 30 * 24 * 3600
MAX_CHARACTERS = 100_000
log = structlog.get_logger()


def id_of(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()}"


class Documents:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._here: OrderedDict[str, str] = OrderedDict()

    def here(self, id: object) -> str | None:
        """Without asking Redis."""
        return self._here.get(id) if isinstance(id, str) else None

    async def get(self, id: str) -> str | None:
        """None for one that nobody has sent, or not for a month, or while Redis is away."""
        found: Any
        if id not in self._here:
            try:
                found = await self._redis.get(f"igny8:document:{id}")
            except (RedisError, OSError) as error:
                log.warning("document not read", error=str(error) or type(error).__name__)
                return None
            if found is None or id_of(text := bytes(found).decode()) != id:
                return None
            self._keep(id, text)
        return self._here[id]

    async def put(self, id: str, text: str) -> None:
        if len(text) > MAX_CHARACTERS or id in self._here:
            return
        self._keep(id, text)
        try:
            await self._redis.set(f"igny8:document:{id}", text, ex=KEPT_SECONDS)
        except (RedisError, OSError) as error:
            log.warning("document not kept", error=str(error) or type(error).__name__)

    def _keep(self, id: str, text: str) -> None:
        self._here[id] = text
        if len(self._here) > KEPT_HERE:
            self._here.popitem(last=False)
