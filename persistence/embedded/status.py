"""What runs for a data folder, told without starting anything."""

import contextlib
import fcntl
import json
from pathlib import Path

from persistence.embedded import places
from persistence.embedded.errors import EmbeddedError
from persistence.embedded.places import Place


def describe(data: Path) -> dict[str, str] | None:
    """State, folder, log, versions and pids of the servers of `data`; None if it has none.

    Keys: state ("running" or "stopped"), folder, log, and when running guardian, postgres and redis ("18.6, pid 123").
    """
    if not (data / "embedded").exists():
        return None
    try:
        place = places.find(data)
    except EmbeddedError as error:
        return {"state": f"not usable: {error}"}
    found = {"state": "running" if _guarded(place) else "stopped", "folder": str(place.root), "log": str(place.log)}
    if found["state"] == "running":
        with contextlib.suppress(OSError, ValueError):
            found |= {name: str(value) for name, value in json.loads(place.record.read_text()).items()}
    return found


def _guarded(place: Place) -> bool:
    with contextlib.suppress(FileNotFoundError), (place.root / "guardian.lock").open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
