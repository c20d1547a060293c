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

from cli.embedded import places, postgres, process, programs, record, redis
from cli.embedded.places import Place
from cli.embedded.programs import Programs
from cli.embedded.record import Record


@dataclass
class Servers:
    """Both servers, what a holder is told of them, and what is written down."""

    place: Place
    binaries: Programs
    folder: Path
    password: str
    fsync: bool
    postgres: "subprocess.Popen[bytes] | None" = None
    redis: "subprocess.Popen[bytes] | None" = None

    def start(self, *, crashed: bool) -> None:
        """Launch what does not run, and wait until both answer. EmbeddedError if one does not."""
        inside, logs = self.folder / "servers", (self.place.root / "postgres.log", self.place.root / "redis.log")
        if self.redis is None:
            self.redis = redis.start(self.place, self.binaries, inside, logs[1], self.password)
        if self.postgres is None:
            self.postgres = postgres.start(self.place, self.binaries, inside, logs[0], fsync=self.fsync)
        process.wait_ready(self.redis, lambda: redis.ready(inside, self.password), logs[1], redis.START)
        allowed = postgres.RECOVERY if crashed else postgres.START
        process.wait_ready(self.postgres, lambda: postgres.ready(self.place), logs[0], allowed)

    def ended(self) -> str:
        """What has ended by itself, with its last words; empty when both run."""
        words = []
        for name, server in (("postgres", self.postgres), ("redis", self.redis)):
            if server and server.poll() is not None:
                said = process.tail(self.place.root / f"{name}.log")
                words.append(f"{name} ended with code {server.returncode}:\n{said}")
        return "\n".join(words)

    def revive(self) -> None:
        """Start again what has ended, at the same addresses. EmbeddedError if it does not come back."""
        crashed = False
        if self.redis and self.redis.poll() is not None:
            self.redis = None
        if self.postgres and self.postgres.poll() is not None:
            self.postgres = None
            crashed = postgres.clean_up(self.place)  # its children may outlive a killed postmaster
        self.start(crashed=crashed)

    def stop(self) -> None:
        if self.postgres:
            process.end(self.postgres, postgres.STOP)
        if self.redis:
            process.end(self.redis, redis.STOP)

    @property
    def greeting(self) -> bytes:
        inside = self.folder / "servers"
        urls = {"database_url": postgres.url(inside, self.password), "redis_url": redis.url(inside, self.password)}
        return line(urls)

    def record(self) -> Record:
        assert self.postgres
        assert self.redis
        versions = (programs.version(p, self.place) for p in (self.binaries.postgres, self.binaries.redis))
        pids = os.getpid(), self.postgres.pid, self.redis.pid
        return Record(str(record.control(self.folder)), *pids, *versions)


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
    both = Servers(place, programs.runnable(place), folder, _password(place), fsync)
    crashed = _prepare(place, both.binaries, both.password, fsync=fsync)
    try:
        both.start(crashed=crashed)
        yield both
    finally:
        both.stop()


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
