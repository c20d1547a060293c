"""Links between contents: to where each is shown at an integration, and told when that is elsewhere."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from persistence.terms import RemoteStatus
from tests.client import Api, Json
from tests.conftest import Place
from tests.jobs.support import buy, one, sql
from tests.publishing.house import House, house
from tests.publishing.shelf import REFUSED
from tests.schema.articles import article, uuid_of


@pytest.fixture
async def home(place: Place, owner: Api) -> AsyncIterator[House]:
    async with house(place, owner) as made:
        yield made


def to(content: str, place: str = "", text: str = "there") -> str:
    return f'<p>See <a href="content:{content}{place}" rel="noopener">{text}</a>.</p>'


def write(home: House, content: str, html: str) -> None:
    sql(home.place, "update content set html_content = %s where id = %s", html, uuid_of(content))


async def pair(home: House) -> tuple[str, str]:
    """Two approved contents that link to each other."""
    a, b = await home.contents(2)
    write(home, a, to(b, "#how"))
    write(home, b, to(a))
    return a, b


def sent(home: House, content: str) -> str:
    """What is at the destination of a content, by the title of its slug there."""
    slug = one(home.place, "select slug from content where id = %s", uuid_of(content))
    (post,) = [post for post in home.shelf.posts.values() if post.article.slug == slug]
    return post.article.html


def address(home: House, content: str) -> str:
    return str(one(home.place, "select url from publication where content_id = %s", uuid_of(content)))


async def publication(home: House, content: str) -> Json:
    (found,) = (await home.read(content))["publications"]["nodes"]
    return dict(found)


async def verdicts(home: House, content: str) -> list[Any]:
    return [record["fields"].get("links") for record in (await publication(home, content))["records"]["nodes"]]


async def stale(home: House) -> list[str]:
    """By the API, as who wants to send them again asks for them."""
    query = """query($id: ID!) { site(id: $id) {
      publications(first: 50, filter: {isStale: true}) { nodes { content { id } } } } }"""
    found = await home.owner.one(query, id=home.site)
    return sorted(node["content"]["id"] for node in found["publications"]["nodes"])


async def test_a_link_waits_for_its_target_and_then_leads_there(home: House) -> None:
    a, b = await pair(home)
    await home.published([a])
    assert sent(home, a) == "<p>See there.</p>"
    assert (await verdicts(home, a), await stale(home)) == (["DROPPED"], [])

    await home.published([b])
    assert sent(home, b) == f'<p>See <a href="{address(home, a)}" rel="noopener">there</a>.</p>'
    assert (await verdicts(home, b), await stale(home)) == (["SENT"], [a])

    await home.published([a])
    assert sent(home, a) == f'<p>See <a href="{address(home, b)}#how" rel="noopener">there</a>.</p>'
    assert (await verdicts(home, a), await stale(home)) == (["DROPPED", "SENT"], [])
    calls = len(home.shelf.calls)
    await home.published([a, b])
    assert len(home.shelf.calls) == calls, "nothing of them has changed"


async def test_those_that_are_published_at_once_say_which_is_to_be_sent_again(home: House) -> None:
    a, b = await pair(home)
    job = await home.published([a, b])
    assert job["status"] == "SUCCEEDED"
    for content in await stale(home):
        await home.published([content])

    assert await stale(home) == []
    assert sent(home, a) == f'<p>See <a href="{address(home, b)}#how" rel="noopener">there</a>.</p>'
    assert sent(home, b) == f'<p>See <a href="{address(home, a)}" rel="noopener">there</a>.</p>'


async def test_a_draft_is_nowhere_to_lead_to(home: House) -> None:
    a, b = await pair(home)
    await home.published([b], "DRAFT")
    await home.published([a])
    assert sent(home, a) == "<p>See there.</p>"
    await home.published([b], "PUBLISHED")
    assert await stale(home) == [a]


async def test_what_is_taken_away_is_told_to_what_links_there(home: House) -> None:
    a, b = await pair(home)
    await home.published([b])
    await home.published([a])
    await home.owner.start("unpublishContent", contentIds=[b], integrationId=home.integration)
    await home.work()
    assert await stale(home) == [a]

    await home.published([a])
    assert sent(home, a) == "<p>See there.</p>"
    assert (await verdicts(home, a))[-1] == "DROPPED"
    assert await stale(home) == []


async def test_an_address_that_has_changed_is_told(home: House) -> None:
    a, b = await pair(home)
    await home.published([b])
    await home.published([a])
    await home.published([b])  # it was without its link
    assert await stale(home) == []
    await home.owner.one(
        'mutation($id: ID!) { updateContent(id: $id, input: {slug: "elsewhere"}) { userErrors { message } } }', id=b
    )
    await home.published([b])

    assert await stale(home) == [a]
    await home.published([a])
    assert sent(home, a) == '<p>See <a href="https://there/elsewhere#how" rel="noopener">there</a>.</p>'


async def test_what_is_deleted_is_told_to_what_links_there(home: House) -> None:
    a, b = await pair(home)
    await home.published([b])
    await home.published([a])
    deleted = "mutation($ids: [ID!]!) { deleteContents(ids: $ids) { userErrors { message } } }"
    assert (await home.owner.one(deleted, ids=[b]))["userErrors"] == []

    assert await stale(home) == [a]
    await home.published([a])
    assert sent(home, a) == "<p>See there.</p>"
    assert (await verdicts(home, a))[-1] == "DROPPED"


async def test_a_deleted_sector_is_told_to_what_links_there(home: House) -> None:
    (a,) = await home.contents(1)
    sector = await home.owner.sector(home.site, "Tea")
    task = one(
        home.place,
        "insert into task (account_id, site_id, sector_id, title) select account_id, site_id, id, 'Tea' from sector "
        "where id = %s returning id",
        uuid_of(sector),
    )
    b = await article(home.place, home.owner, task=f"task_{task}", status="APPROVED")
    write(home, a, to(b))
    await home.published([b])
    await home.published([a])
    sql(home.place, "delete from sector where id = %s", uuid_of(sector))

    assert await stale(home) == [a]


async def test_a_page_links_to_itself(home: House) -> None:
    (a,) = await home.contents(1)
    write(home, a, f'{to(a, "#how")}{to(a)}<h2 id="how">How</h2>')
    await home.published([a])
    assert 'href="#how"' in sent(home, a)
    assert 'href="#"' in sent(home, a)
    assert (await verdicts(home, a), await stale(home)) == (["SENT"], [])
    calls = len(home.shelf.calls)
    await home.published([a])
    assert len(home.shelf.calls) == calls

    write(home, a, f'{to(a, "#how")}{to(a)}<h2 id="how">How else</h2>')
    await home.published([a])
    assert f'href="{address(home, a)}"' in sent(home, a)


async def test_what_is_on_another_site_is_not_there(home: House) -> None:
    (a,) = await home.contents(1)
    buy(home.place, home.owner, 1)
    async with house(home.place, home.owner, "Tea") as other:
        (b,) = await other.contents(1)
        await other.published([b])
        write(home, a, to(b))
        await home.published([a])

    assert sent(home, a) == "<p>See there.</p>"
    assert await verdicts(home, a) == ["DROPPED"]
    kept = (
        "select count(*) from publication_link l join publication p on p.id = l.publication_id where p.content_id = %s"
    )
    assert one(home.place, kept, uuid_of(a)) == 0


async def test_what_is_anothers_is_not_there(home: House, api: Api) -> None:
    (a,) = await home.contents(1)
    await api.sign_up()
    async with house(home.place, api, "Theirs") as theirs:
        (b,) = await theirs.contents(1)
        await theirs.published([b])
        write(home, a, to(b))
        await home.published([a])
        assert sent(home, a) == "<p>See there.</p>"
        assert await verdicts(home, a) == ["DROPPED"]
        sql(home.place, "update publication set url = 'https://there/moved' where content_id = %s", uuid_of(b))
    assert await stale(home) == []


async def look(home: House) -> None:
    await home.owner.start("syncIntegration", integrationId=home.integration)
    await home.work()


async def test_a_text_that_was_edited_there_keeps_its_links_to_contents(home: House) -> None:
    a, b = await pair(home)
    await home.published([b])
    await home.published([a])
    post = next(post for post in home.shelf.posts.values() if post.article.html == sent(home, a))
    edited = sent(home, a).replace("See", "Do see") + '<p><a href="https://there/else" rel="noopener">Else</a></p>'
    home.shelf.write(post.id, html=edited)
    await look(home)

    (kept,) = sql(home.place, "select html_content from content where id = %s", uuid_of(a))
    assert kept[0].startswith(to(b, "#how").replace("See", "Do see"))
    assert 'href="https://there/else"' in kept[0]


async def test_what_somebody_takes_away_there_is_told_to_what_links_there(home: House) -> None:
    a, b = await pair(home)
    await home.published([b])
    await home.published([a])
    post = next(post for post in home.shelf.posts.values() if post.article.html == sent(home, b))
    home.shelf.write(post.id, RemoteStatus.TRASHED)
    await look(home)

    assert await stale(home) == [a]


async def test_without_such_links_nothing_is_said_of_them(home: House) -> None:
    (a,) = await home.contents(1)
    write(home, a, '<p><a href="https://example.com/" rel="noopener">out</a></p>')
    await home.published([a])

    assert await verdicts(home, a) == [None]


async def test_a_target_that_comes_while_a_page_is_sent_is_not_missed(home: House) -> None:
    a, b = await pair(home)
    await home.published([b], "DRAFT")

    def meanwhile() -> None:
        sql(
            home.place,
            "update publication set status = 'PUBLISHED', url = 'https://there/b' where content_id = %s",
            uuid_of(b),
        )

    home.shelf.meanwhile = meanwhile
    await home.published([a])
    assert sent(home, a) == "<p>See there.</p>"
    assert a in await stale(home)


async def test_of_what_was_refused_the_links_are_as_they_were(home: House) -> None:
    a, b = await pair(home)
    await home.published([b])
    await home.published([a])
    write(home, a, "<p>Nothing.</p>")
    home.shelf.faults = [("put", REFUSED)]
    await home.published([a])
    assert 'href="' in sent(home, a)
    await home.owner.start("unpublishContent", contentIds=[b], integrationId=home.integration)
    await home.work()

    assert await stale(home) == [a]


async def test_many_that_all_link_to_each_other_get_their_links(home: House) -> None:
    contents = await home.contents(6)
    for content in contents:
        write(home, content, "".join(to(other) for other in contents if other != content))
    await asyncio.gather(*(home.publish([content]) for content in contents))
    await asyncio.gather(home.work(), home.work())
    again = await stale(home)
    assert again
    await home.published(again)

    assert await stale(home) == []
    assert [sent(home, content).count('href="https://') for content in contents] == [5] * 6
    assert {post.status for post in home.shelf.posts.values()} == {RemoteStatus.PUBLISHED}


async def test_the_preview_links_to_what_is_live(home: House) -> None:
    a, b = await pair(home)
    query = "query($id: ID!) { contentPreview(contentId: $id) { url } }"
    link = (await home.owner.one(query, id=a))["url"]
    before = (await home.owner.http.get(home.owner.url + link)).text
    await home.published([b])
    after = (await home.owner.http.get(home.owner.url + link)).text

    assert "<p>See there.</p>" in before
    assert f'<p>See <a href="{address(home, b)}#how" rel="noopener">there</a>.</p>' in after
