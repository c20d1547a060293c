"""Room on a disk: how much is free, and what it looks like when there is none."""

import errno
import os
from pathlib import Path

from persistence.errors import NoRoom

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # the disk, a quota, the size that a process may write


def free(folder: Path) -> int:
    """Bytes that are free where the folder is, or is to be made. Blocking."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


class writing:
    """Turns what a full disk raises into NoRoom."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError) and error.errno in FULL:
            raise NoRoom from error
