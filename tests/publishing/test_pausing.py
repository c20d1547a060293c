"""Publishing that is paused: nothing new is shown meanwhile, and everything is brought about afterwards."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobs.schedule import publish_due
from persistence.terms import RemoteStatus
from tests.client import Api, Json
from tests.conftest import Place
from tests.jobs.support import account_of, buy, one, sql
from tests.publishing.house import House, house
from tests.publishing.shelf import BUSY, Post
from tests.publishing.test_calendar import coming, error, in_days, slots
from tests.schema.articles import uuid_of
from tests.waiting import ended, until

CHANGE = """
mutation($site: ID) {{ {0}(siteId: $site) {{ userErrors {{ code field }} jobs {{ id kind }}
  sites {{ id publishingCalendar {{ pausedAt pausedBy {{ id }} }} }} }} }}
"""
LATE = "update publication set publish_at = now() - interval '1 hour' * (%s - n) from unnest(%s::uuid[]) "
LATE += "with ordinality u(id, n) where content_id = u.id"


@pytest.fixture
async def home(place: Place, owner: Api) -> AsyncIterator[House]:
    async with house(place, owner) as made:
        yield made


async def pause(home: House, **given: Any) -> Json:
    found: Json = await home.owner.one(CHANGE.format("pausePublishing"), **{"site": home.site, **given})
    assert found["userErrors"] == []
    return found


async def resume(home: House, **given: Any) -> Json:
    found: Json = await home.owner.one(CHANGE.format("resumePublishing"), **{"site": home.site, **given})
    assert found["userErrors"] == []
    return found


async def late(home: House, ids: list[str]) -> None:
    """Their dates pass, an hour after one another."""
    sql(home.place, LATE, len(ids) + 1, [uuid_of(id) for id in ids])


async def at(home: House, id: str) -> tuple[str, str, bool]:
    """What is there, what is wanted, whether it is held."""
    (found,) = (await home.read(id))["publications"]["nodes"]
    return found["status"], found["wantedStatus"], found["isHeld"]


def post_of(home: House, id: str) -> Post:
    marker = one(home.place, "select marker from publication where content_id = %s", uuid_of(id))
    return next(post for post in home.shelf.posts.values() if post.article.marker == marker)


async def test_while_it_is_paused_what_would_be_shown_is_refused(home: House) -> None:
    new, live = await home.contents(2)
    await home.published([live])
    publication = (await home.read(live))["publications"]["nodes"][0]["id"]
    paused = await pause(home)
    assert (paused["jobs"], [site["id"] for site in paused["sites"]]) == ([], [home.site])
    since = paused["sites"][0]["publishingCalendar"]
    assert since["pausedBy"]["id"] == home.owner.user_id
    assert (await pause(home))["sites"][0]["publishingCalendar"] == since, "it is paused already"

    for refused in (
        await home.publish([new]),
        await home.publish([new], "SCHEDULED", publishAt=in_days(3)),
        await home.schedule([new], publishAt=in_days(3)),
        await home.owner.start("revertPublication", publicationId=publication),
    ):
        assert error(refused) == ("CONFLICT", ["input"])
        assert "resumePublishing" in refused["userErrors"][0]["message"]
    query = "query($c: [ID!]!, $i: ID!) { publishReadiness(contentIds: $c, integrationId: $i) { readiness { ready"
    query += " problems { code } } } }"
    (ready,) = (await home.owner.one(query, c=[new], i=home.integration))["readiness"]
    assert (ready["ready"], {"code": "PAUSED"} in ready["problems"]) == (False, True)
    assert (await home.published([new], "DRAFT"))["status"] == "SUCCEEDED"
    await home.owner.start("unpublishContent", contentIds=[live], integrationId=home.integration)
    await home.work()
    assert (await home.read(live))["status"] == "APPROVED"

    resumed = await resume(home)
    assert (resumed["jobs"], resumed["sites"][0]["publishingCalendar"]) == ([], {"pausedAt": None, "pausedBy": None})
    assert (await home.published([new]))["status"] == "SUCCEEDED"
    kinds = sql(home.place, "select kind from event where site_id = %s and kind like 'PUBLISHING%%' order by id",
                uuid_of(home.site))  # fmt: skip
    assert kinds == [("PUBLISHING_PAUSED",), ("PUBLISHING_RESUMED",)]


async def test_jobs_of_before_wait_and_go_on(home: House) -> None:
    first, second = await home.contents(2)
    job = (await home.publish([first]))["job"]["id"]
    await home.schedule([second], publishAt=in_days(3))
    await pause(home)
    await home.tried(8)
    assert home.shelf.calls == []
    waiting = "select i.status, i.attempts, i.error, i.available_at > now() + interval '5 minutes' from job_item i "
    found = sql(home.place, waiting + "where i.job_id = %s", uuid_of(job))
    assert found == [("WAITING", 0, "Publishing is paused; resumePublishing lets it go on.", True)]

    await resume(home)
    ready = "select count(*) from job_item where status = 'WAITING' and available_at <= now() and site_id = %s"
    assert one(home.place, ready, uuid_of(home.site)) == 2
    await home.work()
    assert (await at(home, first), await at(home, second)) == (
        ("PUBLISHED", "PUBLISHED", False), ("SCHEDULED", "SCHEDULED", False),
    )  # fmt: skip


async def test_an_item_that_waits_keeps_nobody_from_holding_what_it_is_about(home: House) -> None:
    """It had begun, and waits to be tried again."""
    (content,) = await home.contents()
    await home.published([content], "SCHEDULED", publishAt=in_days(3))
    home.shelf.faults = [("put", BUSY)]
    await home.schedule([content], publishAt=in_days(5))
    await home.tried()
    await pause(home)
    await home.tried(6)
    assert await at(home, content) == ("DRAFT", "SCHEDULED", True)
    await resume(home)
    await home.work()
    assert (await at(home, content), await home.planned([content])) == (("SCHEDULED",) * 2 + (False,), [in_days(5)])


async def test_what_waits_at_its_destination_is_held_and_waits_again(home: House) -> None:
    contents = await home.contents(2)
    await home.published(contents, "SCHEDULED", publishAt=in_days(3))
    before = [replace(post_of(home, id).article, keep=frozenset()) for id in contents]
    paused = await pause(home)
    assert [job["kind"] for job in paused["jobs"]] == ["HOLD_PUBLICATIONS"]
    await home.work()
    for id in contents:
        assert (await at(home, id), post_of(home, id).status) == (("DRAFT", "SCHEDULED", True), RemoteStatus.DRAFT)
        assert (await home.read(id))["task"]["status"] == "APPROVED"
    assert await home.planned(contents) == [in_days(3)] * 2
    query = "query($s: ID!) { publications(filter: {siteId: $s, isHeld: true}) { totalCount } }"
    assert (await home.owner.one(query, s=home.site))["totalCount"] == 2

    resumed = await resume(home)
    assert [job["kind"] for job in resumed["jobs"]] == ["PUBLISH_CONTENT"]
    await home.work()
    for id in contents:
        assert await at(home, id) == ("SCHEDULED", "SCHEDULED", False)
        assert (await home.read(id))["task"]["status"] == "SCHEDULED"
    assert [replace(post_of(home, id).article, keep=frozenset()) for id in contents] == before


async def test_the_clock_leaves_paused_sites_out(home: House) -> None:
    contents = await home.contents(2)
    await home.published(contents, "SCHEDULED", publishAt=in_days(3))
    await late(home, contents)
    await publish_due(home.desk.units, datetime.now(UTC))
    calls = list(home.shelf.calls)
    sql(home.place, "update publishing_calendar set paused_at = now() where site_id = %s", uuid_of(home.site))
    await publish_due(home.desk.units, datetime.now(UTC))
    await home.tried(4)
    assert home.shelf.calls == calls, "neither the job of before nor a new one"
    jobs = "select count(*) from job where kind = 'PUBLISH_DUE' and site_id = %s"
    assert one(home.place, jobs, uuid_of(home.site)) == 1


async def test_dates_that_passed_become_the_next_free_slots(home: House) -> None:
    await home.set_calendar(slots=slots("09:00", "15:00"))
    times = coming("09:00", "15:00")
    contents = await home.contents(4)
    first, second, kept, waiting = contents
    await home.published([first, second, kept], "SCHEDULED", publishAt=in_days(3))
    await home.schedule([kept], publishAt=times[1])
    await home.work()
    await home.schedule([waiting], publishAt=in_days(4))
    await pause(home)
    await home.tried(8)
    await late(home, [second, waiting, first])
    await resume(home)
    assert await home.planned([second, kept, waiting, first]) == [times[0], times[1], times[2], times[3]]
    await home.work()
    assert [await at(home, id) for id in contents] == [("SCHEDULED", "SCHEDULED", False)] * 4
    assert f"{post_of(home, first).article.publish_at:%Y-%m-%dT%H:%M:%S.000Z}" == times[3]


async def test_without_slots_what_is_late_comes_out_now_as_far_as_the_day_has_room(home: House) -> None:
    await home.set_calendar(maxPerDay=2)
    contents = await home.contents(5)
    for id, day in zip(contents, (3, 4, 5, 6, 7), strict=True):
        await home.schedule([id], publishAt=in_days(day))
    await home.work()
    await pause(home)
    await home.work()
    await late(home, contents[:4])
    own = (await home.planned(contents[:4]))[2:]
    sql(home.place, "update content set status = 'REVIEW' where id = %s", uuid_of(contents[4]))
    await resume(home)
    await home.work()
    assert [(await at(home, id))[0] for id in contents] == ["PUBLISHED", "PUBLISHED", "SCHEDULED", "SCHEDULED", "DRAFT"]
    tomorrow = str((datetime.now(UTC) + timedelta(days=1)).date())
    assert await home.planned(contents[2:4]) == [f"{tomorrow}{str(each)[10:16]}:00.000Z" for each in own]
    (refused,) = (await home.read(contents[4]))["publications"]["nodes"]
    assert (refused["wantedStatus"], refused["publishAt"]) == ("DRAFT", None)
    assert "not approved any more" in refused["error"]


async def test_what_is_just_going_there_is_held_as_soon_as_it_is_there(home: House) -> None:
    (content,) = await home.contents()
    await home.schedule([content], publishAt=in_days(3))
    home.shelf.gate = asyncio.Event()
    under_way = asyncio.create_task(home.tried())
    await until(lambda: "put" in home.shelf.calls)
    assert len((await pause(home))["jobs"]) == 1
    await home.tried(2)
    home.shelf.gate.set()
    await ended(under_way)
    await home.tried(4)
    assert await at(home, content) == ("DRAFT", "SCHEDULED", True)


async def test_what_is_just_being_held_waits_again_when_it_goes_on(home: House) -> None:
    (content,) = await home.contents()
    await home.published([content], "SCHEDULED", publishAt=in_days(3))
    await pause(home)
    home.shelf.gate = asyncio.Event()
    under_way = asyncio.create_task(home.tried())
    await until(lambda: home.shelf.calls.count("put") == 2)
    assert len((await resume(home))["jobs"]) == 1
    await home.tried(2)
    home.shelf.gate.set()
    await ended(under_way)
    await home.work()
    assert await at(home, content) == ("SCHEDULED", "SCHEDULED", False)
    assert post_of(home, content).status is RemoteStatus.SCHEDULED


async def test_all_sites_of_an_account_and_no_others(home: House, api: Api) -> None:
    await api.sign_up()
    await api.site("Elsewhere")
    buy(home.place, home.owner, 1)
    second = await home.owner.site("Tea")
    archived = await home.owner.site("Milk")
    await home.owner.one("mutation($ids: [ID!]!) { deleteSites(ids: $ids) { deletedIds } }", ids=[archived])
    paused = await pause(home, site=None)
    assert sorted(site["id"] for site in paused["sites"]) == sorted([home.site, second])
    both = [account_of(home.place, each) for each in (home.owner, api)]
    which = "select account_id, count(*) from publishing_calendar where paused_at is not null "
    which += "and account_id = any (%s) group by 1"
    assert sql(home.place, which, both) == [(both[0], 2)]
    refused = await home.owner.one(CHANGE.format("pausePublishing"), site=archived)
    assert error(refused) == ("CONFLICT", ["siteId"])
    resumed = await resume(home, site=second)
    assert [site["id"] for site in resumed["sites"]] == [second]
    assert sql(home.place, which, both) == [(both[0], 1)]
