"""Thousands of graphql-transport-ws clients in one process: frames are taken apart, their JSON is only searched."""

import asyncio
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

UPGRADE = (
    "GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"
    "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
FOLLOW = "subscription($id: ID!) { jobProgress(id: $id) { jobId status phase message done total version } }"
STAMP, ENDED = b'"message":"', b'"SUCCEEDED"'
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA


@dataclass(slots=True)
class Seen:
    """Nanoseconds from the change to here, of each value and of the last; how many sockets were `told` of the end."""

    delays: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    told: int = 0


class Listener(asyncio.Protocol):
    """Follows one job; `begun` when the first value has come. One that is no `reader` stops to read then."""

    def __init__(self, token: str, job: str, seen: Seen, *, reader: bool) -> None:
        self.token, self.job, self.seen, self.reader = token, job, seen, reader
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended = False
        self._buffer = b""
        self._upgraded = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(UPGRADE.encode())

    def connection_lost(self, error: Exception | None) -> None:
        if not self.begun.done():
            self.begun.set_exception(ConnectionError(f"closed before the first value: {self._buffer[:200]!r}"))
        elif self.reader and not self.ended:
            self.seen.lost.append(str(error))

    def data_received(self, data: bytes) -> None:
        now = time.time_ns()
        self._buffer += data
        if not self._upgraded:
            _, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            self._upgraded, self._buffer = True, rest
            self._send({"type": "connection_init", "payload": {"authorization": f"Bearer {self.token}"}})
        for kind, payload in self._frames():
            self._take(kind, payload, now)

    def _frames(self) -> Iterable[tuple[int, bytes]]:
        """Whole ones; those of servers are never masked."""
        data, at = self._buffer, 0
        while len(data) >= at + 2:
            size, start = data[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(data[start : start + 2], "big"), start + 2
            if len(data) < start + size:
                break
            yield data[at] & 0xF, data[start : start + size]
            at = start + size
        self._buffer = data[at:]

    def _take(self, kind: int, payload: bytes, now: int) -> None:
        if kind == PING:
            self._frame(PONG, payload)
        elif kind != TEXT:
            return
        elif STAMP in payload:
            self._value(payload, now)
        elif b'"connection_ack"' in payload:
            given = {"query": FOLLOW, "variables": {"id": self.job}}
            self._send({"id": "1", "type": "subscribe", "payload": given})
        elif b'"complete"' not in payload:
            self.begun.set_exception(RuntimeError(payload.decode()))

    def _value(self, payload: bytes, now: int) -> None:
        stamp = payload.partition(STAMP)[2].partition(b'"')[0]
        if not self.begun.done():
            self.begun.set_result(None)
            if not self.reader:
                self.transport.pause_reading()
        if ENDED in payload:
            self.ended = True
            self.seen.told += 1
        if stamp:
            (self.seen.last if self.ended else self.seen.delays).append(now - int(stamp))

    def _send(self, message: dict[str, object]) -> None:
        self._frame(TEXT, json.dumps(message).encode())

    def _frame(self, kind: int, payload: bytes) -> None:
        """Masked with zeros, which change nothing."""
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + size.to_bytes(2, "big")
        self.transport.write(bytes([0x80 | kind]) + length + bytes(4) + payload)


async def listen(port: int, token: str, jobs: list[str], number: int, silent: int, seen: Seen) -> list[Listener]:
    """That many, spread over the jobs, all of which have had a first value; the first `silent` never read again."""
    gate, loop = asyncio.Semaphore(50), asyncio.get_running_loop()

    async def connect(n: int) -> Listener:
        async with gate:
            make = lambda: Listener(token, jobs[n % len(jobs)], seen, reader=n >= silent)  # noqa: E731
            _, listener = await loop.create_connection(make, "127.0.0.1", port)
            await asyncio.wait_for(listener.begun, 30)
            return listener

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(connect(n)) for n in range(number)]
    return [task.result() for task in tasks]
