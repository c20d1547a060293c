"""Where the servers keep their files and as whom they run.

An ordinary user keeps everything in `<data>/embedded`. PostgreSQL refuses to run as root, so root hands the servers
to a user without rights: their files then live below /var/lib/igny8, and `<data>/embedded` is a link to them.
No folder that already exists above ours is ever changed.
"""

import contextlib
import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from persistence.embedded.errors import EmbeddedError

SYSTEM = Path("/var/lib/igny8")
SERVICE_USERS = ("igny8", "postgres", "nobody")
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
    def extra_groups(self) -> list[int] | None:
        """What `subprocess` is to set: none for the service user; an ordinary user may not change them."""
        return [] if os.geteuid() == 0 else None

    @property
    def programs(self) -> Path:
        """Where a copy of the programs goes if the servers' user cannot run the installed ones."""
        return SYSTEM if os.geteuid() == 0 else self.root

    def folder(self, path: Path) -> Path:
        """Make `path`, open to the servers' user alone."""
        path.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)
        return path


def prepare(data: Path) -> Place:
    """Make the folders of `data` and return them. EmbeddedError if they cannot be made or belong to somebody else."""
    try:
        data = data.resolve()
        data.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            _link_system_folder(data)
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
    if root.parent != SYSTEM:
        raise EmbeddedError(f"{link} was not made by root: run as an ordinary user, or choose another data folder")
    return _with_service_user(root)


def _link_system_folder(data: Path) -> None:
    link = data / "embedded"
    if link.is_symlink() or link.exists():
        return
    root = SYSTEM / digest(data)
    for folder, mode in ((SYSTEM, 0o755), (root, 0o711)):  # servers pass through, but only root writes here
        if not folder.exists():
            folder.mkdir(exist_ok=True)
            folder.chmod(mode)
    with contextlib.suppress(FileExistsError):  # another command was a moment earlier
        link.symlink_to(root)


def _with_service_user(root: Path) -> Place:
    with contextlib.suppress(FileNotFoundError):
        owner = (root / "postgres").stat()
        return Place(root, owner.st_uid, owner.st_gid)
    for name in SERVICE_USERS:
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return Place(root, user.pw_uid, user.pw_gid)
    raise EmbeddedError(f"root needs one of the users {', '.join(SERVICE_USERS)} to run the servers")


def socket_folder(place: Place) -> Path:
    """An empty, short folder for this place's sockets, in the temporary directory; only its owner may enter."""
    base = Path(tempfile.gettempdir())
    name = f"igny8-{os.geteuid()}-{digest(place.root)}"
    if len(os.fsencode(base / name)) > LONGEST_SOCKET_FOLDER:
        base = Path("/tmp")  # noqa: S108 - ownership is checked below
    folder = base / name
    folder.mkdir(mode=0o711, exist_ok=True)
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.geteuid():
        raise EmbeddedError(f"{folder} belongs to somebody else")
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    shutil.rmtree(folder / "servers", ignore_errors=True)
    place.folder(folder / "servers")
    return folder


def digest(path: Path) -> str:
    """A short name for a path, the same on every run."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
