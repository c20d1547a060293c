"""Both servers of a data folder, from the cleaning up after an earlier guardian to their orderly end."""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from persistence.embedded import places, postgres, process, programs, record, redis
from persistence.embedded.places import Place
from persistence.embedded.programs import Programs
from persistence.embedded.record import Record


@dataclass(frozen=True, slots=True)
class Servers:
    """What runs, what a holder is told, and what is written down."""

    postgres: "subprocess.Popen[bytes]"
    redis: "subprocess.Popen[bytes]"
    greeting: bytes
    record: Record

    def alive(self) -> bool:
        return self.postgres.poll() is None and self.redis.poll() is None


@contextlib.contextmanager
def sockets(place: Place) -> Iterator[Path]:
    """A folder for the sockets, removed on exit."""
    folder = places.socket_folder(place)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running(place: Place, folder: Path, *, fsync: bool) -> Iterator[Servers]:
    """Both servers, ready; stopped on exit. Only one process may do this for a place."""
    inside = folder / "servers"
    logs = place.root / "postgres.log", place.root / "redis.log"
    binaries = programs.runnable(place)
    password = _password(place)
    crashed = _prepare(place, binaries, password, fsync=fsync)
    with contextlib.ExitStack() as stack:
        keys = redis.start(place, binaries, inside, logs[1], password)
        stack.callback(process.end, keys, redis.STOP)
        rows = postgres.start(place, binaries, inside, logs[0], fsync=fsync)
        stack.callback(process.end, rows, postgres.STOP)
        process.wait_ready(keys, lambda: redis.ready(inside, password), logs[1], redis.START)
        allowed = postgres.RECOVERY if crashed else postgres.START
        process.wait_ready(rows, lambda: postgres.ready(place), logs[0], allowed)
        urls = {"database_url": postgres.url(inside, password), "redis_url": redis.url(inside, password)}
        versions = programs.version(binaries.postgres, place), programs.version(binaries.redis, place)
        pids = os.getpid(), rows.pid, keys.pid
        yield Servers(rows, keys, line(urls), Record(str(record.control(folder)), *pids, *versions))


def line(message: dict[str, str]) -> bytes:
    """A message to a holder."""
    return json.dumps(message).encode() + b"\n"


def _prepare(place: Place, binaries: Programs, password: str, *, fsync: bool) -> bool:
    """Clean up, and make what is missing. True if PostgreSQL was not shut down cleanly."""
    place.folder(place.redis)
    earlier = record.read(place)
    redis.clean_up(place, earlier.redis if earlier else None)
    crashed = postgres.clean_up(place)
    _mark(place, throwaway=not fsync)
    postgres.create(place, binaries, password, fsync=fsync)
    return crashed


def _mark(place: Place, *, throwaway: bool) -> None:
    """A database that ran with fsync, even once, is never swept."""
    mark = place.root / "throwaway"
    if not throwaway:
        mark.unlink(missing_ok=True)
    elif not place.postgres.exists():
        mark.touch()


def _password(place: Place) -> str:
    """The password of both servers, chosen once."""
    file = place.root / "password"
    if not file.exists():
        unfinished = file.with_suffix(".new")
        unfinished.write_text(secrets.token_urlsafe(24))
        unfinished.rename(file)
    return file.read_text()
