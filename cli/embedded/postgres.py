"""One PostgreSQL cluster on a Unix socket: made once, started, recognised as ready."""

import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

from cli.embedded import process
from cli.embedded.errors import EmbeddedError
from cli.embedded.places import Place
from cli.embedded.programs import Programs

STOP: process.Steps = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))  # fast, immediate, by force
PORT = 5432  # only part of the socket's file name
START = 60.0  # seconds
RECOVERY = 300.0  # seconds; giving up during crash recovery would begin it anew each time

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "dynamic_shared_memory_type": "mmap",  # containers often have a /dev/shm too small for parallel queries
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
}
VOLATILE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def url(sockets: Path, password: str) -> str:
    """A libpq and SQLAlchemy URL. The port is spelt out so that the caller's PGPORT does not count."""
    return f"postgresql://igny8:{password}@/igny8?host={quote(str(sockets), safe='')}&port={PORT}"


def create(place: Place, programs: Programs, password: str, *, fsync: bool) -> None:
    """Make the cluster with its superuser and database igny8, unless it is there. Interrupted attempts are redone."""
    making = place.root / "making"
    shutil.rmtree(making, ignore_errors=True)
    if (place.postgres / "PG_VERSION").exists():
        return
    fresh = place.folder(place.folder(making) / "postgres")
    _initdb(place, programs, fresh, password, fsync=fsync)
    statement = "CREATE DATABASE igny8\n"
    options = ["-c", "exit_on_error=on", "-c", f"fsync={'on' if fsync else 'off'}", "-D", str(fresh)]
    single = [str(programs.postgres), "--single", *options, "postgres"]
    _run(single, place, fresh, statement)
    try:
        fresh.rename(place.postgres)
    except OSError as error:
        raise EmbeddedError(f"{place.postgres} is no database but not empty: move it away") from error
    if fsync:
        _sync_folder(place.root)
    shutil.rmtree(making)


def _initdb(place: Place, programs: Programs, fresh: Path, password: str, *, fsync: bool) -> None:
    file = fresh.parent / "password"
    file.touch(0o600)
    os.chown(file, place.uid, place.gid)
    file.write_text(password)
    command = [
        str(programs.initdb), "-D", str(fresh), "--username=igny8", f"--pwfile={file}", "--auth=scram-sha-256",
        "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions",
    ]  # fmt: skip
    _run(command if fsync else [*command, "--no-sync"], place, fresh, "")


def _run(command: list[str], place: Place, folder: Path, stdin: str) -> None:
    answer = subprocess.run(  # noqa: S603 - our own program
        command, cwd=folder, env=process.environment(), input=stdin, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        user=place.uid, group=place.gid, extra_groups=place.extra_groups,
        preexec_fn=process.tie_to_parent(signal.SIGKILL),
    )  # fmt: skip
    if answer.returncode != 0:
        raise EmbeddedError(f"{Path(command[0]).name} failed with code {answer.returncode}:\n{answer.stdout[-2000:]}")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def clean_up(place: Place) -> bool:
    """End servers of an earlier guardian and remove their pid file. True if the cluster was not shut down cleanly."""
    pid_file = place.postgres / "postmaster.pid"
    process.end_leftovers(place.postgres, "postgres", _pid(pid_file), STOP)
    crashed = pid_file.exists()
    pid_file.unlink(missing_ok=True)  # its number may since belong to another process, which would stop the start
    return crashed


def start(place: Place, programs: Programs, sockets: Path, log: Path, *, fsync: bool) -> "subprocess.Popen[bytes]":
    """Launch the server without waiting for it; `ready` tells when it answers."""
    settings = {**SETTINGS, "unix_socket_directories": str(sockets), **({} if fsync else VOLATILE)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = [str(programs.postgres), "-D", str(place.postgres), *options]
    return process.launch(command, place, place.postgres, log, death=signal.SIGINT)


def ready(place: Place) -> bool:
    """Whether the server has written into its pid file that it accepts connections, as pg_ctl looks it up."""
    with contextlib.suppress(OSError):
        lines = (place.postgres / "postmaster.pid").read_text().splitlines()
        return len(lines) > 7 and lines[7].strip() == "ready"
    return False


def _pid(file: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(file.read_text().splitlines()[0])
    return None
