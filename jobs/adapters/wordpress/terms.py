"""Categories and tags: found by name whatever its case, or made."""

import re
from html import escape, unescape

from domain.destinations import DestinationError
from jobs.adapters.wordpress.api import Api, id_of
from jobs.adapters.wordpress.failures import RefusedError
from persistence.terms import TaxonomyType

ROUTES = {TaxonomyType.CATEGORY: "/wp/v2/categories", TaxonomyType.TAG: "/wp/v2/tags"}
MAX_NAME = 200  # as it is kept: escaped
PAGE = 100


async def term(api: Api, kind: TaxonomyType, name: str) -> str:
    """WordPress tells names of other scripts apart by case, and would make a second: it is looked first."""
    name = " ".join(name.split())
    if kind not in ROUTES or not 1 <= len(escape(name, quote=False)) <= MAX_NAME:
        raise DestinationError(
            f"WordPress takes no {kind.value.lower()} called “{name[:60]}”.",
            f"Give categories and tags of at most {MAX_NAME} characters.", code="term_refused",
        )  # fmt: skip
    found = await _find(api, ROUTES[kind], name)
    return found if found is not None else await _make(api, ROUTES[kind], name)


async def _find(api: Api, route: str, name: str) -> str | None:
    """Names stand there escaped. The topmost, then the oldest, of those that are called so."""
    params = {
        "search": escape(_needle(name), quote=False), "per_page": PAGE, "orderby": "id", "_fields": "id,name,parent",
    }  # fmt: skip
    rows = (await api.get(route, params)).rows
    rows = [row for row in rows if isinstance(row.get("id"), int)]
    same = [row for row in rows if _folded(unescape(str(row.get("name")))) == _folded(name)]
    same.sort(key=lambda row: (bool(row.get("parent")), row["id"]))
    return str(same[0]["id"]) if same else None


async def _make(api: Api, route: str, name: str) -> str:
    try:
        return id_of((await api.post(route, {"name": name})).made)
    except RefusedError as error:
        known = error.data.get("term_id")
        if error.name != "term_exists" or known is None:
            raise
        return str(known)


def _needle(name: str) -> str:
    """What of it MySQL finds in small letters and in large: it compares letter by letter, and ß with SS never."""
    longest = max(re.split("ß|ss", name, flags=re.IGNORECASE), key=len).strip()
    return longest if len(longest) > 2 else name


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
