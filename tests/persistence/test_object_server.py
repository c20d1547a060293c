"""Files in real S3 servers: `make test-s3`, with IGNY8_S3_KIT as tests/s3_kit.py says."""

import hashlib
import secrets
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import psutil
import pytest

from cli.doctor import _bucket
from domain.settings import Settings
from persistence.errors import FilesAway
from persistence.files.blobs import Blobs
from persistence.files.object_store import PART
from persistence.files.store_address import address_of
from persistence.files.stores import store_at
from tests.persistence.test_object_store import PARTS, Endless, keys, whole
from tests.s3_kit import KINDS, KIT, running

pytestmark = pytest.mark.skipif(not KIT, reason="IGNY8_S3_KIT names no folder with programs that run S3 servers")


@pytest.fixture(scope="module", params=KINDS)
def server(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    with running(request.param) as found:
        yield found


@pytest.fixture
def url(server: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> str:
    """A prefix of the test's own."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", server["access_key"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", server["secret_key"])
    prefix = f"of/{secrets.token_hex(4)}"
    return f"s3://{server['bucket']}/{prefix}?region={server['region']}&endpoint={server['endpoint']}"


async def test_objects(url: str) -> None:
    store = store_at(address_of(url))
    data = secrets.token_bytes(2 * PART + 12_345)
    for key, of in {"a/small": data[:100], "a/empty": b"", "Café #1 %20?.html": data[:7], "日本語": data[:9]}.items():
        await store.put(key, of, "image/png")
        assert await whole(store, key) == of
    for start, end in PARTS:
        assert await whole(store, "a/small", start, end) == data[:100][start:end]
        assert await whole(store, "a/empty", start, end) == b""
    assert len(await keys(store)) == 4
    await store.delete("a/small")
    await store.delete("a/small")
    with pytest.raises(FileNotFoundError):
        await store.head("a/small")
    assert len(await keys(store)) == 3


async def test_many_are_listed(url: str) -> None:
    """More than one page of a thousand."""
    store = store_at(address_of(url))
    names = [f"{n:04}" for n in range(1050)]
    for name in names:
        await store.put(name, b"", "text/plain")
    assert await keys(store) == names


async def test_blobs(url: str) -> None:
    blobs = Blobs(store_at(address_of(url)))
    await blobs.check_room()
    data = b"\x89PNG\r\n\x1a\n" + secrets.token_bytes(2 * PART)
    stored = await blobs.put(BytesIO(data), len(data))
    found = await blobs.find(stored.key)
    assert found
    assert (found.media_type, found.size, stored.sha256) == ("image/png", len(data), hashlib.sha256(data).hexdigest())
    assert await blobs.read(stored.key) == data
    assert await whole(blobs.store, stored.key, PART - 5, PART + 5) == data[PART - 5 : PART + 5]
    assert [some async for some in blobs.older_than(-60)] == [[stored.key]]
    await blobs.delete(stored.key)
    assert await blobs.find(stored.key) is None


async def test_large_files_take_little_memory(url: str) -> None:
    blobs, process = Blobs(store_at(address_of(url))), psutil.Process()
    for size in (30_000_000, 300_000_000):
        before = process.memory_info().rss
        stored = await blobs.put(Endless(size), size)
        most = 0
        async for _ in (await blobs.open(stored.key)).pieces:
            most = max(most, process.memory_info().rss - before)
        assert stored.size == size
        assert most < 120_000_000, most
        await blobs.delete(stored.key)


async def test_the_doctor_tries_it(url: str) -> None:
    assert url.partition("?")[0] in await _bucket(Settings(blobs_url=url))
    assert await keys(store_at(address_of(url))) == []


async def test_wrong_keys_are_told(url: str, server: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    if server["kind"] == "moto":
        pytest.skip("it takes any key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    blobs = Blobs(store_at(address_of(url)))
    with pytest.raises(FilesAway):
        await blobs.check_room()
    with pytest.raises(FilesAway):
        await blobs.put(BytesIO(b"x"), 9)
