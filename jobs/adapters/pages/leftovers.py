"""Pages in folders of ours that are nobody's any more: their content or integration was deleted."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from domain.destinations import Connection
from jobs.adapters.pages.destination import Pages
from jobs.adapters.pages.folder import UNFINISHED, FolderPlace
from jobs.adapters.pages.note import NOTES
from persistence.terms import IntegrationKind, RemoteEntityKind

UNFINISHED_SECONDS = 3600.0
Known = Callable[[UUID, UUID, list[str]], Awaitable[set[str]]]


@dataclass(frozen=True, slots=True)
class _Folder:
    path: Path
    account_id: UUID
    integration_id: UUID
    markers: list[str]


async def remove_leftovers(published: Path, known: Known) -> int:
    """How many contents' pages went. `known`: which markers publications of an account's integration have."""
    removed = 0
    for folder in await asyncio.to_thread(lambda: list(_folders(published))):
        kept = await known(folder.account_id, folder.integration_id, folder.markers)
        pages = Pages(FolderPlace(folder.path, ""), Connection(IntegrationKind.FOLDER, None, {}))
        for marker in folder.markers:
            if marker not in kept:
                await pages.remove(marker, RemoteEntityKind.POST)
                removed += 1
        if not kept:
            await asyncio.to_thread(_remove_empty, folder.path)
    return removed


def _folders(published: Path) -> list[_Folder]:
    found = []
    for path in published.glob("*/*"):
        with suppress(ValueError):  # nothing of ours
            account_id, integration_id = UUID(path.parent.name), UUID(path.name)
            _clear_unfinished(path)
            markers = sorted(each.stem for each in path.glob(f"{NOTES}/*.json"))
            found.append(_Folder(path, account_id, integration_id, markers))
    return found


def _clear_unfinished(folder: Path) -> None:
    """Of processes that ended while they wrote."""
    for path in folder.rglob(f".*{UNFINISHED}"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < time.time() - UNFINISHED_SECONDS:
                path.unlink()


def _remove_empty(folder: Path) -> None:
    """What has become empty, from the inside out; what is not, stays."""
    for path in (folder / NOTES, folder / ".igny8", folder, folder.parent):
        with suppress(OSError):
            path.rmdir()
