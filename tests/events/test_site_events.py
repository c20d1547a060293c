"""Following what happens on a site, over real WebSockets and server-sent events."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection

from persistence.postgres.migrations import migrate
from persistence.progress import site_events
from persistence.progress.bus import SITES, Bus
from tests.client import Api, receive, send
from tests.conftest import Place
from tests.events.test_events import CREATE, UPDATE_TASK, user_of
from tests.jobs.support import account_of, bench, one, sql, tasks
from tests.jobs.test_streams import asking, told
from tests.schema.articles import article, colleague, uuid_of
from tests.waiting import PATIENCE, until

FOLLOW = """subscription($id: ID!, $kinds: [EventKind!], $after: ID) {
  siteEvents(siteId: $id, kinds: $kinds, after: $after) {
    __typename id kind subjectType subjectId ids count requestId payload createdAt } }"""
WHOLE = """subscription($id: ID!) { siteEvents(siteId: $id) {
  id kind subjectType subjectId ids count requestId payload createdAt actor { id } job { id status } } }"""
LISTED = """query($id: ID!, $f: SiteEventFilter) { site(id: $id) { events(first: 100, filter: $f) { nodes {
  id kind subjectType subjectId ids count requestId payload createdAt actor { id } job { id status } } } } }"""


class Follower:
    """Gathers the events of a subscription, until it is left."""

    def __init__(self, line: ClientConnection) -> None:
        self.line, self.events, self.errors = line, [], []  # type: tuple[ClientConnection, list[Json], list[Json]]
        self.task = asyncio.create_task(self._gather())

    async def _gather(self) -> None:
        while True:
            message = await receive(self.line)
            payload = message.get("payload")
            if message["type"] == "error":
                self.errors += payload
            elif message["type"] == "next":
                self.errors += payload.get("errors", [])
                self.events += [payload["data"]["siteEvents"]] if payload["data"] else []

    @property
    def kinds(self) -> list[str]:
        return [event["kind"] for event in self.events]


@asynccontextmanager
async def following(api: Api, site: str, query: str = FOLLOW, **more: Any) -> AsyncIterator[Follower]:
    """Once it is known that it follows, or that it is refused."""
    async with api.socket() as line:
        payload = {"query": query, "variables": {"id": site, **more}}
        await send(line, {"id": "1", "type": "subscribe", "payload": payload})
        follower = Follower(line)
        await asyncio.sleep(0.3)
        try:
            yield follower
        finally:
            follower.task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await follower.task


async def keyword(api: Api, sector: str, text: str = "") -> str:
    payload = await api.one(CREATE, i={"sectorId": sector, "keyword": text or f"keyword {uuid4()}"})
    assert payload["userErrors"] == []
    return str(payload["keyword"]["id"])


@pytest.fixture
async def placed(owner: Api) -> tuple[str, str]:
    """A site and its sector."""
    site = await owner.site()
    return site, await owner.sector(site)


# What is told


async def test_a_colleagues_edit_is_pushed(place: Place, owner: Api, placed: tuple[str, str]) -> None:
    """With nothing of what was before."""
    site, sector = placed
    async with colleague(place, owner, "VIEWER") as viewer, following(viewer, site) as seen:
        made = await keyword(owner, sector)
        assert await until(lambda: seen.events) < PATIENCE
    (event,) = seen.events
    assert (event["__typename"], event["kind"]) == ("SiteEvent", "KEYWORD_CREATED")
    assert (event["subjectType"], event["subjectId"], event["ids"], event["count"]) == ("Keyword", made, None, 1)
    assert event["requestId"]
    assert event["payload"]["action"] == "createKeyword"


async def test_what_is_pushed_is_what_is_read(place: Place, owner: Api, placed: tuple[str, str]) -> None:
    """As one text for all, as the row in one's own scope, and as a list."""
    site, sector = placed
    async with following(owner, site) as quick, following(owner, site, WHOLE) as whole:
        made = [await keyword(owner, sector) for _ in range(2)]
        await owner.one("mutation($ids: [ID!]!) { deleteKeywords(ids: $ids) { deletedIds } }", ids=made)
        await until(lambda: len(quick.events) == len(whole.events) == 3)

    only = {"kind": {"in": ["KEYWORD_CREATED", "KEYWORD_DELETED"]}}
    listed = (await owner.one(LISTED, id=site, f=only))["events"]["nodes"]
    assert whole.events == listed
    short = [{name: value for name, value in each.items() if name not in ("actor", "job")} for each in listed]
    assert [{k: v for k, v in each.items() if k != "__typename"} for each in quick.events] == short
    assert {each["actor"]["id"] for each in listed} == {f"usr_{user_of(place, owner)}"}
    assert listed[2]["ids"] == made


async def test_the_end_of_a_job_is_pushed_by_a_worker(place: Place, owner: Api) -> None:
    (task,) = await tasks(place, owner, 1)
    site = f"site_{one(place, 'select site_id from task where id = %s', uuid_of(task))}"
    async with Redis.from_url(place.redis_url) as redis, bench(place) as desk:
        desk.units.publish = Bus(redis).publish
        async with following(owner, site, WHOLE) as seen:
            job = (await owner.start("generateContent", taskIds=[task]))["job"]["id"]
            await desk.work(account_of(place, owner))
            await until(lambda: seen.events)
    (event,) = seen.events
    assert (event["kind"], event["subjectType"], event["subjectId"]) == ("JOB_SUCCEEDED", "Job", job)
    assert (event["job"], event["ids"]) == ({"id": job, "status": "SUCCEEDED"}, None)


async def test_only_the_kinds_that_are_asked_for(place: Place, owner: Api) -> None:
    (task,) = await tasks(place, owner, 1)
    await article(place, owner, task=task)
    site = f"site_{one(place, 'select site_id from task where id = %s', uuid_of(task))}"
    async with following(owner, site, kinds=["TASK_APPROVED"]) as seen, following(owner, site) as all_:
        for step in ({"title": "Another"}, {"status": "APPROVED"}):
            await owner.one(UPDATE_TASK, id=task, i=step)
        await until(lambda: len(all_.events) == 3)
    assert seen.kinds == ["TASK_APPROVED"]


async def test_a_site_that_is_archived_is_told_and_followed_on(owner: Api, placed: tuple[str, str]) -> None:
    site, _ = placed
    async with following(owner, site) as seen:
        await owner.one("mutation($ids: [ID!]!) { deleteSites(ids: $ids) { userErrors { message } } }", ids=[site])
        await owner.one(
            "mutation($id: ID!) { updateSite(id: $id, input: {status: ACTIVE}) { userErrors { message } } }", id=site
        )
        await until(lambda: seen.kinds == ["SITE_DELETED", "SITE_UPDATED"])
    assert seen.errors == []


async def test_over_server_sent_events(owner: Api, placed: tuple[str, str]) -> None:
    site, sector = placed
    async with asyncio.timeout(PATIENCE), asking(owner, FOLLOW, {"id": site}) as answer:
        made = asyncio.create_task(_later(owner, sector))
        results = (result async for name, result in told(answer) if name == "next")
        result = await anext(results)
        assert result["data"]["siteEvents"]["subjectId"] == await made


async def _later(owner: Api, sector: str) -> str:
    await asyncio.sleep(0.5)
    return await keyword(owner, sector)


# Who is told


async def test_another_account_is_told_nothing(url: str, owner: Api, placed: tuple[str, str]) -> None:
    site, sector = placed
    async with Api(url) as stranger:
        await stranger.sign_up()
        async with following(owner, site) as mine, following(stranger, site) as theirs:
            await keyword(owner, sector)
            await until(lambda: mine.events)
            await until(lambda: theirs.errors)
    assert theirs.events == []
    assert [(e["extensions"]["code"], e["extensions"]["field"]) for e in theirs.errors] == [("NOT_FOUND", ["siteId"])]


async def test_who_does_not_see_the_site_is_told_nothing(place: Place, owner: Api, placed: tuple[str, str]) -> None:
    site, sector = placed
    async with colleague(place, owner, "EDITOR") as editor:
        sql(place, "delete from site_user_access where account_id = %s", account_of(place, owner))
        async with following(owner, site) as mine, following(editor, site) as theirs:
            await keyword(owner, sector)
            await until(lambda: mine.events)
            await until(lambda: theirs.errors)
        assert theirs.events == []
        assert theirs.errors[0]["extensions"]["code"] == "NOT_FOUND"
        assert await editor.one(LISTED, id=site) is None


async def test_access_that_is_withdrawn_ends_it(place: Place, owner: Api, placed: tuple[str, str]) -> None:
    """Before the next event is told."""
    site, sector = placed
    async with colleague(place, owner, "EDITOR") as editor, following(editor, site) as seen:
        await keyword(owner, sector)
        await until(lambda: seen.events)
        sql(place, "delete from site_user_access where account_id = %s", account_of(place, owner))
        await keyword(owner, sector)
        await until(lambda: seen.errors)
    assert len(seen.events) == 1
    assert seen.errors[0]["extensions"]["code"] == "NOT_FOUND"


async def test_a_session_that_ends_ends_it(place: Place, owner: Api, placed: tuple[str, str]) -> None:
    site, _ = placed
    async with following(owner, site) as seen:
        sql(place, "update user_session set revoked_at = now() where account_id = %s", account_of(place, owner))
        await until(lambda: seen.line.close_code)
        assert seen.line.close_code == 4403


async def test_a_key_that_may_not_read_is_refused(owner: Api, url: str, placed: tuple[str, str]) -> None:
    site, _ = placed
    payload = await owner.one(
        "mutation($i: CreateApiKeyInput!) { createApiKey(input: $i) { key userErrors { message } } }",
        i={"name": "Plans", "permissions": ["PLAN"]},
    )
    async with Api(url, payload["key"]) as program, following(program, site) as seen:
        await until(lambda: seen.errors)
    assert seen.errors[0]["extensions"]["code"] == "FORBIDDEN"


async def test_what_is_the_accounts_alone_is_told_on_no_site(place: Place, owner: Api, placed: tuple[str, str]) -> None:
    """Neither invitations, keys and passwords, nor who may see what; nor can they be read by their ids."""
    site, sector = placed
    async with following(owner, site) as seen:
        await owner.one(
            "mutation($i: CreateApiKeyInput!) { createApiKey(input: $i) { userErrors { message } } }",
            i={"name": "Reads", "permissions": ["READ"]},
        )
        await owner.one(
            "mutation($i: InviteUserInput!) { inviteUser(input: $i) { userErrors { message } } }",
            i={"email": f"{uuid4().hex}@example.com", "role": "EDITOR", "siteIds": [site]},
        )
        await keyword(owner, sector)
        await until(lambda: seen.events)
    assert seen.kinds == ["KEYWORD_CREATED"]
    hidden = "select id from event where account_id = %s and kind = any (%s)"
    secret = sql(place, hidden, account_of(place, owner), ["API_KEY_CREATED", "INVITATION_CREATED", "ACCOUNT_CREATED"])
    assert len(secret) == 3
    for (id,) in secret:
        assert await owner.one("query($id: ID!) { node(id: $id) { id } }", id=f"evt_{id}") is None


# Nothing is missed, and nothing told twice


async def test_what_redis_lost_is_read_within_seconds(
    place: Place, owner: Api, placed: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site_events, "REREAD_SECONDS", 0.5)
    site, _ = placed
    account = account_of(place, owner)
    async with following(owner, site) as seen:
        await asyncio.sleep(0)
        _write(place, account, uuid_of(site))
        await until(lambda: seen.events)


def _write(place: Place, account: UUID, site: UUID) -> None:
    """Past the application: nobody is nudged."""
    sql(
        place,
        "insert into event (account_id, site_id, kind, subject_type, subject_id) values (%s, %s, 'KEYWORD_UPDATED', "
        "'Keyword', uuidv7())",
        account,
        site,
    )


async def test_many_who_follow_and_many_events_take_few_statements(
    place: Place, owner: Api, placed: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, _ = placed
    account, reads = account_of(place, owner), []
    read = site_events.SiteEvents._read

    async def counted(self: site_events.SiteEvents, asked: Any) -> Any:
        reads.append(len(asked))
        return await read(self, asked)

    monkeypatch.setattr(site_events.SiteEvents, "_read", counted)
    async with owner.socket() as line, Redis.from_url(place.redis_url) as redis:
        for n in range(50):
            payload = {"query": FOLLOW, "variables": {"id": site}}
            await send(line, {"id": str(n), "type": "subscribe", "payload": payload})
        await until(lambda: sum(reads) >= 50)
        seen = Follower(line)
        begun, before = asyncio.get_running_loop().time(), len(reads)
        for _ in range(100):
            _write(place, account, uuid_of(site))
            await redis.publish(SITES, str(uuid_of(site)))
            await asyncio.sleep(0.01)
        await until(lambda: len(seen.events) == 5_000)
        seconds = asyncio.get_running_loop().time() - begun
        seen.task.cancel()
    assert len(reads) - before <= 2 + seconds / site_events.APART_SECONDS


async def writers(place: Place, account: UUID, site: UUID, number: int, each: int, enough: asyncio.Event) -> set[str]:
    """The ids of events that were written by so many at once, each in transactions that end in any order: at least
    `each` by every one, and on until it is `enough`.
    """
    made: set[str] = set()
    turn = asyncio.Semaphore(60)  # a server has a hundred connections

    async def write() -> None:
        async with turn, await psycopg.AsyncConnection.connect(place.database_url) as connection:
            for n in count(1):
                row = await connection.execute(
                    "insert into event (account_id, site_id, kind, subject_type, subject_id) values "
                    "(%s, %s, 'KEYWORD_UPDATED', 'Keyword', uuidv7()) returning id",
                    (account, site),
                )
                (id,) = await row.fetchone() or (None,)
                await asyncio.sleep(random.uniform(0, 0.1))
                await connection.commit()
                made.add(f"evt_{id}")
                if n >= each and enough.is_set():
                    return

    async with asyncio.TaskGroup() as group:
        for _ in range(number):
            group.create_task(write())
    return made


async def test_lost_connections_miss_none_of_two_hundred_writers(
    place: Place, owner: Api, placed: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose transactions end in another order than their ids were taken in. In one connection none comes twice."""
    monkeypatch.setattr(site_events, "REREAD_SECONDS", 0.1)
    site, account = placed[0], account_of(place, owner)
    _write(place, account, uuid_of(site))
    last = f"evt_{one(place, 'select max(id::text) from event where site_id = %s', uuid_of(site))}"
    enough = asyncio.Event()
    writing = asyncio.create_task(writers(place, account, uuid_of(site), 200, 10, enough))
    seen, connections = set[str](), 0
    while not writing.done() or not seen >= await writing:
        async with following(owner, site, after=last) as follower:
            await asyncio.sleep(random.uniform(0.0, 0.3))
            found = [event["id"] for event in follower.events]
        assert (follower.errors, len(found)) == ([], len(set(found)))
        seen, connections = seen | set(found), connections + 1
        last = found[-1] if found else last
        if connections == 4:
            enough.set()
        assert connections < 200, "some are missing"
    assert len(await writing) >= 2_000
    assert disordered(place, uuid_of(site)) > 0


def disordered(place: Place, site: UUID) -> int:
    """How many events were seen although one that began before them was not."""
    query = "select count(*) from event where site_id = %s and transaction > horizon"
    return int(one(place, query, site))


async def test_an_event_that_is_no_more_cannot_be_followed_from(
    place: Place, owner: Api, placed: tuple[str, str]
) -> None:
    site, _ = placed
    known = one(place, "select id from event where site_id = %s limit 1", uuid_of(site))
    sql(place, "delete from event where id = %s", known)
    for after in (f"evt_{known}", "evt_nonsense", ""):
        async with following(owner, site, after=after) as seen:
            await until(lambda seen=seen: seen.errors)
        (error,) = seen.errors
        assert (error["extensions"]["code"], error["extensions"]["field"]) == ("NOT_FOUND", ["after"])


async def test_a_listener_who_is_far_behind_reads_by_itself(
    place: Place, owner: Api, placed: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than a page comes at once: each event once, and all of them."""
    monkeypatch.setattr(site_events, "REREAD_SECONDS", 0.3)
    site, _ = placed
    async with following(owner, site) as seen:
        sql(
            place,
            "insert into event (account_id, site_id, kind, subject_type, subject_id) select %s, %s, 'KEYWORD_UPDATED', "
            "'Keyword', uuidv7() from generate_series(1, 1234)",
            account_of(place, owner),
            uuid_of(site),
        )
        await until(lambda: len(seen.events) >= 1_234)
        await asyncio.sleep(0.5)
    assert len({event["id"] for event in seen.events}) == len(seen.events) == 1_234


async def test_a_dump_that_is_restored_elsewhere_tells_nothing_anew(
    place: Place, owner: Api, placed: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its transactions are numbers that this server has not come to yet; migrating makes them older than all."""
    monkeypatch.setattr(site_events, "REREAD_SECONDS", 0.2)
    site, sector = placed
    restored = "update event set transaction = '900000000', horizon = '900000000' where site_id = %s"
    async with following(owner, site) as seen:
        sql(place, restored, uuid_of(site))
        await keyword(owner, sector)
        await until(lambda: seen.events)
        await asyncio.sleep(0.6)
        assert seen.kinds == ["KEYWORD_CREATED"]
        await asyncio.to_thread(migrate, place.database_url)
    late = "select count(*) from event where transaction::text::bigint > 800000000"
    assert one(place, late) == 0
    known = one(place, "select id from event where kind = 'SITE_CREATED' and site_id = %s", uuid_of(site))
    async with following(owner, site, after=f"evt_{known}") as seen:
        await until(lambda: "KEYWORD_CREATED" in seen.kinds)
