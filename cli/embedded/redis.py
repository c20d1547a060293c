"""One Redis server (Valkey) on a Unix socket. It keeps nothing on disk: what must survive is in PostgreSQL."""

import contextlib
import signal
import socket
import subprocess
from pathlib import Path
from urllib.parse import quote

from cli.embedded import process
from cli.embedded.places import Place
from cli.embedded.programs import Programs

STOP: process.Steps = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))
START = 60.0  # seconds
MAX_MEMORY = "256mb"


def socket_path(sockets: Path) -> Path:
    return sockets / "redis.sock"


def url(sockets: Path, password: str) -> str:
    """A URL for `from_url` of redis and redis.asyncio."""
    return f"unix://:{password}@{quote(str(socket_path(sockets)))}?db=0"


def clean_up(place: Place, recorded: int | None) -> None:
    """End a server of an earlier guardian."""
    process.end_leftovers(place.redis, "valkey-server", recorded, STOP)


def start(place: Place, programs: Programs, sockets: Path, log: Path, password: str) -> "subprocess.Popen[bytes]":
    """Launch the server without waiting for it. Settings go through stdin: a command line would show the password."""
    settings = {
        "port": "0",
        "unixsocket": f'"{socket_path(sockets)}"',
        "unixsocketperm": "700",
        "requirepass": password,
        "save": '""',
        "appendonly": "no",
        "maxmemory": MAX_MEMORY,
        # Full, it drops what ends by itself (what callers make it keep, counters); messages have no end and stay.
        "maxmemory-policy": "volatile-lru",
        "dir": f'"{place.redis}"',
    }
    text = "".join(f"{name} {value}\n" for name, value in settings.items())
    command = [str(programs.redis), "-"]
    return process.launch(command, place, place.redis, log, death=signal.SIGTERM, stdin=text.encode())


def ready(sockets: Path, password: str) -> bool:
    """Whether the server answers PING."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1.0)
        connection.connect(str(socket_path(sockets)))
        connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
        with connection.makefile("rb") as answers:
            return [answers.readline(), answers.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
    return False
