"""All destinations: an adapter for each kind, behind one door and each one's own gate."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import httpx2

from domain.destinations import Connection, Destination, DestinationError
from domain.ports import PostponedError
from jobs.adapters.door import Door
from persistence.redis.destination_gates import Closed, DestinationGates
from persistence.terms import IntegrationKind

PATIENCE_SECONDS = 2.0  # that a call waits here, where it keeps others from the worker
CONNECTIONS = 64  # at once, to all destinations
Make = Callable[[httpx2.AsyncClient, Connection], Destination]


class DestinationPool:
    """Implements Destinations. `kinds`: how an adapter is made of a client and a connection."""

    def __init__(self, door: Door, gates: DestinationGates, kinds: Mapping[IntegrationKind, Make]) -> None:
        self._door, self._gates, self._kinds = door, gates, kinds
        self._transport = door.transport(connections=CONNECTIONS)

    @asynccontextmanager
    async def open(self, connection: Connection, *, gated: bool = True) -> AsyncIterator[Destination]:
        """PostponedError while it is let be after failures, or while enough others are at it; DestinationError for one
        that has failed for too long. Not `gated`: somebody wants to know how it is now.
        """
        id = str(connection.config["id"])
        if not gated:
            async with self._noted(id, connection) as adapter:
                yield adapter
            return
        try:
            async with self._gates.through(id, patience=PATIENCE_SECONDS), self._noted(id, connection) as adapter:
                yield adapter
        except Closed as closed:
            raise _refusal(closed) from None

    @asynccontextmanager
    async def _noted(self, id: str, connection: Connection) -> AsyncIterator[Destination]:
        """How it goes is held against the destination, or for it."""
        timed, began = _Timed(self._transport, self._gates, id), time.monotonic()
        try:
            yield self._kinds[connection.kind](self._door.client(over=timed), connection)
        except DestinationError as error:
            if is_of_the_place(error):
                await self._gates.failed(id, error.retry_after or 0.0)
            raise
        if not timed.answers:
            await self._gates.answered(id, time.monotonic() - began)
        await self._gates.worked(id)

    async def close(self) -> None:
        await self._transport.aclose()


class _Timed(httpx2.AsyncBaseTransport):
    """Tells the gate how long the first answer took, and others that are much slower. What is below is not its own."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, gates: DestinationGates, id: str) -> None:
        self._inner, self._gates, self._id = inner, gates, id
        self.answers, self._slowest = 0, 0.0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        began = time.monotonic()
        response = await self._inner.handle_async_request(request)
        seconds = time.monotonic() - began
        self.answers += 1
        if self.answers == 1 or seconds > 2 * self._slowest + 1:
            self._slowest = max(seconds, self._slowest)
            await self._gates.answered(self._id, seconds)
        return response


def is_of_the_place(error: DestinationError) -> bool:
    """Whether others would fail as well: what a destination says of one article speaks of that alone."""
    return error.retryable and (error.code.startswith("429") or not error.code.startswith("4"))


def _refusal(closed: Closed) -> Exception:
    if closed.given_up:
        return DestinationError(
            f"It has not answered for {closed.failing / 3600:.0f} hours.",
            "See that it is up, try it with testConnection, and publish again.",
            code="given_up",
        )
    why = "It does not answer; it is let be for a while." if closed.failing else "Others are at the destination."
    return PostponedError(why, closed.seconds, others=True)
