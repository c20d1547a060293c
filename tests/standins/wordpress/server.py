"""The site itself: addresses, who asks, and which room of it answers."""

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.jobs.scripted import Received, Scripted, reply
from tests.standins.wordpress.answers import as_json, cut, page
from tests.standins.wordpress.breaks import Break
from tests.standins.wordpress.lists import listed
from tests.standins.wordpress.media import uploaded
from tests.standins.wordpress.posts import Post, Shelf
from tests.standins.wordpress.seo import RANK_MATH_KEYS, YOAST_KEYS, head_of
from tests.standins.wordpress.terms import Terms
from tests.standins.wordpress.users import RefusedError, User, closed, who_asks
from tests.standins.wordpress.writing import created, trashed, updated
from tests.standins.wordpress.xmlrpc import answered

OWN_KEY = "publisher_external_id"
TYPES = {"posts": "post", "pages": "page"}
TAXONOMIES = {"categories": "category", "tags": "post_tag"}
Reply = tuple[int, Any, dict[str, str]]


class WordPressSite:
    """`companion`: the plugin that offers keys of SEO plugins and a key of its own. `yoast` and `rank_math` run there.

    `permalinks` False: plain ones. `passwords` False: no application passwords. `strips`: the host keeps the
    Authorization header from WordPress. `early`: a plugin looks at users before anything else, so that a wrong password
    is refused everywhere. `xmlrpc` False: switched off.
    """

    def __init__(
        self,
        *,
        companion: bool = False,
        yoast: bool = False,
        rank_math: bool = False,
        permalinks: bool = True,
        passwords: bool = True,
        strips: bool = False,
        early: bool = False,
        xmlrpc: bool = True,
    ) -> None:
        self.companion, self.yoast, self.rank_math = companion, yoast, rank_math
        self.permalinks, self.passwords, self.strips, self.early = permalinks, passwords, strips, early
        self.xmlrpc = xmlrpc
        names = ("admin", "editor", "subscriber", "author", "contributor")
        roles = ("administrator", *names[1:])
        self.users = {
            name: User(n, name, name if name == "admin" else name.capitalize(), role, f"pass {name} word 0123")
            for n, (name, role) in enumerate(zip(names, roles, strict=True), 1)
        }
        everything = [*YOAST_KEYS, *RANK_MATH_KEYS, OWN_KEY]
        posts = everything if companion else list(YOAST_KEYS) if yoast else []
        self.terms = Terms()
        self.shelf = Shelf(self.terms, {"post": posts, "page": everything if companion else []})
        self.breaks: list[Break] = []
        self.requests: list[Received] = []

    async def __aenter__(self) -> Self:
        self._server = Scripted(otherwise=self._answer)
        await self._server.__aenter__()
        self.url = self._server.url.removesuffix("/v1")
        self.shelf.url = self.url
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.__aexit__()

    @property
    def posts(self) -> list[Post]:
        """But pictures."""
        return [post for post in self.shelf.posts.values() if post.type != "attachment"]

    @property
    def media(self) -> list[Post]:
        return [post for post in self.shelf.posts.values() if post.type == "attachment"]

    def breaks_with(self, *breaks: Break) -> None:
        self.breaks += breaks

    async def _answer(self, received: Received, writer: asyncio.StreamWriter) -> None:
        self.requests.append(received)
        broken = next((each for each in self.breaks if each.takes(received)), None)
        if broken is None or broken.done:
            status, data, headers = self._reply(received)
        if broken and broken.answer:
            await broken.answer(received, writer)
            return
        body = data if isinstance(data, bytes) else as_json(data)
        if received.method == "HEAD":
            body = b""
        sent = {"date": format_datetime(datetime.now(UTC), usegmt=True), **headers}
        if isinstance(data, bytes):
            sent.setdefault("content-type", "text/html; charset=UTF-8")
        await reply(status, body, sent)(received, writer)

    def _reply(self, received: Received) -> Reply:
        parts = urlsplit(received.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        path, route = parts.path, query.pop("rest_route", None)
        if path == "/xmlrpc.php":
            return answered(self.users, received.body, open=self.xmlrpc)
        if route is None and self.permalinks and path.startswith("/wp-json"):
            route = path.removeprefix("/wp-json") or "/"
        if route is None:
            return self._page(path, query)
        user = None if self.strips else who_asks(self.users, received.headers.get("authorization"))
        if not self.passwords:
            user = None
        try:
            self._look_early(received, user)
            status, data, headers = Request(self, received, route, query, user).answer()
        except RefusedError as error:
            return error.status, error.body, {}
        return status, cut(data, query.get("_fields")), headers

    def _look_early(self, received: Received, user: User | None) -> None:
        if self.early and user is None and "authorization" in received.headers and not self.strips:
            raise RefusedError(401, "incorrect_password", "<strong>Error</strong>: The provided password is an "
                               "invalid application password.")  # fmt: skip

    def _page(self, path: str, query: Mapping[str, str]) -> Reply:
        """What people see."""
        if path.startswith("/wp-content/"):
            found = next((m for m in self.media if path.endswith(f"/{m.file}")), None)
            return (200, found.data, {"content-type": found.mime_type}) if found else (404, page("Not found"), {})
        slug = path.strip("/")
        post = next((p for p in self.posts if p.slug == slug and p.status == "publish"), None)
        if slug and post is None and self.permalinks:
            return 404, page("Page not found – Stand-in"), {}
        root = f"{self.url}/wp-json/" if self.permalinks else f"{self.url}/index.php?rest_route=/"
        return 200, head_of(post, root, yoast=self.yoast, rank_math=self.rank_math), {
            "link": f'<{root}>; rel="https://api.w.org/"'
        }  # fmt: skip


class Request:
    """One request to the API. `route` as in `/wp/v2/posts/5`."""

    def __init__(
        self, site: WordPressSite, received: Received, route: str, query: dict[str, str], user: User | None
    ) -> None:
        self.site, self.received, self.query, self.user = site, received, query, user
        self.route = route.rstrip("/") or "/"
        self.method = received.method

    def answer(self) -> Reply:
        routes: list[tuple[str, Callable[..., Reply]]] = [
            (r"/", self._index),
            (r"/wp/v2/users/me", self._me),
            (r"/wp/v2/users", self._users),
            (r"/wp/v2/(posts|pages)", self._posts),
            (r"/wp/v2/(posts|pages)/(\d+)", self._post),
            (r"/wp/v2/(categories|tags)", self._terms),
            (r"/wp/v2/media", self._media),
            (r"/rankmath/v1/updateMeta", self._rank_math),
        ]
        for pattern, handler in routes:
            if found := re.fullmatch(pattern, self.route):
                return handler(*found.groups())
        return self._no_route()

    def _no_route(self) -> Reply:
        raise RefusedError(404, "rest_no_route", "No route was found matching the URL and request method.")

    @property
    def fields(self) -> dict[str, Any]:
        """JSON is read where its type is said, else there are none."""
        if "application/json" not in self.received.headers.get("content-type", ""):
            return {}
        try:
            found = self.received.json
        except ValueError:
            raise RefusedError(400, "rest_invalid_json", "Invalid JSON body passed.") from None
        return found if isinstance(found, dict) else {}

    def _index(self) -> Reply:
        site = self.site
        offered = {"application-passwords": {"endpoints": {"authorization": f"{site.url}/wp-admin/"}}}
        namespaces = ["oembed/1.0", *(["yoast/v1"] if site.yoast else []), *(["rankmath/v1"] if site.rank_math else [])]
        return 200, {
            "name": "Kit Site", "url": site.url, "home": site.url, "namespaces": [*namespaces, "wp/v2"],
            "authentication": offered if site.passwords else [],
        }, {}  # fmt: skip

    def _me(self) -> Reply:
        if self.user is None:
            raise RefusedError(401, "rest_not_logged_in", "You are not currently logged in.")
        return 200, self.user.row, {}

    def _users(self) -> Reply:
        """Who may write, for those who may."""
        if self.query.get("who") == "authors" and not (self.user and self.user.may("edit_posts")):
            raise closed(
                self.user, "rest_forbidden_who", "Sorry, you are not allowed to query users by this parameter."
            )
        text = self.query.get("search", "").casefold()
        rows = [u.row for u in self.site.users.values() if u.may("edit_posts") and text in u.name.casefold()]
        return 200, rows, {}

    def _posts(self, name: str) -> Reply:
        site, type = self.site, TYPES[name]
        if self.method == "OPTIONS":
            return self._options(type)
        if self.method == "POST":
            post = created(site.shelf, site.terms, site.users, type, self.fields, self.user)
            return 201, site.shelf.row(post, self.user), {}
        keys = [OWN_KEY] if site.companion and self.user and self.user.may("edit_posts") else []
        rows, headers = listed(site.shelf, type, self.query, self.user, keys)
        return 200, rows, headers

    def _options(self, type: str) -> Reply:
        """What there is for whoever asks; empty objects are lists."""
        keys = self.site.shelf.meta_keys.get(type, [])
        properties: Any = {key: {"type": "string", "default": ""} for key in keys} or []
        args = ["context", "page", "per_page", "search", "slug", "status", *([OWN_KEY] if self.site.companion else [])]
        writes = self.user is not None and self.user.may("edit_posts" if type != "page" else "edit_pages")
        return 200, {
            "namespace": "wp/v2",
            "methods": ["GET", "POST"],
            "endpoints": [
                {"methods": ["GET"], "args": {name: {} for name in args}}, {"methods": ["POST"], "args": {"title": {}}}
            ],
            "schema": {"properties": {"meta": {"type": "object", "properties": properties}}},
        }, {"allow": "GET, POST" if writes else "GET"}  # fmt: skip

    def _post(self, name: str, id: str) -> Reply:
        site = self.site
        post = site.shelf.posts.get(int(id))
        if post is None or post.type != TYPES[name]:
            raise RefusedError(404, "rest_post_invalid_id", "Invalid post ID.")
        if self.method in ("POST", "PUT", "PATCH"):
            updated(site.shelf, site.terms, site.users, post, self.fields, self.user)
        elif self.method == "DELETE":
            trashed(site.shelf, post, self.user, force=self.query.get("force") == "true")
        elif self.query.get("context") == "edit" and not _edits(self.user, post):
            raise closed(self.user, "rest_forbidden_context", "Sorry, you are not allowed to edit this post.")
        elif post.status != "publish" and not _edits(self.user, post):
            raise closed(self.user, "rest_forbidden", "Sorry, you are not allowed to do that.")
        return 200, site.shelf.row(post, self.user), {}

    def _terms(self, name: str) -> Reply:
        terms, taxonomy = self.site.terms, TAXONOMIES[name]
        if self.method == "POST":
            needed = "manage_categories" if taxonomy == "category" else "edit_posts"
            if self.user is None or not self.user.may(needed):
                said = "Sorry, you are not allowed to create terms in this taxonomy."
                raise closed(self.user, "rest_cannot_create", said)
            fields = self.fields
            return 201, terms.make(taxonomy, fields.get("name"), int(fields.get("parent") or 0)).row, {}
        found = terms.search(taxonomy, self.query.get("search", ""))
        if "slug" in self.query:
            found = [term for term in found if term.slug == self.query["slug"]]
        if "include" in self.query:
            found = [term for term in found if str(term.id) in self.query["include"].split(",")]
        by_id = self.query.get("orderby") == "id"
        found.sort(key=lambda term: (term.id if by_id else 0, term.name.casefold()))
        return 200, [term.row for term in found][: int(self.query.get("per_page", 10))], {}

    def _media(self) -> Reply:
        site = self.site
        if self.method == "OPTIONS":
            writes = self.user is not None and self.user.may("upload_files")
            return 200, {"namespace": "wp/v2"}, {"allow": "GET, POST" if writes else "GET"}
        if self.method == "POST":
            post = uploaded(site.shelf, self.received, self.query, self.user)
            return 201, self._picture(post), {}
        if self.query.get("context") == "edit" and not (self.user and self.user.may("edit_posts")):
            said = "Sorry, you are not allowed to edit posts in this post type."
            raise closed(self.user, "rest_forbidden_context", said)
        text = self.query.get("search", "").casefold()
        found = [m for m in site.media if text in f"{m.title} {m.file}".casefold()]
        if "slug" in self.query:
            found = [m for m in found if m.slug == self.query["slug"]]
        return 200, [self._picture(m) for m in found], {}

    def _picture(self, post: Post) -> dict[str, Any]:
        at = f"{post.modified:%Y/%m}"
        return {
            "id": post.id, "slug": post.slug, "status": "inherit", "title": {"raw": post.title},
            "alt_text": post.alt_text, "mime_type": post.mime_type,
            "source_url": f"{self.site.url}/wp-content/uploads/{at}/{post.file}",
        }  # fmt: skip

    def _rank_math(self) -> Reply:
        if not self.site.rank_math:
            return self._no_route()
        fields = self.fields
        post = self.site.shelf.posts.get(int(fields.get("objectID") or 0))
        if post is None or not _edits(self.user, post):
            raise closed(self.user, "rest_cannot_edit", "Sorry, you are not allowed to edit this post.")
        post.meta |= {key: str(value) for key, value in (fields.get("meta") or {}).items() if key in RANK_MATH_KEYS}
        return 200, {"slug": True, "schemas": []}, {}


def _edits(user: User | None, post: Post) -> bool:
    others = "edit_others_posts" if post.type == "post" else "edit_others_pages"
    return user is not None and (user.may(others) or (post.author == user.id and user.may("edit_posts")))
