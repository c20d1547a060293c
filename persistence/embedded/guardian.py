"""The process that runs both servers for as long as somebody holds a connection to its control socket.

A holder is a connection, so that any end of a holder, SIGKILL included, counts as leaving. The guardian has a session
of its own: Ctrl-C in a terminal does not reach it. Should it be killed itself, the servers receive a signal.
"""

import contextlib
import fcntl
import json
import logging
import os
import secrets
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from persistence.embedded import places, postgres, process, programs, redis
from persistence.embedded.errors import EmbeddedError
from persistence.embedded.places import Place

GRACE = 1.0  # seconds without a holder before the servers stop, so that a restart does not bounce them
PREDECESSOR = 60.0  # seconds an earlier guardian may need to finish
WATCH = 0.5  # seconds between looks at the servers

log = logging.getLogger("guardian")


@dataclass(frozen=True, slots=True)
class Servers:
    """What runs, and what a holder is told."""

    postgres: "subprocess.Popen[bytes]"
    redis: "subprocess.Popen[bytes]"
    greeting: bytes

    def alive(self) -> bool:
        return self.postgres.poll() is None and self.redis.poll() is None


class Terminated(Exception):
    """The guardian was asked to end."""


def main(data: str, first: str, fsync: str) -> None:
    """Guard the servers of the folder `data`; `first` is the file descriptor of the first holder's connection."""
    if os.fork():  # the starter waits for this process, and never has a child to reap later
        os._exit(0)
    os.umask(0o077)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _terminate)
    with socket.socket(fileno=int(first)) as holder, contextlib.suppress(Terminated):
        holder.set_inheritable(False)
        try:
            guard(places.find(Path(data)), holder, fsync=fsync == "fsync")
        except (EmbeddedError, OSError) as error:
            log.exception("could not run the servers")
            holder.sendall(_line({"error": str(error)}))


def guard(place: Place, first: socket.socket, *, fsync: bool) -> None:
    """Run the servers until the last holder has left. EmbeddedError if they do not start."""
    with _only_guardian(place), _sockets(place) as folder:
        with _servers(place, folder, fsync=fsync) as servers, socket.socket(socket.AF_UNIX) as control:
            control.bind(str(folder / "control"))
            control.listen(64)
            control.setblocking(False)
            _write_record(place, folder, servers)
            log.info("ready")
            try:
                _serve(control, first, servers)
            finally:
                place.record.unlink(missing_ok=True)
        log.info("stopped")


def _serve(control: socket.socket, first: socket.socket, servers: Servers) -> None:
    holders: set[socket.socket] = set()
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        _admit(first, holders, selector, servers)
        left = time.monotonic()
        while servers.alive():
            for key, _ in selector.select(WATCH):
                if key.fileobj is control:
                    _admit(control.accept()[0], holders, selector, servers)
                else:
                    _read(key.fileobj, holders, selector)
            left = time.monotonic() if holders else left
            if time.monotonic() - left > GRACE:
                return
        log.error("a server has ended by itself")


def _admit(
    holder: socket.socket, holders: set[socket.socket], selector: selectors.BaseSelector, servers: Servers
) -> None:
    with contextlib.suppress(OSError):
        holder.sendall(servers.greeting)
    holder.setblocking(False)
    selector.register(holder, selectors.EVENT_READ)
    holders.add(holder)


def _read(holder: object, holders: set[socket.socket], selector: selectors.BaseSelector) -> None:
    assert isinstance(holder, socket.socket)
    with contextlib.suppress(OSError):
        if holder.recv(1024):
            return
    selector.unregister(holder)
    holders.discard(holder)
    holder.close()


@contextlib.contextmanager
def _only_guardian(place: Place) -> Iterator[None]:
    """Hold the place's lock, waiting for an earlier guardian to finish."""
    with (place.root / "guardian.lock").open("a") as file:
        deadline = time.monotonic() + PREDECESSOR
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise EmbeddedError(f"another guardian of {place.root} runs but cannot be reached") from None
                time.sleep(process.POLL)
        yield


@contextlib.contextmanager
def _sockets(place: Place) -> Iterator[Path]:
    folder = places.socket_folder(place)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _servers(place: Place, folder: Path, *, fsync: bool) -> Iterator[Servers]:
    """Both servers, ready; stopped on exit."""
    sockets = folder / "servers"
    logs = place.root / "postgres.log", place.root / "redis.log"
    binaries = programs.runnable(place)
    place.folder(place.redis)
    redis.clean_up(place, _recorded(place, "redis"))
    crashed = postgres.clean_up(place)
    password = _password(place)
    postgres.create(place, binaries, password, fsync=fsync)
    with contextlib.ExitStack() as stack:
        keys = redis.start(place, binaries, sockets, logs[1], password)
        stack.callback(process.end, keys, redis.STOP)
        rows = postgres.start(place, binaries, sockets, logs[0], fsync=fsync)
        stack.callback(process.end, rows, postgres.STOP)
        process.wait_ready(keys, lambda: redis.ready(sockets, password), logs[1], redis.START)
        allowed = postgres.RECOVERY if crashed else postgres.START
        process.wait_ready(rows, lambda: postgres.ready(place), logs[0], allowed)
        urls = {"database_url": postgres.url(sockets, password), "redis_url": redis.url(sockets, password)}
        yield Servers(rows, keys, _line(urls))


def _password(place: Place) -> str:
    """The password of both servers, chosen once."""
    file = place.root / "password"
    if not file.exists():
        unfinished = file.with_suffix(".new")
        unfinished.write_text(secrets.token_urlsafe(24))
        unfinished.rename(file)
    return file.read_text()


def _write_record(place: Place, folder: Path, servers: Servers) -> None:
    record = {
        "control": str(folder / "control"),
        "guardian": os.getpid(),
        "postgres": servers.postgres.pid,
        "redis": servers.redis.pid,
    }
    place.record.write_text(json.dumps(record))


def _recorded(place: Place, server: str) -> int | None:
    with contextlib.suppress(OSError, ValueError, KeyError):
        return int(json.loads(place.record.read_text())[server])
    return None


def _line(message: dict[str, str]) -> bytes:
    return json.dumps(message).encode() + b"\n"


def _terminate(*_: object) -> None:
    raise Terminated


if __name__ == "__main__":
    main(*sys.argv[1:])
