"""Changing a row: only what is given, and only if it is still as its editor saw it."""

from typing import Any

from domain.errors import CHANGED
from persistence.base import Row
from persistence.unit import Unit


async def change(unit: Unit, row: Row, changes: dict[str, Any], expected_version: int | None) -> dict[str, Any]:
    """What it was before, of the fields that change; CONFLICT when its version is another than expected."""
    if expected_version is not None and getattr(row, "version", None) != expected_version:
        raise CHANGED
    before = {name: getattr(row, name) for name in changes}
    for name, value in changes.items():
        if before[name] != value:
            setattr(row, name, value)
    await unit.flush()
    return before
