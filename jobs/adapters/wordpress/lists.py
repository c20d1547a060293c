"""All that is at a WordPress: little of each, or some of it whole."""

from collections.abc import AsyncIterator, Mapping, Sequence
from html import unescape
from typing import Any

from domain.destinations import READ_AT_ONCE, Listed, Remote
from jobs.adapters.wordpress.api import Api, id_of
from jobs.adapters.wordpress.posts import FIELDS, PAGE, pages
from jobs.adapters.wordpress.remotes import moment, remote_of, status_of
from jobs.adapters.wordpress.site import ROUTES, Site
from persistence.terms import RemoteEntityKind

ALL = {"status": "any,trash", "context": "edit"}
KINDS = ("categories", "tags")


async def listed(api: Api, entity: RemoteEntityKind) -> AsyncIterator[list[Listed]]:
    """The oldest first, so that what comes meanwhile stands at the end."""
    page, last = 1, 1
    while page <= last:
        params = {
            **ALL, "orderby": "id", "order": "asc", "per_page": PAGE, "page": page, "_fields": "id,status,modified_gmt",
        }  # fmt: skip
        answer = await api.get(ROUTES[entity], params)
        last, page = pages(answer.headers), page + 1
        yield [Listed(id_of(row), status_of(row), moment(row.get("modified_gmt"))) for row in answer.rows]


async def read(api: Api, site: Site, names: "TermNames", ids: Sequence[str], entity: RemoteEntityKind) -> list[Remote]:
    wanted = list(ids)[:READ_AT_ONCE]
    if not wanted:
        return []
    params = {**ALL, "include": ",".join(wanted), "orderby": "include", "per_page": len(wanted), "_fields": FIELDS}
    rows = (await api.get(ROUTES[entity], params)).rows
    known = await names.of(*rows)
    return [remote_of(row, site, entity, names=known) for row in rows]


class TermNames:
    """Names of terms by id, each asked once. Ids of categories and tags are of one sequence."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._names: dict[int, str] = {}

    async def of(self, *posts: Mapping[str, Any]) -> Mapping[int, str]:
        for kind in KINDS:
            lists = [post[kind] for post in posts if isinstance(post.get(kind), list)]
            ids = {id for each in lists for id in each if isinstance(id, int)}
            await self._ask(kind, sorted(ids - self._names.keys()))
        return self._names

    async def _ask(self, kind: str, ids: list[int]) -> None:
        for at in range(0, len(ids), PAGE):
            some = ids[at : at + PAGE]
            params = {"include": ",".join(map(str, some)), "per_page": PAGE, "_fields": "id,name"}
            for row in (await self._api.get(f"/wp/v2/{kind}", params)).rows:
                self._names[int(id_of(row))] = unescape(str(row.get("name") or ""))
            for id in some:
                self._names.setdefault(id, "")
