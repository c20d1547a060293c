"""Child processes of `dev` and `demo`: started together, started again when killed, stopped together."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from cli.failures import CannotRun

LOOK_SECONDS = 0.5
REVIVALS, WITHIN_SECONDS = 5, 60.0  # one that is killed more often than that stays down
KILLED = {-signal.SIGKILL, -signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS}


class Children:
    """`python -m cli …` per command. One that was killed is started again; one that ended by itself is not."""

    def __init__(self, *commands: list[str]) -> None:
        self._commands = commands
        self._lock, self._ending = threading.Lock(), threading.Event()
        self._revived: list[float] = []
        self.processes = [start(*command) for command in commands]
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def restart(self) -> None:
        with self._lock:
            stop(self.processes)
            self.processes = [start(*command) for command in self._commands]
            self._revived.clear()

    def end(self) -> None:
        """They get SIGTERM, and SIGKILL ten seconds later."""
        self._ending.set()
        self._keeper.join()
        stop(self.processes)

    def is_over(self, number: int) -> bool:
        """Whether that one has ended and will not be started again."""
        with self._lock:
            return self.processes[number].poll() is not None and not self._to_revive(number)

    def _keep(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            with self._lock:
                for number, command in enumerate(self._commands):
                    if self._to_revive(number):
                        self._revived.append(time.monotonic())
                        print(f"igny8: {command[0]} was killed and is started again", file=sys.stderr, flush=True)
                        self.processes[number] = start(*command)

    def _to_revive(self, number: int) -> bool:
        if self.processes[number].poll() not in KILLED:
            return False
        self._revived = [at for at in self._revived if time.monotonic() - at < WITHIN_SECONDS]
        return len(self._revived) < REVIVALS


@contextmanager
def running(*commands: list[str]) -> Iterator[Children]:
    children = Children(*commands)
    try:
        yield children
    finally:
        children.end()


def start(*arguments: str) -> subprocess.Popen[bytes]:
    """Told to end with us: its standard input is a pipe that closes when we are gone.

    -P: a folder `cli` where the command was called is not ours.
    """
    environment = {**os.environ, "IGNY8_FOLLOW_PARENT": "1"}
    return subprocess.Popen([sys.executable, "-P", "-m", "cli", *arguments], stdin=subprocess.PIPE, env=environment)  # noqa: S603


def stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    limit = time.monotonic() + 10
    for child in children:
        try:
            child.wait(max(0.1, limit - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def wait_until_ready(url: str, children: Children | None = None, patience: float = 60) -> None:
    """CannotRun when a child ends for good, or nothing is ready in time."""
    limit = time.monotonic() + patience
    while time.monotonic() < limit:
        if children and any(children.is_over(number) for number in range(len(children.processes))):
            raise CannotRun("a process ended before the API was ready")
        try:
            if httpx2.get(f"{url}/readyz", timeout=2).status_code == 200:
                return
        except httpx2.HTTPError:
            pass
        time.sleep(0.1)
    raise CannotRun(f"the API was not ready after {patience:.0f} s")
