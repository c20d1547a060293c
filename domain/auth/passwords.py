"""Password hashes: argon2id, each tens of milliseconds of a processor and 32 MiB.

In threads of their own that leave the event loop a processor and give way to it: whoever floods a process with
passwords makes others wait who sign in, and nobody who reads.
"""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from domain.errors import DomainError
from persistence.terms import ErrorCode

T = TypeVar("T")
THREADS = max(1, (os.cpu_count() or 1) // 2)
WAITING = 24 * THREADS  # who come next; they are through within a second or two
NICE = 5
_hasher = PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)
_nobody = _hasher.hash("nobody's password")  # checked when there is no such user, so that both take as long
_room = threading.BoundedSemaphore(THREADS + WAITING)


def _give_way() -> None:
    """On Linux a thread has a priority of its own; elsewhere the whole process would get it."""
    if hasattr(os, "sched_setaffinity"):
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


_threads = ThreadPoolExecutor(THREADS, "argon2", initializer=_give_way)


async def hash_password(password: str) -> str:
    """RATE_LIMITED when too many wait already."""
    return await _in_turn(_hasher.hash, password)


async def check_password(password: str, hashed: str | None) -> bool:
    """False for a wrong password and, after as long, for None. RATE_LIMITED when too many wait already."""
    return await _in_turn(_check, password, hashed)


async def _in_turn(work: Callable[..., T], *given: object) -> T:
    if not _room.acquire(blocking=False):
        raise DomainError(ErrorCode.RATE_LIMITED, "Too many are signing in at once. Wait 2 seconds, then try again.")
    # Released by the thread: who goes away in the midst of a hash does not end it.
    running = _threads.submit(work, *given)
    running.add_done_callback(lambda _: _room.release())
    return await asyncio.wrap_future(running)


def _check(password: str, hashed: str | None) -> bool:
    try:
        return _hasher.verify(hashed or _nobody, password) and hashed is not None
    except (Argon2Error, InvalidHashError):
        return False
