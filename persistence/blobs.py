"""Files that belong to rows: kept under a key of 128 random bits, which is the only way to them."""

import asyncio
import hashlib
import re
import secrets
import struct
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

KEY = re.compile(r"[0-9a-f]{32}")
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
    """A folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def put(self, source: BinaryIO, limit: int) -> str:
        """The new blob's key. ValueError, with nothing kept, for more than `limit` bytes."""
        return await asyncio.to_thread(self._put, source, limit)

    def _put(self, source: BinaryIO, limit: int) -> str:
        key = secrets.token_hex(16)
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = self.folder / f"{key}.partial"
        try:
            with partial.open("wb") as target:
                size = 0
                while chunk := source.read(1 << 20):
                    size += len(chunk)
                    if size > limit:
                        raise ValueError(f"larger than {limit} bytes")
                    target.write(chunk)
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


def _stored(path: Path) -> float | None:
    """When; None where another worker has just removed it."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return None
