"""Articles at a Ghost site. Each is found by an internal tag, `#<marker>`, which readers never see."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx2

from domain.destinations import (
    Article,
    Connected,
    Connection,
    DestinationError,
    Listed,
    Media,
    Placed,
    Remote,
    RemoteMedia,
)
from domain.writer.threads import beside
from jobs.adapters.ghost import lists
from jobs.adapters.ghost.api import Api
from jobs.adapters.ghost.checking import check
from jobs.adapters.ghost.filters import quoted
from jobs.adapters.ghost.outgoing import draft_of, tag_name, terms_of, whole_of
from jobs.adapters.ghost.posts import KINDS, has_marker, remote_of
from jobs.adapters.ghost.tokens import now
from jobs.adapters.ghost.verdicts import verdicts
from persistence.terms import RemoteEntityKind, TaxonomyType

Json = dict[str, Any]
COLLISION = "409 UPDATE_COLLISION"
SHOWN = "html"
MONTHS = (timedelta(days=1), timedelta(0), timedelta(days=-28))  # in which a picture was brought that is looked for


class Ghost:
    """Implements Syncable. Ghost has no trash: what is removed is a draft again, and loses nothing."""

    def __init__(self, client: httpx2.AsyncClient, connection: Connection) -> None:
        self.api = Api(client, connection)

    async def check(self, progress: Callable[[str, int, int], None]) -> Connected:
        return await check(self.api, progress)

    async def find(self, marker: str, entity: RemoteEntityKind) -> Remote | None:
        """The oldest: who copies a post there copies its tags."""
        kind = KINDS[entity]
        query = {"filter": f"tag:hash-{marker}", "include": "tags", "order": "created_at asc", "limit": "5"}
        found = await self.api.get(f"{kind}/", formats=SHOWN, **query)
        posts = [post for post in found[kind] if has_marker(post, marker)]
        return await _told(posts[0]) if posts else None

    async def create(self, article: Article) -> Remote:
        kind = KINDS[article.entity]
        made = await self.api.post(f"{kind}/", {kind: [draft_of(article)]}, formats=SHOWN)
        return await _told(made[kind][0])

    async def find_media(self, media: Media) -> RemoteMedia | None:
        """At the address that Ghost's own store gives to its name; a store elsewhere shows nothing there."""
        for month in dict.fromkeys(f"{now() + by:%Y/%m}" for by in MONTHS):
            url = f"{self._public}/content/images/{month}/{file_name(media)}"
            try:
                answer = await self.api.send("HEAD", url)
            except DestinationError as error:
                if error.retryable:
                    raise
                return None  # it cannot be looked for
            if answer.status_code == 200 and answer.headers.get("content-type", "").startswith("image/"):
                return RemoteMedia(url, url)
        return None

    async def upload(self, media: Media) -> RemoteMedia:
        name = file_name(media)
        files = {"file": (name, await media.read(), media.mime_type)}
        made = await self.api.call(
            "POST", "images/upload/", {}, makes=True, files=files, data={"ref": name, "purpose": "image"}
        )
        url = str(made["images"][0]["url"])
        return RemoteMedia(url, url)

    async def term(self, kind: TaxonomyType, name: str) -> str:
        """A tag, whatever kind it is of: Ghost has no other. Where its database tells small letters from capitals, a
        name is found in the usual ways to write it.
        """
        called = tag_name(name)
        if not called:
            raise DestinationError(f"“{name}” cannot be the name of a tag.", "Rename it.", code="tag_name")
        ways = dict.fromkeys((called, called.lower(), called.upper(), called.capitalize(), called.title()))
        if "\\" not in called:  # filters have no way to write it
            query = {"filter": f"name:[{','.join(map(quoted, ways))}]", "fields": "id,name", "limit": "100"}
            found = (await self.api.get("tags/", order="created_at asc", **query))["tags"]
            same = [tag for tag in found if str(tag["name"]).strip().casefold() == called.casefold()]
            if same:
                return str(next((tag for tag in same if tag["name"] == called), same[0])["id"])
        made = await self.api.post("tags/", {"tags": [{"name": called}]})
        return str(made["tags"][0]["id"])

    async def put(self, remote_id: str, article: Article, placed: Placed) -> Remote:
        author = await self._author(article.author) if article.author else None
        own = await self._own(article, placed)
        await self._again(lambda: self._put(remote_id, article, placed, own, author))
        back = await self._read(remote_id, article.entity)
        return await beside(lambda: remote_of(back, verdicts(article, placed, back)))

    async def fetch(self, remote_id: str, entity: RemoteEntityKind) -> Remote | None:
        try:
            return await _told(await self._read(remote_id, entity))
        except DestinationError as error:
            if error.code.startswith("404"):
                return None
            raise

    async def remove(self, remote_id: str, entity: RemoteEntityKind) -> Remote | None:
        """A draft from then on; its text, pictures and tags stay."""
        try:
            return await _told(await self._again(lambda: self._withdrawn(remote_id, entity)))
        except DestinationError as error:
            if error.code.startswith("404"):
                return None
            raise

    async def listed(self, entity: RemoteEntityKind) -> AsyncIterator[Sequence[Listed]]:
        async for page in lists.listed(self.api, entity):
            yield page

    async def read(self, ids: Sequence[str], entity: RemoteEntityKind) -> Sequence[Remote]:
        posts = await lists.read(self.api, ids, entity)
        return await beside(lambda: [remote_of(post) for post in posts])

    async def _withdrawn(self, remote_id: str, entity: RemoteEntityKind) -> Json:
        there = await self._read(remote_id, entity)
        if there["status"] == "draft":
            return there
        return await self._edit(remote_id, entity, {"updated_at": there["updated_at"], "status": "draft"})

    async def _again(self, change: Callable[[], Awaitable[Json]]) -> Json:
        """What was changed there after it was read is read anew, once; then somebody is at work on it."""
        try:
            return await change()
        except DestinationError as error:
            if error.code != COLLISION:
                raise
        return await change()

    async def _put(
        self,
        remote_id: str,
        article: Article,
        placed: Placed,
        own: Mapping[TaxonomyType, Sequence[str]],
        author: str | None,
    ) -> Json:
        there = await self._read(remote_id, article.entity)
        sent = await beside(lambda: whole_of(article, placed, there, own))
        if author:
            sent["authors"] = [{"id": author}]
        if there["status"] == "published" and sent.get("status") == "scheduled":  # Ghost lets nobody do this at once
            first = {"updated_at": there["updated_at"], "status": "draft"}
            sent["updated_at"] = (await self._edit(remote_id, article.entity, first))["updated_at"]
        return await self._edit(remote_id, article.entity, sent)

    async def _read(self, remote_id: str, entity: RemoteEntityKind) -> Json:
        kind = KINDS[entity]
        found: Json = (await self.api.get(f"{kind}/{quote(remote_id, safe='')}/", formats=SHOWN))[kind][0]
        return found

    async def _edit(self, remote_id: str, entity: RemoteEntityKind, fields: Json) -> Json:
        kind = KINDS[entity]
        path = f"{kind}/{quote(remote_id, safe='')}/"
        found: Json = (await self.api.put(path, {kind: [fields]}, formats=SHOWN, source="html"))[kind][0]
        return found

    async def _own(self, article: Article, placed: Placed) -> dict[TaxonomyType, list[str]]:
        """Ids of its tags, of each kind; one that is gone there meanwhile is made anew."""
        wanted = {term: id for term in terms_of(article) if (id := placed.terms.get((term[0], term[1].casefold())))}
        there: set[str] = set()
        if wanted:
            ids = dict.fromkeys(wanted.values())
            query = {"filter": f"id:[{','.join(map(quoted, ids))}]", "fields": "id", "limit": "100"}
            there = {str(tag["id"]) for tag in (await self.api.get("tags/", **query))["tags"]}
        own: dict[TaxonomyType, list[str]] = {}
        for (kind, name), id in wanted.items():
            own.setdefault(kind, []).append(id if id in there else await self.term(kind, name))
        return own

    async def _author(self, name: str) -> str | None:
        """The only one of that name; None where the key may not look."""
        if "\\" in name:
            return None
        try:
            query = {"filter": f"name:{quoted(name)}", "fields": "id,name", "limit": "100"}
            found = (await self.api.get("users/", **query))["users"]
        except DestinationError as error:
            if error.code.startswith(("403", "404")):
                return None
            raise
        same = [str(user["id"]) for user in found if str(user["name"]).casefold() == name.casefold()]
        return same[0] if len(same) == 1 else None

    @property
    def _public(self) -> str:
        """Where readers come to: the admin's address may be another."""
        known = self.api.connection.config.get("capabilities") or {}
        return str(known.get("site") or self.api.site).rstrip("/")


def file_name(media: Media) -> str:
    return media.file_name.replace(".svg+xml", ".svg")


async def _told(post: Json) -> Remote:
    return await beside(lambda: remote_of(post))
