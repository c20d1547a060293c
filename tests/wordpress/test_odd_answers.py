"""Whatever a site answers, the adapter answers too or says what is wrong: nothing else comes out of it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.destinations import Connection, DestinationError, Placed, RemoteMedia
from jobs.adapters.wordpress import WordPress
from persistence.terms import IntegrationKind, RemoteEntityKind, RemoteStatus, TaxonomyType
from tests.wordpress.opening import article
from tests.wordpress.pictures import media_of, picture

POST = RemoteEntityKind.POST
KEYS = [
    *("id", "name", "slug", "status", "link", "title", "content", "excerpt", "raw", "author", "date_gmt", "categories"),
    *("modified_gmt", "featured_media", "tags", "meta", "source_url", "namespaces", "authentication", "home", "roles"),
    *("application-passwords", "capabilities", "schema", "properties", "endpoints", "methods", "args", "data", "code"),
    *("message", "params", "term_id", "parent", "publisher_external_id", "_yoast_wpseo_title", "GET"),
]
WORDS = [
    "",
    "publish",
    "future",
    "term_exists",
    "rest_invalid_param",
    "rest_post_invalid_id",
    "2026-13-99",
    "%ff",
    "wp/v2",
]
LEAVES = st.none() | st.booleans() | st.integers(-3, 10**20) | st.floats() | st.sampled_from(WORDS)
ANSWERS = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner), max_leaves=25
)
STATUSES = st.sampled_from([200, 200, 200, 201, 400, 401, 404, 410, 429, 500, 503])
GOOD = {
    "id": 7, "name": "admin", "namespaces": ["wp/v2"], "authentication": {"application-passwords": {}},
    "capabilities": {"edit_posts": True, "publish_posts": True, "upload_files": True, "edit_others_posts": True},
}  # fmt: skip
HEADERS = {"x-wp-totalpages": "1", "allow": "GET, POST"}
CALLS: dict[str, Callable[[WordPress], Awaitable[Any]]] = {
    "check": lambda site: site.check(lambda *_: None),
    "find": lambda site: site.find("igny8-00", POST),
    "create": lambda site: site.create(WANTED),
    "put": lambda site: site.put("7", WANTED, Placed({SHOWN.sha256: RemoteMedia("3", "https://a.example/b.png")})),
    "fetch": lambda site: site.fetch("7", POST),
    "remove": lambda site: site.remove("7", POST),
    "find_media": lambda site: site.find_media(SHOWN),
    "upload": lambda site: site.upload(SHOWN),
    "term": lambda site: site.term(TaxonomyType.TAG, "Tea"),
    "read": lambda site: site.read(["7", "8"], POST),
    "listed": lambda site: all_of(site),
}
SHOWN = media_of(picture(1))
WANTED = article(
    author="Ada", featured=SHOWN.sha256, media=(SHOWN,), meta_title="T", status=RemoteStatus.PUBLISHED, json_ld="{}"
)


async def all_of(site: WordPress) -> list[Any]:
    return [line async for page in site.listed(POST) for line in page]


@pytest.mark.parametrize("method", list(CALLS))
@settings(max_examples=15, deadline=None)
@given(answers=st.lists(st.tuples(STATUSES, ANSWERS), min_size=1, max_size=3), good=st.integers(0, 8))
def test_odd_answers_are_failures_of_the_destination(method: str, answers: list[tuple[int, Any]], good: int) -> None:
    """The first are as they should be, those after them are not."""
    asked = 0

    def answer(request: httpx2.Request) -> httpx2.Response:
        nonlocal asked
        asked += 1
        status, data = (200, GOOD) if asked <= good else answers[asked % len(answers)]
        return httpx2.Response(status, headers=HEADERS, content=json.dumps(data))

    async def call() -> None:
        async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as client:
            connection = Connection(IntegrationKind.WORDPRESS, "https://a.example", {"username": "admin"}, "secret")
            with suppress(DestinationError):
                await CALLS[method](WordPress(client, connection))

    asyncio.run(call())
