"""A content on its way from the API to a Ghost site and back to a draft."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from domain.addresses import AllowedHosts
from domain.destinations import Connection, Destination, Destinations
from jobs.adapters.door import Door
from jobs.adapters.ghost import Ghost
from tests.client import Api
from tests.conftest import Place
from tests.files import stored
from tests.ghost.articles import picture
from tests.ghost.sites import There
from tests.ghost.test_failures import lost
from tests.publishing.house import CREATE, House, house
from tests.schema.articles import image

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
    found = await home.owner.one(CHECKS, id=home.integration)
    assert (found["status"], len(found["checks"]), found["capabilities"]["site"]) == ("CONNECTED", 8, memory.url)

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
    found = await home.read(content)
    (publication,) = found["publications"]["nodes"]
    assert found["publishedUrl"] == publication["url"] == f"{memory.url}/{post['slug']}/"
    records = publication["records"]["nodes"]
    assert [(record["action"], record["outcome"]) for record in records] == [("CREATE", "LOST"), ("ADOPT", "DONE")]
    fields = records[-1]["fields"]
    assert {fields[name] for name in ("title", "slug", "html", "status", "meta_title", "featured")} == {"SENT"}

    started = await home.owner.start("unpublishContent", contentIds=[content], integrationId=home.integration)
    await home.work()
    assert (await home.owner.finished(started["job"]["id"]))["message"] == "draft there"
    found = await home.read(content)
    assert (found["status"], found["publications"]["nodes"][0]["status"]) == ("APPROVED", "DRAFT")
    assert [post["status"] for post in memory.site.posts.values()] == ["draft"]
    await home.published([content])
    assert [post["status"] for post in memory.site.posts.values()] == ["published"]
