"""Scalars as Python values write them. How SQL writes the same ones is in persistence/graph/scalars.py."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

BigInt = NewType("BigInt", int)
LARGEST = 2**63


def write_instant(value: datetime) -> str:
    """UTC, exactly milliseconds, Z."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def read_instant(value: object) -> datetime:
    """Without an offset it is taken as UTC."""
    if not isinstance(value, str):
        raise ValueError("DateTime must be a string such as 2026-01-31T08:30:00Z")
    try:
        instant = datetime.fromisoformat(value)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("DateTime must be like 2026-01-31T08:30:00Z") from error


def read_big_int(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -LARGEST <= value < LARGEST:
        raise ValueError("BigInt must be a whole number of at most 64 bits")
    return value


def write_decimal(value: Decimal) -> str:
    """Without trailing zeros, never with an exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


SCALARS: dict[object, ScalarDefinition] = {
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number of up to 64 bits.",
        serialize=int,
        parse_value=read_big_int,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in UTC with milliseconds, such as 2026-01-31T08:30:00.000Z.",
        serialize=write_instant,
        parse_value=read_instant,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="A decimal number as a string.",
        serialize=write_decimal,
        parse_value=lambda v: Decimal(str(v)),
    ),
}
