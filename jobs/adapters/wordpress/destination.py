"""One WordPress as a destination."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from functools import partial
from html import escape
from typing import Any

import httpx2

from domain.destinations import Article, Connected, Connection, Listed, Media, Placed, Remote, RemoteMedia
from domain.writer.threads import beside
from jobs.adapters.wordpress import bodies, lists, posts, seo, terms, verdicts
from jobs.adapters.wordpress import media as library
from jobs.adapters.wordpress.api import Api
from jobs.adapters.wordpress.body import Body
from jobs.adapters.wordpress.checking import Checking
from jobs.adapters.wordpress.failures import RefusedError
from jobs.adapters.wordpress.remotes import remote_of
from jobs.adapters.wordpress.site import ROUTES, Site, ask_author, ask_site
from persistence.terms import RemoteEntityKind, RemoteStatus, TaxonomyType, WordPressMarkup

GONE = "rest_post_invalid_id"


class WordPress:
    """`client` follows no redirect and guards itself: what it refuses it raises as DestinationError. `body` writes the
    text of articles; without one it is written as the integration's markup says.

    What `check` found is in the connection's capabilities; without, it is asked once. Authors are those of the check:
    who came later is known after the next one.
    """

    def __init__(self, client: httpx2.AsyncClient, connection: Connection, body: Body | None = None) -> None:
        self._markup = WordPressMarkup(connection.config.get("markup") or WordPressMarkup.BLOCKS)
        self._known = Site.kept(connection.config.get("capabilities") or {})
        self._api = Api(client, connection, self._known.root if self._known else None)
        self._names = lists.TermNames(self._api)
        self._asking = asyncio.Lock()
        self._body = body or partial(bodies.body, markup=self._markup)

    async def check(self, progress: Callable[[str, int, int], None]) -> Connected:
        return await Checking(self._api, progress).run()

    async def find(self, marker: str, entity: RemoteEntityKind) -> Remote | None:
        return await posts.find(self._api, await self._site(), marker, entity)

    async def create(self, article: Article) -> Remote:
        """With its title as its text, until `put` brings the rest."""
        site = await self._site()
        fields: dict[str, Any] = {
            "status": "draft",
            "title": article.title,
            "slug": posts.fitting_slug(article.slug),
            "content": self._body(f"<p>{escape(article.title)}</p>", {}, article.marker),
        }
        if meta := seo.own_meta(site, article):
            fields["meta"] = meta
        there = await posts.write(self._api, ROUTES[article.entity], fields)
        return remote_of(there, site, article.entity, article.marker)

    async def find_media(self, media: Media) -> RemoteMedia | None:
        await self._site()
        return await library.find(self._api, media)

    async def upload(self, media: Media) -> RemoteMedia:
        await self._site()
        return await library.upload(self._api, media)

    async def term(self, kind: TaxonomyType, name: str) -> str:
        await self._site()
        return await terms.term(self._api, kind, name)

    async def put(self, remote_id: str, article: Article, placed: Placed) -> Remote:
        """One request, and another where what has a date in the future is to be shown at once."""
        site = await self._site()
        content = await beside(lambda: self._content(site, article, placed))
        meta = seo.meta(site, article)
        sent = posts.sent_fields(article, placed, content, meta)
        author = await self._author(site, article.author)
        if author is not None:
            sent["author"] = author
        path = f"{ROUTES[article.entity]}/{remote_id}"
        there = await posts.write(self._api, path, sent)
        now = None
        if article.status is RemoteStatus.PUBLISHED and there.get("status") == "future":
            now = str(there.get("modified_gmt"))  # by the clock that it goes by
            there = await posts.write(self._api, path, sent | {"date_gmt": now})
        by_route = seo.needs_route(site, article.entity) and await seo.send_by_route(self._api, remote_id, article)
        remote = remote_of(there, site, article.entity, article.marker)
        back = there.get("meta")
        kept = back if isinstance(back, dict) else {}
        fields = verdicts.verdicts(site, article, placed, sent, there, remote, now=now)
        fields |= seo.verdicts(site, article, meta, kept, by_route=by_route)
        return replace(remote, fields=fields | verdicts.kept(article))

    def _content(self, site: Site, article: Article, placed: Placed) -> str:
        """Takes processor time. Structured data only of those whose script elements are kept."""
        content = self._body(article.html, placed.media, article.marker)
        if article.json_ld and "unfiltered_html" in site.may:
            return bodies.with_json_ld(content, article.json_ld, self._markup)
        return content

    async def fetch(self, remote_id: str, entity: RemoteEntityKind) -> Remote | None:
        site = await self._site()
        params = {"context": "edit", "_fields": posts.FIELDS}
        try:
            answer = await self._api.get(f"{ROUTES[entity]}/{remote_id}", params)
            return remote_of(answer.fields, site, entity, names=await self._names.of(answer.fields))
        except RefusedError as error:
            if error.name != GONE:
                raise
            return None

    async def remove(self, remote_id: str, entity: RemoteEntityKind) -> Remote | None:
        site = await self._site()
        try:
            answer = await self._api.call("DELETE", f"{ROUTES[entity]}/{remote_id}", {"_fields": posts.FIELDS})
        except RefusedError as error:
            if error.name == "rest_already_trashed":
                return Remote(remote_id, RemoteStatus.TRASHED)
            if error.name != GONE:
                raise
            return None
        return remote_of(answer.fields, site, entity)

    async def listed(self, entity: RemoteEntityKind) -> AsyncIterator[Sequence[Listed]]:
        await self._site()
        async for page in lists.listed(self._api, entity):
            yield page

    async def read(self, ids: Sequence[str], entity: RemoteEntityKind) -> Sequence[Remote]:
        return await lists.read(self._api, await self._site(), self._names, ids, entity)

    async def _site(self) -> Site:
        async with self._asking:
            if self._known is None:
                self._known = await ask_site(self._api)
        return self._known

    async def _author(self, site: Site, name: str | None) -> int | None:
        """The one user of this name; others than the one who is signed in only where that one may speak for them."""
        wanted = (name or "").strip().casefold()
        if not wanted:
            return None
        if wanted == site.user_name.casefold():
            return site.user_id
        if "edit_others_posts" not in site.may:
            return None
        if wanted in site.authors or site.all_authors:
            return site.authors.get(wanted)
        try:
            found = await ask_author(self._api, wanted)
        except RefusedError as error:
            if error.retryable:
                raise
            return None
        self._known = site.model_copy(update={"authors": site.authors | found})
        return found.get(wanted)
