"""Objects as files of a folder, which many processes of one machine, or hosts that share it, may use at once."""

import asyncio
import re
from pathlib import Path
from typing import Any

from obstore.store import LocalStore

from persistence.errors import FilesAway
from persistence.files.disk_space import free, writing
from persistence.files.object_store import ObjectStore, translated

UNFINISHED = re.compile(r".+#\d+")  # as the library calls a file while it is written; it lists none of them


class FolderStore(ObjectStore):
    """The folder is made when something is first done in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._local: LocalStore | None = None

    async def _inner(self) -> LocalStore:
        if self._local is None:
            self._local = await asyncio.to_thread(self._made)
        return self._local

    def _made(self) -> LocalStore:
        try:
            with writing():
                self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FilesAway(str(error)) from error
        with translated():
            return LocalStore(self.folder)

    def _attributes(self, media_type: str) -> dict[str, Any]:
        """None: a file has no place for a type, and the library refuses one."""
        return {}

    async def answers(self) -> None:
        """OSError where the disk does not."""
        await self.room()

    async def room(self) -> int:
        return await asyncio.to_thread(free, self.folder)

    async def clear_remains(self, moment: float) -> None:
        """Of processes that ended while they wrote, before `moment` in seconds of the clock."""
        await asyncio.to_thread(self._clear_remains, moment)

    def _clear_remains(self, moment: float) -> None:
        for path in self.folder.rglob("*"):  # nothing where there is no folder
            try:
                if UNFINISHED.fullmatch(path.name) and path.stat().st_mtime < moment:
                    path.unlink()
            except FileNotFoundError:  # another worker was first
                continue
