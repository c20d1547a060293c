"""What leaves by the door, and what comes back through it."""

import asyncio
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx2
import pytest

from domain.addresses import AllowedHosts
from domain.destinations import DestinationError
from jobs.adapters.door import AddressRefusedError, Door, TooLargeError, TooSlowError
from tests.jobs.scripted import Received, Scripted, reply

PLAIN = reply(200, {"ok": True})


@pytest.fixture
async def server() -> AsyncIterator[Scripted]:
    async with Scripted(otherwise=PLAIN) as made:
        yield made


def port_of(server: Scripted) -> int:
    return urlsplit(server.url).port or 0


def door_to(server: Scripted) -> Door:
    return Door(AllowedHosts.of(f"127.0.0.1:{port_of(server)}, there.example:{port_of(server)}"))


async def test_an_inner_address_is_reached_only_where_the_operator_lets_it_in(server: Scripted) -> None:
    async with door_to(server).client() as client:
        assert (await client.get(server.url)).json() == {"ok": True}
    for allowed in ("", "127.0.0.1:1", "localhost"):
        async with Door(AllowedHosts.of(allowed)).client() as client:
            with pytest.raises(AddressRefusedError, match="IGNY8_ALLOWED_HOSTS") as refused:
                await client.get(server.url)
            assert not refused.value.retryable
    assert len(server.requests) == 1


async def test_what_was_looked_at_is_what_is_connected_to(server: Scripted) -> None:
    """A name that is public when it is looked at and inner a moment later is asked once only."""
    answers = [["203.0.114.1"], ["127.0.0.1"]]
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    door = Door(AllowedHosts(), resolve)
    assert await door.addresses("changing.example", 80) == ["203.0.114.1"]
    async with door.client(connect_seconds=0.2) as client:
        with pytest.raises(AddressRefusedError):
            await client.get(f"http://changing.example:{port_of(server)}/")
    assert asked == ["changing.example"] * 2
    assert server.requests == []


async def test_the_name_is_asked_for_at_the_address_it_was_found_at(server: Scripted) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    door = Door(AllowedHosts.of("there.example"), resolve)
    async with door.client() as client:
        await client.get(f"http://there.example:{port_of(server)}/page")
    (request,) = server.requests
    assert request.headers["host"] == f"there.example:{port_of(server)}"


async def test_a_name_that_there_is_not_is_an_error_of_the_connection() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    async with Door(AllowedHosts(), resolve).client() as client:
        with pytest.raises(httpx2.ConnectError, match="not known"):
            await client.get("http://nowhere.example/")


async def test_no_redirect_is_followed_and_nothing_of_the_environment_is_read(
    server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.play(reply(302, b"", {"location": "http://127.0.0.1:9/", "set-cookie": "a=1; Path=/"}))
    async with door_to(server).client() as client:
        answer = await client.get(server.url)
        await client.get(server.url)
    assert answer.status_code == 302
    assert not any("cookie" in request.headers for request in server.requests)


async def test_an_answer_ends_at_the_agreed_size(server: Scripted) -> None:
    server.play(reply(200, b"x" * 1_000), reply(200, b"x" * 1_001))
    async with door_to(server).client(max_bytes=1_000) as client:
        assert len((await client.get(server.url)).content) == 1_000
        with pytest.raises(TooLargeError):
            await client.get(server.url)


async def test_a_packed_answer_is_not_unpacked(server: Scripted) -> None:
    server.play(reply(200, b"\x1f\x8b", {"content-encoding": "gzip"}))
    async with door_to(server).client() as client:
        with pytest.raises(TooLargeError):
            await client.get(server.url)
    assert server.requests[0].headers["accept-encoding"] == "identity"


async def test_a_drip_ends_in_time(server: Scripted) -> None:
    async def drip(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    server.play(drip)
    began = time.monotonic()
    async with door_to(server).client(seconds=0.3) as client:
        with pytest.raises(DestinationError) as slow:
            await client.get(server.url)
    assert isinstance(slow.value, TooSlowError)
    assert slow.value.retryable
    assert time.monotonic() - began < 15, "a thousand of them take longer"
