"""The runner: attempts, leases, interruption, the window of an account."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
import time_machine

from jobs import lease, progress
from jobs.lease import Interrupts
from jobs.runner import FAULT
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


@asynccontextmanager
async def stuck(place: Place, table: str, account: UUID) -> AsyncIterator[Callable[[], None]]:
    """Begins when somebody waits for the account's rows of the table; what is given cuts their connections."""
    waits = "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    with psycopg.connect(place.database_url) as holder:
        holder.execute(f"select 1 from {table} where account_id = %s for update", (account,))
        yield lambda: sql(place, f"select pg_terminate_backend(pid) from {waits}") and None
        holder.rollback()


async def stuck_at(place: Place) -> None:
    waits = "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    await until(lambda: one(place, f"select count(*) from {waits}"))


async def calls(owner: Api) -> list[tuple[str, bool]]:
    """Of every call its status, and whether it says what it cost."""
    found = await owner.one("{ jobs { nodes { items { nodes { calls { status outputTokens } } } } } }")
    nodes = [call for job in found["nodes"] for item in job["items"]["nodes"] for call in item["calls"]]
    return [(call["status"], call["outputTokens"] > 0) for call in nodes]


# In turn: while the item's own rows are locked, before the first statement of apply; while rows are read in it; while
# a flush writes what refers to the row; in the ledger, by raw SQL after the last flush.
@pytest.mark.parametrize("table", ["job_item", "task", "sector", "site", "credit_balance"])
async def test_a_result_is_kept_while_the_database_is_away(place: Place, owner: Api, desk: Bench, table: str) -> None:
    account, job = await started(place, owner)
    desk.writer.gate = asyncio.Event()
    run = asyncio.create_task(desk.runner.run(account, "text"))
    await until(lambda: desk.writer.at_once)
    async with stuck(place, table, account) as cut:
        desk.writer.gate.set()
        await stuck_at(place)
        cut()
        if table != "job_item":  # the retry comes as far, and is cut again
            await stuck_at(place)
            cut()
    await run
    assert await state(owner, job) == ("SUCCEEDED", None, 1, [("APPLIED", 1)])
    assert desk.writer.calls == 1, "not paid for twice"
    assert await calls(owner) == [("SUCCEEDED", True)]
    assert one(place, "select sum(version) from content where account_id = %s", account) == 1, "made once"
    check_books(place)


async def test_the_answer_of_a_worker_that_died_is_not_bought_again(place: Place, owner: Api, desk: Bench) -> None:
    """In the midst of storing it, once more right after it was given back."""
    account, job = await started(place, owner)
    async with stuck(place, "sector", account):
        run = asyncio.create_task(desk.runner.run(account, "text"))
        await stuck_at(place)
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
    sql(place, "update job_item set lease_until = now() where account_id = %s", account)
    async with stuck(place, "sector", account) as cut:
        run = asyncio.create_task(desk.runner.run(account, "text"))
        await stuck_at(place)
        desk.runner.interrupt.set()
        cut()
        await run
    assert await state(owner, job) == ("RUNNING", None, 0, [("QUEUED", 1)])
    desk.runner.interrupt = Interrupts()
    await desk.work(account)
    assert await state(owner, job) == ("SUCCEEDED", None, 1, [("APPLIED", 2)])
    assert (desk.writer.calls, await calls(owner)) == (1, [("SUCCEEDED", True)])
    assert not list((place.data / "answers").iterdir()), "nothing stays of it"
    check_books(place)


async def test_an_answer_that_we_cannot_store_is_bought_once_and_its_cost_is_told(
    place: Place, owner: Api, desk: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, job = await started(place, owner)

    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("domain.writer.work.generate_content.record_revision", broken)
    await desk.work(account)
    assert await state(owner, job) == ("FAILED", FAULT, 0, [("FAILED", 4)])
    assert (desk.writer.calls, await calls(owner)) == (1, [("FAILED", True)])
    assert not list((place.data / "answers").iterdir())
    check_books(place)


async def test_a_failure_is_stored_too_when_the_database_was_away(place: Place, owner: Api, desk: Bench) -> None:
    """Else the provider would be asked again."""
    account, job = await started(place, owner)
    desk.writer.gate = asyncio.Event()
    run = asyncio.create_task(desk.runner.run(account, "text"))
    await until(lambda: desk.writer.at_once)
    async with stuck(place, "credit_balance", account) as cut:
        desk.writer.fails = NEVER
        desk.writer.gate.set()
        await stuck_at(place)
        cut()
    await run
    assert await state(owner, job) == ("FAILED", "The provider refused.", 0, [("FAILED", 1)])
    assert desk.writer.calls == 1
    check_books(place)


async def test_another_question_is_asked_although_an_answer_is_there(place: Place, owner: Api, desk: Bench) -> None:
    account, job = await started(place, owner)
    async with stuck(place, "sector", account):
        run = asyncio.create_task(desk.runner.run(account, "text"))
        await stuck_at(place)
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
    sql(place, "update job_item set lease_until = now() where account_id = %s", account)
    sql(place, "update task set title = 'Something else' where account_id = %s", account)
    await desk.runner.run(account, "text")
    assert (await state(owner, job))[0] == "SUCCEEDED"
    assert desk.writer.calls == 2
    assert one(place, "select title from content where account_id = %s", account).startswith("Something else")


async def test_a_clock_that_is_ahead_decides_nothing(place: Place, owner: Api, desk: Bench) -> None:
    """Of the worker: the pause before another try, what is due, the seconds of an attempt, and whether there is time
    for another.
    """
    account, job = await started(place, owner)
    desk.writer.faults = [AGAIN]
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16)):
        await desk.runner.run(account, "text")
    (found,) = sql(
        place, "select i.status, extract(epoch from i.available_at - i.updated_at)::float, j.started_at <= now() "
        "from job_item i join job j on j.id = i.job_id where i.account_id = %s", account
    )  # fmt: skip
    assert found[0] == "WAITING"
    assert 2 <= found[1] <= 3
    assert found[2]
    await until(lambda: one(place, "select available_at <= now() from job_item where account_id = %s", account))
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16)):
        await desk.runner.run(account, "text")
    assert await state(owner, job) == ("SUCCEEDED", None, 1, [("APPLIED", 2)])
    assert desk.writer.asked[-1].seconds > 100


async def test_what_is_tried_again_by_a_process_whose_clock_is_ahead_can_be_claimed_at_once(
    place: Place, owner: Api, desk: Bench
) -> None:
    account, job = await started(place, owner)
    desk.writer.faults = [NEVER]
    await desk.work(account)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=3)):
        await owner.run("mutation($id: ID!) { retryJob(id: $id) { job { id } userErrors { code } } }", id=job)
    await desk.runner.run(account, "text")
    assert (await state(owner, job))[0] == "SUCCEEDED"


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
