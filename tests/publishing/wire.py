"""A line to a server that a test can slow down and cut: it counts each request, and loses answers that have come.

async with Wire(site.url, seed=3) as wire:
    wire.delay = 0.15
    wire.cutting = True
"""

import asyncio
import random
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

HEAD_END = b"\r\n\r\n"
OWN = {b"host", b"connection"}


class Wire:
    """HTTP, one request a connection. `requests`: `(method, path)` of all that came, in order.

    `delay`: seconds that are added to each answer. Of so many answers as are to `lose` comes nothing, or a part; the
    server had each of their requests, and did what it asked. `writing`: POSTs that the server is at.
    """

    def __init__(self, to: str, seed: int = 0) -> None:
        address = urlsplit(to)
        self.host, self.port = address.hostname or "", address.port or 80
        self.requests: list[tuple[str, str]] = []
        self.lost = self.lose = self.writing = self.busy = 0
        self.delay = 0.0
        self._chance = random.Random(seed)
        self._calls: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._calls.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._carry(reader, writer)
        finally:
            self._calls.discard(task)
            writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """What the server does not answer is not answered."""
        head = await reader.readuntil(HEAD_END)
        first, *lines = head.removesuffix(HEAD_END).split(b"\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
        body = await reader.readexactly(int(headers.get(b"content-length", b"0")))
        method, path, _ = first.decode("latin-1").split(" ", 2)
        self.requests.append((method, path))
        kept = [line for line in lines if line.partition(b":")[0].lower() not in OWN]
        own = [f"host: {self.host}:{self.port}".encode(), b"connection: close"]
        answer = await self._answer(b"\r\n".join([first, *kept, *own]) + HEAD_END + body, writes=method == "POST")
        await asyncio.sleep(self.delay)
        if self.lose:
            self.lose, self.lost = self.lose - 1, self.lost + 1
            answer = answer[: self._chance.choice((0, len(answer) // 2))]
        writer.write(answer)
        await writer.drain()

    async def _answer(self, request: bytes, *, writes: bool) -> bytes:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        self.writing += writes
        self.busy += 1
        try:
            writer.write(request)
            await writer.drain()
            return await reader.read()
        finally:
            self.writing -= writes
            self.busy -= 1
            writer.close()
