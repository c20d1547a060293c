"""Files that belong to rows: kept under a key of 128 random bits, which is the only way to them."""

import asyncio
import secrets
from pathlib import Path
from typing import BinaryIO


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
        if len(key) != 32 or not key.isalnum():
            raise FileNotFoundError(key)
        return (self.folder / key).open("rb")

    async def delete(self, key: str) -> None:
        await asyncio.to_thread((self.folder / key).unlink, missing_ok=True)
