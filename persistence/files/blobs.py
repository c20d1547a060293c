"""Files that belong to rows: kept under a key of 128 random bits, which is the only way to them."""

import asyncio
import hashlib
import io
import re
import secrets
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import SEEK_END
from pathlib import Path
from typing import BinaryIO

from persistence.errors import NoRoom
from persistence.files.disk_space import free, writing

KEY = re.compile(r"[0-9a-f]{32}")
MOST_HELD = 64_000_000  # bytes
RETRY_SECONDS = 5.0  # between two tries to store what is held
SIGNATURES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
)


@dataclass(frozen=True, slots=True)
class Blob:
    path: Path
    media_type: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A raster image; `size` in bytes."""

    media_type: str
    width: int
    height: int
    size: int


class Blobs:
    """A folder. `reserve`: bytes of its disk that stay free but for what has no other place any more."""

    def __init__(self, folder: Path, reserve: int = 0) -> None:
        self.folder, self.reserve = folder, reserve
        self.held = Held()

    async def has_room(self, size: int = 0) -> bool:
        """Whether so many bytes more would leave the reserve free."""
        return await asyncio.to_thread(self._has_room, size)

    def _has_room(self, size: int) -> bool:
        return free(self.folder) - size >= self.reserve

    async def put(self, source: BinaryIO, limit: int) -> str:
        """The new blob's key. With nothing kept: ValueError for more than `limit` bytes, NoRoom on a full disk."""
        return await asyncio.to_thread(self._put_beside_reserve, source, limit)

    def _put_beside_reserve(self, source: BinaryIO, limit: int) -> str:
        size = source.seek(0, SEEK_END)
        source.seek(0)
        if size <= limit and not self._has_room(size):
            raise NoRoom
        return self._put(source, limit)

    async def put_paid(self, data: bytes, patience: float, waits: Callable[[], None]) -> str:
        """As `put`, of what was paid for: into the reserve as well, and where there is no room at all it is held for
        `patience` seconds and tried again. NoRoom then, or when this process holds too much. `waits` is told once.
        """
        try:
            return await self._put_bytes(data)
        except NoRoom:
            waits()
        until = time.monotonic() + patience
        with self.held.more(len(data)):
            while True:
                await asyncio.sleep(min(RETRY_SECONDS, max(0.0, until - time.monotonic())))
                try:
                    return await self._put_bytes(data)
                except NoRoom:
                    if time.monotonic() >= until:
                        raise

    async def _put_bytes(self, data: bytes) -> str:
        return await asyncio.to_thread(self._put, io.BytesIO(data), len(data))

    def _put(self, source: BinaryIO, limit: int) -> str:
        key = secrets.token_hex(16)
        partial = self.folder / f"{key}.partial"
        try:
            with writing():
                self.folder.mkdir(parents=True, exist_ok=True)
                _write(source, partial, limit)
                partial.rename(self.folder / key)
        finally:
            partial.unlink(missing_ok=True)
        return key

    def open(self, key: str) -> BinaryIO:
        """FileNotFoundError for an unknown key. Blocking: call it off the event loop."""
        if not KEY.fullmatch(key):
            raise FileNotFoundError(key)
        return (self.folder / key).open("rb")

    def digest(self, key: str) -> str:
        """SHA-256 of its bytes, in hexadecimal digits. Blocking."""
        with (self.folder / key).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def find(self, key: str) -> Blob | None:
        """Where it is, and what its first bytes say that it is: a raster image, or anything. Blocking."""
        try:
            with self.open(key) as file:
                head = file.read(16)
        except FileNotFoundError:
            return None
        kind = next((kind for signature, kind in SIGNATURES if signature.match(head)), "application/octet-stream")
        return Blob(self.folder / key, kind)

    def picture(self, key: str) -> Picture | None:
        """What its header says; None for what is no raster image. Blocking."""
        import imagesize  # with an XML parser, that most processes never need

        found = self.find(key)
        if found is None or not found.media_type.startswith("image/"):
            return None
        try:
            width, height = imagesize.get(found.path)
        except (ValueError, OSError, struct.error):
            return None
        size = found.path.stat().st_size
        return Picture(found.media_type, width, height, size) if width > 0 and height > 0 else None

    async def older_than(self, seconds: float) -> list[str]:
        """Keys of files that were stored that long ago, and names of those that never came to be whole."""
        return await asyncio.to_thread(self._older_than, time.time() - seconds)

    def _older_than(self, moment: float) -> list[str]:
        if not self.folder.is_dir():
            return []
        ours = (p for p in self.folder.iterdir() if KEY.fullmatch(p.name.removesuffix(".partial")))
        return [p.name for p in ours if (stored := _stored(p)) is not None and stored < moment]

    async def delete(self, key: str) -> None:
        await asyncio.to_thread((self.folder / key).unlink, missing_ok=True)


class Held:
    """What waits in memory for room on the disk; `size` in bytes."""

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


def _write(source: BinaryIO, path: Path, limit: int) -> None:
    size = 0
    with path.open("wb") as target:
        while chunk := source.read(1 << 20):
            size += len(chunk)
            if size > limit:
                raise ValueError(f"larger than {limit} bytes")
            target.write(chunk)


def _stored(path: Path) -> float | None:
    """When; None where another worker has just removed it."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return None
