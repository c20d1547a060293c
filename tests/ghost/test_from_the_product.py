"""A content on its way from the API to a Ghost site and back to a draft; and what is changed there on its way here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from domain.addresses import AllowedHosts
from domain.destinations import Connection, Destination, Destinations
from jobs.adapters.door import Door
from jobs.adapters.ghost import Ghost
from persistence.terms import TaxonomyType
from tests.client import Api
from tests.conftest import Place
from tests.files import stored
from tests.ghost.articles import picture
from tests.ghost.sites import There
from tests.ghost.test_failures import lost
from tests.jobs.support import sql
from tests.publishing.house import CREATE, House, house
from tests.publishing.test_sync import found, looked, read, updated
from tests.schema.articles import image, uuid_of

CHECKS = "query($id: ID!) { integration(id: $id) { status error capabilities checks { stage isOk } } }"


class Doors:
    """Implements Destinations, for Ghost alone."""

    @asynccontextmanager
    async def open(self, connection: Connection, *, gated: bool = True) -> AsyncIterator[Destination]:
        async with Door(AllowedHosts.of("127.0.0.1")).client() as client:
            yield Ghost(client, connection)


@pytest.fixture
async def home(place: Place, owner: Api, memory: There) -> AsyncIterator[House]:
    async with house(place, owner) as made:
        made.desk.runner.tools = made.desk.runner.tools.having(Destinations, Doors())
        given = {"url": f"{memory.url}/ghost/", "adminApiKey": memory.key}
        there = await owner.one(CREATE, input={"siteId": made.site, "name": "Ghost", "ghost": given})
        assert there["userErrors"] == []
        made.integration = there["integration"]["id"]
        yield made


async def test_a_content_is_published_once_and_taken_back(home: House, memory: There) -> None:
    assert memory.site
    assert memory.server
    started = await home.owner.start("testConnection", integrationId=home.integration)
    await home.work()
    assert (await home.owner.finished(started["job"]["id"]))["status"] == "SUCCEEDED"
    tried = await home.owner.one(CHECKS, id=home.integration)
    assert (tried["status"], len(tried["checks"]), tried["capabilities"]["site"]) == ("CONNECTED", 8, memory.url)

    html = "<p>One <mark>two</mark>.</p><h2>Three</h2><dl><dt>T</dt><dd>D</dd></dl>"
    (content,) = await home.contents(html_content=html, meta_title="For engines")
    key = await stored(home.place, await picture().read())
    image(home.place, content, key=key)
    image(home.place, content, key=key, image_type="IN_ARTICLE", alt_text="A cup")
    memory.server.play(lost(memory.site))
    assert (await home.published([content]))["status"] == "SUCCEEDED"

    (post,) = memory.site.posts.values()
    assert (post["status"], post["meta_title"], len(memory.site.images)) == ("published", "For engines", 1)
    assert "<p>One two.</p>" in post["html"]
    assert post["feature_image"] in post["html"]
    said = await home.read(content)
    (publication,) = said["publications"]["nodes"]
    assert said["publishedUrl"] == publication["url"] == f"{memory.url}/{post['slug']}/"
    records = publication["records"]["nodes"]
    assert [(record["action"], record["outcome"]) for record in records] == [("CREATE", "LOST"), ("ADOPT", "DONE")]
    fields = records[-1]["fields"]
    assert {fields[name] for name in ("title", "slug", "html", "status", "meta_title", "featured")} == {"SENT"}

    started = await home.owner.start("unpublishContent", contentIds=[content], integrationId=home.integration)
    await home.work()
    assert (await home.owner.finished(started["job"]["id"]))["message"] == "draft there"
    said = await home.read(content)
    assert (said["status"], said["publications"]["nodes"][0]["status"]) == ("APPROVED", "DRAFT")
    assert [post["status"] for post in memory.site.posts.values()] == ["draft"]
    await home.published([content])
    assert [post["status"] for post in memory.site.posts.values()] == ["published"]


def edited(home: House, memory: There, id: str, **said: Any) -> None:
    """There, and by a clock that has gone on: it tells no fractions of a second."""
    assert memory.site
    memory.site.posts[id] |= said
    sql(home.place, "update publication set modified_at = modified_at - interval '1 minute' where remote_id = %s", id)


async def test_what_is_changed_there_comes_here_and_what_is_changed_on_both_sides_waits(
    home: House, memory: There
) -> None:
    assert memory.site
    filed = "<h2>One</h2><p>Two <mark>three</mark>.</p><table><tbody><tr><td>4</td></tr></tbody></table>"
    ours, both = await home.contents(2, html_content=filed, meta_title="Old")
    await home.published([ours, both])
    by_content = dict(sql(home.place, "select content_id, remote_id from publication"))
    first, second = (by_content[uuid_of(id)] for id in (ours, both))
    assert await looked(home) == {"outcome": "DONE", "listed": 2}
    edited(home, memory, first)
    assert await looked(home) == {"outcome": "DONE", "listed": 2}, "a touch is no change"

    async with memory.ghost() as ghost:
        await ghost.term(TaxonomyType.TAG, "Theirs")
    edited(
        home, memory, first, title="Better", html='<h2 id="one">One</h2><p>Two.</p>', meta_title=None,
        tags=[*memory.site.posts[first]["tags"], memory.site.tags[-1]],
    )  # fmt: skip
    edited(home, memory, second, title="Theirs")
    await updated(home, both, title="Ours")
    assert await looked(home) == {"outcome": "DONE", "listed": 2, "updated": 1, "conflicting": 1}
    said = await read(home, ours)
    assert (said["title"], said["htmlContent"], said["metaTitle"]) == ("Better", "<h2>One</h2><p>Two.</p>", None)
    assert said["revisions"]["nodes"][-1]["reason"] == "edited at Ghost"
    (conflict,) = (await read(home, both))["publications"]["nodes"][0]["conflicts"]["nodes"]
    assert (conflict["field"], conflict["ours"], conflict["theirs"]) == ("TITLE", "Ours", "Theirs")
    filed_under = (
        "select t.name from content_taxonomy_map m join taxonomy t on t.id = taxonomy_id where content_id = %s"
    )
    assert sql(home.place, filed_under, uuid_of(ours)) == [("Theirs",)]

    await updated(home, ours, metaTitle="New")
    assert (await home.published([ours]))["status"] == "SUCCEEDED"
    post = memory.site.posts[first]
    assert (post["title"], post["html"], post["meta_title"]) == ("Better", '<h2 id="one">One</h2><p>Two.</p>', "New")
    assert "Theirs" in {tag["name"] for tag in post["tags"]}
    assert (await home.published([both]))["status"] == "FAILED"
    assert memory.site.posts[second]["title"] == "Theirs", "nothing is overwritten unasked"


async def test_what_was_written_there_becomes_a_content(home: House, memory: There) -> None:
    async with memory.ghost() as ghost:
        for kind, status in (("posts", "published"), ("posts", "draft"), ("pages", "published")):
            given = {
                "title": f"By hand, {kind} {status}", "html": "<h2>One</h2><p>Two.</p>", "status": status,
                "custom_excerpt": "Short.", "tags": [{"name": "News & Views"}, {"name": "#hidden"}],
            }  # fmt: skip
            await ghost.api.post(f"{kind}/", {kind: [given]}, source="html")
    assert await looked(home) == {"outcome": "DONE", "listed": 3, "imported": 3}
    nodes = await found(home)
    assert [(node["contentType"], node["status"]) for node in nodes] == [
        ("PAGE", "PUBLISHED"), ("POST", "DRAFT"), ("POST", "PUBLISHED"),
    ]  # fmt: skip
    for node in nodes:
        assert node["htmlContent"] == "<h2>One</h2><p>Two.</p>"
        (filed,) = node["taxonomyMap"]["nodes"]
        assert filed["taxonomy"] == {"name": "News & Views", "taxonomyType": "TAG"}
    assert await looked(home) == {"outcome": "DONE", "listed": 3}
