"""Waiting for what has to happen, however busy the machine is.

A test says what it waits for, not how long that takes: the end of a wait is only there so that what never happens
fails, and lies far beyond what a machine with other work needs.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

T = TypeVar("T")
PATIENCE = 120.0  # seconds
PAUSE = 0.02


async def until(what: Callable[[], Any]) -> float:
    """Seconds until `what` was true (it may be awaitable); an AssertionError when it never was."""
    began = time.monotonic()
    while time.monotonic() < began + PATIENCE:
        found = what()
        if await found if isinstance(found, Awaitable) else found:
            return time.monotonic() - began
        await asyncio.sleep(PAUSE)
    raise AssertionError(f"not within {PATIENCE} s")


def wait_until(what: Callable[[], Any]) -> None:
    """As `until`, for tests without an event loop."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() < began + PATIENCE, f"not within {PATIENCE} s"
        time.sleep(PAUSE)


async def ended(work: Awaitable[T]) -> T:
    """What it gives; a TimeoutError when it never ends."""
    return await asyncio.wait_for(work, PATIENCE)
