"""Restarts the processes of `dev` when a source file changes."""

import signal
import threading
from pathlib import Path

from cli.failures import CannotRun
from cli.processes import running

try:
    from watchfiles import PythonFilter, watch
except ImportError:
    raise CannotRun("dev watches the code with watchfiles: pip install 'igny8[workers,embedded,dev]'") from None

ROOT = Path(__file__).parents[1]
SOURCES = ("schema", "domain", "persistence", "jobs", "cli", "server.py")


def restarted_on_change(*commands: list[str]) -> None:
    """Until SIGINT or SIGTERM. A process that ends by itself is started again with the next change."""
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    with running(*commands) as children:
        paths = [ROOT / name for name in SOURCES]
        for _ in watch(*paths, watch_filter=PythonFilter(), stop_event=ending, raise_interrupt=False):
            children.restart()
