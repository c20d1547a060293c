"""Answers that end: after so many bytes, and where it is asked after so many seconds."""

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx2

Refusal = Callable[[], Exception]


class Bounded(httpx2.AsyncByteStream):
    """A response's stream. `until`: on the event loop's clock; None for no end of its own."""

    def __init__(
        self,
        stream: httpx2.AsyncByteStream,
        max_bytes: int,
        too_large: Refusal,
        until: float | None = None,
        too_slow: Refusal = TimeoutError,
    ) -> None:
        self._stream, self._left, self._until = stream, max_bytes, until
        self._too_large, self._too_slow = too_large, too_slow

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = aiter(self._stream)
        while True:
            try:
                async with asyncio.timeout_at(self._until):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise self._too_slow() from None
            self._left -= len(chunk)
            if self._left < 0:
                raise self._too_large()
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def is_plain(response: httpx2.Response) -> bool:
    """False for what is packed: its size is not known before it is unpacked."""
    return response.headers.get("content-encoding", "identity").strip().lower() in ("identity", "")
