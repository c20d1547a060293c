"""Answers that were paid for, kept in a folder from when they come until what was made of them is committed.

A worker that ends between the two, or a database that is away, loses none: whoever takes the item next finds it here.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import structlog

from persistence.errors import NoRoom
from persistence.files.disk_space import writing

OLD_SECONDS = 24 * 3600.0  # items that are tried at all are tried within minutes
log = structlog.get_logger()


class Answers:
    """One of an item at most: the last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._found: dict[UUID, tuple[bytes, bytes]] = {}

    async def keep(self, item_id: UUID, question: str, answer: bytes) -> None:
        """`question` is one line, that it is the answer to. Where it cannot be kept it is told, and work goes on."""
        try:
            await asyncio.to_thread(self._keep, item_id, question, answer)
        except (NoRoom, OSError) as error:
            log.warning("answer not kept", item=str(item_id), error=str(error))

    def _keep(self, item_id: UUID, question: str, answer: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = self._path(item_id).with_suffix(".partial")
        try:
            with writing():
                partial.write_bytes(question.encode() + b"\n" + answer)
            partial.replace(self._path(item_id))
        finally:
            partial.unlink(missing_ok=True)

    @asynccontextmanager
    async def looked_up(self, item_id: UUID) -> AsyncIterator[None]:
        """Inside, `found` knows the item's: rows are locked where it is asked, and a disk may be slow."""
        kept = await asyncio.to_thread(self._read, item_id)
        if kept:
            self._found[item_id] = kept
        try:
            yield
        finally:
            self._found.pop(item_id, None)

    def _read(self, item_id: UUID) -> tuple[bytes, bytes] | None:
        try:
            question, _, answer = self._path(item_id).read_bytes().partition(b"\n")
        except OSError as error:
            if not isinstance(error, FileNotFoundError):
                log.warning("answer not read", item=str(item_id), error=str(error))
            return None
        return question, answer

    def found(self, item_id: UUID, question: str) -> bytes | None:
        """None where there is no answer, or it is one to another question."""
        asked, answer = self._found.get(item_id, (b"", b""))
        return answer if asked == question.encode() else None

    async def forget(self, item_id: UUID) -> None:
        try:
            await asyncio.to_thread(self._path(item_id).unlink, missing_ok=True)
        except OSError as error:
            log.warning("answer not forgotten", item=str(item_id), error=str(error))

    async def forget_old(self) -> None:
        """Of items that were cancelled while they waited, or whose worker ended right after their end."""
        await asyncio.to_thread(self._forget_before, time.time() - OLD_SECONDS)

    def _forget_before(self, moment: float) -> None:
        for path in self.folder.glob("*"):  # nothing where there is no folder
            try:
                if path.stat().st_mtime < moment:
                    path.unlink()
            except FileNotFoundError:  # another worker was first
                continue

    def _path(self, item_id: UUID) -> Path:
        return self.folder / item_id.hex
