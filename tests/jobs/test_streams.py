"""Following jobs over plain HTTP: GraphQL over server-sent events."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import httpx2
import pytest
from redis.asyncio import Redis
from sqlalchemy import select

from persistence.models import Job
from persistence.progress import rereads
from persistence.progress.bus import Bus
from persistence.scope import JobScope
from schema.http import event_streams as streams
from tests.client import Api
from tests.conftest import Place, served
from tests.jobs.support import Bench, bench, sql
from tests.jobs.test_progress import FOLLOW, WHOLE, started
from tests.jobs.test_watched import scraped
from tests.waiting import PATIENCE, ended, until

EVENTS = "text/event-stream"
LIKE_URQL = f"application/graphql-response+json, application/json, {EVENTS}, multipart/mixed"
ROLE = "{ viewer { role } }"
COMPLETE = ("complete", "")
Event = tuple[str, Any]


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rereads, "REREAD_SECONDS", 0.5)


@pytest.fixture
async def desk(place: Place) -> AsyncIterator[Bench]:
    """Tells what it does, as a worker."""
    async with Redis.from_url(place.redis_url) as redis, bench(place) as made:
        made.units.publish = Bus(redis).publish
        yield made


def asking(api: Api, query: str, variables: dict[str, Any], *, way: str = "POST", accept: str = EVENTS) -> Any:
    headers = {**api.headers, "accept": accept}
    if way == "GET":
        given = {"query": query, "variables": json.dumps(variables)}
        return api.http.stream("GET", f"{api.url}/graphql", params=given, headers=headers)
    body = {"query": query, "variables": variables}
    return api.http.stream("POST", f"{api.url}/graphql", json=body, headers=headers)


async def told(answer: httpx2.Response) -> AsyncIterator[Event]:
    """Events by name, with their data; a comment has the name of none."""
    name = ""
    async for line in answer.aiter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value) if value else ""
        elif line.startswith(":"):
            yield "", value


async def events(api: Api, query: str, way: str = "POST", accept: str = EVENTS, **variables: Any) -> list[Event]:
    """All to the end of the answer."""
    async with asyncio.timeout(PATIENCE), asking(api, query, variables, way=way, accept=accept) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, EVENTS), await answer.aread()
        assert answer.headers["cache-control"] == "no-cache, no-transform"
        assert answer.headers["x-request-id"]
        return [event async for event in told(answer)]


async def refusal(api: Api, query: str, way: str = "POST", **variables: Any) -> str:
    """The code of the one error that is told in place of a value."""
    (name, result), last = await events(api, query, way, **variables)
    assert (name, last) == ("next", COMPLETE)
    assert result.get("data") is None
    (error,) = result["errors"]
    assert error["extensions"]["requestId"]
    return str(error["extensions"]["code"])


async def nobody_follows(url: str) -> bool:
    seen = await scraped(url)
    return (seen["igny8_streams"], seen["igny8_following"]) == (0, 0)


@pytest.mark.parametrize(
    ("way", "accept", "query"),
    [
        ("POST", EVENTS, FOLLOW),
        ("GET", EVENTS, FOLLOW),
        ("GET", LIKE_URQL, FOLLOW),
        ("POST", LIKE_URQL, FOLLOW.replace("jobId", "jobId job { id }")),
    ],
    ids=["POST", "GET", "GET of many kinds", "POST with the job"],
)
async def test_the_state_at_once_then_every_change_then_the_end(
    place: Place, owner: Api, url: str, desk: Bench, way: str, accept: str, query: str
) -> None:
    account, id = await started(place, owner, 3)
    states: list[Any] = []
    names: list[str] = []
    async with asyncio.timeout(PATIENCE), asking(owner, query, {"id": id}, way=way, accept=accept) as answer:
        async for name, result in told(answer):
            names.append(name)
            if name == "next":
                assert result["extensions"]["requestId"] == answer.headers["x-request-id"]
                states.append(result["data"]["jobProgress"])
            if len(names) == 1:
                assert (states[0]["status"], states[0]["jobId"]) == ("QUEUED", id)
                working = asyncio.create_task(desk.work(account))
    assert names == ["next"] * len(states) + ["complete"]
    await working
    assert (states[-1]["status"], states[-1]["done"], states[-1]["creditsHeld"]) == ("SUCCEEDED", 3, 0)
    versions = [state["version"] for state in states]
    assert versions == sorted(set(versions))
    assert len(versions) > 1
    await until(lambda: nobody_follows(url))


async def test_what_is_no_subscription_is_told_at_once(owner: Api) -> None:
    for _ in range(3):  # known documents have a short way of their own
        (name, result), last = await events(owner, ROLE)
        assert (name, result["data"], last) == ("next", {"viewer": {"role": "OWNER"}}, COMPLETE)
        assert result["extensions"]["cost"]["actual"] >= 1
    assert (await events(owner, ROLE, "GET"))[0][1]["data"] == {"viewer": {"role": "OWNER"}}
    made = 'mutation { createSite(input: {name: "Ümlaut\\n"}) { site { name } userErrors { code } } }'
    (_, result), last = await events(owner, made)
    assert (result["data"]["createSite"]["site"], last) == ({"name": "Ümlaut"}, COMPLETE)


async def test_who_takes_json_as_well_gets_json_but_of_a_subscription(owner: Api) -> None:
    for accept in (LIKE_URQL, f"*/*, {EVENTS};q=0", f"{EVENTS};q=0.1, application/json"):
        async with asking(owner, ROLE, {}, accept=accept) as answer:
            assert answer.headers["content-type"].startswith("application/")
            assert json.loads(await answer.aread())["data"] == {"viewer": {"role": "OWNER"}}
    for accept in ("application/json", "*/*", f"application/json, {EVENTS};q=0"):
        async with asking(owner, FOLLOW, {"id": "job_x"}, accept=accept) as answer:
            assert answer.status_code == 406
            (error,) = json.loads(await answer.aread())["errors"]
            assert "Accept: text/event-stream" in error["message"]
            assert error["extensions"]["code"] == "BAD_INPUT"


@pytest.mark.parametrize("way", ["POST", "GET"])
async def test_what_is_wrong_is_told_in_the_stream(place: Place, owner: Api, api: Api, way: str) -> None:
    _, id = await started(place, owner, 1)
    assert await refusal(owner, FOLLOW, way, id="job_nothing") == "NOT_FOUND"
    assert await refusal(owner, FOLLOW.replace("status", "nonsense"), way, id=id) == "BAD_INPUT"
    assert await refusal(owner, FOLLOW, way) == "BAD_INPUT"
    assert await refusal(owner, "{ nonsense }", way) == "BAD_INPUT"
    assert await refusal(owner, "{ never closed", way) == "BAD_INPUT"
    assert await refusal(api, FOLLOW, way, id=id) == "UNAUTHENTICATED"
    api.token = "wrong"
    assert await refusal(api, FOLLOW, way, id=id) == "UNAUTHENTICATED"
    await api.sign_up()
    assert await refusal(api, FOLLOW, way, id=id) == "NOT_FOUND"


async def test_what_is_no_request_is_no_stream(owner: Api) -> None:
    headers = {**owner.headers, "accept": EVENTS, "content-type": "application/json"}
    for content in ("{", "5", "{}"):
        answer = await owner.http.post(f"{owner.url}/graphql", content=content, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/json; charset=utf-8")
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_INPUT"


@pytest.mark.parametrize("query", [FOLLOW, WHOLE], ids=["scalars", "job"])
async def test_a_session_that_ends_ends_its_streams(place: Place, owner: Api, url: str, query: str) -> None:
    account, id = await started(place, owner, 1)
    async with asyncio.timeout(PATIENCE), asking(owner, query, {"id": id}) as answer:
        seen = []
        async for event in told(answer):
            if not seen:
                sql(place, "update user_session set revoked_at = now() where account_id = %s", account)
            seen.append(event)
    (first, state), (name, end), last = seen
    assert (first, name, last) == ("next", "next", COMPLETE)
    assert state["data"]["jobProgress"]["version"] >= 1
    assert end["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    await until(lambda: nobody_follows(url))


async def test_who_goes_leaves_nothing_behind(place: Place, owner: Api, url: str) -> None:
    _, id = await started(place, owner, 1)
    for query, variables in (
        (FOLLOW, {"id": id}),
        (WHOLE, {"id": id}),
        ("subscription { accountActivity { done } }", {}),
    ):
        for first in (True, False):
            async with asking(owner, query, variables) as answer:
                if first:
                    async with aclosing(told(answer)) as stream:
                        assert (await anext(stream))[0] == "next"
                    seen = await scraped(url)
                    assert (seen["igny8_streams"], seen["igny8_following"]) == (1, 1)
            await until(lambda: nobody_follows(url))


async def test_a_session_follows_so_many_and_no_more(
    place: Place, owner: Api, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST", 1)
    _, id = await started(place, owner, 1)
    async with asking(owner, FOLLOW, {"id": id}) as answer, aclosing(told(answer)) as stream:
        await anext(stream)
        assert await refusal(owner, FOLLOW, id=id) == "RATE_LIMITED"
    await until(lambda: nobody_follows(url))
    async with asking(owner, FOLLOW, {"id": id}) as answer, aclosing(told(answer)) as stream:
        assert "data" in (await anext(stream))[1]


async def test_a_silent_stream_is_kept_alive_and_ends_with_its_process(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without `complete`: the client shall come again."""
    monkeypatch.setattr(streams, "KEEP_ALIVE_SECONDS", 0.1)
    seen: list[Event] = []

    async def listen(owner: Api, id: str) -> None:
        async with Api(owner.url, owner.token) as client, asking(client, FOLLOW, {"id": id}) as answer:
            seen.extend([event async for event in told(answer)])  # httpx2 raises where an answer is cut off

    async with served(place) as other, Api(other) as owner:
        await owner.sign_up()
        _, id = await started(place, owner, 1)
        listening = asyncio.create_task(listen(owner, id))
        async with asking(owner, FOLLOW, {"id": id}) as answer, aclosing(told(answer)) as stream:
            assert (await anext(stream))[0] == "next"
            assert [await anext(stream) for _ in range(2)] == [("", "ping")] * 2
    await ended(listening)
    assert seen[0][0] == "next"
    assert COMPLETE not in seen


async def test_who_reads_too_slowly_is_dropped(
    place: Place, owner: Api, url: str, desk: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "SLOW_SECONDS", 0.3)
    account, id = await started(place, owner, 1)
    body = json.dumps({"query": "subscription($id: ID!) { jobProgress(id: $id) { message } }", "variables": {"id": id}})
    head = f"POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {owner.token}\r\naccept: {EVENTS}\r\n"
    head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        line.connect(("127.0.0.1", int(url.rpartition(":")[2])))
        line.sendall((head + body).encode())

        async def dropped() -> bool:
            async with desk.units(JobScope(account)) as unit:
                (job,) = await unit.all(select(Job).where(Job.account_id == account))
                job.message = f"{job.version}" + "x" * 300_000
            return (await scraped(url))["igny8_slow_readers_total"] == 1

        await until(dropped)
        assert (await scraped(url))["igny8_following"] == 0, "its source has ended"
    await until(lambda: nobody_follows(url))
