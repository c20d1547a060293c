"""GraphQL over server-sent events, for networks that break WebSockets: each subscription has a request of its own.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md, in its distinct connections mode. What is no
subscription has one result, and is an ordinary answer in this form.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Iterator, Mapping
from contextlib import aclosing, contextmanager, suppress
from typing import Any
from uuid import UUID

import orjson
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send
from strawberry.http.streaming import SSETransport
from strawberry.types import ExecutionResult

from domain.errors import DomainError
from persistence.terms import ErrorCode
from schema.context import GOODBYE_SECONDS, Context
from schema.errors import told
from schema.execution.operation import begun
from schema.http.negotiation import takes_events
from schema.http.websockets import SLOW_SECONDS, within
from schema.metrics.resource_metrics import ResourceMetrics

KEEP_ALIVE_SECONDS = 15.0  # proxies close what is silent for half a minute
MOST = 100  # of one session in a process: as many as a WebSocket may carry
PARTING_SECONDS = 1.0
LAST: Message = {"type": "http.response.body", "body": b"", "more_body": False}


class Events(SSETransport):
    """The events of a stream, and the comments between them that keep it alive. Clients look for plain line ends."""

    def __init__(self) -> None:
        super().__init__(KEEP_ALIVE_SECONDS)

    def accepts(self, accept: str) -> bool:
        return takes_events(accept)

    def encode_event(self, event: str, data: str | None = None) -> str:
        return super().encode_event(event, data).replace("\r\n", "\n")

    def encode_comment(self, comment: str) -> str:
        return f": {comment}\n\n"


class Streams:
    """Those that are open in this process."""

    def __init__(self) -> None:
        self._open: Counter[UUID] = Counter()
        self._over = asyncio.Event()

    def end(self) -> None:
        """All, and without `complete`: their clients are to come again, and find another process."""
        self._over.set()

    async def ended(self) -> None:
        await self._over.wait()

    @contextmanager
    def place(self, session_id: UUID) -> Iterator[None]:
        """RATE_LIMITED where the session has too many."""
        if self._open[session_id] >= MOST:
            raise DomainError(
                ErrorCode.RATE_LIMITED, f"This session follows {MOST} streams: end one first, or use a WebSocket."
            )
        self._open[session_id] += 1
        try:
            yield
        finally:
            self._open[session_id] -= 1
            if not self._open[session_id]:
                del self._open[session_id]


async def results(
    context: Context, streams: Streams, source: AsyncGenerator[ExecutionResult]
) -> AsyncGenerator[ExecutionResult]:
    """What the engine says, and then what it has left to its transport; an error ends it."""
    extensions: dict[str, Any] = {"requestId": context.request_id}
    try:
        with streams.place(context.caller.session_id):
            async with aclosing(source):
                async for result in source:
                    yield result
            current = begun()
            if current and current.telling:
                async with aclosing(current.telling.values) as values:
                    async for value in values:
                        data: Any = orjson.Fragment(current.telling.text(value))
                        yield ExecutionResult(data=data, errors=None, extensions=extensions)
                        context.services.metrics.values.inc()
    except Exception as error:  # noqa: BLE001 - told to the client, and in the log where it is a fault
        yield ExecutionResult(data=None, errors=[told(error, context)], extensions=extensions)


class EventStream(StreamingResponse):
    """Ends with its client, with a client who does not read, and with this process; its source ends with it."""

    def __init__(
        self, frames: AsyncGenerator[str], headers: Mapping[str, str], *, streams: Streams, metrics: ResourceMetrics
    ) -> None:
        super().__init__(frames, headers=headers)
        self._frames, self._streams, self._metrics = frames, streams, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def paced(message: Message) -> None:
            await within(SLOW_SECONDS, send(message))  # type: ignore[arg-type]  # servers have coroutines

        with self._metrics.streams.track_inprogress():
            try:
                if await self._before_the_end(self.stream_response(paced), receive):
                    return
                seconds = PARTING_SECONDS
            except TimeoutError:
                self._metrics.slow_readers.inc()
                seconds = GOODBYE_SECONDS
            finally:
                await self._frames.aclose()
            with suppress(TimeoutError, OSError):
                async with asyncio.timeout(seconds):
                    await self._before_the_end(send(LAST), receive)

    async def _before_the_end(self, work: Awaitable[None], receive: Receive) -> bool:
        """Whether the work was done before the client went, or this process is to end."""
        writing = asyncio.ensure_future(work)
        ends = [writing, *map(asyncio.ensure_future, (self.listen_for_disconnect(receive), self._streams.ended()))]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if writing.done():
                await writing
            return writing.done()
        finally:
            for each in ends:
                each.cancel()
            await asyncio.gather(*ends, return_exceptions=True)
