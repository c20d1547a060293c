"""Connections to PostgreSQL, lent one at a time."""

import asyncio
from typing import Any, TypeVar

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

C = TypeVar("C", bound=AsyncConnection[Any])


class Pool(AsyncConnectionPool[C]):
    """One whose waiting can be cancelled at any moment."""

    async def getconn(self, timeout: float | None = None) -> C:  # noqa: ASYNC109 - psycopg's
        """As psycopg's, which waits by asyncio.wait_for: before Python 3.12 that drops a cancellation that comes
        together with the connection, and whoever asked goes on for ever.
        """
        task = asyncio.current_task()
        asked = task.cancelling() if task else 0
        connection = await super().getconn(timeout)
        if task and task.cancelling() > asked:
            await self.putconn(connection)
            raise asyncio.CancelledError
        return connection
