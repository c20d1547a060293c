"""Following jobs over real WebSockets."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from redis.asyncio import Redis
from sqlalchemy import select
from structlog.testing import capture_logs
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from persistence.models import Job
from persistence.progress import rereads
from persistence.progress.bus import Bus
from persistence.redis.query_budget import Balance, QueryBudgets
from persistence.scope import JobScope
from schema.http import websockets as sockets
from schema.jobs import subscriptions as progress
from tests.client import Api, Json, receive, send
from tests.conftest import Place, served
from tests.jobs.support import Bench, account_of, bench, one, sql, tasks
from tests.jobs.test_watched import scraped
from tests.schema.articles import colleague
from tests.waiting import PATIENCE, ended, until

FOLLOW = (
    "subscription($id: ID!) { jobProgress(id: $id) { jobId status phase done total version creditsHeld creditsSpent } }"
)
WHOLE = """
subscription($id: ID!) { jobProgress(id: $id) { version ...Whole } }
fragment Whole on JobProgress { job { id items { nodes { status } } } }
"""


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rereads, "REREAD_SECONDS", 0.5)


@pytest.fixture
async def redis(place: Place) -> AsyncIterator[Redis]:
    async with Redis.from_url(place.redis_url) as made:
        yield made


@pytest.fixture
async def desk(place: Place, redis: Redis) -> AsyncIterator[Bench]:
    """Tells what it does, as a worker."""
    async with bench(place) as made:
        made.units.publish = Bus(redis).publish
        yield made


@pytest.fixture
async def silent(place: Place) -> AsyncIterator[Bench]:
    """Tells nobody."""
    async with bench(place) as made:
        yield made


class Listener:
    """Gathers what a subscription says until it completes."""

    def __init__(self, api: Api, id: str, query: str = FOLLOW) -> None:
        self.states: list[Json] = []
        self.task = asyncio.create_task(self._listen(api, id, query))

    async def _listen(self, api: Api, id: str, query: str) -> None:
        async for data in api.subscribe(query, id=id):
            self.states.append(data["jobProgress"])

    async def begun(self) -> None:
        await until(lambda: self.states)

    async def ended(self) -> Json:
        await ended(self.task)
        versions = [state["version"] for state in self.states]
        assert versions == sorted(set(versions)), "strictly increasing"
        return self.states[-1]


async def started(place: Place, owner: Api, number: int) -> tuple[UUID, str]:
    job = (await owner.start("generateContent", taskIds=await tasks(place, owner, number)))["job"]
    return account_of(place, owner), job["id"]


async def test_the_state_at_once_then_every_change_then_the_end(place: Place, owner: Api, desk: Bench) -> None:
    account, id = await started(place, owner, 6)
    listener = Listener(owner, id)
    await listener.begun()
    assert listener.states[0] == {
        "jobId": id, "status": "QUEUED", "phase": "", "done": 0, "total": 6, "version": listener.states[0]["version"],
        "creditsHeld": 60, "creditsSpent": 0,
    }  # fmt: skip
    await desk.work(account)
    last = await listener.ended()
    assert (last["status"], last["done"], last["creditsHeld"], last["creditsSpent"]) == ("SUCCEEDED", 6, 0, 6)
    assert len(listener.states) > 2
    assert {state["status"] for state in listener.states} == {"QUEUED", "RUNNING", "SUCCEEDED"}


async def test_after_the_end_there_is_one_value(place: Place, owner: Api, desk: Bench) -> None:
    account, id = await started(place, owner, 1)
    await desk.work(account)
    listener = Listener(owner, id)
    assert (await listener.ended())["status"] == "SUCCEEDED"
    assert len(listener.states) == 1


SCALARS = "jobId kind status phase message done total error creditsHeld creditsSpent version"
WITHOUT_ENGINE = f"""
subscription($id: ID!, $more: Boolean = false) {{ jobProgress(id: $id) {{ ...All again: phase state: status __typename
  ... on JobProgress @include(if: $more) {{ extra: done }} error @skip(if: true) message }} }}
fragment All on JobProgress {{ {SCALARS} }}
"""
BY_ENGINE = WITHOUT_ENGINE.replace("...All again", "job { id } ...All again")


async def test_what_the_transport_tells_by_itself_is_what_the_engine_would(
    place: Place, owner: Api, desk: Bench
) -> None:
    account, id = await started(place, owner, 3)
    sql(place, "update job set message = 'Hé \"quoted\" \\ \u2028' where id = %s", uuid(id))
    for _ in range(2):
        short, long = Listener(owner, id, WITHOUT_ENGINE), Listener(owner, id, BY_ENGINE)
        for listener in (short, long):
            await listener.begun()
        assert list(short.states[0]) == [*SCALARS.split(), "again", "state", "__typename"]
        assert long.states[0] == {"job": {"id": id}, **short.states[0]}
        await desk.work(account)
        assert await long.ended() == {"job": {"id": id}, **await short.ended()}


async def test_an_alias_of_the_subscription_names_its_values(place: Place, owner: Api) -> None:
    _, id = await started(place, owner, 1)
    query = "subscription($id: ID!) { mine: jobProgress(id: $id) { __typename } }"
    async with owner.socket() as line:
        await send(line, {"id": 'a "b"', "type": "subscribe", "payload": {"query": query, "variables": {"id": id}}})
        message = await ended(receive(line))
        assert (message["id"], message["type"]) == ('a "b"', "next")
        assert message["payload"]["data"] == {"mine": {"__typename": "JobProgress"}}
        assert message["payload"]["extensions"]["requestId"]


async def test_a_fault_while_telling_is_told_without_its_words_and_noted_once(
    place: Place, owner: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise ValueError("secret")

    _, id = await started(place, owner, 1)
    monkeypatch.setitem(progress.SHOWN, "phase", broken)
    async with owner.socket() as line:
        with capture_logs() as logged:
            await send(line, {"id": "1", "type": "subscribe", "payload": {"query": FOLLOW, "variables": {"id": id}}})
            message, last = [await ended(receive(line)) for _ in range(2)]
    (error,) = message["payload"]["errors"]
    assert (message["payload"]["data"], error["extensions"]["code"], last["type"]) == (None, "INTERNAL", "complete")
    assert "secret" not in str(message)
    (entry,) = [entry for entry in logged if entry["log_level"] == "error"]
    assert entry["request_id"] == error["extensions"]["requestId"]


async def test_values_that_read_the_job_are_paid_from_the_budget_and_wait_for_it(
    place: Place, owner: Api, desk: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    spend = QueryBudgets.spend

    async def scarce(self: QueryBudgets, account: UUID, cost: int) -> Balance:
        asked.append(cost)
        return Balance(0, 0.2) if len(asked) == 2 else await spend(self, account, cost)

    account, id = await started(place, owner, 2)
    monkeypatch.setattr(QueryBudgets, "spend", scarce)
    listener = Listener(owner, id, WHOLE)
    await listener.begun()
    assert len(asked) == 1
    assert asked[0] > 20, "a page of items, and the job"
    await desk.work(account)
    assert (await listener.ended())["job"]["id"] == id
    assert len(asked) == len(listener.states) + 1, "one had to wait"


async def test_two_listeners_hear_the_same_end(place: Place, owner: Api, desk: Bench) -> None:
    account, id = await started(place, owner, 4)
    listeners = [Listener(owner, id), Listener(owner, id)]
    for listener in listeners:
        await listener.begun()
    await desk.work(account)
    first, second = [await listener.ended() for listener in listeners]
    assert first == second


async def test_what_was_not_published_is_read_again(place: Place, owner: Api, silent: Bench) -> None:
    account, id = await started(place, owner, 3)
    listener = Listener(owner, id)
    await listener.begun()
    await silent.work(account)
    assert (await listener.ended())["done"] == 3


async def test_a_lost_redis_connection_is_made_up_for(place: Place, owner: Api, desk: Bench, redis: Redis) -> None:
    account, id = await started(place, owner, 6)
    listener = Listener(owner, id)
    await listener.begun()
    await desk.runner.run(account, "text")
    assert await redis.client_kill_filter(_type="pubsub") >= 1
    await desk.work(account)
    assert (await listener.ended())["done"] == 6
    await until(lambda: listens(redis))


async def listens(redis: Redis) -> bool:
    return bool((await redis.pubsub_numsub("igny8:jobs"))[0][1])


async def test_a_message_that_nobody_understands_does_no_harm(
    place: Place, owner: Api, desk: Bench, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rereads, "REREAD_SECONDS", 60.0)
    account, id = await started(place, owner, 2)
    await until(lambda: listens(redis))
    listener = Listener(owner, id)
    await listener.begun()
    for message in ("not json", "[]", '{"id": 1}', '{"id": "x", "account_id": "x", "site_id": "x"}'):
        await redis.publish("igny8:jobs", message)
    await desk.work(account)
    assert (await listener.ended())["status"] == "SUCCEEDED"


async def test_who_does_not_read_holds_nobody_up(
    place: Place, owner: Api, desk: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "SLOW_SECONDS", 10 * PATIENCE)  # nobody is dropped meanwhile
    account, id = await started(place, owner, 40)
    async with owner.socket() as lazy:
        for number in range(20):
            payload = {"query": WHOLE, "variables": {"id": id}}
            await send(lazy, {"id": str(number), "type": "subscribe", "payload": payload})
        listener = Listener(owner, id)
        await listener.begun()
        await desk.work(account)
        assert (await listener.ended())["done"] == 40
        ends = 0
        while ends < 20:
            ends += (await ended(receive(lazy)))["type"] == "complete"


async def test_who_reads_too_slowly_is_dropped_with_a_code(
    place: Place, owner: Api, url: str, desk: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "SLOW_SECONDS", 0.3)
    account, id = await started(place, owner, 3)
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    line.connect(("127.0.0.1", int(url.rpartition(":")[2])))
    async with asyncio.timeout(PATIENCE), owner.socket(sock=line, compression=None) as lazy:
        lazy.transport.pause_reading()
        for number in range(150):  # 60 kB each: more than the sockets hold
            payload = {"query": "{ __schema { types { name fields { name description type { name } } } } }"}
            await send(lazy, {"id": str(number), "type": "subscribe", "payload": payload})
        listener = Listener(owner, id)
        await listener.begun()
        await desk.work(account)
        assert (await listener.ended())["status"] == "SUCCEEDED", "others are served"
        await until(lambda: dropped(url))

        lazy.transport.resume_reading()
        with pytest.raises(ConnectionClosed) as closed:
            await read_all(lazy)
        assert closed.value.rcvd
        assert closed.value.rcvd.code == sockets.SLOW_READER


async def dropped(url: str) -> bool:
    return (await scraped(url))["igny8_slow_readers_total"] == 1


async def test_who_follows_is_counted(place: Place, owner: Api, url: str, desk: Bench) -> None:
    _, id = await started(place, owner, 1)
    before = await scraped(url)
    listener, other = Listener(owner, id), Listener(owner, id, WHOLE)
    for each in (listener, other):
        await each.begun()
    seen = await scraped(url)
    assert (seen["igny8_sockets"], seen["igny8_following"]) == (2, 2)
    assert seen["igny8_subscription_values_total"] == before["igny8_subscription_values_total"] + 2
    for each in (listener, other):
        each.task.cancel()

    await until(lambda: nobody_follows(url))


async def nobody_follows(url: str, sockets: int = 0) -> bool:
    seen = await scraped(url)
    return (seen["igny8_sockets"], seen["igny8_following"]) == (sockets, 0)


@pytest.mark.parametrize("goodbye", ["complete", "abort"])
async def test_many_that_end_at_once_leave_nothing_behind(place: Place, owner: Api, url: str, goodbye: str) -> None:
    """While they wait for each other's connections to the database."""
    _, id = await started(place, owner, 1)
    follow = [(FOLLOW, {"id": id}), (WHOLE, {"id": id}), (ACTIVITY, {})]
    for round in range(5):
        async with owner.socket() as line:
            for n in range(20):
                query, variables = follow[n % 3]
                payload = {"query": query, "variables": variables}
                await send(line, {"id": str(n), "type": "subscribe", "payload": payload})
            await asyncio.sleep(0.005 * round)
            if goodbye == "abort":
                line.transport.abort()
                continue
            for n in range(20):
                await send(line, {"id": str(n), "type": "complete"})
            await until(lambda: nobody_follows(url, sockets=1))
    await until(lambda: nobody_follows(url))


async def read_all(line: ClientConnection) -> None:
    while True:
        await receive(line)


@pytest.mark.parametrize("id", ["job_00000000000000000000000000", "nonsense", ""])
async def test_unknown_jobs_are_not_found(owner: Api, id: str) -> None:
    assert await refusal(owner, id) == "NOT_FOUND"


async def test_another_accounts_job_is_not_found(place: Place, owner: Api, url: str) -> None:
    _, id = await started(place, owner, 1)
    async with Api(url) as other:
        await other.sign_up()
        assert await refusal(other, id) == "NOT_FOUND"


async def refusal(api: Api, id: str) -> str:
    """The code of the error that a subscription ends with."""
    async with api.socket() as line:
        await send(line, {"id": "1", "type": "subscribe", "payload": {"query": FOLLOW, "variables": {"id": id}}})
        message = await ended(receive(line))
        errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
        code: str = errors[0]["extensions"]["code"]
        return code


async def test_the_job_is_read_under_the_listeners_scope(place: Place, owner: Api, desk: Bench) -> None:
    account, id = await started(place, owner, 3)
    listener = Listener(owner, id, WHOLE)
    await listener.begun()
    assert [i["status"] for i in listener.states[0]["job"]["items"]["nodes"]] == ["QUEUED"] * 3
    begun = time.monotonic()
    await desk.work(account)
    last = await listener.ended()
    assert len(listener.states) <= 2 + time.monotonic() - begun, "at most once a second"
    assert last["job"]["id"] == id
    assert [i["status"] for i in last["job"]["items"]["nodes"]] == ["APPLIED"] * 3


async def test_a_session_that_ends_ends_its_subscriptions(place: Place, owner: Api, desk: Bench) -> None:
    """Also while a busy job leaves no pause to read in."""
    account, id = await started(place, owner, 1)
    async with owner.socket() as line:
        await send(line, {"id": "1", "type": "subscribe", "payload": {"query": FOLLOW, "variables": {"id": id}}})
        await receive(line)
        sql(place, "update user_session set revoked_at = now() where account_id = %s", account)

        async def nudge() -> None:
            version = 100
            while True:
                version += 1
                async with desk.units(JobScope(account)) as unit:
                    (job,) = await unit.all(select(Job))
                    job.message = f"busy {version}"
                await asyncio.sleep(0.02)

        nudging = asyncio.create_task(nudge())
        await until(lambda: over(line))
        nudging.cancel()
        assert line.close_code == 4403


async def over(line: ClientConnection) -> bool:
    try:
        await asyncio.wait_for(line.recv(), 0.1)
    except TimeoutError:
        return False
    except ConnectionClosed:
        return True
    return False


async def test_a_redis_that_is_away_does_not_hold_mutations_up(place: Place) -> None:
    """As behind a firewall: connections are taken, nothing is ever answered."""
    mute = socket.create_server(("127.0.0.1", 0))
    port = mute.getsockname()[1]
    away = Place(place.database_url, f"redis://127.0.0.1:{port}/0", place.data)
    async with served(place) as url, Api(url) as known:
        await known.sign_up()
        ids = await tasks(place, known, 1)
        async with served(away) as other, Api(other, known.token) as owner:
            begun = time.monotonic()
            payload = await owner.start("generateContent", taskIds=ids)
            assert payload["userErrors"] == []
            assert time.monotonic() - begun < PATIENCE / 4
    mute.close()
    assert one(place, "select count(*) from job_item where status = 'QUEUED'") >= 1


ACTIVITY = "subscription { accountActivity { jobId status version } }"
OF_A_SITE = "subscription($id: ID!) { siteActivity(siteId: $id) { jobId status version } }"


class Activity(Listener):
    """Of an account or a site: it has no end of its own."""

    async def _listen(self, api: Api, id: str, query: str) -> None:
        async for data in api.subscribe(query, **({"id": id} if id else {})):
            (state,) = data.values()
            self.states.append(state)

    def ends(self, job: str) -> list[str]:
        return [state["status"] for state in self.states if state["jobId"] == job]


async def test_all_jobs_of_an_account_are_heard(place: Place, owner: Api, desk: Bench) -> None:
    account, first = await started(place, owner, 2)
    listener = Activity(owner, "", ACTIVITY)
    await listener.begun()
    assert listener.ends(first) == ["QUEUED"], "what is open is told at once"
    _, second = await elsewhere(place, owner)
    await desk.work(account)
    await until(lambda: listener.ends(first)[-1:] == listener.ends(second)[-1:] == ["SUCCEEDED"])
    listener.task.cancel()
    versions = [s["version"] for s in listener.states if s["jobId"] == first]
    assert versions == sorted(set(versions))


async def test_activity_that_was_not_published_is_read(place: Place, owner: Api, silent: Bench) -> None:
    account, job = await started(place, owner, 1)
    listener = Activity(owner, "", ACTIVITY)
    await listener.begun()
    await silent.work(account)
    await until(lambda: listener.ends(job)[-1:] == ["SUCCEEDED"])
    listener.task.cancel()


async def test_activity_is_read_by_the_clock_of_the_database(place: Place, owner: Api, silent: Bench) -> None:
    account, job = await started(place, owner, 1)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=3)):
        listener = Activity(owner, "", ACTIVITY)
        await listener.begun()
        await silent.work(account)
        await until(lambda: listener.ends(job)[-1:] == ["SUCCEEDED"])
        listener.task.cancel()


async def test_who_sees_one_site_hears_of_it_alone(place: Place, owner: Api, desk: Bench, url: str) -> None:
    account, first = await started(place, owner, 1)
    other, second = await elsewhere(place, owner)
    sites = [s["id"] for s in (await owner.one("{ sites { nodes { id } } }"))["nodes"]]
    (mine,) = [site for site in sites if site != other]
    async with colleague(place, owner, "EDITOR") as editor:
        granted = "site_id <> %s and user_id = (select id from app_user where email = %s)"
        sql(place, f"delete from site_user_access where {granted}", uuid(mine), editor.email)
        account_wide, of_site = Activity(editor, "", ACTIVITY), Activity(editor, mine, OF_A_SITE)
        await desk.work(account)
        await until(lambda: account_wide.ends(first)[-1:] == of_site.ends(first)[-1:] == ["SUCCEEDED"])
        await asyncio.sleep(1)
        assert account_wide.ends(second) == of_site.ends(second) == []
        async with editor.socket() as socket:
            payload = {"query": OF_A_SITE, "variables": {"id": other}}
            await send(socket, {"id": "1", "type": "subscribe", "payload": payload})
            answer = await receive(socket)
            assert "NOT_FOUND" in str(answer["payload"]), answer
        for listener in (account_wide, of_site):
            listener.task.cancel()


async def elsewhere(place: Place, owner: Api) -> tuple[str, str]:
    """Another site, and its job of one article."""
    site = await owner.site("Tea")
    sector = await owner.sector(site)
    id = one(
        place,
        "insert into task (account_id, site_id, sector_id, title) "
        "select account_id, site_id, id, 'Elsewhere' from sector where id = %s returning id",
        uuid(sector),
    )
    return site, (await owner.start("generateContent", taskIds=[f"task_{id}"]))["job"]["id"]


def uuid(id: str) -> UUID:
    return UUID(id.partition("_")[2])
