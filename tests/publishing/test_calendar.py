"""The publishing calendar of a site: what updatePublishingCalendar takes, and the times that scheduleContent gives."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.publisher.work import schedule_content
from jobs.schedule import publish_due
from persistence.terms import RemoteStatus
from tests.client import Api, Json
from tests.conftest import Place
from tests.jobs.support import one, sql
from tests.publishing.house import CREATE, INTEGRATION, House, house
from tests.publishing.shelf import REFUSED
from tests.schema.articles import uuid_of
from tests.waiting import ended, until

DAILY = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
DAY = timedelta(days=1)


@pytest.fixture
async def home(place: Place, owner: Api) -> AsyncIterator[House]:
    async with house(place, owner) as made:
        yield made


def slots(*times: str) -> list[Json]:
    """Every day at these times."""
    return [{"days": DAILY, "at": at} for at in times]


def coming(*times: str, days: int = 8) -> list[str]:
    """In UTC, as the API writes them: the next of these times of the day."""
    now = datetime.now(UTC)
    each = (now.replace(hour=int(t[:2]), minute=int(t[3:]), second=0, microsecond=0) + n * DAY
            for n in range(days) for t in sorted(times))  # fmt: skip
    return [at.isoformat(timespec="milliseconds").replace("+00:00", "Z") for at in each if at > now]


def in_days(number: int, hour: int = 12) -> str:
    at = (datetime.now(UTC) + number * DAY).replace(hour=hour, minute=0, second=0, microsecond=0)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def error(payload: Json) -> tuple[str, list[str]]:
    (found,) = payload["userErrors"]
    return found["code"], found["field"]


async def other_integration(home: House) -> str:
    made = await home.owner.one(CREATE, input={"siteId": home.site, "name": "Second", **INTEGRATION})
    return str(made["integration"]["id"])


async def test_a_calendar_is_there_from_the_first_and_says_what_was_set(home: House) -> None:
    read = "query($id: ID!) { site(id: $id) { publishingCalendar { timeZone slots { at } maxPerDay version } } }"
    new = (await home.owner.one(read, id=home.site))["publishingCalendar"]
    assert new == {"timeZone": "UTC", "slots": [], "maxPerDay": None, "version": 1}

    week = [{"days": ["FRIDAY", "MONDAY", "WEDNESDAY"], "at": "09:00"}, {"days": ["TUESDAY"], "at": "14:30"}]
    made = await home.set_calendar(timeZone="Europe/Berlin", slots=week, maxPerDay=3, expectedVersion=1)
    calendar = made["site"]["publishingCalendar"]
    assert [(slot["day"], slot["at"]) for slot in calendar.pop("slots")] == [
        ("MONDAY", "09:00"), ("TUESDAY", "14:30"), ("WEDNESDAY", "09:00"), ("FRIDAY", "09:00"),
    ]  # fmt: skip
    known = {"timeZone": "Europe/Berlin", "maxPerDay": 3, "pausedAt": None, "pausedBy": None, "version": 2}
    assert calendar == known

    assert error(await home.set_calendar(maxPerDay=5, expectedVersion=1)) == ("CONFLICT", ["input", "expectedVersion"])
    assert (await home.set_calendar(maxPerDay=3, slots=week))["site"]["publishingCalendar"]["version"] == 2
    last = (await home.set_calendar(slots=[], maxPerDay=None))["site"]["publishingCalendar"]
    assert last == known | {"slots": [], "maxPerDay": None, "version": 3}
    told = "select payload->'before', payload->'after' from event where site_id = %s and kind = %s order by id"
    site = uuid_of(home.site)
    first, second = sql(home.place, told, site, "PUBLISHING_CALENDAR_UPDATED")
    times = ["MONDAY 09:00", "TUESDAY 14:30", "WEDNESDAY 09:00", "FRIDAY 09:00"]
    assert first[1] == {"time_zone": "Europe/Berlin", "max_per_day": 3, "slots": times}
    assert second == ({"max_per_day": 3, "slots": times}, {"max_per_day": None, "slots": []})


WRONG: list[tuple[Json, list[str]]] = [
    ({"timeZone": "Europe/Atlantis"}, ["timeZone"]),
    ({"timeZone": None}, ["timeZone"]),
    ({"timeZone": "../../etc/passwd"}, ["timeZone"]),
    ({"timeZone": "europe/berlin"}, ["timeZone"]),
    ({"maxPerDay": 0}, ["maxPerDay"]),
    ({"maxPerDay": 1001}, ["maxPerDay"]),
    ({"slots": [{"days": ["MONDAY"], "at": "24:00"}]}, ["slots", "0", "at"]),
    ({"slots": [{"days": ["MONDAY"], "at": "9:00"}]}, ["slots", "0", "at"]),
    ({"slots": [{"days": ["MONDAY"], "at": "٠٩:٠٠"}]}, ["slots", "0", "at"]),
    ({"slots": [{"days": ["MONDAY"], "at": "09:00\n"}]}, ["slots", "0", "at"]),
    ({"slots": [{"days": [], "at": "09:00"}]}, ["slots", "0", "days"]),
    ({"slots": [{"days": ["MONDAY", "MONDAY"], "at": "09:00"}]}, ["slots", "0"]),
    ({"slots": [{"days": ["MONDAY"], "at": "09:00"}, {"days": ["SUNDAY", "MONDAY"], "at": "09:00"}]}, ["slots", "1"]),
    ({"slots": [{"days": DAILY, "at": f"{n:02}:00"} for n in range(15)]}, ["slots"]),
]


async def test_what_a_calendar_cannot_say_is_refused(home: House) -> None:
    for given, field in WRONG:
        assert error(await home.set_calendar(**given)) == ("BAD_INPUT", ["input", *field]), given
    full = [*({"days": DAILY, "at": f"{n:02}:00"} for n in range(14)), {"days": ["MONDAY", "FRIDAY"], "at": "23:59"}]
    assert len((await home.set_calendar(slots=full))["site"]["publishingCalendar"]["slots"]) == 100


async def test_each_gets_the_next_free_slot_in_the_order_given(home: House) -> None:
    await home.set_calendar(slots=slots("09:00", "15:00"))
    first, second, third, fourth = await home.contents(4)
    times = coming("09:00", "15:00")
    assert (await home.schedule([third, first]))["userErrors"] == []
    assert await home.planned([third, first]) == times[:2], "at once"
    await home.schedule([second], publishAt=times[2])
    await home.schedule([fourth])
    assert await home.planned([fourth]) == times[3:4]

    await home.schedule([third], publishAt=in_days(20, 3))
    assert (await home.schedule([fourth, third]))["userErrors"] == []
    assert await home.planned([fourth, third]) == [times[0], times[3]], "what is moved leaves its time to others"
    await home.work()
    posts = sorted((post.article.publish_at, post.status.value) for post in home.shelf.posts.values())
    assert [(f"{at:%Y-%m-%dT%H:%M:%S}.000Z", status) for at, status in posts if at] == [
        (at, "SCHEDULED") for at in times[:4]
    ]
    assert (await home.read(third))["task"]["status"] == "SCHEDULED"


async def test_two_integrations_at_one_time_take_one_slot(home: House) -> None:
    await home.set_calendar(slots=slots("09:00"))
    both, alone = await home.contents(2)
    other, times = await other_integration(home), coming("09:00")
    await home.schedule([both])
    await home.schedule([both, alone], integrationId=other)
    await home.schedule([alone])
    query = "select distinct content_id, publish_at from publication where site_id = %s"
    assert len(sql(home.place, query, uuid_of(home.site))) == 2
    assert await home.planned([both, alone]) == times[:2]


async def test_what_cannot_be_scheduled_is_refused_with_the_way_out(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_of, another, live = await home.contents(3)
    refused = await home.schedule([one_of])
    assert error(refused) == ("CONFLICT", ["input", "publishAt"])
    assert "updatePublishingCalendar" in refused["userErrors"][0]["message"]
    assert error(await home.schedule([one_of, another], publishAt=in_days(1))) == ("BAD_INPUT", ["input", "publishAt"])
    assert error(await home.schedule([one_of], publishAt=in_days(-1))) == ("BAD_INPUT", ["input", "publishAt"])
    assert error(await home.schedule([one_of], publishAt=in_days(1827))) == ("BAD_INPUT", ["input", "publishAt"])
    await home.published([live])
    await home.set_calendar(slots=slots("09:00"))
    assert error(await home.schedule([one_of, live])) == ("CONFLICT", ["input", "contentIds"])
    sql(home.place, "update content set status = 'REVIEW' where id = %s", uuid_of(another))
    assert error(await home.schedule([one_of, another])) == ("CONFLICT", ["input", "contentIds"])
    monkeypatch.setattr(schedule_content, "FURTHEST", timedelta(days=1))
    sql(home.place, "update content set status = 'APPROVED' where id = %s", uuid_of(another))
    short = await home.schedule([one_of, another])
    assert "free slots for 1 of these 2" in short["userErrors"][0]["message"]
    count = "select count(*) from publication where content_id = any (%s)"
    assert one(home.place, count, [uuid_of(one_of), uuid_of(another)]) == 0


async def test_a_slot_is_given_once_however_many_ask(home: House) -> None:
    await home.set_calendar(slots=slots("09:00", "15:00"), maxPerDay=1)
    full, *contents = await home.contents(7)
    await home.schedule([full], publishAt=in_days(2, 20))
    started = await asyncio.gather(*(home.schedule([id]) for id in contents))
    assert [each["userErrors"] for each in started] == [[]] * 6
    times = await home.planned(contents)
    days = {str(at)[:10] for at in times}
    assert len(days) == 6, "one a day"
    assert in_days(2)[:10] not in days, "which is full"


async def test_the_same_request_again_gives_the_same_times(home: House) -> None:
    await home.set_calendar(slots=slots("09:00"))
    (content,) = await home.contents()
    jobs = [(await home.schedule([content], idempotencyKey="once"))["job"]["id"] for _ in range(2)]
    assert jobs[0] == jobs[1]
    assert await home.planned([content]) == coming("09:00")[:1]


async def test_a_later_wish_wins_over_an_earlier_job_that_is_open(home: House) -> None:
    moved, shown, gone = contents = await home.contents(3)
    await home.publish(contents, "SCHEDULED", publishAt=in_days(3))
    await home.schedule([moved], publishAt=in_days(5))
    await home.publish([shown], "PUBLISHED")
    await home.owner.start("unpublishContent", contentIds=[gone], integrationId=home.integration)
    await home.publish([gone], "DRAFT")
    await home.work()
    there = {post.article.marker: post for post in home.shelf.posts.values()}
    found = [one(home.place, "select marker from publication where content_id = %s", uuid_of(id)) for id in contents]
    assert [there[marker].status.value for marker in found] == ["SCHEDULED", "PUBLISHED", "DRAFT"]
    assert f"{there[found[0]].article.publish_at:%Y-%m-%dT%H:%M:%S.000Z}" == in_days(5)
    assert home.shelf.calls.count("put") == 3, "the later job found it done"
    assert home.shelf.calls.count("remove") == 0


async def test_what_is_just_published_by_its_date_is_taken_away_if_that_was_wanted_since(home: House) -> None:
    (content,) = await home.contents()
    await home.published([content], "SCHEDULED", publishAt=in_days(3))
    sql(home.place, "update publication set publish_at = now() - interval '1 hour' where content_id = %s",
        uuid_of(content))  # fmt: skip
    await publish_due(home.desk.units, datetime.now(UTC))
    home.shelf.gate = asyncio.Event()
    under_way = asyncio.create_task(home.tried())
    await until(lambda: home.shelf.calls.count("put") == 2)
    await home.owner.start("unpublishContent", contentIds=[content], integrationId=home.integration)
    home.shelf.gate.set()
    await ended(under_way)
    await home.work()
    (post,) = home.shelf.posts.values()
    assert post.status is RemoteStatus.TRASHED
    assert (await home.read(content))["status"] == "APPROVED"


async def test_what_is_cancelled_leaves_its_slot(home: House) -> None:
    await home.set_calendar(slots=slots("09:00"))
    first, second = await home.contents(2)
    job = (await home.schedule([first]))["job"]["id"]
    await home.owner.one("mutation($id: ID!) { cancelJob(id: $id) { userErrors { message } } }", id=job)
    assert await home.planned([first]) == [None]
    assert (await home.read(first))["publications"]["nodes"][0]["wantedStatus"] == "DRAFT"
    await home.schedule([second])
    assert await home.planned([second]) == coming("09:00")[:1]
    await home.work()

    job = (await home.schedule([second], publishAt=in_days(9)))["job"]["id"]
    await home.owner.one("mutation($id: ID!) { cancelJob(id: $id) { userErrors { message } } }", id=job)
    assert await home.planned([second]) == coming("09:00")[:1], "the time that it has there"


async def test_what_failed_is_not_tried_again_at_a_time_that_another_has(home: House) -> None:
    await home.set_calendar(slots=slots("09:00"))
    failed, other = await home.contents(2)
    home.shelf.faults = [("create", REFUSED)]
    job = (await home.schedule([failed]))["job"]["id"]
    await home.work()
    await home.schedule([failed], publishAt=in_days(30))
    await home.schedule([other])
    assert await home.planned([other]) == coming("09:00")[:1]
    again = "mutation($id: ID!) { retryJob(id: $id) { userErrors { code message field } } }"
    refused = (await home.owner.one(again, id=job))["userErrors"]
    assert [(each["code"], each["field"]) for each in refused] == [("CONFLICT", ["id"])]
    assert await home.planned([failed]) == [in_days(30)]


async def test_a_day_takes_no_more_than_it_may(home: House) -> None:
    await home.set_calendar(maxPerDay=2, timeZone="Pacific/Kiritimati")
    contents = await home.contents(4)
    full, day = contents[:2], in_days(3, 9)[:11]
    for id, hour in zip(full, ("09:30", "12:00"), strict=True):  # 23:30 and 02:00 on these clocks
        assert (await home.schedule([id], publishAt=f"{day}{hour}:00Z"))["userErrors"] == []
    assert (await home.schedule([contents[2]], publishAt=f"{day}12:00:00Z"))["userErrors"] == []
    refused = await home.schedule([contents[3]], publishAt=f"{day}13:00:00Z")
    assert error(refused) == ("CONFLICT", ["input", "publishAt"])
    assert "maxPerDay is 2" in refused["userErrors"][0]["message"]
    assert in_days(4)[:10] in refused["userErrors"][0]["message"]
    refused = await home.publish([contents[3]], "SCHEDULED", publishAt=f"{day}13:00:00Z")
    assert error(refused) == ("CONFLICT", ["input", "publishAt"])
    other = await other_integration(home)
    again = await home.schedule([contents[2]], publishAt=f"{day}14:00:00Z", integrationId=other)
    assert again["userErrors"] == [], "it counts there already"


async def test_today_takes_no_more_new_ones_than_it_may_and_updates_as_before(home: House) -> None:
    await home.set_calendar(maxPerDay=2)
    contents = await home.contents(4)
    answers: list[Any] = await asyncio.gather(*(home.publish([id]) for id in contents))
    done = [id for id, answer in zip(contents, answers, strict=True) if not answer["userErrors"]]
    assert len(done) == 2, "jobs that are open count"
    left = [id for id in contents if id not in done]
    assert error(await home.publish(left[:1])) == ("CONFLICT", ["input", "contentIds"])
    await home.work()
    sql(home.place, "update publication set published_at = now() where status = 'PUBLISHED'")
    query = "query($c: [ID!]!, $i: ID!) { publishReadiness(contentIds: $c, integrationId: $i) { readiness { problems {"
    query += " code blocks } } } }"
    found = await home.owner.one(query, c=[left[0], done[0]], i=home.integration)
    full = {"code": "DAY_FULL", "blocks": True}
    assert [full in each["problems"] for each in found["readiness"]] == [True, False]
    assert error(await home.publish(left[:1])) == ("CONFLICT", ["input", "contentIds"])
    assert (await home.publish(done))["userErrors"] == []
    assert (await home.publish(left, "DRAFT"))["userErrors"] == []
    sql(home.place, "update publication set published_at = now() - interval '2 days' where status = 'PUBLISHED'")
    assert error(await home.publish([*done, *left, *await home.contents(1)])) == ("CONFLICT", ["input", "contentIds"])
    assert (await home.publish([*done, *left]))["userErrors"] == []


async def test_a_month_is_one_query(home: House) -> None:
    first, second, shown = await home.contents(3)
    for id, days in ((first, 9), (second, 4)):
        await home.schedule([id], publishAt=in_days(days))
    await home.published([shown])
    query = """
    query($site: ID!, $from: DateTime!, $to: DateTime!, $past: DateTime!) { publications(first: 100, filter: {
      siteId: $site, or: [{publishAt: {gte: $from, lt: $to}}, {publishedAt: {gte: $past, lt: $to}}] },
      orderBy: [{field: PUBLISH_AT, direction: ASC}]) {
      nodes { content { id } integration { name } status publishAt } } }
    """
    given = {"site": home.site, "from": in_days(0), "to": in_days(9, 13), "past": "2026-01-01T00:00:00Z"}
    found = (await home.owner.one(query, **given))["nodes"]
    assert [each["content"]["id"] for each in found] == [second, first, shown]
    found = (await home.owner.one(query, **{**given, "to": in_days(9)}))["nodes"]
    assert [each["content"]["id"] for each in found] == [second, shown], "from the first moment up to the last"
