"""GraphQL over WebSocket: graphql-transport-ws alone, since the older protocol let callers skip its init.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
from collections.abc import Coroutine, Generator, Mapping
from contextlib import ExitStack, aclosing, suppress
from typing import Any

import orjson
from starlette.websockets import WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation
from strawberry.subscriptions.protocols.graphql_transport_ws.types import ConnectionInitMessage

from schema.context import GOODBYE_SECONDS, Context
from schema.errors import told
from schema.execution.operation import Telling, begun
from schema.http.requests import Malformed, checked

SLOW_READER, SLOW_SECONDS = 4413, 10.0
MESSAGES = ("connection_init", "ping", "pong", "subscribe", "complete")
OF_OPERATIONS = ("subscribe", "complete")
MAX_ID, MAX_REASON = 200, 123
PARTING_SECONDS = 0.25  # to `complete`: those who still wait for their value have it before


class TextFrames(ASGIWebSocketAdapter):
    """Bytes would become binary frames."""

    _dropped = False

    async def send_json(self, message: Mapping[str, object]) -> None:
        await self.send_text(self.view.encode_json_string(message))

    async def send_text(self, text: str) -> None:
        """Whoever has not read for so long is dropped."""
        if self.ws.application_state is WebSocketState.DISCONNECTED:
            return  # closed by us, when the session ended: its operations end by themselves
        try:
            # A client that goes in the midst of it, or was sent away: who reads from it ends the rest.
            with suppress(WebSocketDisconnect, RuntimeError):
                await within(SLOW_SECONDS, self.ws.send_text(text))
        except TimeoutError:
            if not self._dropped:  # by another of its operations
                self._dropped = True
                self.view.services().metrics.slow_readers.inc()  # type: ignore[attr-defined]
                await self._drop()

    async def close(self, code: int, reason: str) -> None:
        """A frame of it holds 125 bytes, of which two are the code's. Who has gone needs none."""
        with suppress(WebSocketDisconnect, RuntimeError):
            await super().close(code, reason.encode()[:MAX_REASON].decode(errors="ignore"))

    async def _drop(self) -> None:
        """Nothing more is sent than the code, for when the client reads again; the server's pings end the rest."""
        with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self.ws.close(SLOW_READER, "Read faster: what was sent has been waiting for too long")


class Socket(BaseGraphQLTransportWSHandler[Context, None]):
    """Tells by itself what the engine has left to it: one text for all, between what is each operation's own."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._watched = ExitStack()

    async def handle(self) -> None:
        with self.context.services.metrics.sockets.track_inprogress(), self._watched:
            await super().handle()

    async def handle_message(self, message: Any) -> None:
        try:
            check_message(message)
        except Malformed as wrong:
            await self.handle_invalid_message(wrong.reason)
        else:
            await super().handle_message(message)

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """From then on it is somebody's, and lasts no longer than their session."""
        await super().handle_connection_init(message)
        if self.connection_acknowledged and (who := self.context.identity):
            session_checks = self.context.services.session_checks
            self._watched.enter_context(
                session_checks.watched(who.session_id, who.role.value, self.context.close_socket)
            )

    async def _send_result_stream(self, operation: Operation[Context, None], result_source: Any) -> None:
        await super()._send_result_stream(operation, result_source)
        current = begun()
        if current and current.telling and not operation.completed:
            await self._tell(operation, current.telling)

    def _gone(self, operation: Operation[Context, None]) -> bool:
        """Completed by the client, who may have begun another under its id: nothing more may be told then."""
        operation.completed = operation.completed or self.operations.get(operation.id) is not operation
        return operation.completed

    async def _tell(self, operation: Operation[Context, None], telling: Telling) -> None:
        extensions = {"requestId": self.context.request_id}
        lead = f'{{"id":{_json(operation.id)},"type":"next","payload":{{"data":'
        end = f',"extensions":{_json(extensions)}}}}}'
        send, text = self.websocket.send_text, telling.text  # type: ignore[attr-defined]
        count = self.context.services.metrics.values.inc
        try:
            async with aclosing(telling.values) as values:
                async for value in values:
                    if self._gone(operation):
                        return
                    await send(f"{lead}{text(value)}{end}")
                    count()
            await asyncio.sleep(PARTING_SECONDS)
            self._gone(operation)  # where it is, `complete` is not told either
        except Exception as error:  # noqa: BLE001 - told to the client, and in the log where it is a fault
            payload = {"data": None, "errors": [told(error, self.context).formatted], "extensions": extensions}
            if not self._gone(operation):
                await self.websocket.send_json({"id": operation.id, "type": "next", "payload": payload})


def check_message(message: Any) -> None:
    """What its type must have, as the protocol says. Malformed."""
    if not isinstance(message, dict):
        raise Malformed("A message must be a JSON object.")
    kind = message.get("type")
    if not isinstance(kind, str) or kind not in MESSAGES:
        raise Malformed(f"type must be one of {', '.join(MESSAGES)}.")
    if kind in OF_OPERATIONS:
        id = message.get("id")
        if not isinstance(id, str) or not 1 <= len(id) <= MAX_ID:
            raise Malformed(f"id must be a string of 1 to {MAX_ID} characters.")
    if kind == "subscribe":
        if not checked(message.get("payload")).get("query"):
            raise Malformed("The request has no query: only over HTTP a documentId stands for it.")
    elif not isinstance(message.get("payload"), dict | None):
        raise Malformed(f"The payload of {kind} must be an object or null.")
    elif kind == "connection_init":
        message["payload"] = message.get("payload") or {}


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


async def within(seconds: float, work: Coroutine[Any, Any, None]) -> None:
    """Awaits it; TimeoutError after `seconds`. What need not wait takes no timer: of frames, nearly all."""
    try:
        waited_for = work.send(None)
    except StopIteration:
        return
    async with asyncio.timeout(seconds):
        await _Begun(work, waited_for)


class _Begun:
    """The rest of a coroutine that has begun, and waits."""

    def __init__(self, work: Coroutine[Any, Any, None], waited_for: Any) -> None:
        self._work, self._waited_for = work, waited_for

    def __await__(self) -> Generator[Any, Any, None]:
        while True:
            try:
                try:
                    yield self._waited_for
                except BaseException as error:  # noqa: BLE001 - the work is told of it, as if nobody were between
                    self._waited_for = self._work.throw(error)
                else:
                    self._waited_for = self._work.send(None)
            except StopIteration:
                return
