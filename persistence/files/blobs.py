"""Files that belong to rows: kept under a key of 128 random bits, which is the only way to them."""

import asyncio
import hashlib
import io
import re
import secrets
import tempfile
import time
import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from os import SEEK_END
from typing import BinaryIO, cast

from persistence.errors import FilesAway, NoRoom
from persistence.files.disk_space import writing
from persistence.files.object_store import PART, Object, ObjectStore, Opened
from persistence.files.pictures import HEAD, media_type_of

KEY = re.compile(r"[0-9a-f]{32}")
MOST_HELD = 64_000_000  # bytes
RETRY_SECONDS = 5.0  # between two tries to store what is held
ANSWER_SECONDS = 5.0  # that a store may take to show that it is there
AT_ONCE = 5_000  # keys


@dataclass(frozen=True, slots=True)
class Stored:
    """A file as it was when it was stored; `size` in bytes, `sha256` of them in hexadecimal digits."""

    key: str
    size: int
    media_type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Blob:
    """`media_type`: what its first bytes say that it is."""

    key: str
    media_type: str
    size: int
    modified: float


@dataclass(frozen=True)
class Copy:
    """A file of this machine alone, to be read by what blocks; it goes with whoever holds this."""

    file: BinaryIO

    def __post_init__(self) -> None:
        weakref.finalize(self, self.file.close)


class Blobs:
    """`reserve`: bytes of the store's disk that stay free but for what has no other place any more."""

    def __init__(self, store: ObjectStore, reserve: int = 0) -> None:
        self.store, self.reserve = store, reserve
        self.held = Held()

    async def check_room(self, size: int = 0) -> None:
        """NoRoom where so many bytes more would not leave the reserve free, FilesAway where nothing can be kept."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self.store.answers()
                room = await self.store.room()
        except TimeoutError as error:
            raise FilesAway(f"no answer within {ANSWER_SECONDS:g} seconds") from error
        except OSError as error:
            raise FilesAway(str(error)) from error
        if room is not None and room - size < self.reserve:
            raise NoRoom

    async def put(self, source: BinaryIO, limit: int, key: str | None = None) -> Stored:
        """From its beginning to its end, under a `new_key` where none is given. With nothing kept: ValueError for more
        than `limit` bytes, NoRoom, FilesAway.
        """
        size = await asyncio.to_thread(source.seek, 0, SEEK_END)
        if size > limit:
            raise ValueError(f"larger than {limit} bytes")
        room = await self.store.room()
        if room is not None and room - size < self.reserve:
            raise NoRoom
        return await self._put(source, key or new_key())

    async def put_paid(self, data: bytes, patience: float, waits: Callable[[], None]) -> Stored:
        """As `put`, of what was paid for: into the reserve as well, and where it cannot be kept it is held for
        `patience` seconds and tried again. NoRoom or FilesAway then, or when this process holds too much. `waits` is
        told once.
        """
        try:
            return await self._put_bytes(data)
        except (NoRoom, FilesAway):
            waits()
        until = time.monotonic() + patience
        with self.held.more(len(data)):
            while True:
                await asyncio.sleep(min(RETRY_SECONDS, max(0.0, until - time.monotonic())))
                try:
                    return await self._put_bytes(data)
                except (NoRoom, FilesAway):
                    if time.monotonic() >= until:
                        raise

    async def _put_bytes(self, data: bytes) -> Stored:
        return await self._put(io.BytesIO(data), new_key())

    async def _put(self, source: BinaryIO, key: str) -> Stored:
        reading = Reading(source)
        first = await reading.next()
        media_type = media_type_of(first)
        await self.store.put(key, first if len(first) < PART else reading.all_after(first), media_type)
        return Stored(key, reading.size, media_type, reading.digest.hexdigest())

    async def open(self, key: str, start: int = 0, end: int | None = None) -> Opened:
        """Its bytes from `start` to before `end`. FileNotFoundError for an unknown key."""
        if not KEY.fullmatch(key):
            raise FileNotFoundError(key)
        return await self.store.open(key, start, end)

    async def read(self, key: str) -> bytes:
        """All of it; FileNotFoundError for an unknown key."""
        async with aclosing((await self.open(key)).pieces) as pieces:
            return b"".join([piece async for piece in pieces])

    async def digest(self, key: str) -> str:
        """SHA-256 of its bytes, in hexadecimal digits. It reads them all."""
        digest = hashlib.sha256()
        async with aclosing((await self.open(key)).pieces) as pieces:
            async for piece in pieces:
                await asyncio.to_thread(digest.update, piece)
        return digest.hexdigest()

    async def find(self, key: str) -> Blob | None:
        """None for an unknown key."""
        try:
            opened = await self.open(key, 0, HEAD)
        except FileNotFoundError:
            return None
        async with aclosing(opened.pieces) as pieces:
            head = b"".join([piece async for piece in pieces])
        return blob_of(key, opened.object, head)

    async def copy(self, key: str) -> Copy:
        """Beside where it is kept. FileNotFoundError for an unknown key, NoRoom on a full disk."""
        opened = await self.open(key)
        file = cast(BinaryIO, await asyncio.to_thread(tempfile.TemporaryFile))
        copy = Copy(file)
        async with aclosing(opened.pieces) as pieces:
            async for piece in pieces:
                with writing():
                    await asyncio.to_thread(file.write, piece)
        with writing():
            await asyncio.to_thread(file.flush)
        return copy

    async def older_than(self, seconds: float) -> AsyncGenerator[list[str], None]:
        """Keys of files that were stored that long ago, some at a time. What never came to be whole goes by the way."""
        moment = time.time() - seconds
        await self.store.clear_remains(moment)
        found: list[str] = []
        async with aclosing(self.store.list()) as objects:
            async for each in objects:
                if KEY.fullmatch(each.key) and each.modified.timestamp() < moment:
                    found.append(each.key)
                if len(found) == AT_ONCE:
                    yield found
                    found = []
        yield found

    async def delete(self, key: str) -> None:
        """Whether it was there or not."""
        await self.store.delete(key)


def blob_of(key: str, object: Object, head: bytes) -> Blob:
    """`head`: its first bytes, at least as many as tell."""
    return Blob(key, media_type_of(head), object.size, object.modified.timestamp())


def new_key() -> str:
    return secrets.token_hex(16)


class Reading:
    """A file, read in parts off the event loop, measured and digested by the way."""

    def __init__(self, source: BinaryIO) -> None:
        self.source, self.size, self.digest = source, 0, hashlib.sha256()

    async def next(self) -> bytes:
        return await asyncio.to_thread(self._next)

    def _next(self) -> bytes:
        if self.size == 0:
            self.source.seek(0)
        part = self.source.read(PART)
        self.size += len(part)
        self.digest.update(part)
        return part

    async def all_after(self, first: bytes) -> AsyncIterator[bytes]:
        part = first
        while part:
            yield part
            part = await self.next()


class Held:
    """What waits in memory until it can be stored; `size` in bytes."""

    def __init__(self) -> None:
        self.size = 0

    @contextmanager
    def more(self, size: int) -> Iterator[None]:
        """NoRoom where it would be too much."""
        if self.size + size > MOST_HELD:
            raise NoRoom
        self.size += size
        try:
            yield
        finally:
            self.size -= size
