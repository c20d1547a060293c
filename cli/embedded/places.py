"""Where the servers of a data folder keep their files and sockets, and as whom they run.

Everything is in `<data>/embedded`, which is a folder of the calling user's, or for root perhaps a link (see `service`).
"""

import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from cli.embedded import service
from cli.embedded.errors import EmbeddedError

LONGEST_SOCKET_FOLDER = 70  # bytes; a socket's whole path must stay below 104


@dataclass(frozen=True, slots=True)
class Place:
    """One data folder's files, and the user and group the servers run as."""

    root: Path
    uid: int
    gid: int

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def redis(self) -> Path:
        return self.root / "redis"

    @property
    def record(self) -> Path:
        return self.root / "guardian.json"

    @property
    def log(self) -> Path:
        return self.root / "guardian.log"

    @property
    def lock(self) -> Path:
        """Held by the guardian as long as it lives."""
        return self.root / "guardian.lock"

    @property
    def extra_groups(self) -> list[int] | None:
        """What `subprocess` is to set: none for the service user; an ordinary user may not change them."""
        return [] if os.geteuid() == 0 else None

    def programs(self) -> Path:
        """Where a copy of the programs goes if the servers' user cannot run the installed ones."""
        return service.system_folder() if os.geteuid() == 0 else self.root

    def folder(self, path: Path) -> Path:
        """Make `path`, open to the servers' user alone."""
        path.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)
        return path

    def open_private(self, path: Path, mode: str) -> BinaryIO:
        """Open a file of ours that nobody else may read, or lock, whatever the caller's umask."""
        return cast(BinaryIO, open(path, mode, opener=lambda name, flags: os.open(name, flags, 0o600)))


def prepare(data: Path) -> Place:
    """Make the folders of `data` and return them. EmbeddedError if they cannot be made or belong to somebody else."""
    try:
        data = data.resolve()
        data.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            service.prepare(data)
        else:
            (data / "embedded").mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise EmbeddedError(f"cannot make the data folder {data}: {error}") from error
    return find(data)


def find(data: Path) -> Place:
    """The folders of `data`, which must have been prepared. EmbeddedError if they belong to somebody else."""
    link = data.resolve() / "embedded"
    root = link.resolve()
    if not root.is_dir():
        raise EmbeddedError(f"{link} leads to {root}, which is gone; remove {link} to begin with an empty database")
    if root.stat().st_uid != os.geteuid():
        raise EmbeddedError(f"{root} belongs to another user: run as that user, or choose another data folder")
    if os.geteuid() != 0:
        return Place(root, os.getuid(), os.getgid())
    if root != link and root.parent != service.SYSTEM:
        raise EmbeddedError(f"{link} was not made by root: run as an ordinary user, or choose another data folder")
    return Place(root, *_owner(root))


def _owner(root: Path) -> tuple[int, int]:
    """Of the cluster that is there: another service user may have been added since."""
    with contextlib.suppress(FileNotFoundError):
        state = (root / "postgres" / "PG_VERSION").stat()
        return state.st_uid, state.st_gid
    return service.user()


def socket_folder(place: Place) -> Path:
    """An empty, short folder for this place's sockets, in the temporary directory.

    The servers' own sockets are one level down in `servers`, which only their user may enter.
    """
    name = f"igny8-{os.geteuid()}-{digest(place.root)}"
    folder = _temporary(place, name) / name
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.geteuid():
        raise EmbeddedError(f"{folder} belongs to somebody else")
    folder.chmod(service.PASSABLE if os.geteuid() == 0 else 0o700)
    (folder / "control").unlink(missing_ok=True)  # a killed guardian's
    shutil.rmtree(folder / "servers", ignore_errors=True)
    place.folder(folder / "servers")
    return folder


def _temporary(place: Place, name: str) -> Path:
    """The caller's temporary directory if a socket's path fits and the servers can reach it, else /tmp."""
    base = Path(tempfile.gettempdir()).resolve()
    fits = len(os.fsencode(base / name)) <= LONGEST_SOCKET_FOLDER
    if fits and (os.geteuid() != 0 or service.passable(base, place.uid, place.gid)):
        return base
    return Path("/tmp")  # noqa: S108 - the folder's ownership is checked


def digest(path: Path) -> str:
    """A short name for a path, the same on every run."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
