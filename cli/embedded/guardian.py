"""The process that runs both servers for as long as somebody holds a connection to its control socket.

A holder is a connection, so that any end of a holder, SIGKILL included, counts as leaving. The guardian has a session
of its own: Ctrl-C in a terminal does not reach it. Should it be killed itself, the servers receive a signal.
A server that ends by itself is started again where it was: to its clients it is a lost connection.
"""

import contextlib
import fcntl
import logging
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from cli.embedded import places, process, record, servers
from cli.embedded.errors import EmbeddedError
from cli.embedded.places import Place
from cli.embedded.servers import Servers

GRACE = 1.0  # seconds without a holder before the servers stop, so that a restart does not bounce them
PREDECESSOR = 60.0  # seconds an earlier guardian may need to finish
WATCH = 0.25  # seconds between looks at the servers
REVIVALS, WITHIN = 5, 60.0  # a server that ends more often than that, in seconds, is given up

log = logging.getLogger("guardian")


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
            with contextlib.suppress(OSError):  # the holder may be gone
                holder.sendall(servers.line({"error": str(error)}))


def guard(place: Place, first: socket.socket, *, fsync: bool) -> None:
    """Run the servers until the last holder has left. EmbeddedError if they do not start."""
    with _only_guardian(place), servers.sockets(place) as folder:
        with servers.running(place, folder, fsync=fsync) as both, socket.socket(socket.AF_UNIX) as control:
            control.bind(str(record.control(folder)))
            control.listen(64)
            control.setblocking(False)
            record.write(place, both.record())
            log.info("ready")
            try:
                _serve(place, control, first, both)
            finally:
                place.record.unlink(missing_ok=True)
        log.info("stopped")


def _serve(place: Place, control: socket.socket, first: socket.socket, both: Servers) -> None:
    holders: set[socket.socket] = set()
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        _admit(first, holders, selector, both)
        left = time.monotonic()
        revived: list[float] = []
        while True:
            if ended := both.ended():
                log.error("%s", ended)
                revived = [at for at in revived if time.monotonic() - at < WITHIN]
                if len(revived) == REVIVALS:
                    raise EmbeddedError(f"ended {REVIVALS + 1} times within {WITHIN:.0f} s: {ended}")
                both.revive()
                record.write(place, both.record())
                revived.append(time.monotonic())
            for key, _ in selector.select(WATCH):
                if key.fileobj is not control:
                    _read(key.fileobj, holders, selector)
                    continue
                with contextlib.suppress(OSError):  # it may have left the queue
                    _admit(control.accept()[0], holders, selector, both)
            left = time.monotonic() if holders else left
            if time.monotonic() - left > GRACE:
                return


def _admit(holder: socket.socket, holders: set[socket.socket], selector: selectors.BaseSelector, both: Servers) -> None:
    with contextlib.suppress(OSError):
        holder.sendall(both.greeting)
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
    with place.lock.open("a") as file:
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


def _terminate(*_: object) -> None:
    raise Terminated


if __name__ == "__main__":
    main(*sys.argv[1:])
