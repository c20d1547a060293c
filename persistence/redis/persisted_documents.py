"""Documents that clients sent once and name by their hash since: in Redis for all processes, the last ones here."""

import hashlib
import re
from collections import OrderedDict
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from persistence.redis.allotments import Allotment, Allotted

ID = re.compile(r"sha256:([0-9a-f]{64})")
ALLOTMENT = Allotment(entries=1000, bytes=2_000_000, seconds=30 * 24 * 3600)
HERE_ENTRIES, HERE_CHARACTERS = 1000, 5_000_000
MAX_CHARACTERS = 100_000
log = structlog.get_logger()


def id_of(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()}"


class Documents:
    def __init__(self, redis: Redis) -> None:
        self._kept = Allotted(redis, "document", ALLOTMENT)
        self._here: OrderedDict[str, str] = OrderedDict()
        self._characters = 0

    def here(self, id: object) -> str | None:
        """Without asking Redis."""
        if not isinstance(id, str) or id not in self._here:
            return None
        self._here.move_to_end(id)
        return self._here[id]

    async def get(self, id: str) -> str | None:
        """None for one that nobody has sent, or not for a month, or while Redis is away."""
        if known := self.here(id):
            return known
        try:
            found = await self._kept.get(id)
        except (RedisError, OSError) as error:
            log.warning("document not read", error=str(error) or type(error).__name__)
            return None
        if found is None or id_of(text := found.decode()) != id:
            return None
        self._keep(id, text)
        return text

    async def put(self, account: UUID, id: str, text: str) -> None:
        """Among the account's, of which the oldest go; best effort: what is not kept is sent again."""
        self._keep(id, text)
        try:
            await self._kept.put(account, id, text.encode())
        except (RedisError, OSError) as error:
            log.warning("document not kept", error=str(error) or type(error).__name__)

    def _keep(self, id: str, text: str) -> None:
        if id not in self._here:
            self._here[id] = text
            self._characters += len(text)
        while len(self._here) > HERE_ENTRIES or self._characters > HERE_CHARACTERS:
            self._characters -= len(self._here.popitem(last=False)[1])
