"""Holding the servers of a data folder: join their guardian, or start one."""

import contextlib
import fcntl
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cli.embedded import places, programs, record
from cli.embedded.errors import EmbeddedError
from cli.embedded.places import Place
from cli.embedded.process import tail
from cli.embedded.programs import Installed

SOURCE = Path(__file__).resolve().parents[2]  # the folder the guardian imports `cli` from
PATIENCE = 400.0  # seconds; longer than the guardian's own limits, which end with a reason

_held: set[socket.socket] = set()


@dataclass(frozen=True, slots=True)
class Services:
    """Where the servers answer.

    `database_url`: a superuser's login to the database igny8, over a Unix socket, for libpq and SQLAlchemy.
    `redis_url`: for `from_url` of redis and redis.asyncio, over a Unix socket.
    """

    database_url: str
    redis_url: str


@contextlib.contextmanager
def embedded(data: Path, *, fsync: bool = True, lost: Callable[[str], None] | None = None) -> Iterator[Services]:
    """Hold PostgreSQL and Redis with their files in `data`; they stop about a second after the last holder has left.

    Commands on one folder share the servers; the one that starts them decides on `fsync`. Off is fast, but a crash may
    lose the last commits and the machine's crash everything; root's files outside `data` are removed some time later.
    `lost` is called, in a thread, with the reason if they end for good in the meantime.
    Blocks until both answer: a fraction of a second, a second or two on the first use of a folder.
    EmbeddedMissing without the wheels, EmbeddedError with the reason if a server does not start.
    """
    wheels = programs.installed()
    place = places.prepare(data)
    with place.open_private(place.root / "start.lock", "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        connection, services = _join(place) or _start(place, data, wheels, fsync=fsync)
    _held.add(connection)
    connection.settimeout(None)
    if lost:
        threading.Thread(target=_watch, args=(connection, place, lost), daemon=True).start()
    try:
        yield services
    finally:
        _held.discard(connection)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()


def _watch(connection: socket.socket, place: Place, lost: Callable[[str], None]) -> None:
    with contextlib.suppress(OSError):
        while connection.recv(1024):
            pass
    if connection in _held:
        lost(f"the embedded servers have ended, see {place.log}")


def _join(place: Place) -> tuple[socket.socket, Services] | None:
    """Connect to a running guardian; None if there is none or it is about to end."""
    connection = socket.socket(socket.AF_UNIX)
    with contextlib.suppress(OSError, ValueError):
        connection.settimeout(PATIENCE)
        found = record.read(place)
        if found is not None:
            connection.connect(found.control)
            if services := _receive(connection):
                return connection, services
    connection.close()
    return None


def _start(place: Place, data: Path, wheels: Installed, *, fsync: bool) -> tuple[socket.socket, Services]:
    """Start a guardian that has us as its first holder. It waits for an earlier one to finish."""
    connection, theirs = socket.socketpair()
    try:
        with theirs:
            _spawn(place, data, wheels, theirs.fileno(), fsync=fsync)
        connection.settimeout(PATIENCE)
        services = _receive(connection)
        if services is None:
            raise EmbeddedError(f"the guardian ended early:\n{tail(place.log)}")
    except BaseException:
        connection.close()
        raise
    return connection, services


def _spawn(place: Place, data: Path, wheels: Installed, holder: int, *, fsync: bool) -> None:
    command = [sys.executable, "-P", "-m", "cli.embedded.guardian", str(data.resolve()), str(holder)]
    imports = os.pathsep.join(map(str, (SOURCE, wheels.postgres.parent, wheels.redis.parent)))
    with place.open_private(place.log, "wb") as log:
        answer = subprocess.run(  # noqa: S603 - our own module; it returns at once and leaves the guardian behind
            [*command, "fsync" if fsync else "volatile"], check=False, cwd="/", start_new_session=True,
            pass_fds=[holder], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**os.environ, "PYTHONPATH": imports},
        )  # fmt: skip
    if answer.returncode != 0:
        raise EmbeddedError(f"the guardian did not start:\n{tail(place.log)}")


def _receive(connection: socket.socket) -> Services | None:
    """The guardian's greeting; None if it closed the connection. EmbeddedError if it reports one."""
    with connection.makefile("rb") as stream:
        line = stream.readline()
    if not line:
        return None
    message = json.loads(line)
    if "error" in message:
        raise EmbeddedError(message["error"])
    return Services(**message)


def _forget_in_child() -> None:
    """A forked child must not keep the servers running after its parent's end."""
    for connection in _held:
        connection.close()
    _held.clear()


os.register_at_fork(after_in_child=_forget_in_child)
