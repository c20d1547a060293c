"""Restarts the processes of `dev` when a source file changes."""

import signal
import threading
from pathlib import Path

from watchfiles import PythonFilter, watch

from cli.processes import start, stop

ROOT = Path(__file__).parents[1]
SOURCES = ("schema", "domain", "persistence", "jobs", "cli", "server.py")


def restarted_on_change(*commands: list[str]) -> None:
    """Until SIGINT or SIGTERM. A process that ends by itself is started again with the next change."""
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    children = [start(*command) for command in commands]
    try:
        paths = [ROOT / name for name in SOURCES]
        for _ in watch(*paths, watch_filter=PythonFilter(), stop_event=ending, raise_interrupt=False):
            stop(children)
            children = [start(*command) for command in commands]
    finally:
        stop(children)
