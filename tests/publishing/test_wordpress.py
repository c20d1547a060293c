"""The road to a WordPress: from an approved content over the adapter to a stand-in, and back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from domain.addresses import AllowedHosts
from domain.destinations import Connection, Destinations
from jobs.adapters.door import Door
from jobs.adapters.wordpress import WordPress
from tests.client import Api
from tests.conftest import Place
from tests.files import stored
from tests.jobs.support import one, sql
from tests.publishing.house import House, house
from tests.schema.articles import image, uuid_of
from tests.standins.wordpress import WordPressSite, after_it_was_done
from tests.wordpress.pictures import picture

UPDATE = """
mutation($id: ID!, $input: UpdateIntegrationInput!) { updateIntegration(id: $id, input: $input) {
  userErrors { message } } }
"""
LOOK = "query($id: ID!) { integration(id: $id) { status error checks { stage isOk found cure } } }"


@dataclass(slots=True)
class Road:
    """Implements Destinations."""

    door: Door

    @asynccontextmanager
    async def open(self, connection: Connection, *, gated: bool = True) -> AsyncIterator[WordPress]:
        async with self.door.client() as client:
            yield WordPress(client, connection)


@pytest.fixture
async def site() -> AsyncIterator[WordPressSite]:
    async with WordPressSite(companion=True) as made:
        yield made


@pytest.fixture
async def home(place: Place, owner: Api, site: WordPressSite) -> AsyncIterator[House]:
    async with house(place, owner) as made:
        made.desk.runner.tools = made.desk.runner.tools.having(Destinations, Road(Door(AllowedHosts.of("127.0.0.1"))))
        admin = site.users["admin"]
        given = {"url": site.url, "username": admin.username, "appPassword": admin.app_password}
        changed = await owner.one(UPDATE, id=made.integration, input={"wordPress": given})
        assert changed["userErrors"] == []
        yield made


async def connected(home: House) -> dict[str, object]:
    started = await home.owner.start("testConnection", integrationId=home.integration)
    await home.work()
    await home.owner.finished(started["job"]["id"])
    found: dict[str, object] = await home.owner.one(LOOK, id=home.integration)
    return found


async def test_a_connection_is_tried_and_its_stages_are_kept(home: House, site: WordPressSite) -> None:
    found = await connected(home)
    assert found["status"] == "CONNECTED"
    assert len(found["checks"]) == 8  # type: ignore[arg-type]

    site.passwords = False
    found = await connected(home)
    assert found["status"] == "FAILED"
    assert str(found["error"]).startswith("The site offers no application passwords.")


async def test_contents_are_published_with_few_requests(home: House, site: WordPressSite) -> None:
    await connected(home)
    ids = await home.contents(3, html_content="<p>Boil.</p><h2>Then</h2><p>Wait.</p>", meta_title="T")
    for number, id in enumerate(ids):
        for n, kind in enumerate(("FEATURED", "IN_ARTICLE")):
            key = await stored(home.place, picture(number * 2 + n))
            image(home.place, id, key=key, image_type=kind, alt_text=f"Cup {number}{n}")
    before = len(site.requests)
    job = await home.published(ids)
    assert job["status"] == "SUCCEEDED", job
    assert len(site.requests) - before == 4 * len(ids)
    assert {post.status for post in site.posts} == {"publish"}
    for id in ids:
        (publication,) = (await home.read(id))["publications"]["nodes"]
        assert publication["url"].startswith(site.url)
        fields = publication["records"]["nodes"][0]["fields"]
        assert {fields[name] for name in ("title", "content", "featured", "pictures", "meta_title")} == {"SENT"}


async def test_an_answer_that_was_lost_makes_no_second_post(home: House, site: WordPressSite) -> None:
    (id,) = await home.contents()
    site.breaks_with(after_it_was_done("POST", "/wp/v2/posts"))
    job = await home.published([id])
    assert job["status"] == "SUCCEEDED", job
    assert len(site.posts) == 1
    (publication,) = (await home.read(id))["publications"]["nodes"]
    assert publication["remoteId"] == str(site.posts[0].id)
    assert "ADOPT" in {record["action"] for record in publication["records"]["nodes"]}


async def test_what_was_deleted_there_for_good_is_made_anew(home: House, site: WordPressSite) -> None:
    (id,) = await home.contents()
    await home.published([id])
    site.shelf.posts.clear()
    await home.published([id], "DRAFT")
    assert [post.status for post in site.posts] == ["draft"]


async def test_what_is_taken_away_is_in_the_trash_there(home: House, site: WordPressSite) -> None:
    (id,) = await home.contents()
    await home.published([id])
    started = await home.owner.start("unpublishContent", contentIds=[id], integrationId=home.integration)
    await home.work()
    assert (await home.owner.finished(started["job"]["id"]))["status"] == "SUCCEEDED"
    assert [post.status for post in site.posts] == ["trash"]
    await home.published([id])
    assert [post.status for post in site.posts] == ["publish"]


async def test_a_password_that_was_revoked_is_named(home: House, site: WordPressSite) -> None:
    (id,) = await home.contents()
    del site.users["admin"]
    job = await home.published([id])
    assert job["status"] == "FAILED"
    (publication,) = (await home.read(id))["publications"]["nodes"]
    assert "takes admin for nobody" in publication["error"]
    assert site.posts == []


async def test_what_somebody_changed_there_is_taken_over(home: House, site: WordPressSite) -> None:
    (id,) = await home.contents(html_content="<p>Boil the water.</p>")
    await home.published([id])
    (post,) = site.posts
    marked = post.content.replace("Boil the water", "Boil the fresh water")
    sql(home.place, "update publication set modified_at = modified_at - interval '1 minute', updated_at = updated_at")
    site.shelf.change(post, {"content": marked, "title": "A better title"}, site.users["editor"])
    by_hand = site.shelf.add("post", 2)
    site.shelf.change(by_hand, {"content": "By\n\nhand", "title": "By hand", "status": "publish"}, site.users["editor"])
    started = await home.owner.start("syncIntegration", integrationId=home.integration)
    await home.work()
    assert (await home.owner.finished(started["job"]["id"]))["status"] == "SUCCEEDED"
    title, html = sql(home.place, "select title, html_content from content where id = %s", uuid_of(id))[0]
    assert (title, html) == ("A better title", "<p>Boil the fresh water.</p>")
    assert one(home.place, "select html_content from content where title = 'By hand' and site_id = %s",
               uuid_of(home.site)) == "<p>By</p>\n<p>hand</p>"  # fmt: skip


async def test_a_tag_that_was_deleted_there_is_made_anew(home: House, site: WordPressSite) -> None:
    first, second = await home.contents(2)
    tag = one(
        home.place,
        "insert into taxonomy (account_id, site_id, taxonomy_type, name, slug) "
        "select account_id, site_id, 'TAG', 'Brew', 'brew' from content where id = %s returning id",
        uuid_of(first),
    )
    sql(
        home.place,
        "insert into content_taxonomy_map (account_id, site_id, sector_id, content_id, taxonomy_id) "
        "select account_id, site_id, sector_id, id, %s from content where id = any(%s)",
        tag, [uuid_of(first), uuid_of(second)],
    )  # fmt: skip
    await home.published([first])
    (before,) = site.posts[0].tags
    del site.terms.terms[before]
    await home.published([second])
    (after,) = site.posts[1].tags
    assert site.terms.terms[after].name == "Brew"
    known = "select remote_id from remote_entity where entity = 'TERM' and site_id = %s"
    assert sql(home.place, known, uuid_of(home.site)) == [(str(after),)]
