"""Answers of the API as bytes, cut to the fields that were asked for."""

import json
from collections.abc import Mapping
from typing import Any

NOT_WORDPRESS = "<!DOCTYPE html><html><head><title>{}</title></head><body><h1>{}</h1></body></html>"


def page(title: str) -> bytes:
    return NOT_WORDPRESS.format(title, title).encode()


def cut(data: Any, fields: str | None) -> Any:
    """`_fields=id,title.raw`: of rows too."""
    if not fields:
        return data
    if isinstance(data, list):
        return [cut(row, fields) for row in data]
    if not isinstance(data, Mapping):
        return data
    kept: dict[str, Any] = {}
    for path in fields.split(","):
        name, _, inner = path.strip().partition(".")
        if name not in data:
            continue
        value = data[name]
        if inner and isinstance(value, Mapping):
            kept.setdefault(name, {})
            if inner in value:
                kept[name][inner] = value[inner]
        else:
            kept[name] = value
    return kept


def as_json(data: Any) -> bytes:
    return json.dumps(data).encode()
