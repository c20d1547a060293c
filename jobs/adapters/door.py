"""The door through which everything goes whose address a tenant gives.

A name is resolved once, every address of it is looked at, and the connection is made to the one that was looked at: a
name that leads elsewhere a moment later leads nowhere. What comes back is bounded in bytes and in seconds.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import httpcore2
import httpx2

from domain.addresses import AllowedHosts, public_of
from domain.destinations import DestinationError
from jobs.adapters.bounded import Bounded, is_plain

CONNECT_SECONDS, SECONDS = 10.0, 60.0
MAX_BYTES = 16_000_000
Resolve = Callable[[str, int], Awaitable[list[str]]]


class AddressRefusedError(DestinationError):
    """The host leads to an address that is not public."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"{host}:{port} leads to an address that is not on the public internet.",
            "Give a public address; an operator can let this one in with IGNY8_ALLOWED_HOSTS.",
            code="address_refused",
        )


class TooLargeError(DestinationError):
    """The answer is larger than was agreed, or packed, so that its size is not known before it is unpacked."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"The answer has more than {most / 1e6:,.0f} MB.", "Look what the address answers.", code="too_large"
        )


class TooSlowError(DestinationError):
    """The answer has not ended in time, however steadily it drips."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"The answer has not ended in {seconds:,.0f} seconds.", "Try again later.", code="timeout", retryable=True
        )


async def resolve(host: str, port: int) -> list[str]:
    """Its addresses, in the system's order; OSError for a name that there is not."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Door:
    """`allowed`: hosts that need not be public."""

    def __init__(self, allowed: AllowedHosts, resolve: Resolve = resolve) -> None:
        self.allowed, self.resolve = allowed, resolve

    async def addresses(self, host: str, port: int) -> list[str]:
        """What may be connected to. AddressRefusedError; OSError for a name that there is not."""
        found = await self.resolve(host, port)
        if self.allowed.lets_in(host, port):
            return found
        try:
            return [address.compressed for address in public_of(found)]
        except ValueError:
            raise AddressRefusedError(host, port) from None

    def transport(
        self, *, max_bytes: int = MAX_BYTES, seconds: float = SECONDS, connections: int = 20
    ) -> httpx2.AsyncBaseTransport:
        """`seconds`: until an answer's end. Who makes one closes it."""
        return _Guarded(self, max_bytes, seconds, connections)

    def client(
        self,
        *,
        over: httpx2.AsyncBaseTransport | None = None,
        max_bytes: int = MAX_BYTES,
        seconds: float = SECONDS,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> httpx2.AsyncClient:
        """A client that follows no redirect, reads nothing of the environment, and keeps no cookies."""
        timeout = httpx2.Timeout(seconds, connect=connect_seconds)
        transport = over or self.transport(max_bytes=max_bytes, seconds=seconds)
        return httpx2.AsyncClient(
            transport=transport, timeout=timeout, follow_redirects=False, trust_env=False,
            headers={"user-agent": "IGNY8", "accept-encoding": "identity"},
        )  # fmt: skip


class _Guarded(httpx2.AsyncHTTPTransport):
    def __init__(self, door: Door, max_bytes: int, seconds: float, connections: int) -> None:
        verify = ssl.create_default_context()
        super().__init__(trust_env=False, verify=verify)
        self._max_bytes, self._seconds = max_bytes, seconds
        # The library makes a pool of its own, and takes no way to connect from outside.
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=verify, network_backend=_Backend(door), max_connections=connections,
            max_keepalive_connections=connections // 2, keepalive_expiry=5.0,
        )  # fmt: skip

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        until = asyncio.get_running_loop().time() + self._seconds
        try:
            async with asyncio.timeout_at(until):
                response = await super().handle_async_request(request)
        except TimeoutError:
            raise TooSlowError(self._seconds) from None
        response.headers.pop("set-cookie", None)  # what one site sets is nobody's
        if not is_plain(response):
            await response.aclose()
            raise TooLargeError(self._max_bytes)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = Bounded(
            response.stream, self._max_bytes, lambda: TooLargeError(self._max_bytes), until,
            lambda: TooSlowError(self._seconds),
        )  # fmt: skip
        return response


class _Backend(httpcore2.AsyncNetworkBackend):
    """Connects to addresses that were looked at; TLS goes on to ask for the name."""

    def __init__(self, door: Door) -> None:
        self._door, self._inner = door, httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._door.addresses(host, port)
        except TimeoutError:
            raise httpcore2.ConnectTimeout(f"{host} was not resolved in time") from None
        except OSError:
            raise httpcore2.ConnectError(f"{host} is not known") from None
        failure: Exception | None = None
        for address in addresses:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore2.ConnectError(f"{host} has no address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        raise httpcore2.ConnectError("no sockets of this machine")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)
