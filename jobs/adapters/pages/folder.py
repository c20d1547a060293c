"""Pages in a folder of this machine, or of a disk that all workers mount."""

import asyncio
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, TypeVar

import httpx2

from domain.destinations import Connection, DestinationError
from jobs.adapters.checks import Step
from jobs.adapters.pages.destination import Pages
from persistence.errors import NoRoom
from persistence.files.disk_space import free, writing
from persistence.files.object_keys import key_of
from persistence.terms import CheckStage

T = TypeVar("T")
UNFINISHED = ".part"


class FolderPlace:
    """Implements Place. `folder` is None where the server has none of the name that was given. `reserve`: bytes of the
    disk that stay free.
    """

    def __init__(self, folder: Path | None, name: str, reserve: int = 0) -> None:
        self._folder, self._name, self._reserve = folder, name, reserve

    async def read(self, key: str) -> bytes | None:
        def read(path: Path) -> bytes | None:
            with suppress(FileNotFoundError, NotADirectoryError):
                return path.read_bytes()
            return None

        return await self._at(key, read)

    async def has(self, key: str) -> bool:
        return await self._at(key, Path.is_file)

    async def claim(self, key: str, data: bytes) -> bool:
        def claim(path: Path) -> bool:
            new = self._written(path, data)
            try:
                path.hardlink_to(new)
            except FileExistsError:
                return False
            finally:
                new.unlink()
            return True

        return await self._at(key, claim)

    async def write(self, key: str, data: bytes, media_type: str) -> None:
        await self._at(key, lambda path: self._written(path, data).replace(path))

    async def delete(self, key: str) -> None:
        await self._at(key, _delete)

    @property
    def steps(self) -> list[Step]:
        return [
            (CheckStage.ADDRESS, self._known),
            (CheckStage.CAPABILITIES, self._writable),
            (CheckStage.MEDIA, self._room),
        ]

    async def _known(self) -> str:
        self._root()
        return f"The server has a folder {self._name}." if self._name else "It is a folder of the server's own."

    async def _writable(self) -> str:
        key, said = f".igny8/check-{secrets.token_hex(8)}", b"It can be written."
        await self.write(key, said, "text/plain")
        try:
            if await self.read(key) != said:
                raise DestinationError("What was written is not read back.", "Tell the operator.", code="not_kept")
        finally:
            await self.delete(key)
        return "Files are written there, read and deleted."

    async def _room(self) -> str:
        room = await asyncio.to_thread(free, self._root())
        if room < self._reserve:
            raise _no_room()
        return f"{room / 1e6:,.0f} MB of its disk are free."

    def _root(self) -> Path:
        if self._folder is None:
            raise DestinationError(
                f"This server has no folder “{self._name}”.",
                "Give one of the names that its operator has set with IGNY8_FOLDERS.",
                code="folder_unknown",
            )
        return self._folder

    async def _at(self, key: str, act: Callable[[Path], T]) -> T:
        """DestinationError for what the disk refuses. A key never leads out of the folder."""
        path = self._root() / key_of(key)

        def acted() -> T:
            with writing():
                return act(path)

        try:
            return await asyncio.to_thread(acted)
        except NoRoom:
            raise _no_room() from None
        except OSError as error:
            raise DestinationError(
                f"The folder cannot be used: {error.strerror or type(error).__name__}.",
                "Tell the operator of this server; it is tried again.",
                code="folder",
                retryable=not isinstance(error, PermissionError),
            ) from error

    def _written(self, path: Path, data: bytes) -> Path:
        """A new file beside it, whole and on the disk."""
        if free(path.parent) - len(data) < self._reserve:
            raise NoRoom
        new = path.with_name(f".{secrets.token_hex(8)}{UNFINISHED}")
        try:
            with _opened(new) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            new.unlink(missing_ok=True)
            raise
        return new


def _opened(path: Path) -> BinaryIO:
    """In a folder that is made for it; once more where that is taken away at this moment, since it was empty."""
    with suppress(FileNotFoundError):
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("xb")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("xb")


def _delete(path: Path) -> None:
    with suppress(FileNotFoundError, NotADirectoryError):
        path.unlink()
    with suppress(OSError):  # something else is in it
        path.parent.rmdir()


def _no_room() -> DestinationError:
    return DestinationError(
        "The disk has no room.", "Tell the operator of this server; it is tried again.", code="no_room", retryable=True
    )


def folder_pages(
    own: Path, roots: Mapping[str, Path], reserve: int
) -> Callable[[httpx2.AsyncClient, Connection], Pages]:
    """Each integration's folder: in `own`, or in one of `roots` by name."""

    def made(client: httpx2.AsyncClient, connection: Connection) -> Pages:
        name = str(connection.config.get("root") or "")
        root = roots.get(name) if name else own
        inside = Path(str(connection.config["account_id"]), str(connection.config["id"]))
        return Pages(FolderPlace(root / inside if root else None, name, reserve), connection)

    return made
