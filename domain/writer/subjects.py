"""What work of writing is about, by its ids."""

from typing import TypeVar
from uuid import UUID

from domain.errors import bad_input, not_found
from persistence.errors import Missing
from persistence.models.base import SectorRow
from persistence.unit import Unit

MAX_IDS = 500
R = TypeVar("R", bound=SectorRow)


def distinct(ids: list[UUID], field: str) -> list[UUID]:
    found = list(dict.fromkeys(ids))
    if not 1 <= len(found) <= MAX_IDS:
        raise bad_input(f"Give from 1 to {MAX_IDS} ids.", "input", field)
    return found


async def many(unit: Unit, row: type[R], ids: list[UUID], what: str, field: str) -> list[R]:
    try:
        return await unit.many(row, ids)
    except Missing:
        raise not_found(what, "input", field) from None
