"""Contents at a destination: there once whatever goes wrong, and on record."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from domain.ports import PostponedError
from jobs.schedule import publish_due
from persistence.terms import RemoteStatus, TaxonomyType
from tests.client import Api
from tests.conftest import Place
from tests.files import stored
from tests.jobs.support import account_of, buy, one, sql
from tests.publishing.house import House, house
from tests.publishing.shelf import BUSY, LOST_AFTER, LOST_BEFORE, REFUSED
from tests.schema.articles import image, uuid_of


@pytest.fixture
async def home(place: Place, owner: Api) -> AsyncIterator[House]:
    async with house(place, owner) as made:
        yield made


def outcomes(found: dict[str, object]) -> list[tuple[str, str]]:
    (publication,) = found["publications"]["nodes"]  # type: ignore[index]
    return [(r["action"], r["outcome"]) for r in publication["records"]["nodes"]]


async def test_an_approved_content_is_published_and_its_task_follows(home: House) -> None:
    (content,) = await home.contents(html_content="<p>One.</p>", meta_title="Brewing")
    job = await home.published([content])

    assert job["status"] == "SUCCEEDED"
    found = await home.read(content)
    assert (found["status"], found["task"]["status"]) == ("PUBLISHED", "PUBLISHED")
    assert found["publishedAt"] == "2026-01-02T00:00:00.000Z"
    live = "query($i: ID) { contents(filter: {integrationId: $i}) { nodes { id } } }"
    assert (await home.owner.one(live, i=home.integration))["nodes"] == [{"id": content}]
    assert content not in {node["id"] for node in (await home.owner.one(live, i=None))["nodes"]}
    (publication,) = found["publications"]["nodes"]
    assert publication["url"] == found["publishedUrl"] == f"https://there/{home.shelf.posts['1'].article.slug}"
    (record,) = publication["records"]["nodes"]
    assert (record["action"], record["outcome"], record["remoteId"]) == ("CREATE", "DONE", "1")
    assert record["fields"] == {"title": "SENT", "meta_title": "DROPPED"}
    assert home.shelf.calls == ["create", "put"]
    assert home.shelf.posts["1"].article.meta_title == "Brewing"


async def test_what_is_there_as_it_is_is_not_sent_again_and_what_was_edited_is(home: House) -> None:
    (content,) = await home.contents()
    await home.published([content])
    await home.published([content])
    assert home.shelf.calls == ["create", "put"]

    await home.owner.one(
        'mutation($id: ID!) { updateContent(id: $id, input: {title: "Warm brew"}) { userErrors { message } } }',
        id=content,
    )
    await home.published([content])
    assert home.shelf.calls == ["create", "put", "fetch", "put"]
    assert len(home.shelf.posts) == 1
    assert outcomes(await home.read(content)) == [("CREATE", "DONE"), ("UPDATE", "DONE")]


@pytest.mark.parametrize("fault", [LOST_BEFORE, LOST_AFTER])
async def test_a_lost_answer_makes_no_second_post(home: House, fault: str) -> None:
    (content,) = await home.contents()
    home.shelf.faults = [("create", fault)]
    job = await home.published([content])

    assert (job["status"], len(home.shelf.posts)) == ("SUCCEEDED", 1)
    looks = ["find"] if fault == LOST_AFTER else ["find", "find", "find", "create"]
    assert home.shelf.calls == ["create", *looks, "put"]
    last = "ADOPT" if fault == LOST_AFTER else "CREATE"
    assert outcomes(await home.read(content)) == [("CREATE", "LOST"), (last, "DONE")]


async def test_pictures_are_there_once_for_all_contents(home: House) -> None:
    key = await stored(home.place, b"\x89PNG\r\n\x1a\nsame")
    contents = await home.contents(2)
    for content in contents:
        image(home.place, content, key=key, sha256=None)  # as in rows that come from elsewhere
        image(home.place, content, key=key, sha256=None, image_type="IN_ARTICLE", alt_text='A "cup"')
    home.shelf.faults = [("upload", LOST_AFTER)]
    job = await home.published(contents)

    assert job["status"] == "SUCCEEDED"
    assert [len(files) for files in home.shelf.media.values()] == [1]
    for post in home.shelf.posts.values():
        (media,) = post.article.media
        assert post.article.featured == media.sha256 == sha256(b"\x89PNG\r\n\x1a\nsame").hexdigest()
        assert await media.read() == b"\x89PNG\r\n\x1a\nsame"
        shown = f'<figure><img src="picture:{media.sha256}" alt="A &quot;cup&quot;" width="8" height="6"></figure>'
        assert shown in post.article.html


async def test_terms_are_asked_for_once(home: House) -> None:
    contents = await home.contents(3)
    site = uuid_of(home.site)
    for kind, name, slug in (("CATEGORY", "Coffee", "coffee"), ("TAG", "Привет", "привет"), ("TAG", "ПРИВЕТ", "2")):
        sql(
            home.place,
            "with t as (insert into taxonomy (account_id, site_id, taxonomy_type, name, slug) "
            "select account_id, id, %s, %s, %s from site where id = %s returning id) "
            "insert into content_taxonomy_map (account_id, site_id, sector_id, content_id, taxonomy_id) "
            "select c.account_id, c.site_id, c.sector_id, c.id, t.id from content c, t where c.site_id = %s",
            kind, name, slug, site, site,
        )  # fmt: skip
    await home.published(contents)

    assert home.shelf.calls.count("term") == 2
    assert sorted(home.shelf.posts["3"].placed.terms) == [
        (TaxonomyType.CATEGORY, "coffee"), (TaxonomyType.TAG, "привет")
    ]  # fmt: skip


async def test_a_term_that_may_not_be_made_is_left_out(home: House) -> None:
    (content,) = await home.contents()
    sql(
        home.place,
        "with t as (insert into taxonomy (account_id, site_id, taxonomy_type, name, slug) "
        "select account_id, id, 'TAG', 'New', 'new' from site where id = %s returning id) "
        "insert into content_taxonomy_map (account_id, site_id, sector_id, content_id, taxonomy_id) "
        "select c.account_id, c.site_id, c.sector_id, c.id, t.id from content c, t where c.id = %s",
        uuid_of(home.site), uuid_of(content),
    )  # fmt: skip
    home.shelf.faults = [("term", REFUSED)]

    assert (await home.published([content]))["status"] == "SUCCEEDED"
    assert home.shelf.posts["1"].placed.terms == {}


async def test_what_is_not_approved_goes_out_as_a_draft_only(home: House) -> None:
    (content,) = await home.contents(status="REVIEW")
    refused = await home.publish([content])
    assert [(e["code"], e["field"]) for e in refused["userErrors"]] == [("CONFLICT", ["input", "contentIds"])]
    assert one(home.place, "select count(*) from publication where content_id = %s", uuid_of(content)) == 0

    job = await home.published([content], "DRAFT")
    assert job["status"] == "SUCCEEDED"
    found = await home.read(content)
    assert (found["status"], found["task"]["status"], found["publishedAt"]) == ("REVIEW", "REVIEW", None)
    assert home.shelf.posts["1"].status is RemoteStatus.DRAFT


async def test_a_date_makes_its_task_scheduled(home: House) -> None:
    (content,) = await home.contents()
    at = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)
    await home.published([content], "SCHEDULED", publishAt=at.isoformat())

    found = await home.read(content)
    assert (found["status"], found["task"]["status"]) == ("APPROVED", "SCHEDULED")
    assert home.shelf.posts["1"].article.publish_at == at


async def test_what_a_date_has_come_for_is_read_back_and_published_by_us_if_it_still_waits(home: House) -> None:
    on_time, late = await home.contents(2)
    at = datetime.now(UTC) + timedelta(days=1)
    await home.published([on_time, late], "SCHEDULED", publishAt=at.isoformat())
    sql(home.place, "update publication set publish_at = now() - interval '2 minutes' where status = 'SCHEDULED'")
    home.shelf.posts["1"].status = RemoteStatus.PUBLISHED
    await publish_due(home.desk.units, datetime.now(UTC))
    await home.work()
    assert [(await home.read(id))["status"] for id in (on_time, late)] == ["PUBLISHED", "APPROVED"]
    assert (await home.read(late))["task"]["status"] == "SCHEDULED"
    await publish_due(home.desk.units, datetime.now(UTC))
    assert home.shelf.calls.count("fetch") == 2, "it is not looked at again at once"

    sql(
        home.place,
        "update publication set publish_at = now() - interval '11 minutes', looked_at = now() - interval '10 minutes' "
        "where status = 'SCHEDULED'",
    )
    await publish_due(home.desk.units, datetime.now(UTC))
    await home.work()
    found = await home.read(late)
    assert (found["status"], found["task"]["status"]) == ("PUBLISHED", "PUBLISHED")
    assert (home.shelf.posts["2"].status, len(home.shelf.posts)) == (RemoteStatus.PUBLISHED, 2)


async def test_what_was_taken_away_before_its_date_is_approved_again(home: House) -> None:
    (content,) = await home.contents()
    await home.published([content], "SCHEDULED", publishAt=(datetime.now(UTC) + timedelta(days=1)).isoformat())
    sql(home.place, "update publication set publish_at = now() - interval '2 minutes' where status = 'SCHEDULED'")
    home.shelf.posts.clear()
    await publish_due(home.desk.units, datetime.now(UTC))
    await home.work()

    found = await home.read(content)
    assert (found["status"], found["task"]["status"]) == ("APPROVED", "APPROVED")


@pytest.mark.parametrize(
    ("status", "at", "field"),
    [
        ("SCHEDULED", None, "publishAt"),
        ("PUBLISHED", "2030-01-01T00:00:00Z", "publishAt"),
        ("SCHEDULED", "2020-01-01T00:00:00Z", "publishAt"),
        ("SCHEDULED", "2099-01-01T00:00:00Z", "publishAt"),
        ("TRASHED", None, "status"),
    ],
)
async def test_what_makes_no_sense_is_refused(home: House, status: str, at: str | None, field: str) -> None:
    (content,) = await home.contents()
    refused = await home.publish([content], status, publishAt=at)

    assert [(e["code"], e["field"]) for e in refused["userErrors"]] == [("BAD_INPUT", ["input", field])]


async def test_another_sites_integration_is_refused(home: House) -> None:
    (content,) = await home.contents()
    buy(home.place, home.owner, 1)
    async with house(home.place, home.owner, "Tea") as other:
        refused = await home.owner.start(
            "publishContent", contentIds=[content], integrationId=other.integration, status="PUBLISHED"
        )
    assert refused["userErrors"][0]["field"] == ["input", "integrationId"]


async def test_a_refusal_is_on_record_and_can_be_tried_again(home: House) -> None:
    (content,) = await home.contents()
    home.shelf.faults = [("create", REFUSED)]
    job = await home.published([content])
    assert (job["status"], job["error"]) == ("FAILED", "It says no. Ask its owner.")
    found = await home.read(content)
    (publication,) = found["publications"]["nodes"]
    assert publication["error"] == "It says no. Ask its owner."
    assert publication["records"]["nodes"][0]["code"] == "403 rest_forbidden"
    assert found["status"] == "APPROVED"

    await home.owner.one("mutation($id: ID!) { retryJob(id: $id) { userErrors { message } } }", id=job["jobId"])
    await home.work()
    assert (await home.read(content))["status"] == "PUBLISHED"
    assert home.shelf.calls == ["create", "create", "put"]


async def test_what_is_busy_is_tried_again(home: House) -> None:
    (content,) = await home.contents()
    home.shelf.faults = [("put", BUSY)]

    assert (await home.published([content]))["status"] == "SUCCEEDED"
    assert home.shelf.calls == ["create", "put", "put"]
    assert outcomes(await home.read(content)) == [("CREATE", "FAILED"), ("UPDATE", "DONE")]


async def test_what_was_deleted_there_is_made_anew(home: House) -> None:
    (content,) = await home.contents()
    await home.published([content])
    home.shelf.posts.clear()
    sql(home.place, "update content set title = 'Other' where id = %s", uuid_of(content))

    assert (await home.published([content]))["status"] == "SUCCEEDED"
    assert len(home.shelf.posts) == 1


async def test_unpublishing_brings_it_back_to_approved(home: House) -> None:
    (content,) = await home.contents()
    await home.published([content])
    started = await home.owner.start("unpublishContent", contentIds=[content], integrationId=home.integration)
    await home.work()
    assert (await home.owner.finished(started["job"]["id"]))["status"] == "SUCCEEDED"

    found = await home.read(content)
    assert (found["status"], found["task"]["status"], found["publishedUrl"]) == ("APPROVED", "APPROVED", None)
    assert home.shelf.posts["1"].status is RemoteStatus.TRASHED
    assert outcomes(found) == [("CREATE", "DONE"), ("TRASH", "DONE")]
    await home.published([content])
    assert (len(home.shelf.posts), (await home.read(content))["status"]) == (1, "PUBLISHED")


async def test_where_there_is_no_trash_it_is_said_to_be_a_draft(home: House) -> None:
    (content,) = await home.contents()
    home.shelf.removed_as = RemoteStatus.DRAFT
    await home.published([content])
    started = await home.owner.start("unpublishContent", contentIds=[content], integrationId=home.integration)
    await home.work()
    ended = await home.owner.finished(started["job"]["id"])
    assert (ended["status"], ended["message"]) == ("SUCCEEDED", "draft there")

    found = await home.read(content)
    assert (found["status"], found["task"]["status"], found["publishedUrl"]) == ("APPROVED", "APPROVED", None)
    (publication,) = found["publications"]["nodes"]
    assert (publication["status"], publication["wantedStatus"], publication["url"]) == ("DRAFT", "DRAFT", None)
    assert outcomes(found)[-1] == ("TRASH", "DONE")
    await home.published([content])
    assert (len(home.shelf.posts), (await home.read(content))["status"]) == (1, "PUBLISHED")


async def test_what_was_never_sent_is_not_taken_away(home: House) -> None:
    (content,) = await home.contents()
    refused = await home.owner.start("unpublishContent", contentIds=[content], integrationId=home.integration)

    assert refused["userErrors"][0]["code"] == "CONFLICT"


async def test_a_publication_is_brought_back_to_the_revision_before(home: House) -> None:
    (content,) = await home.contents()
    edit = "mutation($id: ID!, $t: String!) { updateContent(id: $id, input: {title: $t}) { userErrors { message } } }"
    await home.owner.one(edit, id=content, t="One")
    await home.published([content])
    await home.owner.one(edit, id=content, t="Two")
    await home.published([content])
    (publication,) = (await home.read(content))["publications"]["nodes"]
    started = await home.owner.start("revertPublication", publicationId=publication["id"])
    await home.work()

    assert (await home.owner.finished(started["job"]["id"]))["status"] == "SUCCEEDED"
    assert home.shelf.posts["1"].article.title == "One"
    assert outcomes(await home.read(content))[-1] == ("REVERT", "DONE")
    again = await home.owner.start("revertPublication", publicationId=publication["id"])
    assert again["userErrors"][0]["field"] == ["input", "revision"]


async def test_readiness_says_what_is_in_the_way(home: House) -> None:
    ready, waiting = await home.contents(1), await home.contents(1, status="REVIEW", origin="OFFLINE_DRAFT")
    query = """
    query($c: [ID!]!, $i: ID!) { publishReadiness(contentIds: $c, integrationId: $i) {
      readiness { ready content { id } problems { code blocks } } userErrors { code field } } }
    """
    found = await home.owner.one(query, c=ready + waiting, i=home.integration)

    assert [(r["content"]["id"], r["ready"]) for r in found["readiness"]] == [(ready[0], True), (waiting[0], False)]
    assert {p["code"] for p in found["readiness"][1]["problems"]} == {"UNTESTED", "NOT_APPROVED", "OFFLINE_DRAFT"}


async def test_a_content_that_is_deleted_meanwhile_ends_without_a_trace(home: House) -> None:
    (content,) = await home.contents()

    def deleted() -> None:
        sql(home.place, "delete from content where id = %s", uuid_of(content))

    home.shelf.meanwhile = deleted
    job = await home.published([content])
    assert job["status"] == "SUCCEEDED"
    assert one(home.place, "select count(*) from publishing_record where content_id = %s", uuid_of(content)) == 0


async def test_an_item_at_a_closed_gate_is_no_attempt_and_lets_the_next_go_on(home: House) -> None:
    first, second = await home.contents(2)
    assert (await home.publish([first, second]))["userErrors"] == []
    home.shelf.closed.append(PostponedError("It is let be.", 20, others=True))
    account = account_of(home.place, home.owner)
    home.desk.sent.clear()
    await home.desk.runner.run(account, "publishing")
    assert [each.queue for each in home.desk.sent] == ["publishing"], "somebody else may have an open one"
    assert sql(home.place, "select attempts, error from job_item where status = 'WAITING'") == [(0, "It is let be.")]
    await home.work()
    assert len(home.shelf.posts) == 2
    assert [(await home.read(id))["status"] for id in (first, second)] == ["PUBLISHED", "PUBLISHED"]


async def test_what_was_turned_away_at_the_gate_is_not_looked_for(home: House) -> None:
    """It was never sent: there is nothing to look for, and nothing to wait for."""
    (content,) = await home.contents()
    home.shelf.closed += [PostponedError("Others are at the destination.", 0.01, others=True)] * 2
    assert (await home.published([content]))["status"] == "SUCCEEDED"
    assert home.shelf.calls[:2] == ["create", "put"]
    (publication,) = (await home.read(content))["publications"]["nodes"]
    assert [(each["action"], each["outcome"]) for each in publication["records"]["nodes"]] == [("CREATE", "DONE")]
