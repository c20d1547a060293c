"""A real HTTP server on loopback that plays a script of answers, for adapters here and in worker processes.

    async with Scripted([rate_limited("2"), chat({"title": "Tea"})]) as server:
        environment = {"IGNY8_AI_BASE_URL": server.url}

One answer a request, in order; then `otherwise` for ever. Bare asyncio streams, since a script also hangs up and
sends what is no HTTP. It lives on the event loop that opened it, so tests have to await while others call it.
"""

import asyncio
import itertools
import json
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Self, TypeAlias


@dataclass(frozen=True, slots=True)
class Received:
    """A request, with header names in lower case; `at` on the monotonic clock."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic, compare=False)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer: TypeAlias = Callable[[Received, asyncio.StreamWriter], Awaitable[None]]


class Scripted:
    """`requests` holds all that came, in order; `left` how much of the script has not been played.

    `heedful`: whose answers were read to their end is noted in `read`, with the time; whoever asks has to close the
    connection then.
    """

    def __init__(
        self, script: Iterable[Answer] = (), otherwise: Answer | None = None, *, heedful: bool = False
    ) -> None:
        self._script, self._otherwise, self._heedful = list(script), otherwise or chat({"ok": True}), heedful
        self.requests: list[Received] = []
        self.read: list[tuple[float, Received]] = []
        self._calls: set[asyncio.Task[None]] = set()

    @property
    def left(self) -> int:
        return len(self._script)

    def play(self, *answers: Answer) -> None:
        self._script.extend(answers)

    async def _heed(self, received: Received, reader: asyncio.StreamReader, writer: "_Heedful") -> None:
        """Who has read all ends the connection after it was answered; who is gone has ended it before, or resets it."""
        if not writer.late and not writer.is_closing():
            await reader.read()
            self.read.append((time.monotonic(), received))

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
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
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                received = await _receive(reader)
                self.requests.append(received)
                heedful: Any = _Heedful(reader, writer) if self._heedful else writer
                await (self._script.pop(0) if self._script else self._otherwise)(received, heedful)
                await writer.drain()
                if self._heedful:
                    await self._heed(received, reader, heedful)
        finally:
            self._calls.discard(task)
            writer.close()


class _Heedful:
    """A writer; `late` when its reader was gone before something was written."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer, self.late = reader, writer, False

    def write(self, data: bytes) -> None:
        self.late = self.late or self._reader.at_eof()
        self._writer.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)


async def _receive(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
    return Received(method, path, headers, await reader.readexactly(int(headers.get("content-length", 0))))


def reply(status: int, body: bytes | Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Answer:
    """Any whole answer; every one closes its connection, so that each request is one connection."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"content-type": "application/json", "content-length": str(len(data)), "connection": "close"}
    lines = [f"{name}: {value}" for name, value in (sent | dict(headers or {})).items()]
    head = "\r\n".join([f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *lines, "", ""]).encode("latin-1")

    async def answer(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(head + data)

    return answer


def chat(
    content: Mapping[str, Any] | str | None,
    *,
    finish_reason: str = "stop",
    refusal: str | None = None,
    model: str = "scripted-1",
    usage: tuple[int, int] | None = (120, 45),
) -> Answer:
    """A chat completion; content that is no text is sent as JSON."""
    text = json.dumps(content) if isinstance(content, Mapping) else content
    choice = {"index": 0, "message": {"role": "assistant", "content": text, "refusal": refusal}}
    counts = usage and {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
    body = {"id": "c", "object": "chat.completion", "created": 0, "model": model, "usage": counts}
    return reply(200, body | {"choices": [choice | {"finish_reason": finish_reason}]})


def computed(content: Callable[[Any], Mapping[str, Any]]) -> Answer:
    """A chat completion made of the request's JSON body, such as one that uses the keywords in its prompt."""

    async def answer(received: Received, writer: asyncio.StreamWriter) -> None:
        await chat(content(received.json))(received, writer)

    return answer


def slow(seconds: float, then: Answer) -> Answer:
    async def answer(received: Received, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await then(received, writer)

    return answer


def failure(
    status: int, message: str = "", code: str | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    return reply(status, {"error": {"message": message, "type": "error", "code": code}}, headers)


def rate_limited(retry_after: str | None = None, *, milliseconds: str | None = None) -> Answer:
    """`retry_after`: seconds or an HTTP date."""
    wait = {"retry-after": retry_after, "retry-after-ms": milliseconds}
    return failure(429, "Rate limit reached", "rate_limit_exceeded", {k: v for k, v in wait.items() if v is not None})


def picky(forms: Iterable[str | None], limit: str | None, then: Answer, *, status: int = 400) -> Answer:
    """Takes these response formats alone (None: no format at all) and this name of the token limit (None: either)."""

    async def answer(received: Received, writer: asyncio.StreamWriter) -> None:
        body = received.json
        form = (body.get("response_format") or {}).get("type")
        if limit and (unknown := {"max_completion_tokens", "max_tokens"} & body.keys() - {limit}):
            await failure(400, f"Unsupported parameter: '{unknown.pop()}'")(received, writer)
        elif form not in tuple(forms):
            await failure(status, f"response_format {form} is not supported")(received, writer)
        else:
            await then(received, writer)

    return answer


def silence(seconds: float = 3600) -> Answer:
    async def answer(_: Received, __: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)

    return answer


def drip(chunk: bytes = b" ", pause: float = 0.02) -> Answer:
    """A body that never ends: every read succeeds, so that only a total deadline ends it."""
    return _endless(chunk, pause, {})


def huge(status: int = 200, *, packed: bool = False) -> Answer:
    """A body without end as fast as it is read."""
    return _endless(b" " * 65_536, 0, {"content-encoding": "gzip"} if packed else {}, status)


def garbage(data: bytes = b"\x00\xff not HTTP at all\r\n\r\n") -> Answer:
    async def answer(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(data)

    return answer


def hang_up() -> Answer:
    async def answer(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    return answer


def _endless(chunk: bytes, pause: float, headers: Mapping[str, str], status: int = 200) -> Answer:
    sent = {"content-type": "application/json", "transfer-encoding": "chunked", **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())

    async def answer(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode())
        for _n in itertools.count():
            writer.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
            await writer.drain()
            await asyncio.sleep(pause)

    return answer
