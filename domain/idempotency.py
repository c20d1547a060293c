"""The same request twice is done once: what a key made is remembered for 24 hours."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, is_dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, inspect, select

from domain.errors import DomainError, bad_input, conflict
from persistence.models import IdempotencyKey
from persistence.models.base import Base
from persistence.terms import ErrorCode
from persistence.unit import Unit

KEPT = timedelta(hours=24)


async def once(
    unit: Unit,
    row: type[Base],
    account_id: UUID,
    operation: str,
    key: str | None,
    given: Any,
    make: Callable[[], Awaitable[UUID]],
) -> UUID:
    """The id of the `row` that `make` gives, or gave before under this key.

    CONFLICT when the input was another then, NOT_FOUND when what was made is gone or not the caller's to see.
    """

    async def made() -> list[UUID]:
        return [await make()]

    (id,) = await all_once(unit, row, account_id, operation, key, given, made)
    return id


async def all_once(
    unit: Unit,
    row: type[Base],
    account_id: UUID,
    operation: str,
    key: str | None,
    given: Any,
    make: Callable[[], Awaitable[list[UUID]]],
) -> list[UUID]:
    """As `once`, of what makes several."""
    if key is None:
        return await make()
    if not 1 <= len(key) <= 200 or not key.isprintable():
        raise bad_input("Give 1 to 200 printable characters.", "input", "idempotencyKey")
    # Sent again while the first is under way, it waits for that one's result.
    turn = func.hashtextextended(f"{account_id} {operation} {key}", 0)
    await unit.session.execute(select(func.pg_advisory_xact_lock(turn)))
    statement = select(IdempotencyKey).where(IdempotencyKey.operation == operation, IdempotencyKey.key == key)
    known = (await unit.session.scalars(statement)).one_or_none()
    hashed = _hash(given)
    if known and known.created_at > await unit.now() - KEPT:
        if known.input_hash != hashed:
            raise conflict("This idempotencyKey was used with another input.", "input", "idempotencyKey")
        return await _seen(unit, row, known.result_ids)
    if known:
        await unit.session.delete(known)
        await unit.flush()
    made = await make()
    unit.add(IdempotencyKey(account_id=account_id, operation=operation, key=key, input_hash=hashed, result_ids=made))
    await unit.flush()
    return made


async def _seen(unit: Unit, row: type[Base], ids: list[UUID]) -> list[UUID]:
    """The same. Since then it may have been deleted, or the caller, who may be another, have lost the site."""
    there = await unit.session.scalar(select(func.count()).where(inspect(row).c.id.in_(ids)))
    if there != len(set(ids)):
        raise DomainError(
            ErrorCode.NOT_FOUND,
            "What was made under this idempotencyKey is gone, or not yours to see. To make it again, send another key.",
            "input",
            "idempotencyKey",
        )
    return ids


def _hash(given: Any) -> bytes:
    plain = asdict(given) if is_dataclass(given) and not isinstance(given, type) else given
    return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).digest()
