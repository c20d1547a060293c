"""A job's progress over WebSockets (graphql-transport-ws), as many of them as it takes until the job has ended."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from cli.demo.answers import DemoFailed, Json, told
from cli.demo.documents import JOB_PROGRESS

_ENDED = frozenset({"SUCCEEDED", "PARTIAL", "FAILED", "CANCELLED"})


class JobWatch:
    """`credentials` is the payload of connection_init; `changed` gets every new state.

    `patience`: seconds without news after which a socket counts as dropped; after `tries` sockets in a row
    that brought nothing new the job is given up. `pause`: seconds before the next socket, growing with each.
    """

    def __init__(
        self, job: str, credentials: Json, changed: Callable[[Json], None], *, patience: float, tries: int, pause: float
    ) -> None:
        self.state: Json = {}
        self._job, self._credentials, self._changed = job, credentials, changed
        self._patience, self._tries, self._pause = patience, tries, pause

    async def until_ended(self, url: str) -> Json:
        fruitless = 0
        while fruitless < self._tries:
            before = self.state
            await self._one_socket(url)
            if self._ended:
                return self.state
            fruitless = fruitless + 1 if self.state == before else 0
            await asyncio.sleep(self._pause * (fruitless + 1))
        last = f"last seen {self.state['status']}" if self.state else "never seen"
        raise DemoFailed(f"no news of job {self._job} over {self._tries} connections, {last}")

    @property
    def _ended(self) -> bool:
        return self.state.get("status") in _ENDED

    async def _one_socket(self, url: str) -> None:
        try:
            async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")], proxy=None) as socket:
                await self._converse(socket)
        except ConnectionClosed as error:
            _accept_only_drops(error)
        except (OSError, WebSocketException):
            return

    async def _converse(self, socket: ClientConnection) -> None:
        """Until the subscription completes or the job has ended; TimeoutError when there is no news for too long."""
        await _send(socket, type="connection_init", payload=self._credentials)
        async with asyncio.timeout(self._patience) as limit:
            while not self._ended:
                message = json.loads(await socket.recv())
                if message["type"] == "complete":
                    return
                if await self._answer(socket, message):
                    limit.reschedule(asyncio.get_running_loop().time() + self._patience)

    async def _answer(self, socket: ClientConnection, message: Json) -> bool:
        """Whether the message was news."""
        match message["type"]:
            case "connection_ack":
                payload = {"query": JOB_PROGRESS, "variables": {"id": self._job}}
                await _send(socket, id="1", type="subscribe", payload=payload)
            case "ping":
                await _send(socket, type="pong")
            case "next":
                return self._take(message["payload"])
            case "error":
                raise DemoFailed(f"jobProgress: {told(message['payload'])}")
        return False

    def _take(self, answer: Json) -> bool:
        if errors := answer.get("errors"):
            raise DemoFailed(f"jobProgress: {told(errors)}")
        state: Json = answer["data"]["jobProgress"]
        if state == self.state:
            return False
        self.state = state
        self._changed(state)
        return True


async def _send(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


def _accept_only_drops(error: ConnectionClosed) -> None:
    """4400-4499 is the protocol's own refusal: the same conversation would be refused again."""
    if error.rcvd and 4400 <= error.rcvd.code < 4500:
        raise DemoFailed(f"the subscription was refused: {error.rcvd.code} {error.rcvd.reason}") from error
