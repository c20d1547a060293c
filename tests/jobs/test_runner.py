"""The runner: attempts, leases, interruption, the window of an account."""

import asyncio
from uuid import UUID

import psycopg
import pytest

from jobs import lease, progress
from jobs.lease import Interrupts
from persistence.terms import JobItemStatus
from tests.client import Api
from tests.conftest import Place
from tests.jobs.support import AGAIN, NEVER, Bench, account_of, check_books, one, sql, tasks
from tests.waiting import ended, until


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(progress, "WRITE_SECONDS", 0.02)


async def started(place: Place, owner: Api, number: int = 1) -> tuple[UUID, str]:
    """The account, and its job of so many articles."""
    payload = await owner.start("generateContent", taskIds=await tasks(place, owner, number))
    assert payload["userErrors"] == []
    return account_of(place, owner), payload["job"]["id"]


async def state(owner: Api, job: str) -> tuple[str, str | None, int, list[tuple[str, int]]]:
    found = await owner.one(
        "query($id: ID!) { job(id: $id) { status error creditsSpent items { nodes { status attempts } } } }", id=job
    )
    items = [(i["status"], i["attempts"]) for i in found["items"]["nodes"]]
    return found["status"], found["error"], found["creditsSpent"], items


async def statuses(owner: Api) -> list[str]:
    return [t["status"] for t in (await owner.one("{ tasks { nodes { status } } }"))["nodes"]]


async def test_a_retryable_error_is_tried_again(place: Place, owner: Api, desk: Bench) -> None:
    account, job = await started(place, owner)
    desk.writer.faults = [AGAIN]

    await desk.runner.run(account, "text")

    message, pause = sql(
        place, "select j.message, extract(epoch from i.available_at - now())::float from job j join job_item i "
        "on i.job_id = j.id where j.account_id = %s and i.status = 'WAITING'", account
    )[0]  # fmt: skip
    assert "The provider is busy." in message
    assert 1 < pause < 4
    await desk.runner.run(account, "text")
    assert desk.writer.calls == 1, "not before its pause is over"
    await desk.work(account)
    assert await state(owner, job) == ("SUCCEEDED", None, 1, [("APPLIED", 2)])
    check_books(place)


async def test_pauses_grow_and_attempts_are_exhausted(place: Place, owner: Api, desk: Bench) -> None:
    account, job = await started(place, owner)
    desk.writer.faults = [AGAIN] * 9
    await desk.work(account)
    assert await state(owner, job) == ("FAILED", "The provider is busy.", 0, [("FAILED", 4)])
    assert desk.writer.calls == 4
    assert await statuses(owner) == ["DRAFT"]
    check_books(place)


async def test_an_error_for_good_is_not_tried_again(place: Place, owner: Api, desk: Bench) -> None:
    account, job = await started(place, owner)
    desk.writer.faults = [NEVER]
    await desk.work(account)
    assert await state(owner, job) == ("FAILED", "The provider refused.", 0, [("FAILED", 1)])
    assert await statuses(owner) == ["DRAFT"]


async def test_an_unexpected_error_is_masked(place: Place, owner: Api, desk: Bench) -> None:
    account, job = await started(place, owner)
    desk.writer.faults = [ZeroDivisionError("secret detail")] * 4
    await desk.work(account)
    status, error, spent, _ = await state(owner, job)
    assert (status, spent) == ("FAILED", 0)
    assert "secret detail" not in str(error)
    assert "secret detail" not in str(sql(place, "select message, error from job"))
    check_books(place)


async def test_a_job_ends_when_its_only_item_fails_in_prepare(
    place: Place, owner: Api, desk: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, job = await started(place, owner)

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("domain.ai.function.AiFunction.prepare", broken)
    await desk.work(account)
    assert (await state(owner, job))[0] == "FAILED"
    check_books(place)


async def test_who_lost_the_lease_applies_nothing(place: Place, owner: Api, desk: Bench) -> None:
    account, job = await started(place, owner)
    desk.writer.gate = asyncio.Event()  # never set: the call is endless
    run = asyncio.create_task(desk.runner.run(account, "text"))
    await until(lambda: desk.writer.at_once)

    sql(place, "update job_item set lease_token = uuidv4(), lease_until = now() where account_id = %s", account)

    await ended(run)
    assert desk.writer.at_once == 0, "the call was ended"
    desk.writer.gate = None
    await desk.runner.run(account, "text")
    assert await state(owner, job) == ("SUCCEEDED", None, 1, [("APPLIED", 2)])
    check_books(place)


async def test_who_dies_with_it_again_and_again_is_not_tried_for_ever(place: Place, owner: Api, desk: Bench) -> None:
    account, job = await started(place, owner)
    died = "update job_item set status = 'RUNNING', attempts = 16, lease_until = now() where account_id = %s"
    sql(place, died, account)
    await desk.runner.run(account, "text")
    assert await state(owner, job) == ("FAILED", "It did not end in time.", 0, [("FAILED", 17)])
    assert (desk.writer.calls, await statuses(owner)) == (0, ["DRAFT"])
    check_books(place)


async def test_leases_are_extended_while_a_call_lasts(place: Place, owner: Api, desk: Bench) -> None:
    account, _ = await started(place, owner)
    desk.writer.gate = asyncio.Event()
    run = asyncio.create_task(desk.runner.run(account, "text"))
    await until(lambda: desk.writer.at_once)
    first = one(place, "select lease_until from job_item where account_id = %s", account)
    await until(lambda: one(place, "select lease_until from job_item where account_id = %s", account) > first)
    desk.writer.gate.set()
    await run


async def test_interrupted_work_is_given_back(place: Place, owner: Api, desk: Bench) -> None:
    account, job = await started(place, owner)
    desk.writer.gate = asyncio.Event()
    run = asyncio.create_task(desk.runner.run(account, "text"))
    await until(lambda: desk.writer.at_once)

    desk.runner.interrupt.set()

    await ended(run)
    assert await state(owner, job) == ("RUNNING", None, 0, [("QUEUED", 0)])
    assert [(d.account_id, d.queue, d.count) for d in desk.sent] == [(account, "text", 1)]
    desk.runner.interrupt = Interrupts()
    desk.writer.gate = None
    await desk.work(account)
    assert (await state(owner, job))[0] == "SUCCEEDED"


async def test_a_result_is_kept_while_the_database_is_away(place: Place, owner: Api, desk: Bench) -> None:
    account, job = await started(place, owner)
    desk.writer.gate = asyncio.Event()
    run = asyncio.create_task(desk.runner.run(account, "text"))
    await until(lambda: desk.writer.at_once)
    with psycopg.connect(place.database_url, autocommit=True) as holder:
        holder.execute("begin")
        holder.execute("select 1 from task where account_id = %s for update", (account,))
        desk.writer.gate.set()
        waits = "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        await until(lambda: one(place, f"select count(*) from {waits}"))
        sql(place, f"select pg_terminate_backend(pid) from {waits}")
    await run
    assert await state(owner, job) == ("SUCCEEDED", None, 1, [("APPLIED", 1)])
    assert desk.writer.calls == 1, "not paid for twice"
    check_books(place)


async def test_an_account_has_a_window_of_items_under_way(place: Place, owner: Api, url: str, desk: Bench) -> None:
    account, _ = await started(place, owner, 12)
    async with Api(url) as other:
        await other.sign_up()
        another, job = await started(place, other)
        desk.writer.gate = asyncio.Event()
        runs = [asyncio.create_task(desk.runner.run(account, "text")) for _ in range(4)]
        await until(lambda: desk.writer.at_once == 4)

        await desk.runner.run(account, "text")
        assert desk.writer.at_once == 4, "a fifth is left to those who end one of the four"

        runs.append(asyncio.create_task(desk.runner.run(another, "text")))
        await until(lambda: desk.writer.at_once == 5)
        desk.writer.gate.set()
        await asyncio.gather(*runs)
        assert (await state(other, job))[0] == "SUCCEEDED"
        assert [d.account_id for d in desk.sent] == [account] * 4, "who ends one sends the next"


async def test_a_message_delivered_five_times_does_nothing_twice(place: Place, owner: Api, desk: Bench) -> None:
    account, job = await started(place, owner)
    await asyncio.gather(*(desk.runner.run(account, "text") for _ in range(5)))
    await desk.runner.run(account, "text")
    assert await state(owner, job) == ("SUCCEEDED", None, 1, [("APPLIED", 1)])
    assert desk.writer.calls == 1
    assert one(place, "select count(*) from content where account_id = %s", account) == 1


async def test_versions_grow_with_every_change(place: Place, owner: Api, desk: Bench) -> None:
    account, _ = await started(place, owner, 8)
    await asyncio.gather(*(desk.runner.run(account, "text") for _ in range(4)))
    await desk.work(account)
    versions = sorted(s.version for s in desk.told)
    assert versions == sorted(set(versions)), "no two snapshots of one version"
    assert one(place, "select version from job where account_id = %s", account) == versions[-1]
    assert {i for (i,) in sql(place, "select status from job_item where account_id = %s", account)} == {
        JobItemStatus.APPLIED.value
    }
