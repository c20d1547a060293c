"""Ports to listen on."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from cli.failures import CannotRun

NEIGHBOURS = 20


def free_port(host: str, wanted: int) -> int:
    """`wanted`, else the next one that is free; any one for 0."""
    for port in (*range(wanted, min(wanted + NEIGHBOURS, 65536)), 0) if wanted else (0,):
        try:
            with _bound(host, port) as probe:
                return int(probe.getsockname()[1])
        except OSError:
            continue
    raise CannotRun(f"nothing can listen on {host}")


@contextmanager
def claim_port(host: str, port: int) -> Iterator[socket.socket]:
    """A socket to listen with; CannotRun when the port is taken."""
    try:
        claimed = _bound(host, port)
    except OSError as error:
        raise CannotRun(f"cannot listen on {host}:{port}: {error.strerror}; choose another with --port") from None
    with claimed:
        yield claimed


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made
