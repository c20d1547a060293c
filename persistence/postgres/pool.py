"""Connections to PostgreSQL, lent one at a time."""

import asyncio
import time
from typing import Any, TypeVar

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

C = TypeVar("C", bound=AsyncConnection[Any])


class Pool(AsyncConnectionPool[C]):
    """One whose waiting can be cancelled at any moment, and costs little.

    Who finds all connections lent waits here, in turn: where psycopg's own queue makes a task and a timer for each who
    waits, a tenth of a small read. So few connections serve many reads as fast as many do.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._places = asyncio.Semaphore(self.max_size)
        self._lent: set[C] = set()
        self._queued, self._queued_ms = 0, 0.0

    async def getconn(self, timeout: float | None = None) -> C:  # noqa: ASYNC109 - psycopg's
        """Raises PoolTimeout after `timeout` seconds, by default the pool's own."""
        timeout = self.timeout if timeout is None else timeout
        if self._places.locked():
            timeout -= await self._wait(timeout)
        else:
            await self._places.acquire()
        try:
            connection = await self._taken(timeout)
        except BaseException:  # a cancellation as well: the place is another's then
            self._places.release()
            raise
        self._lent.add(connection)
        return connection

    async def putconn(self, conn: C) -> None:
        try:
            await super().putconn(conn)
        finally:
            if conn in self._lent:
                self._lent.discard(conn)
                self._places.release()

    def get_stats(self) -> dict[str, int]:
        stats = super().get_stats()
        return stats | {
            "requests_waiting": self._queued + stats.get("requests_waiting", 0),
            "requests_wait_ms": int(self._queued_ms) + stats.get("requests_wait_ms", 0),
        }

    async def _wait(self, most: float) -> float:
        """Seconds until there was a place; it is the caller's then."""
        begun = time.monotonic()
        self._queued += 1
        try:
            async with asyncio.timeout(most):
                await self._places.acquire()
        except TimeoutError:
            raise PoolTimeout(f"couldn't get a connection after {most:.2f} sec") from None
        finally:
            self._queued -= 1
            waited = time.monotonic() - begun
            self._queued_ms += waited * 1000
        return waited

    async def _taken(self, timeout: float) -> C:  # noqa: ASYNC109 - psycopg's
        """As psycopg's getconn, which waits for a new connection by asyncio.wait_for: before Python 3.12 that drops a
        cancellation that comes together with the connection, and whoever asked goes on for ever.
        """
        task = asyncio.current_task()
        asked = task.cancelling() if task else 0
        connection = await super().getconn(timeout)
        if task and task.cancelling() > asked:
            await super().putconn(connection)
            raise asyncio.CancelledError
        return connection
