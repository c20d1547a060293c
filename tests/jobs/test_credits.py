"""Credits: set aside before, charged once, given back."""

import asyncio
from uuid import UUID

import psycopg
import pytest

from domain.ai.function import AiFunction
from domain.functions import Charge
from domain.registry import FUNCTIONS
from jobs import lease
from persistence.terms import JobKind
from tests.client import Api, Json
from tests.conftest import Place
from tests.jobs.support import (
    AGAIN,
    NEVER,
    Bench,
    account_of,
    check_books,
    one,
    sector_with_keywords,
    sql,
    tasks,
)
from tests.waiting import ended, until

CANCEL = "mutation($id: ID!) { cancelJob(id: $id) { job { status } userErrors { code } } }"
RETRY = "mutation($id: ID!) { retryJob(id: $id) { job { status creditsHeld } userErrors { code } } }"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "BEAT_SECONDS", 0.05)


async def credits(owner: Api) -> tuple[int, int]:
    found = (await owner.one("{ account { credits { balance held } } }"))["credits"]
    return found["balance"], found["held"]


async def job(owner: Api, id: str) -> Json:
    found: Json = await owner.one(
        "query($id: ID!) { job(id: $id) { status done total error creditsHeld creditsSpent "
        "items { nodes { status } } } }",
        id=id,
    )
    return found


async def articles(place: Place, owner: Api, number: int) -> str:
    payload = await owner.start("generateContent", taskIds=await tasks(place, owner, number))
    assert payload["userErrors"] == []
    return str(payload["job"]["id"])


def leave(place: Place, account: UUID, balance: int) -> None:
    """As if the rest had been spent."""
    left = "update credit_balance set balance = %s where account_id = %s"
    sql(place, left, balance, account)
    sql(
        place,
        "update credit_transaction set amount = %s, balance_after = %s where account_id = %s and amount > 0",
        balance,
        balance,
        account,
    )


def rows(place: Place, account: UUID) -> tuple[int, ...]:
    tables = ("job", "job_item", "credit_hold", "credit_transaction", "idempotency_key")
    return tuple(one(place, f"select count(*) from {table} where account_id = %s", account) for table in tables)


async def test_out_of_credits_leaves_nothing_behind(place: Place, owner: Api) -> None:
    ids = await tasks(place, owner, 3)
    account = account_of(place, owner)
    leave(place, account, 29)
    before = rows(place, account)

    payload = await owner.start("generateContent", taskIds=ids, idempotencyKey="once")

    assert payload["job"] is None
    assert [e["code"] for e in payload["userErrors"]] == ["OUT_OF_CREDITS"]
    assert rows(place, account) == before
    assert await credits(owner) == (29, 0)
    assert sql(place, "select distinct status from task where account_id = %s", account) == [("DRAFT",)]


async def test_the_last_credits_are_spent_once(place: Place, owner: Api) -> None:
    """50 callers at once, credits for 7 of them."""
    ids = await tasks(place, owner, 50)
    account = account_of(place, owner)
    leave(place, account, 75)

    payloads = await asyncio.gather(*(owner.start("generateContent", taskIds=[id]) for id in ids))

    codes = [e["code"] for p in payloads for e in p["userErrors"]]
    assert codes == ["OUT_OF_CREDITS"] * 43
    assert len([p for p in payloads if p["job"]]) == 7
    assert await credits(owner) == (5, 70)
    assert one(place, "select count(*) from job where account_id = %s", account) == 7
    check_books(place)


async def test_one_task_is_written_for_one_of_many_callers(place: Place, owner: Api) -> None:
    ids = await tasks(place, owner, 1)
    payloads = await asyncio.gather(*(owner.start("generateContent", taskIds=ids) for _ in range(8)))
    assert [e["code"] for p in payloads for e in p["userErrors"]] == ["CONFLICT"] * 7
    assert await credits(owner) == (490, 10)


@pytest.mark.parametrize(("actual", "charged"), [(4, 4), (25, 10)])  # all others: tests/domain/billing
async def test_the_estimate_is_a_ceiling(
    place: Place, owner: Api, desk: Bench, monkeypatch: pytest.MonkeyPatch, actual: int, charged: int
) -> None:
    id = await articles(place, owner, 1)
    assert await credits(owner) == (490, 10)
    apply = AiFunction.apply

    async def priced(*given: object) -> Charge:
        await apply(*given)  # type: ignore[arg-type]
        return Charge(actual)

    monkeypatch.setattr(AiFunction, "apply", priced)
    await desk.work(account_of(place, owner))

    found = await job(owner, id)
    assert (found["status"], found["creditsSpent"], found["creditsHeld"]) == ("SUCCEEDED", charged, 0)
    assert await credits(owner) == (500 - charged, 0)
    legs = sql(
        place, "select amount from credit_transaction where account_id = %s and amount < 0", account_of(place, owner)
    )
    assert legs == ([(-charged,)] if charged else [])
    check_books(place)


async def test_what_is_nothing_left_to_do_costs_nothing(place: Place, owner: Api, desk: Bench) -> None:
    sector = await sector_with_keywords(owner, 30)
    started = (await owner.start("clusterKeywords", sectorId=sector))["job"]
    sql(place, "update keyword set status = 'ARCHIVED' where account_id = %s", account_of(place, owner))
    await desk.work(account_of(place, owner), "compute")
    found = await job(owner, started["id"])
    assert (found["status"], found["creditsSpent"]) == ("SUCCEEDED", 0)
    assert await credits(owner) == (500, 0)


def test_every_kind_of_work_is_known() -> None:
    assert set(FUNCTIONS) == set(JobKind)


async def test_cancelling_what_waits_gives_all_back(place: Place, owner: Api) -> None:
    id = await articles(place, owner, 3)
    assert await owner.one(CANCEL, id=id) == {"job": {"status": "CANCELLED"}, "userErrors": []}
    found = await job(owner, id)
    assert [i["status"] for i in found["items"]["nodes"]] == ["CANCELLED"] * 3
    assert await credits(owner) == (500, 0)
    assert [t["status"] for t in (await owner.one("{ tasks { nodes { status } } }"))["nodes"]] == ["DRAFT"] * 3
    assert (await owner.one(CANCEL, id=id))["userErrors"] == [{"code": "CONFLICT"}]
    check_books(place)


async def test_cancelling_what_runs_ends_the_call(place: Place, owner: Api, desk: Bench) -> None:
    id = await articles(place, owner, 3)
    account = account_of(place, owner)
    await desk.runner.run(account, "text")
    desk.writer.gate = asyncio.Event()
    run = asyncio.create_task(desk.runner.run(account, "text"))
    await until(lambda: desk.writer.at_once)

    assert await owner.one(CANCEL, id=id) == {"job": {"status": "RUNNING"}, "userErrors": []}
    assert await credits(owner) == (489, 10)

    await ended(run)
    found = await job(owner, id)
    assert (found["status"], found["creditsSpent"], found["done"]) == ("CANCELLED", 1, 3)
    assert await credits(owner) == (499, 0)
    statuses = sql(place, "select status, count(*) from task where account_id = %s group by 1 order by 1", account)
    assert statuses == [("DRAFT", 2), ("REVIEW", 1)]
    check_books(place)


async def test_cancelling_does_not_wait_for_a_result_being_stored(
    place: Place, owner: Api, desk: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = await articles(place, owner, 1)
    apply, applying, go = AiFunction.apply, asyncio.Event(), asyncio.Event()

    async def slow(*given: object) -> Charge:
        charge = await apply(*given)  # type: ignore[arg-type]
        applying.set()
        await go.wait()
        return charge

    monkeypatch.setattr(AiFunction, "apply", slow)
    run = asyncio.create_task(desk.runner.run(account_of(place, owner), "text"))
    await ended(applying.wait())

    cancelled = await ended(owner.one(CANCEL, id=id))

    assert cancelled == {"job": {"status": "RUNNING"}, "userErrors": []}
    go.set()
    await run
    found = await job(owner, id)
    assert (found["status"], found["creditsSpent"]) == ("SUCCEEDED", 1), "what was done is kept"
    check_books(place)


async def test_a_job_in_part(place: Place, owner: Api, desk: Bench) -> None:
    id = await articles(place, owner, 3)
    desk.writer.faults = [NEVER]
    await desk.work(account_of(place, owner))
    found = await job(owner, id)
    assert (found["status"], found["creditsSpent"], found["done"]) == ("PARTIAL", 2, 3)
    assert found["error"] == "The provider refused."
    assert await credits(owner) == (498, 0)
    check_books(place)


async def test_retrying_holds_again_and_may_succeed(place: Place, owner: Api, desk: Bench) -> None:
    id = await articles(place, owner, 3)
    account = account_of(place, owner)
    desk.writer.faults = [NEVER]
    await desk.work(account)

    assert await owner.one(RETRY, id=id) == {"job": {"status": "QUEUED", "creditsHeld": 10}, "userErrors": []}
    assert await credits(owner) == (488, 10)
    assert (await owner.one(RETRY, id=id))["userErrors"] == [{"code": "CONFLICT"}], "it has not ended"

    await desk.work(account)
    found = await job(owner, id)
    assert (found["status"], found["creditsSpent"], found["done"], found["error"]) == ("SUCCEEDED", 3, 3, None)
    assert one(place, "select count(*) from content where account_id = %s", account) == 3
    assert (await owner.one(RETRY, id=id))["userErrors"] == [{"code": "CONFLICT"}], "nothing has failed"
    check_books(place)


async def test_retrying_needs_credits(place: Place, owner: Api, desk: Bench) -> None:
    id = await articles(place, owner, 1)
    account = account_of(place, owner)
    desk.writer.faults = [AGAIN] * 4
    await desk.work(account)
    leave(place, account, 9)
    assert (await owner.one(RETRY, id=id))["userErrors"] == [{"code": "OUT_OF_CREDITS"}]
    assert (await job(owner, id))["status"] == "FAILED"
    assert await credits(owner) == (9, 0)
    check_books(place)


async def test_another_accounts_job_is_not_there(place: Place, owner: Api, url: str) -> None:
    id = await articles(place, owner, 1)
    async with Api(url) as other:
        await other.sign_up()
        for mutation in (CANCEL, RETRY):
            assert (await other.one(mutation, id=id))["userErrors"] == [{"code": "NOT_FOUND"}]
    assert (await job(owner, id))["status"] == "QUEUED"


# Archived sites

DELETE_SITES = "mutation($ids: [ID!]!) { deleteSites(ids: $ids) { deletedIds userErrors { code message } } }"


async def archive(owner: Api) -> None:
    """The one site that there is."""
    (site,) = (await owner.one("{ sites { nodes { id } } }"))["nodes"]
    assert (await owner.one(DELETE_SITES, ids=[site["id"]])) == {"deletedIds": [site["id"]], "userErrors": []}


async def test_a_site_that_is_archived_has_its_waiting_work_cancelled_and_paid_back(
    place: Place, owner: Api, desk: Bench
) -> None:
    ids = await tasks(place, owner, 3)
    jobs = [(await owner.start("generateContent", taskIds=part))["job"]["id"] for part in (ids[:2], ids[2:])]
    ended = (await owner.start("clusterKeywords", sectorId=await _with_keywords(owner)))["job"]["id"]
    await desk.work(account_of(place, owner), "compute")
    spent = (await job(owner, ended))["creditsSpent"]
    assert await credits(owner) == (470 - spent, 30)
    await archive(owner)
    assert await credits(owner) == (500 - spent, 0)
    assert [(await job(owner, id))["status"] for id in (*jobs, ended)] == ["CANCELLED", "CANCELLED", "SUCCEEDED"]
    assert (await owner.one("{ tasks { nodes { status } } }"))["nodes"] == [{"status": "DRAFT"}] * 3
    await desk.work(account_of(place, owner))
    assert desk.writer.calls == 0
    check_books(place)


async def _with_keywords(owner: Api) -> str:
    """The sector that there is, with some keywords."""
    (sector,) = (await owner.one("{ sectors { nodes { id } } }"))["nodes"]
    await owner.import_text(sector["id"], "cold brew\ncold brew at home\nmoka pot\n")
    return str(sector["id"])


async def test_work_that_runs_in_a_site_that_is_archived_ends_and_is_paid_back(
    place: Place, owner: Api, desk: Bench
) -> None:
    id, account = await articles(place, owner, 2), account_of(place, owner)
    desk.writer.gate = asyncio.Event()  # never answers
    running = asyncio.create_task(desk.runner.run(account, "text"))
    await until(lambda: desk.writer.calls == 1)
    await archive(owner)
    await ended(running)
    found = await job(owner, id)
    assert (found["status"], found["creditsSpent"]) == ("CANCELLED", 0)
    assert await credits(owner) == (500, 0)
    check_books(place)


async def test_nothing_is_begun_in_a_site_while_it_is_archived(place: Place, owner: Api) -> None:
    """Either before, and then it is cancelled, or not at all."""
    ids = await tasks(place, owner, 24)
    starts = [owner.start("generateContent", taskIds=[id]) for id in ids]
    payloads = await asyncio.gather(*starts[:12], archive(owner), *starts[12:])
    begun = [payload["job"]["id"] for payload in payloads if payload and payload["job"]]
    refused = [error for payload in payloads if payload for error in payload["userErrors"]]
    assert {(error["code"], *error["field"]) for error in refused} <= {("CONFLICT", "input", "taskIds")}
    assert len(begun) + len(refused) == 24
    assert {(await job(owner, id))["status"] for id in begun} <= {"CANCELLED"}
    assert await credits(owner) == (500, 0)
    check_books(place)


async def test_who_archives_a_site_waits_for_what_was_begun_there(place: Place, owner: Api) -> None:
    await tasks(place, owner, 1)
    site = one(place, "select id from site where account_id = %s", account_of(place, owner))
    waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
    async with await psycopg.AsyncConnection.connect(place.database_url) as begun:
        await begun.execute("select pg_advisory_xact_lock_shared(site_turn(%s))", [site])
        archiving = asyncio.create_task(archive(owner))
        await until(lambda: one(place, waiting) == 1)
        assert one(place, "select status from site where id = %s", site) == "ACTIVE"
    await archiving
    assert one(place, "select status from site where id = %s", site) == "ARCHIVED"
