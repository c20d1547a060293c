"""Files in a folder and in a bucket: the same of both, by a real folder and a service that speaks S3."""

import asyncio
import hashlib
import os
import resource
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest
from pydantic import ValidationError

from cli.doctor import Ailing, _bucket
from domain.settings import Settings
from persistence.errors import FilesAway, NoRoom
from persistence.files import blobs as module
from persistence.files import bucket_store
from persistence.files.blobs import Blobs
from persistence.files.object_store import PART, ObjectStore
from persistence.files.pictures import ANYTHING
from persistence.files.store_address import Bucket, Folder, address_of
from persistence.files.stores import store_at
from tests.s3 import ACCESS_KEY, BUCKET, SECRET_KEY, Refused, Service, s3_service
from tests.waiting import until

PNG = b"\x89PNG\r\n\x1a\n"
LARGE = secrets.token_bytes(PART + 1000) + bytes(PART)  # three parts
SIZES = {"empty": b"", "one": b"x", "some": PNG + bytes(range(256)) * 40, "large": LARGE}
PARTS = [(0, 16), (5, 20), (90, None), (99, 100), (99, 5000), (100, None), (100, 120), (5000, 5001), (0, None)]


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    monkeypatch.setattr(bucket_store, "RETRIES", 0)


@pytest.fixture(scope="module")
def module_service() -> Iterator[Service]:
    with s3_service() as service:
        yield service


@pytest.fixture
def service(module_service: Service) -> Iterator[Service]:
    fresh = Service(module_service.url)
    vars(module_service).update(vars(fresh))
    yield module_service
    module_service.silent.set()


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path, service: Service) -> ObjectStore:
    return store_at(Folder(tmp_path / "files") if request.param == "folder" else address_of(service.blobs_url))


async def whole(store: ObjectStore, key: str, start: int = 0, end: int | None = None) -> bytes:
    opened = await store.open(key, start, end)
    return b"".join([piece async for piece in opened.pieces])


async def keys(store: ObjectStore) -> list[str]:
    return sorted([each.key async for each in store.list()])


# Objects


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_put_is_there_as_it_was(store: ObjectStore, size: str) -> None:
    data = SIZES[size]

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(data), PART):
            yield data[start : start + PART]

    await store.put("a/whole", data, "image/png")
    await store.put("a/streamed", pieces(), "image/png")
    for key in ("a/whole", "a/streamed"):
        assert await whole(store, key) == data
        found = await store.head(key)
        assert (found.key, found.size) == (key, len(data))
    assert await keys(store) == ["a/streamed", "a/whole"]


@pytest.mark.parametrize("parts", [True, False])
async def test_parts(store: ObjectStore, service: Service, parts: bool) -> None:
    """Also of a service that has none, and answers with everything."""
    service.parts = parts
    for data in (secrets.token_bytes(100), b""):
        await store.put("k", data, "text/plain")
        for start, end in PARTS:
            opened = await store.open("k", start, end)
            assert opened.object.size == len(data)
            assert b"".join([piece async for piece in opened.pieces]) == data[start:end], (start, end)


async def test_what_is_not_there(store: ObjectStore) -> None:
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            await store.open("nothing")
        with pytest.raises(FileNotFoundError):
            await store.open("nothing", 3, 5)
        with pytest.raises(FileNotFoundError):
            await store.head("nothing")
        await store.delete("nothing")
        await store.put("nothing", b"x", "text/plain")
        await store.delete("nothing")
    assert await keys(store) == []


async def test_what_fails_on_the_way_leaves_nothing(store: ObjectStore, service: Service, tmp_path: Path) -> None:
    await store.put("kept", b"old", "text/plain")

    async def broken() -> AsyncIterator[bytes]:
        yield LARGE[:PART]
        yield LARGE[:PART]
        raise ValueError("the reader left")

    for key in ("kept", "new"):
        with pytest.raises(ValueError, match="the reader left"):
            await store.put(key, broken(), "text/plain")
    assert (await keys(store), await whole(store, "kept")) == (["kept"], b"old")
    await until(lambda: not service.uploads)
    assert not list(tmp_path.glob("files/*#*"))  # noqa: ASYNC240


async def test_a_reader_never_sees_half_of_it(store: ObjectStore) -> None:
    seen: list[int] = []
    first, second = LARGE[:PART], LARGE[PART : 2 * PART]

    async def pieces() -> AsyncIterator[bytes]:
        yield first
        seen.append(len(await whole(store, "k")))
        yield second

    await store.put("k", b"old", "text/plain")
    await store.put("k", pieces(), "text/plain")
    assert (seen, await whole(store, "k")) == ([3], first + second)


async def test_names_are_one_however_they_are_typed(store: ObjectStore) -> None:
    odd = ["Café #1 %20?.html", "a b/ü+&=~.txt", "日本語/記事.html", "a:b*c|d<e>"]
    composed, taken_apart = "é.txt", "é.txt"
    await store.put(taken_apart, b"x", "text/plain")
    assert await whole(store, composed) == await whole(store, taken_apart) == b"x"
    for name in odd:
        await store.put(name, name.encode(), "text/plain")
    assert [await whole(store, name) for name in odd] == [name.encode() for name in odd]
    assert await keys(store) == sorted([*odd, composed])


@pytest.mark.parametrize(
    "name",
    ["", "/a", "a/", "a//b", "..", "a/../b", ".", "é" * 101, "a/" * 501 + "a", "a\x00b", "a\nb", "a\\b", "page#1"],
)
async def test_names_that_not_every_store_would_keep(store: ObjectStore, name: str) -> None:
    with pytest.raises(ValueError):
        await store.put(name, b"x", "text/plain")
    assert await keys(store) == []


async def test_many_are_listed(store: ObjectStore, service: Service) -> None:
    service.page = 3
    names = [f"{n:02}" for n in range(10)]
    for name in names:
        await store.put(name, b"x", "text/plain")
    assert await keys(store) == names
    if service.calls:
        assert service.calls.count("list") == 4


# Blobs


async def test_a_blob_tells_what_it_is(store: ObjectStore, service: Service) -> None:
    blobs = Blobs(store)
    for data, kind in ((PNG + LARGE, "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"a,b", ANYTHING)):
        stored = await blobs.put(BytesIO(data), len(data))
        found = await blobs.find(stored.key)
        assert found
        assert (found.media_type, found.size) == (stored.media_type, stored.size) == (kind, len(data))
        assert stored.sha256 == await blobs.digest(stored.key) == hashlib.sha256(data).hexdigest()
        assert await blobs.read(stored.key) == data
        copy = await blobs.copy(stored.key)
        copy.file.seek(0)
        assert copy.file.read() == data
    if service.objects:
        assert {kept.media_type for kept in service.objects.values()} == {"image/png", "image/jpeg", ANYTHING}


@dataclass
class Endless(BytesIO):
    """A file that is larger than what may be held of it."""

    size: int
    at: int = 0
    held: list[int] = field(default_factory=list)

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = self.size + offset if whence else offset
        return self.at

    def read(self, most: int | None = -1) -> bytes:
        assert most
        assert 0 < most <= PART
        part = bytes(min(most, self.size - self.at))
        self.at += len(part)
        return part


async def test_large_files_go_in_parts(store: ObjectStore, service: Service) -> None:
    size = 20_000_000
    source: BinaryIO = Endless(size)
    stored = await Blobs(store).put(source, size)
    assert (stored.size, (await store.head(stored.key)).size) == (size, size)
    assert service.largest <= PART
    opened = await store.open(stored.key)
    assert max([len(piece) async for piece in opened.pieces]) <= PART


async def test_what_is_too_large_is_not_begun(store: ObjectStore, service: Service) -> None:
    with pytest.raises(ValueError, match="larger than 4 bytes"):
        await Blobs(store).put(BytesIO(b"12345"), 4)
    assert (await keys(store), service.calls.count("put")) == ([], 0)


async def test_old_ones_are_told_and_other_peoples_are_not(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 2)
    blobs = Blobs(store)
    made = [(await blobs.put(BytesIO(b"x"), 9)).key for _ in range(5)]
    await store.put("notes.txt", b"x", "text/plain")
    assert [some async for some in blobs.older_than(60)] == [[]]
    told = [some async for some in blobs.older_than(-60)]
    assert (sorted(key for some in told for key in some), max(map(len, told))) == (sorted(made), 2)
    for key in made:
        await blobs.delete(key)
    assert await keys(store) == ["notes.txt"]


async def test_keys_of_blobs_alone_are_looked_for(store: ObjectStore) -> None:
    await store.put("notes.txt", b"x", "text/plain")
    for key in ("notes.txt", "../notes.txt", "", "0" * 31, "G" * 32):
        assert await Blobs(store).find(key) is None


# Stores that do not answer, or are full


@pytest.mark.parametrize("code", ["AccessDenied", "NoSuchBucket", "InternalError", "SlowDown"])
async def test_a_bucket_that_refuses(service: Service, code: str) -> None:
    blobs = Blobs(store_at(address_of(service.blobs_url)))
    key = (await blobs.put(BytesIO(b"x"), 9)).key
    service.fault = Refused({"AccessDenied": 403, "NoSuchBucket": 404}.get(code, 503), code)
    for act in (blobs.check_room(), blobs.put(BytesIO(b"x"), 9), blobs.put(BytesIO(LARGE), len(LARGE))):
        with pytest.raises(FilesAway):
            await act
    if code != "NoSuchBucket":  # which reads as if the object were not there
        for act in (blobs.find(key), blobs.read(key), blobs.delete(key)):
            with pytest.raises(FilesAway):
                await act
    with pytest.raises(FilesAway):
        assert [some async for some in blobs.older_than(0)]
    service.fault = None
    await blobs.check_room()
    assert await blobs.read(key) == b"x"


async def test_a_bucket_that_is_not_there(service: Service) -> None:
    for bucket in (Bucket("another", endpoint=service.url), Bucket(BUCKET, endpoint="http://127.0.0.1:1")):
        blobs = Blobs(store_at(bucket))
        with pytest.raises(FilesAway):
            await blobs.check_room()
        with pytest.raises(FilesAway):
            await blobs.put(BytesIO(b"x"), 9)


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    blobs = Blobs(store_at(Folder(tmp_path / "file" / "blobs")))
    for act in (blobs.find("0" * 32), blobs.put(BytesIO(b"x"), 9)):
        with pytest.raises(FilesAway):
            await act


async def test_a_bucket_that_says_nothing_is_given_up(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.2)
    service.silent.clear()
    with pytest.raises(FilesAway, match=r"no answer within 0\.2 seconds"):
        await Blobs(store_at(address_of(service.blobs_url))).check_room()


async def test_a_full_bucket_is_no_fault(service: Service) -> None:
    service.fault = Refused(507, "XMinioStorageFull")
    with pytest.raises(NoRoom):
        await Blobs(store_at(address_of(service.blobs_url))).put(BytesIO(b"x"), 9)


async def test_a_reserve_is_kept_of_a_disk_alone(service: Service, tmp_path: Path) -> None:
    everything = 10**18
    for blobs in (Blobs(store_at(Folder(tmp_path)), everything), Blobs(store_at(address_of(service.blobs_url)))):
        if blobs.reserve:
            with pytest.raises(NoRoom):
                await blobs.check_room()
            with pytest.raises(NoRoom):
                await blobs.put(BytesIO(b"x"), 9)
        else:
            await blobs.check_room(everything)
            await blobs.put(BytesIO(b"x"), 9)


async def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    blobs = Blobs(store_at(Folder(tmp_path)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, resource.RLIM_INFINITY))
    try:
        for data in (LARGE[:3_000_000], LARGE):
            with pytest.raises(NoRoom):
                await blobs.put(BytesIO(data), len(data))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await until(lambda: not list(tmp_path.iterdir()))


async def test_what_killed_processes_left_goes_when_it_is_old(tmp_path: Path) -> None:
    blobs = Blobs(store_at(Folder(tmp_path)))
    key = (await blobs.put(BytesIO(b"x"), 9)).key
    old, young = tmp_path / f"{'0' * 32}#1", tmp_path / f"{'1' * 32}#17"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (1, 1))
    assert [some async for some in blobs.older_than(60)] == [[]]
    assert sorted(os.listdir(tmp_path)) == sorted([key, young.name])


async def test_what_was_paid_for_waits_for_its_bucket(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.05)
    blobs, told = Blobs(store_at(address_of(service.blobs_url))), asyncio.Event()
    service.fault = Refused(503, "SlowDown")
    paid = asyncio.create_task(blobs.put_paid(PNG, 60, told.set))
    await told.wait()
    service.fault = None
    assert await blobs.read((await paid).key) == PNG
    service.fault = Refused(503, "SlowDown")
    with pytest.raises(FilesAway):
        await blobs.put_paid(PNG, 0.1, lambda: None)
    assert blobs.held.size == 0


async def test_the_doctor_tries_a_bucket(service: Service) -> None:
    settings = Settings(blobs_url=service.blobs_url)
    assert f"s3://{BUCKET}/of/ours at {service.url}" in await _bucket(settings)
    assert service.objects == {}
    service.fault = Refused(403, "AccessDenied")
    with pytest.raises(Ailing, match=r"takes no file: .*AccessDenied.*check IGNY8_BLOBS_URL"):
        await _bucket(settings)


# Addresses


def test_settings_say_where_files_are(tmp_path: Path) -> None:
    assert Settings(data=tmp_path).files == Folder(tmp_path / "blobs")
    assert Settings(data=tmp_path, blobs_url="s3://b/p").files == Bucket("b", "p")
    with pytest.raises(ValidationError, match="must be like s3://bucket/prefix"):
        Settings(blobs_url="gs://b")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("file:///var/lib/files", Folder(Path("/var/lib/files"))),
        ("file:///with%20space", Folder(Path("/with space"))),
        ("s3://b", Bucket("b")),
        ("s3://b/", Bucket("b")),
        ("s3://my-bucket/a/b/?region=eu-central-1", Bucket("my-bucket", "a/b", "eu-central-1")),
        ("s3://b/p?endpoint=http://minio:9000/", Bucket("b", "p", None, "http://minio:9000")),
        ("s3://b?endpoint=https%3A%2F%2Fs3.example.com", Bucket("b", "", None, "https://s3.example.com")),
    ],
)
def test_addresses(url: str, address: Folder | Bucket) -> None:
    assert address_of(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "", "/var/files", "file://host/files", "file:files", "file:///a?x=1", "s3://", "s3:///a", "s3://b//a",
        "s3://b?zone=x", "s3://key:secret@b/a", "s3://b:80/a", "s3://b#a", "s3://b?endpoint=minio:9000",
        "s3://b?endpoint=https://key:secret@minio", "gs://b", "https://b.s3.amazonaws.com", "s3://b:x",
    ],
)  # fmt: skip
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ValueError) as refused:
        address_of(url)
    assert "secret" not in str(refused.value)
