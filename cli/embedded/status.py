"""What runs for a data folder, told without starting anything."""

import contextlib
import fcntl
from pathlib import Path

from cli.embedded import places, record
from cli.embedded.errors import EmbeddedError
from cli.embedded.places import Place


def describe(data: Path) -> dict[str, str] | None:
    """State, folder, log, versions and pids of the servers of `data`; None if it has none.

    Keys: state ("running" or "stopped"), folder, log, and when running guardian, postgres and redis ("18.6, pid 123").
    During a start or stop the last three may be missing.
    """
    try:
        if not (data / "embedded").is_symlink() and not (data / "embedded").exists():
            return None
        place = places.find(data)
        state = "running" if _guarded(place) else "stopped"
    except (EmbeddedError, OSError) as error:
        return {"state": f"not usable: {error}"}
    return {"state": state, "folder": str(place.root), "log": str(place.log)} | (
        _pids(place) if state == "running" else {}
    )


def _pids(place: Place) -> dict[str, str]:
    if (found := record.read(place)) is None:
        return {}
    return {
        "guardian": f"pid {found.guardian}",
        "postgres": f"{found.postgres_version}, pid {found.postgres}",
        "redis": f"{found.redis_version}, pid {found.redis}",
    }


def _guarded(place: Place) -> bool:
    with contextlib.suppress(FileNotFoundError), place.lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
