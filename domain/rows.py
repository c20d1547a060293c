"""Rows by their ids: found, or NOT_FOUND that names the field; and where rows belong.

`lock` and `lock_all` read them afresh, FOR UPDATE. What is not there is called after its class: a row that is not there
at all, or not visible in this scope. That it is elsewhere, in another sector or site, its caller says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy import literal, select

from domain import names
from domain.errors import bad_input, not_found
from persistence.errors import Missing
from persistence.models import Sector
from persistence.models.base import AccountRow, Row, SectorRow
from persistence.unit import Unit

R = TypeVar("R", bound=Row)
T = TypeVar("T", bound=AccountRow | SectorRow)
MAX_IDS = 1000


async def find(unit: Unit, row: type[R], id: UUID, *field: str) -> R:
    return await _found(unit, row, id, False, *field)


async def lock(unit: Unit, row: type[R], id: UUID, *field: str) -> R:
    return await _found(unit, row, id, True, *field)


async def _found(unit: Unit, row: type[R], id: UUID, locked: bool, *field: str) -> R:
    try:
        return await unit.get(row, id, lock=locked)
    except Missing:
        raise not_found(names.one(row.__name__), *field) from None


async def find_all(unit: Unit, row: type[R], ids: Sequence[UUID], *field: str, most: int = MAX_IDS) -> list[R]:
    """In the order given, each once."""
    try:
        return await unit.many(row, distinct(ids, *field, most=most))
    except Missing:
        raise not_found(names.one(row.__name__), *field) from None


async def lock_all(unit: Unit, row: type[T], ids: Sequence[UUID], *field: str, most: int = MAX_IDS) -> list[T]:
    """As `find_all`; locked in the order of their ids."""
    wanted = distinct(ids, *field, most=most)
    statement = select(row).where(row.id.in_(wanted)).order_by(row.id).with_for_update()
    found = {r.id: r for r in await unit.all(statement.execution_options(populate_existing=True))}
    if len(found) != len(wanted):
        raise not_found(names.one(row.__name__), *field)
    return [found[id] for id in wanted]


@dataclass(frozen=True, slots=True)
class Locked:
    """Rows of an account, in the order given, and the site of each; None of what belongs to none."""

    account_id: UUID
    ids: list[UUID]
    sites: dict[UUID, UUID | None]


async def lock_ids(unit: Unit, row: type[T], ids: Sequence[UUID], *field: str, most: int = MAX_IDS) -> Locked:
    """Their rows locked but not read: for statements about many."""
    wanted = distinct(ids, *field, most=most)
    columns = row.__table__.columns
    site = columns.id if row.__tablename__ == "site" else columns.get("site_id", literal(None))
    statement = select(row.id, row.account_id, site).where(row.id.in_(wanted)).order_by(row.id).with_for_update()
    found = (await unit.session.execute(statement)).all()
    if len(found) != len(wanted):
        raise not_found(names.one(row.__name__), *field)
    sites = {id: site for id, _, site in found}
    return Locked(found[0].account_id, wanted, {id: sites[id] for id in wanted})


def belonging(of: Sector | SectorRow) -> dict[str, UUID]:
    """The columns that put a row into a sector, or to where another row is."""
    sector_id = of.id if isinstance(of, Sector) else of.sector_id
    return {"account_id": of.account_id, "site_id": of.site_id, "sector_id": sector_id}


def distinct(ids: Sequence[UUID], *field: str, most: int = MAX_IDS) -> list[UUID]:
    """BAD_INPUT when there are none, or too many."""
    wanted = list(dict.fromkeys(ids))
    if not 1 <= len(wanted) <= most:
        raise bad_input(f"Give from 1 to {most:,} ids.", *field)
    return wanted
