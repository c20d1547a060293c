"""Password hashes: argon2id, off the event loop since each takes tens of milliseconds."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

_hasher = PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)
_nobody = _hasher.hash("nobody's password")  # checked when there is no such user, so that both take as long
_slots = asyncio.Semaphore(4)  # each hash takes 32 MiB


async def hash_password(password: str) -> str:
    async with _slots:
        return await asyncio.to_thread(_hasher.hash, password)


async def check_password(password: str, hashed: str | None) -> bool:
    """False for a wrong password and, after as long, for None."""
    async with _slots:
        return await asyncio.to_thread(_check, password, hashed)


def _check(password: str, hashed: str | None) -> bool:
    try:
        return _hasher.verify(hashed or _nobody, password) and hashed is not None
    except (Argon2Error, InvalidHashError):
        return False
