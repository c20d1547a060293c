"""What is changed here and at a destination: nothing is lost, nothing is overwritten unasked, nothing comes twice."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.destinations import RemoteTerm
from jobs.schedule import sync_due
from persistence.terms import RemoteEntityKind, RemoteStatus
from tests.client import Api, Json
from tests.conftest import Place
from tests.jobs.support import one, sql
from tests.publishing.house import House, house
from tests.publishing.shelf import BUSY
from tests.schema.articles import uuid_of

UPDATE = """
mutation($id: ID!, $input: UpdateContentInput!) { updateContent(id: $id, input: $input) { userErrors { message } } }
"""
CONTENT = """
query($id: ID!) { content(id: $id) { title slug htmlContent excerpt metaTitle origin status publishedUrl
  revisions(first: 10, orderBy: {field: CREATED_AT}) { nodes { number reason origin title } }
  publications(first: 2) { nodes { isStale error conflicts(first: 9) { nodes {
    id field ours theirs base status version user { id } } } } } } }
"""
RESOLVE = """
mutation($id: ID!, $input: ResolveConflictInput!) { resolveConflict(id: $id, input: $input) {
  syncConflict { status user { id } } userErrors { code message } } }
"""
FOUND = """
query($site: ID!) { contents(first: 50, filter: {origin: {in: [IMPORTED]}, siteId: $site}) { nodes {
  id title slug status contentType htmlContent publishedUrl
  taxonomyMap(first: 5) { nodes { taxonomy { name taxonomyType } } } } } }
"""
HEALTH = """
query($id: ID!) { integrationHealth(id: $id) { health { lastSuccess lag drift conflicts failures nextRun }
  userErrors { message } } }
"""


@pytest.fixture
async def home(place: Place, owner: Api) -> AsyncIterator[House]:
    async with house(place, owner) as made:
        yield made


async def looked(home: House) -> Json:
    """The run, at its end."""
    started = await home.owner.start("syncIntegration", integrationId=home.integration)
    assert started["userErrors"] == []
    await home.work()
    await home.owner.finished(started["job"]["id"])
    runs = await home.owner.one(
        "query($id: ID!) { syncRuns(first: 1, filter: {integrationId: $id}, orderBy: {field: CREATED_AT, "
        "direction: DESC}) { nodes { outcome listed imported updated pushed conflicting gone skipped error endedAt "
        "} } }",
        id=home.integration,
    )
    (run,) = runs["nodes"]
    assert run.pop("endedAt")
    return {name: value for name, value in run.items() if value}


async def updated(home: House, id: str, **given: Any) -> None:
    assert (await home.owner.one(UPDATE, id=id, input=given))["userErrors"] == []


async def found(home: House) -> list[Json]:
    nodes: list[Json] = (await home.owner.one(FOUND, site=home.site))["nodes"]
    return sorted(nodes, key=lambda node: str(node["title"]))


async def read(home: House, id: str) -> Json:
    content: Json = await home.owner.one(CONTENT, id=id)
    return content


async def test_what_was_sent_and_not_touched_is_no_change(home: House) -> None:
    ids = await home.contents(3, html_content="<p>One.</p>")
    await home.published(ids)
    assert await looked(home) == {"outcome": "DONE", "listed": 3}
    assert "read" not in home.shelf.calls, "the list says enough"


async def test_an_edit_made_there_is_a_revision(home: House) -> None:
    (content,) = await home.contents(html_content="<p>One.</p>", meta_title="Old")
    await home.published([content])
    home.shelf.write(
        "1", title="Better  title", html='<p class="x">Two <script>no()</script>words.</p>\n', meta_title="",
        tags=(RemoteTerm("9", "Brew & more"),),
    )  # fmt: skip
    assert await looked(home) == {"outcome": "DONE", "listed": 1, "updated": 1}
    said = await read(home, content)
    assert (said["title"], said["htmlContent"], said["metaTitle"]) == ("Better title", "<p>Two words.</p>", None)
    assert (said["origin"], said["status"]) == ("IMPORTED", "PUBLISHED")
    assert said["revisions"]["nodes"][-1] == {
        "number": said["revisions"]["nodes"][-1]["number"], "reason": "edited at Blog", "origin": "IMPORTED",
        "title": "Better title",
    }  # fmt: skip
    assert await looked(home) == {"outcome": "DONE", "listed": 1}
    await home.published([content])
    assert home.shelf.posts["1"].said["tags"] == (RemoteTerm("9", "Brew & more"),), "what was not changed here is kept"


async def test_a_touch_that_changes_nothing_is_no_revision(home: House) -> None:
    (content,) = await home.contents()
    await home.published([content])
    home.shelf.write("1")
    assert await looked(home) == {"outcome": "DONE", "listed": 1}
    assert one(home.place, "select max(number) from content_revision where content_id = %s", uuid_of(content)) in (
        None,
        1,
    )


async def test_what_was_changed_here_alone_is_sent(home: House) -> None:
    (content,) = await home.contents()
    await home.published([content])
    await updated(home, content, title="Ours")
    home.shelf.write("1")
    assert await looked(home) == {"outcome": "DONE", "listed": 1, "pushed": 1}
    await home.work()
    assert home.shelf.posts["1"].said["title"] == "Ours"
    assert (await read(home, content))["publications"]["nodes"][0]["isStale"] is False


async def test_what_was_changed_on_both_sides_waits_for_somebody(home: House) -> None:
    (content,) = await home.contents(title="Old", html_content="<p>Old.</p>")
    await home.published([content])
    await updated(home, content, title="Ours", htmlContent="<p>Ours.</p>")
    home.shelf.write("1", title="Theirs", html="<p>Theirs.</p>", meta_title="Theirs alone")
    assert await looked(home) == {"outcome": "DONE", "listed": 1, "updated": 1, "conflicting": 2}
    said = await read(home, content)
    assert (said["title"], said["htmlContent"], said["metaTitle"]) == ("Ours", "<p>Ours.</p>", "Theirs alone")
    conflicts = {c["field"]: c for c in said["publications"]["nodes"][0]["conflicts"]["nodes"]}
    assert {name: (c["ours"], c["theirs"], c["status"]) for name, c in conflicts.items()} == {
        "TITLE": ("Ours", "Theirs", "OPEN"), "HTML": ("<p>Ours.</p>", "<p>Theirs.</p>", "OPEN"),
    }  # fmt: skip
    health = (await home.owner.one(HEALTH, id=home.integration))["health"]
    assert (health["conflicts"], health["failures"], health["nextRun"]) == (2, 0, None)
    assert health["lag"] >= 0

    job = await home.published([content])
    assert job["status"] == "FAILED"
    assert home.shelf.posts["1"].said["title"] == "Theirs", "nothing is overwritten unasked"
    assert "resolveConflict" in (await read(home, content))["publications"]["nodes"][0]["error"]

    ours = await home.owner.one(RESOLVE, id=conflicts["TITLE"]["id"], input={"side": "OURS", "expectedVersion": 1})
    assert ours["syncConflict"]["status"] == "OURS"
    assert ours["syncConflict"]["user"]
    theirs = await home.owner.one(RESOLVE, id=conflicts["HTML"]["id"], input={"side": "THEIRS"})
    assert theirs["syncConflict"]["status"] == "THEIRS"
    again = await home.owner.one(RESOLVE, id=conflicts["HTML"]["id"], input={"side": "OURS"})
    assert again["userErrors"][0]["code"] == "CONFLICT"
    assert (await home.published([content]))["status"] == "SUCCEEDED"
    there = home.shelf.posts["1"].said
    assert (there["title"], there["html"].strip(), there["meta_title"]) == ("Ours", "<p>Theirs.</p>", "Theirs alone")
    said = await read(home, content)
    assert (said["title"], said["htmlContent"]) == ("Ours", "<p>Theirs.</p>")
    assert await looked(home) == {"outcome": "DONE", "listed": 1}


async def test_both_sides_that_come_to_say_the_same_are_no_conflict_any_more(home: House) -> None:
    (content,) = await home.contents(title="Old")
    await home.published([content])
    await updated(home, content, title="Ours")
    home.shelf.write("1", title="Theirs")
    assert (await looked(home))["conflicting"] == 1
    home.shelf.write("1", title="Ours")
    assert await looked(home) == {"outcome": "DONE", "listed": 1}
    (conflict,) = (await read(home, content))["publications"]["nodes"][0]["conflicts"]["nodes"]
    assert conflict["status"] == "OBSOLETE"


async def test_publishing_looks_for_edits_made_there_since(home: House) -> None:
    """Without a look between: an edit made there is a revision before anything is sent."""
    (content,) = await home.contents(title="Old", html_content="<p>Old.</p>")
    await home.published([content])
    home.shelf.write("1", html="<p>Theirs.</p>")
    await updated(home, content, title="Ours")
    assert (await home.published([content]))["status"] == "SUCCEEDED"
    there, said = home.shelf.posts["1"].said, await read(home, content)
    assert (there["title"], there["html"].strip()) == ("Ours", "<p>Theirs.</p>")
    assert (said["title"], said["htmlContent"]) == ("Ours", "<p>Theirs.</p>")
    assert said["revisions"]["nodes"][-1]["reason"] == "edited at Blog"


async def test_posts_and_pages_that_were_not_known_become_contents_once(home: House) -> None:
    home.shelf.write(
        "70", title="Über uns", slug="ueber-uns", html="<p>We <b>are</b>.</p>", excerpt="Short.",
        categories=(RemoteTerm("3", "News & Views"),),
    )  # fmt: skip
    home.shelf.write("71", RemoteStatus.DRAFT, title="Half", html="<p>Not yet.</p>", slug="")
    home.shelf.write("72", RemoteStatus.TRASHED, title="Gone", html="<p>Gone.</p>")
    home.shelf.write("73", title="Page", html="<p>A page.</p>", slug="page")
    home.shelf.posts["73"].entity = RemoteEntityKind.PAGE
    home.shelf.write("74", title="", html="", slug="empty")
    assert await looked(home) == {"outcome": "DONE", "listed": 5, "imported": 3, "skipped": 1}
    half, page, about = await found(home)
    assert (about["title"], about["slug"], about["status"], about["contentType"]) == (
        "Über uns", "ueber-uns", "PUBLISHED", "POST",
    )  # fmt: skip
    assert about["publishedUrl"] == "https://there/ueber-uns"
    assert about["htmlContent"] == "<p>We <b>are</b>.</p>"
    (filed,) = about["taxonomyMap"]["nodes"]
    assert filed["taxonomy"] == {"name": "News & Views", "taxonomyType": "CATEGORY"}
    assert (half["status"], page["contentType"]) == ("DRAFT", "PAGE")
    assert await looked(home) == {"outcome": "DONE", "listed": 5, "skipped": 1}

    await updated(home, about["id"], metaTitle="About us")
    assert (await home.published([about["id"]]))["status"] == "SUCCEEDED"
    there = home.shelf.posts["70"]
    assert (there.said["meta_title"], there.said["html"], there.said["slug"]) == (
        "About us", "<p>We <b>are</b>.</p>", "ueber-uns",
    )  # fmt: skip
    assert {"html", "title", "slug", "featured"} <= there.article.keep
    assert len(home.shelf.posts) == 5


async def test_what_was_brought_and_deleted_here_does_not_come_again(home: House) -> None:
    home.shelf.write("70", title="Theirs", html="<p>Theirs.</p>", slug="theirs")
    await looked(home)
    (content,) = await found(home)
    sql(home.place, "delete from content where id = %s", uuid_of(content["id"]))
    assert await looked(home) == {"outcome": "DONE", "listed": 1, "skipped": 1}


async def test_a_post_of_ours_whose_answer_was_lost_is_known_by_its_marker(home: House) -> None:
    (content,) = await home.contents()
    await home.published([content])
    own = "where content_id = %s"
    lost = "update publication set remote_id = null, status = null, unknown_since = now() "
    sql(home.place, lost + own, uuid_of(content))
    assert await looked(home) == {"outcome": "DONE", "listed": 1}
    assert (
        one(home.place, "select (remote_id, status, unknown_since)::text from publication " + own, uuid_of(content))
        == "(1,PUBLISHED,)"
    )
    assert await found(home) == []


async def test_trashed_deleted_and_shown_by_somebody_there(home: House) -> None:
    trashed, deleted, drafted = await home.contents(3)
    await home.published([trashed, deleted])
    await home.published([drafted], "DRAFT")
    home.shelf.write("1", RemoteStatus.TRASHED, slug="x__trashed")
    del home.shelf.posts["2"]
    home.shelf.write("3", RemoteStatus.PUBLISHED)
    assert await looked(home) == {"outcome": "DONE", "listed": 2, "gone": 1}
    assert [(await home.read(id))["status"] for id in (trashed, deleted, drafted)] == [
        "APPROVED", "APPROVED", "PUBLISHED",
    ]  # fmt: skip
    home.shelf.write("1", RemoteStatus.PUBLISHED, slug="back")
    assert await looked(home) == {"outcome": "DONE", "listed": 2, "updated": 1}
    assert (await home.read(trashed))["publishedUrl"] == "https://there/back"
    assert (await home.published([deleted]))["status"] == "SUCCEEDED"
    assert len(home.shelf.posts) == 3


async def test_a_slug_that_another_content_has_is_a_conflict(home: House) -> None:
    first, second = await home.contents(2)
    await home.published([first, second])
    taken = (await read(home, first))["slug"]
    home.shelf.write("2", slug=taken)
    assert (await looked(home))["conflicting"] == 1
    (conflict,) = (await read(home, second))["publications"]["nodes"][0]["conflicts"]["nodes"]
    refused = await home.owner.one(RESOLVE, id=conflict["id"], input={"side": "THEIRS"})
    assert refused["userErrors"][0]["code"] == "CONFLICT"
    kept = await home.owner.one(RESOLVE, id=conflict["id"], input={"side": "OURS"})
    assert kept["userErrors"] == []


async def test_a_look_that_fails_says_so_and_the_next_goes_on(home: House) -> None:
    home.shelf.write("70", title="Theirs", html="<p>Theirs.</p>", slug="theirs")
    home.shelf.faults += [("read", BUSY)] * 4
    run = await looked(home)
    assert (run["outcome"], run["error"]) == ("FAILED", "It is busy.")
    assert (await home.owner.one(HEALTH, id=home.integration))["health"]["failures"] == 1
    assert await looked(home) == {"outcome": "DONE", "listed": 1, "imported": 1}
    assert (await home.owner.one(HEALTH, id=home.integration))["health"]["failures"] == 0


async def test_it_looks_by_itself_as_often_as_was_said_and_once_at_a_time(home: House) -> None:
    update = """mutation($id: ID!, $input: UpdateIntegrationInput!) {
      updateIntegration(id: $id, input: $input) { userErrors { field message } } }"""
    refused = await home.owner.one(update, id=home.integration, input={"syncMinutes": 4})
    assert refused["userErrors"][0]["field"] == ["input", "syncMinutes"]
    assert (await home.owner.one(update, id=home.integration, input={"syncMinutes": 5}))["userErrors"] == []
    count = "select count(*) from job where kind = 'SYNC_INTEGRATION' and site_id = %s"
    site = uuid_of(home.site)
    await sync_due(home.desk.units, datetime.now(UTC))
    assert one(home.place, count, site) == 0, "it was made just now"
    sql(home.place, "update integration set created_at = now() - interval '6 minutes' where site_id = %s", site)
    await sync_due(home.desk.units, datetime.now(UTC))
    await sync_due(home.desk.units, datetime.now(UTC))
    assert one(home.place, count, site) == 1
    started = await home.owner.start("syncIntegration", integrationId=home.integration)
    assert started["userErrors"][0]["code"] == "CONFLICT"
    await home.work()
    health = (await home.owner.one(HEALTH, id=home.integration))["health"]
    ahead = datetime.fromisoformat(health["nextRun"]) - datetime.now(UTC)
    assert timedelta(minutes=4) < ahead <= timedelta(minutes=5)


async def test_what_was_sent_while_it_was_read_is_not_taken_back(home: House) -> None:
    """What was read before is older than what is there now."""
    (content,) = await home.contents(title="Old")
    await home.published([content])
    home.shelf.write("1", title="Theirs")

    home.shelf.meanwhile = lambda: sql(
        home.place, "update publication set updated_at = now() where content_id = %s", uuid_of(content)
    )
    assert await looked(home) == {"outcome": "DONE", "listed": 1}
    assert (await read(home, content))["title"] == "Old"


async def test_links_between_contents_are_such_again_when_a_text_comes_back(home: House) -> None:
    (target,) = await home.contents()
    await home.published([target])
    (content,) = await home.contents(html_content=f'<p>See <a href="content:{target}#top">that</a>.</p>')
    await home.published([content])
    sent = home.shelf.posts["2"].said["html"]
    assert 'href="https://there/' in sent
    home.shelf.write("2", html=sent.replace("See", "Look at"))
    assert (await looked(home))["updated"] == 1
    assert f'Look at <a href="content:{target}#top"' in (await read(home, content))["htmlContent"]
