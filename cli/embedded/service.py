"""Root's case: PostgreSQL refuses to run as root, so root hands the servers to a user without rights.

Their files stay in the data folder if that user can reach it. Otherwise they go below /var/lib/igny8, and
`<data>/embedded` is a link to them: removing the data folder then leaves them behind, and a new data folder of the same
name begins empty. No folder that already exists is ever changed.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import tempfile
from pathlib import Path

from cli.embedded.errors import EmbeddedError

SYSTEM = Path("/var/lib/igny8")
USERS = ("igny8", "postgres", "nobody")
PASSABLE = 0o711  # servers pass through, but only root writes


def prepare(data: Path) -> None:
    """Make `<data>/embedded`, unless it is there."""
    link = data / "embedded"
    if link.is_symlink() or link.exists():
        return
    with contextlib.suppress(FileExistsError):  # another command was a moment earlier
        if passable(data, *user()):
            link.mkdir()
            link.chmod(PASSABLE)
        else:
            _link_outside(link)


def user() -> tuple[int, int]:
    """User and group the servers run as. EmbeddedError if the machine has none of `USERS`."""
    for name in USERS:
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return found.pw_uid, found.pw_gid
    raise EmbeddedError(f"root needs one of the users {', '.join(USERS)} to run the servers")


def passable(folder: Path, uid: int, gid: int) -> bool:
    """Whether a user can reach what is in `folder`, by the modes of the folder and those above it."""
    for step in (folder, *folder.parents):
        state = step.stat()
        shift = 6 if state.st_uid == uid else 3 if state.st_gid == gid else 0
        if not state.st_mode >> shift & 1:
            return False
    return True


def system_folder() -> Path:
    """/var/lib/igny8, made if needed."""
    if not SYSTEM.exists():
        SYSTEM.mkdir(parents=True, exist_ok=True)
        SYSTEM.chmod(0o755)
    return SYSTEM


def sweep() -> None:
    """Remove databases below /var/lib/igny8 that were made without fsync and whose data folder is gone."""
    for mark in SYSTEM.glob("*/throwaway"):
        root = mark.parent
        with contextlib.suppress(OSError), (root / "guardian.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if Path((root / "origin").read_text()).resolve() != root:
                shutil.rmtree(root)


def _link_outside(link: Path) -> None:
    """The folder's name is never used again: a later folder at the same path must not find this one's database."""
    sweep()
    name = hashlib.sha256(os.fsencode(link)).hexdigest()[:8]
    root = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=system_folder()))
    root.chmod(PASSABLE)
    origin = root / "origin"
    origin.touch(0o600)
    origin.write_text(str(link))
    try:
        link.symlink_to(root)
    except OSError:
        shutil.rmtree(root)
        raise
