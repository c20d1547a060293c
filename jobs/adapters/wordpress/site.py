"""What is known of a WordPress and of the user who is signed in: asked once, and kept with the integration."""

from collections.abc import Mapping
from html import unescape
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from jobs.adapters.wordpress.api import Answer, Api, Root, id_of, inner
from jobs.adapters.wordpress.failures import WRONG_PASSWORD, RefusedError
from persistence.terms import RemoteEntityKind

ROUTES = {RemoteEntityKind.POST: "/wp/v2/posts", RemoteEntityKind.PAGE: "/wp/v2/pages"}
ROLE_ALLOWS = (
    "edit_posts", "publish_posts", "edit_others_posts", "edit_pages", "publish_pages", "upload_files",
    "manage_categories", "unfiltered_html",
)  # fmt: skip
OWN_KEY = "publisher_external_id"  # a key of posts, and a filter of theirs, that a companion plugin offers
YOAST, RANK_MATH = "yoast/v1", "rankmath/v1"
MOST_AUTHORS = 100


class Site(BaseModel):
    """`may`: of ROLE_ALLOWS. `meta`: keys of posts that can be written, by what they are of. `finds`: of what OWN_KEY
    is a filter. `authors`: ids by casefolded name; `all_authors` is False where there are more.
    """

    model_config = ConfigDict(frozen=True)

    root: Root
    name: str
    user_id: int
    user_name: str
    roles: list[str]
    may: list[str]
    meta: dict[RemoteEntityKind, list[str]]
    finds: list[RemoteEntityKind]
    plugins: list[str]
    authors: dict[str, int]
    all_authors: bool

    @classmethod
    def kept(cls, capabilities: Mapping[str, Any]) -> "Site | None":
        """None for what was never asked, or was kept in another form."""
        try:
            return cls.model_validate(dict(capabilities))
        except ValidationError:
            return None


class Offer(BaseModel):
    """What a user may do with posts or pages."""

    creates: bool
    meta: list[str]
    finds: bool


async def ask_root(api: Api) -> Answer:
    """The API's index; says to `api` how paths are written. Asked without a password where that is enough."""
    first: RefusedError | None = None
    for root in Root:
        api.root = root
        for signed in (False, True):
            try:
                return await index(api, signed=signed)
            except RefusedError as error:
                if error.retryable or error.name in WRONG_PASSWORD:
                    raise
                first = first or error
                if error.code[:4] not in ("401 ", "403 "):
                    break
    api.root = None
    assert first
    raise first


async def index(api: Api, *, signed: bool) -> Answer:
    answer = await api.call("GET", "/", {"_fields": "name,url,home,namespaces,authentication"}, signed=signed)
    if not isinstance(answer.fields.get("namespaces"), list):
        raise api.failures.foreign()
    return answer


async def ask_user(api: Api) -> Mapping[str, Any]:
    fields = "id,name,username,roles,capabilities"
    return (await api.get("/wp/v2/users/me", {"context": "edit", "_fields": fields})).fields


async def ask_offer(api: Api, entity: RemoteEntityKind) -> Offer:
    answer = await _options(api, ROUTES[entity])
    if answer is None:
        return Offer(creates=True, meta=[], finds=False)
    properties = inner(answer.fields, "schema", "properties", "meta", "properties")
    endpoints = answer.fields.get("endpoints")
    finds = isinstance(endpoints, list) and any(OWN_KEY in inner(each, "args") for each in endpoints)
    return Offer(creates=_may_post(answer), meta=sorted(properties), finds=finds)


async def may_upload(api: Api) -> bool:
    answer = await _options(api, "/wp/v2/media")
    return answer is None or _may_post(answer)


async def _options(api: Api, route: str) -> Answer | None:
    """None where something before WordPress answers such requests by itself, and says nothing of what it allows."""
    try:
        return await api.call("OPTIONS", route)
    except RefusedError as error:
        if error.retryable or error.name:
            raise
        return None


def _may_post(answer: Answer) -> bool:
    return "POST" in answer.headers.get("allow", "POST")


async def ask_authors(api: Api) -> tuple[dict[str, int], bool]:
    """Who may be an article's author, and whether these are all. Of names that several have, none."""
    params = {"who": "authors", "per_page": MOST_AUTHORS, "orderby": "id", "_fields": "id,name"}
    rows = (await api.get("/wp/v2/users", params)).rows
    return by_name(rows), len(rows) < MOST_AUTHORS


async def ask_author(api: Api, name: str) -> dict[str, int]:
    params = {"who": "authors", "per_page": MOST_AUTHORS, "search": name, "_fields": "id,name"}
    return by_name((await api.get("/wp/v2/users", params)).rows)


def by_name(rows: list[Mapping[str, Any]]) -> dict[str, int]:
    found: dict[str, int] = {}
    several = set()
    for row in rows:
        name = unescape(str(row.get("name"))).casefold()
        if not isinstance(row.get("id"), int):
            continue
        if found.setdefault(name, row["id"]) != row["id"]:
            several.add(name)
    return {name: id for name, id in found.items() if name not in several}


def roles_of(user: Mapping[str, Any]) -> list[str]:
    """A list, or an object where one of them was taken away."""
    roles = user.get("roles")
    found = roles.values() if isinstance(roles, dict) else roles if isinstance(roles, list) else ()
    return [str(role) for role in found]


def site_from(
    api: Api,
    index: Answer,
    user: Mapping[str, Any],
    offers: Mapping[RemoteEntityKind, Offer],
    authors: tuple[dict[str, int], bool],
) -> Site:
    allowed = inner(user, "capabilities")
    return Site(
        root=api.root or Root.PATH,
        name=unescape(str(index.fields.get("name") or "")),
        user_id=int(id_of(user)),
        user_name=unescape(str(user.get("name") or "")),
        roles=roles_of(user),
        may=[name for name in ROLE_ALLOWS if allowed.get(name)],
        meta={entity: offer.meta for entity, offer in offers.items()},
        finds=[entity for entity, offer in offers.items() if offer.finds and OWN_KEY in offer.meta],
        plugins=[name for name in (YOAST, RANK_MATH) if name in index.fields.get("namespaces", ())],
        authors=authors[0],
        all_authors=authors[1],
    )


async def ask_site(api: Api) -> Site:
    """All of it, for an integration that was never tested."""
    root = await ask_root(api)
    user = await ask_user(api)
    offers = {entity: await ask_offer(api, entity) for entity in ROUTES}
    return site_from(api, root, user, offers, ({}, False))
