"""Keyset cursors: where a row stands in an order, opaque to clients.

The text is base64 of a JSON array: the order's fingerprint, the values of its columns, the row's id.
"""

import base64
import binascii
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from persistence.graph.model import Order
from persistence.graph.selection import BadArgument

INTEGERS = {"integer": 2**31, "bigint": 2**63}


@dataclass(frozen=True, slots=True)
class Direction:
    """One column of an order."""

    order: Order
    descending: bool


def fingerprint(entity: str, directions: Sequence[Direction]) -> str:
    text = entity + "".join(f" {d.order.column} {d.descending}" for d in directions)
    return f"{zlib.crc32(text.encode()):08x}"


def cursor_sql(alias: str, entity: str, directions: Sequence[Direction]) -> str:
    """The cursor of the row at `alias`, as text. PostgreSQL breaks base64 into lines: they are taken out."""
    columns = "".join(f",{alias}.{d.order.column}" for d in directions)
    array = f"json_build_array('{fingerprint(entity, directions)}'{columns},{alias}.id)::text"
    return f"translate(encode(convert_to({array},'UTF8'),'base64'),E'\\n','')"


def read_cursor(text: object, entity: str, directions: Sequence[Direction], argument: str) -> list[Any]:
    """The values of the order's columns and the id. Raises BadArgument naming `argument`."""
    try:
        mark, *values, id = orjson.loads(base64.b64decode(str(text), validate=True))
        if mark == fingerprint(entity, directions):
            columns = [_value(d.order, v) for d, v in zip(directions, values, strict=True)]
            return [*columns, UUID(id)]
    except (ValueError, binascii.Error, TypeError, AttributeError):
        pass
    raise BadArgument(
        "This cursor is of another list or order; take it from a page made with the same orderBy.", argument
    )


def _value(order: Order, value: Any) -> Any:
    if value is None:
        if order.nullable:
            return None
        raise ValueError("null")
    if order.type in INTEGERS:
        if (
            isinstance(value, bool)
            or not isinstance(value, int)
            or not -INTEGERS[order.type] <= value < INTEGERS[order.type]
        ):
            raise ValueError("not an integer")
        return value
    if order.type == "timestamptz":
        return datetime.fromisoformat(value)
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("not text")
    return value
