"""How rows are made, changed and deleted by hand: all or none, and on the record."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from domain import audit, names
from domain.errors import bad_input, changed
from domain.rows import MAX_IDS, lock_ids
from persistence.models.base import AccountRow, Row, SectorRow
from persistence.terms import AuditOperation
from persistence.unit import Unit

R = TypeVar("R", bound=AccountRow | SectorRow)
KEPT = 1000  # characters of a text that the record keeps


async def change(unit: Unit, row: Row, changes: Mapping[str, Any], expected_version: int | None) -> dict[str, Any]:
    """What it was before, of the fields that change; CONFLICT when its version is another than expected."""
    if expected_version is not None and getattr(row, "version", None) != expected_version:
        raise changed()
    before = {name: getattr(row, name) for name in changes}
    for name, value in changes.items():
        if before[name] != value:
            setattr(row, name, value)
    await unit.flush()
    return before


def paths_of(given: Sequence[Any], row: type[R], *path: str) -> list[tuple[str, ...]]:
    """Of each of what is to be made, below `path` in the input where it is a list; BAD_INPUT for none, or too many."""
    if not 1 <= len(given) <= MAX_IDS:
        raise bad_input(f"Give from 1 to {MAX_IDS:,} {names.many(row.__name__)}.", "input", *path)
    return [("input", *path, str(n)) if path else ("input",) for n in range(len(given))]


async def create(unit: Unit, *rows: R) -> list[UUID]:
    """On record as one event."""
    unit.add(*rows)
    await unit.flush()
    ids, kind = [row.id for row in rows], type(rows[0])
    if len(rows) == 1:
        named = getattr(rows[0], "name", None) or getattr(rows[0], "title", None)
        action = names.mutation("create", kind.__name__)
        record(unit, action, rows[0], AuditOperation.INSERT, after={"name": named} if named else None)
    else:
        audit.record(
            unit, rows[0].account_id, names.mutation("create", kind.__name__, several=True), kind.__name__,
            operation=AuditOperation.INSERT, ids={row.id: site_of(row) for row in rows},
        )  # fmt: skip
    return ids


async def edit(
    unit: Unit, row: R, columns: Mapping[str, Any], expected_version: int | None, action: str | None = None
) -> UUID:
    """Only the columns given; on record with both images. `action`: the mutation, where it is not the row's update."""
    before = await change(unit, row, columns, expected_version)
    changed = [name for name, value in columns.items() if before[name] != value]
    if changed:
        record(
            unit, action or names.mutation("update", type(row).__name__), row, AuditOperation.UPDATE,
            before={name: before[name] for name in changed}, after={name: columns[name] for name in changed},
        )  # fmt: skip
    return row.id


async def edit_all(
    unit: Unit,
    row: type[R],
    ids: Sequence[UUID],
    columns: Mapping[str, Any],
    *,
    most: int = MAX_IDS,
    shown: Mapping[str, Any] | None = None,
) -> list[UUID]:
    """The same columns of many, in one statement; on record as one event. `shown`: instead of SQL expressions."""
    locked = await lock_ids(unit, row, ids, "ids", most=most)
    if not columns:
        raise bad_input("Give what is to change.", "input")
    values = dict(columns)
    if "version" in row.__table__.columns:
        values["version"] = getattr(row, "version") + 1  # noqa: B009 - not every row has one
    statement = update(row).where(row.id.in_(locked.ids)).values({**values, "updated_at": func.now()})
    await unit.run(statement)
    audit.record(
        unit, locked.account_id, names.mutation("bulkUpdate", row.__name__, several=True), row.__name__,
        operation=AuditOperation.UPDATE, after=plain(columns if shown is None else shown), ids=locked.sites,
    )  # fmt: skip
    return locked.ids


async def delete_all(unit: Unit, row: type[R], ids: Sequence[UUID], *, most: int = MAX_IDS) -> list[UUID]:
    """All or none; on record as one event."""
    locked = await lock_ids(unit, row, ids, "ids", most=most)
    await unit.run(delete(row).where(row.id.in_(locked.ids)))
    action = names.mutation("delete", row.__name__, several=True)
    audit.record(unit, locked.account_id, action, row.__name__, operation=AuditOperation.DELETE, ids=locked.sites)
    return locked.ids


async def number_of(unit: Unit, counted: InstrumentedAttribute[UUID], *conditions: ColumnElement[bool]) -> int:
    """How many rows have that column and meet the conditions."""
    return await unit.session.scalar(select(func.count(counted)).where(*conditions)) or 0


def record(
    unit: Unit,
    action: str,
    row: AccountRow | SectorRow,
    operation: AuditOperation,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    name = type(row).__name__
    audit.record(
        unit, row.account_id, action, name, row.id, site_id=site_of(row), operation=operation,
        before=None if before is None else plain(before), after=None if after is None else plain(after),
    )  # fmt: skip


def site_of(row: AccountRow | SectorRow) -> UUID | None:
    """None of what belongs to the account as a whole."""
    return row.id if row.__tablename__ == "site" else getattr(row, "site_id", None)


def plain(columns: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON keeps it; of a long text the beginning."""
    return {name: _plain(value) for name, value in columns.items()}


def _plain(value: Any) -> Any:
    match value:
        case UUID() | Decimal():
            return str(value)
        case datetime():
            return value.isoformat()
        case bytes():
            return "changed"
        case str():
            return value if len(value) <= KEPT else value[:KEPT] + "…"
        case list() | tuple():
            return [_plain(each) for each in value]
    return value
