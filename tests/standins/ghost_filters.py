"""The filters of lists at a Ghost site, as far as they are asked for."""

import re

from tests.standins.ghost_refusals import bad_filter


def slug_in(filter: str | None) -> str | None:
    """The tag that posts are to have; None for any."""
    found = re.fullmatch(r"tag:([\w-]+)", filter or "")
    if filter and not found:
        raise bad_filter("posts")
    return found[1] if found else None


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
