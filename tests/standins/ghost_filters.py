"""The filters of lists at a Ghost site, as far as they are asked for."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.standins.ghost_refusals import bad_filter


def posts_in(filter: str | None) -> Callable[[Mapping[str, Any]], bool]:
    """Which posts `tag:slug`, `id:>'one'` and `id:['one','other']` let through."""
    if not filter:
        return lambda post: True
    if tag := re.fullmatch(r"tag:([\w-]+)", filter):
        return lambda post: any(each["slug"] == tag[1] for each in post["tags"])
    if after := re.fullmatch(r"id:>'(\w+)'", filter):
        return lambda post: bool(post["id"] > after[1])
    if not filter.startswith("id:"):
        raise bad_filter("posts")
    ids = values_in(filter, "posts")[1] or []
    return lambda post: post["id"] in ids


def values_in(filter: str | None, kind: str) -> tuple[str, list[str] | None]:
    """Of `name:'one'` and `id:['one','other']`; None for any."""
    if not filter:
        return "id", None
    one = r"'(?:\\['\"]|[^'\"])+'"
    found = re.fullmatch(rf"(name|id):(?:\[({one}(?:,{one})*)\]|({one}))", filter)
    if not found:
        raise bad_filter(kind)
    values = re.findall(one, found[2] or found[3])
    return found[1], [re.sub(r"\\(['\"])", r"\1", value[1:-1]) for value in values]
