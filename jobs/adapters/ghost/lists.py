"""All that is at a Ghost: little of each, or some of it whole."""

from collections.abc import AsyncIterator, Sequence

from domain.destinations import READ_AT_ONCE, DestinationError, Listed
from jobs.adapters.ghost.api import Api
from jobs.adapters.ghost.filters import quoted
from jobs.adapters.ghost.posts import KINDS, Json, status_of, time_of
from persistence.terms import RemoteEntityKind

PAGE = 100  # Ghost gives no more at once


async def listed(api: Api, entity: RemoteEntityKind) -> AsyncIterator[list[Listed]]:
    """By their ids, which begin with when they were made: each page goes on after the last one's end, so that nothing
    is passed over because something before it was deleted.
    """
    kind, after, full = KINDS[entity], "", True
    while full:
        query = {"filter": f"id:>{quoted(after)}"} if after else {}
        fields = "id,status,updated_at"
        rows = (await api.get(f"{kind}/", fields=fields, order="id asc", limit=str(PAGE), **query))[kind]
        full = len(rows) >= PAGE
        after = str(rows[-1]["id"]) if rows else ""
        yield [Listed(str(row["id"]), status_of(row), time_of(row.get("updated_at"))) for row in rows]


async def read(api: Api, ids: Sequence[str], entity: RemoteEntityKind) -> list[Json]:
    """In the order of their ids. Where they are too large together they are asked for in halves."""
    wanted, kind = list(ids)[:READ_AT_ONCE], KINDS[entity]
    if not wanted:
        return []
    query = {"filter": f"id:[{','.join(map(quoted, wanted))}]", "include": "tags", "limit": str(len(wanted))}
    try:
        rows = (await api.get(f"{kind}/", formats="html", **query))[kind]
    except DestinationError as error:
        if error.code != "too_large" or len(wanted) == 1:
            raise
        half = len(wanted) // 2
        return [*await read(api, wanted[:half], entity), *await read(api, wanted[half:], entity)]
    return sorted(rows, key=lambda row: wanted.index(str(row["id"])))
