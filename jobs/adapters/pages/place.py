"""Where files of pages are kept, as adapters of folders and of buckets implement it."""

from typing import Protocol

from jobs.adapters.checks import Step


class Place(Protocol):
    """Keys are like `slug/index.html`. Each method is safe to repeat; DestinationError for what cannot be done."""

    async def read(self, key: str) -> bytes | None:
        """All of it, of a small file; None where there is none."""
        ...

    async def has(self, key: str) -> bool: ...

    async def claim(self, key: str, data: bytes) -> bool:
        """Writes it where there is none; whether that was so. Of two at once one is told so."""
        ...

    async def write(self, key: str, data: bytes, media_type: str) -> None:
        """Whoever reads meanwhile sees the old one or the new one, whole."""
        ...

    async def delete(self, key: str) -> None:
        """Whether it was there or not."""
        ...

    @property
    def steps(self) -> list[Step]:
        """What a test of the connection looks at."""
        ...
