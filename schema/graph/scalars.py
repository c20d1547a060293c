"""Scalars as Python values write them. How SQL writes the same ones is in persistence/graph/scalars.py."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import NewType

import strawberry
from starlette.datastructures import UploadFile
from strawberry.file_uploads.scalars import Upload, UploadDefinition
from strawberry.scalars import JSON
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.types.scalar import ScalarDefinition

BigInt = NewType("BigInt", int)
LARGEST = 2**63
JSON_LEVELS = 16


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


def read_upload(value: object) -> UploadFile:
    """Wherever a file is wanted, and nothing else is taken: it comes beside the JSON, not in it."""
    if not isinstance(value, UploadFile):
        raise ValueError("Upload must be a file: send it in a multipart request, as its map says")
    return value


def read_json(value: object, levels: int = JSON_LEVELS) -> object:
    """What JSON has: no files, which a multipart request could put in it, and no more levels than can be walked."""
    if isinstance(value, dict | list):
        if not levels:
            raise ValueError(f"JSON may have at most {JSON_LEVELS} levels")
        for below in value.values() if isinstance(value, dict) else value:
            read_json(below, levels - 1)
    elif not isinstance(value, str | int | float | None):  # a bool is an int
        raise ValueError("JSON cannot hold a file")
    return value


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
    Upload: replace(UploadDefinition, parse_value=read_upload),
    JSON: replace(DEFAULT_SCALAR_REGISTRY[JSON], parse_value=read_json),
}
