"""What many give at once goes out together: one round trip for all that came while the last was under way."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

KEPT = 1_000
T = TypeVar("T")


class Batches(Generic[T]):
    """`send` is called with one batch at a time; whoever gave to a batch that fails before its turn is not
    told."""

    def __init__(self, send: Callable[[list[T]], Awaitable[None]]) -> None:
        self._send, self._turn = send, asyncio.Lock()
        self._waiting: list[T] = []

    async def __call__(self, given: list[T]) -> None:
        """Returns when these have been sent."""
        self._waiting += given
        async with self._turn:
            batch, self._waiting = self._waiting, []
            try:
                if batch:
                    await self._send(batch)
            except asyncio.CancelledError:
                self._waiting[:0] = batch[-KEPT:]  # others' too: whoever comes next sends them
                raise
