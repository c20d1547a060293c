"""Child processes of `dev` and `demo`: started together, stopped together, none left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from cli.failures import CannotRun


@contextmanager
def running(*commands: list[str]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """`python -m cli …` per command; they get SIGTERM at the end, and SIGKILL ten seconds later."""
    children = [start(*command) for command in commands]
    try:
        yield children
    finally:
        stop(children)


def start(*arguments: str) -> subprocess.Popen[bytes]:
    """Told to end with us: its standard input is a pipe that closes when we are gone."""
    environment = {**os.environ, "IGNY8_FOLLOW_PARENT": "1"}
    return subprocess.Popen([sys.executable, "-m", "cli", *arguments], stdin=subprocess.PIPE, env=environment)  # noqa: S603


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


def wait_until_ready(url: str, children: list[subprocess.Popen[bytes]], patience: float = 60) -> None:
    """CannotRun when a child ends, or nothing is ready in time."""
    limit = time.monotonic() + patience
    while time.monotonic() < limit:
        if any(child.poll() is not None for child in children):
            raise CannotRun("a process ended before the API was ready")
        try:
            if httpx.get(f"{url}/readyz", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise CannotRun(f"the API was not ready after {patience:.0f} s")
