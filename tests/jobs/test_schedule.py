"""What is done by the clock, each tick once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from jobs.schedule import TASKS, Task, grant_monthly_credits, purge, tick
from persistence.unit import Units
from tests.client import Api
from tests.conftest import Place
from tests.jobs.support import Bench, account_of, check_books, one, sql

NOVEMBER, DECEMBER = datetime(2026, 11, 25, tzinfo=UTC), datetime(2026, 12, 1, 0, 5, tzinfo=UTC)


def on_plan(place: Place, owner: Api, slug: str, status: str = "ACTIVE") -> int:
    """Moves the account; what the plan gives a month."""
    change = "update account set status = %s, plan_id = (select id from plan where slug = %s) where id = %s"
    sql(place, change, status, slug, account_of(place, owner))
    found: int = one(place, "select coalesce(included_credits, credits_per_month) from plan where slug = %s", slug)
    return found


async def credits(owner: Api) -> int:
    return int((await owner.one("{ account { credits { balance } } }"))["credits"]["balance"])


async def test_a_month_is_granted_once_and_the_next_one_again(place: Place, owner: Api, desk: Bench) -> None:
    monthly = on_plan(place, owner, "starter")
    assert monthly > 0
    await asyncio.gather(*(grant_monthly_credits(desk.units, NOVEMBER) for _ in range(3)))
    assert await credits(owner) == 500 + monthly
    await grant_monthly_credits(desk.units, DECEMBER)
    await grant_monthly_credits(desk.units, DECEMBER)
    assert await credits(owner) == 500 + 2 * monthly
    legs = await owner.one("{ account { creditTransactions { nodes { transactionType description } } } }")
    assert {"transactionType": "PURCHASE", "description": "Starter: credits of November 2026"} in (
        legs["creditTransactions"]["nodes"]
    )
    check_books(place)


@pytest.mark.parametrize(("slug", "status"), [("trial", "ACTIVE"), ("starter", "SUSPENDED"), ("starter", "TRIAL")])
async def test_who_gets_none(place: Place, owner: Api, desk: Bench, slug: str, status: str) -> None:
    on_plan(place, owner, slug, status)
    await grant_monthly_credits(desk.units, NOVEMBER)
    assert await credits(owner) == 500


async def test_what_has_ended_long_ago_is_purged_and_nothing_else(place: Place, owner: Api, desk: Bench) -> None:
    async with Api(owner.url) as old:
        await old.sign_up()
        long_ago = datetime.now(UTC) - timedelta(days=31)
        account = account_of(place, old)
        sql(place, "update user_session set revoked_at = %s where account_id = %s", long_ago, account)
        await purge(desk.units, datetime.now(UTC))
        assert one(place, "select count(*) from user_session where account_id = %s", account) == 0
        assert one(place, "select count(*) from refresh_token where account_id = %s", account) == 0
    assert (await owner.one("{ account { id } }"))["id"] == owner.account_id


async def test_many_workers_run_a_tick_once_and_a_missed_one_later(place: Place, desk: Bench) -> None:
    ran: list[datetime] = []

    async def run(units: Units, now: datetime) -> None:
        ran.append(now)
        await asyncio.sleep(0.2)

    tasks = (Task("test", "0 * * * *", run),)
    await asyncio.gather(*(tick(desk.units, tasks) for _ in range(5)))
    assert len(ran) == 1, "a new task is due at once"
    await tick(desk.units, tasks)
    assert len(ran) == 1
    sql(place, "update schedule set next_at = now() - interval '5 hours' where name = 'test'")
    await asyncio.gather(*(tick(desk.units, tasks) for _ in range(5)))
    assert len(ran) == 2, "five missed ticks are one run"
    planned = one(place, "select next_at from schedule where name = 'test'")
    assert ran[-1] < planned <= ran[-1] + timedelta(hours=1)
    assert planned.minute == 0


async def test_what_is_due_is_decided_by_the_clock_of_the_database(place: Place, desk: Bench) -> None:
    ran: list[datetime] = []

    async def run(units: Units, now: datetime) -> None:
        ran.append(now)

    tasks = (Task("timely", "0 * * * *", run, late=timedelta(minutes=10)),)
    await tick(desk.units, tasks)
    for ahead, runs in ((timedelta(hours=3), 1), (timedelta(hours=-3), 1)):
        with time_machine.travel(datetime.now(UTC) + ahead):
            await tick(desk.units, tasks)
        assert len(ran) == runs, "it is not its time yet"
    for ahead, runs in ((timedelta(hours=3), 2), (timedelta(hours=-3), 3)):
        sql(place, "update schedule set next_at = now() - interval '5 minutes' where name = 'timely'")
        with time_machine.travel(datetime.now(UTC) + ahead):
            await tick(desk.units, tasks)
        assert len(ran) == runs
        in_an_hour = (
            "select next_at > now() and next_at <= now() + interval '1 hour' from schedule where name = 'timely'"
        )
        assert one(place, in_an_hour)


async def test_a_task_that_fails_is_noted_and_harms_no_other(place: Place, desk: Bench) -> None:
    ran: list[str] = []

    async def fail(units: Units, now: datetime) -> None:
        raise ValueError("no luck")

    async def succeed(units: Units, now: datetime) -> None:
        ran.append("well")

    await tick(desk.units, (Task("ill", "* * * * *", fail), Task("well", "* * * * *", succeed)))
    assert ran == ["well"]
    assert one(place, "select last_error from schedule where name = 'ill'") == "no luck"


async def test_a_tick_that_is_too_late_is_let_go(place: Place, desk: Bench) -> None:
    ran: list[datetime] = []

    async def run(units: Units, now: datetime) -> None:
        ran.append(now)

    tasks = (Task("punctual", "0 * * * *", run, late=timedelta(minutes=10)),)
    await tick(desk.units, tasks)
    for minutes, runs in ((5, 2), (11, 2)):
        sql(place, f"update schedule set next_at = now() - interval '{minutes} minutes' where name = 'punctual'")
        await tick(desk.units, tasks)
        assert len(ran) == runs
        assert one(place, "select next_at > now() from schedule where name = 'punctual'")


@pytest.mark.parametrize(
    ("zone", "cron", "moment", "expected"),
    [
        ("UTC", "30 2 * * *", "2026-03-29T00:00Z", "2026-03-29T02:30Z"),
        ("Europe/Berlin", "0 9 * * 1", "2026-11-25T12:00Z", "2026-11-30T08:00Z"),
        ("Europe/Berlin", "0 9 * * 1", "2026-07-01T12:00Z", "2026-07-06T07:00Z"),
        ("Europe/Berlin", "30 2 * * *", "2026-03-28T23:30Z", "2026-03-29T01:00Z"),  # skipped by the clock
        ("Europe/Berlin", "30 2 * * *", "2026-10-24T23:30Z", "2026-10-25T00:30Z"),  # shown twice
        ("Europe/Berlin", "30 2 * * *", "2026-10-25T00:30Z", "2026-10-26T01:30Z"),
        ("Europe/Berlin", "30 2 * * *", "2026-10-25T01:05Z", "2026-10-26T01:30Z"),
        ("Asia/Kolkata", "0 0 1 * *", "2026-11-25T00:00Z", "2026-11-30T18:30Z"),
    ],
)
def test_clocks_of_other_zones(zone: str, cron: str, moment: str, expected: str) -> None:
    async def run(units: Units, now: datetime) -> None:
        raise NotImplementedError

    found = Task("zoned", cron, run, zone=zone).after(datetime.fromisoformat(moment))
    assert found == datetime.fromisoformat(expected)


def test_the_table_of_tasks_is_readable_cron() -> None:
    for task in TASKS:
        assert task.after(NOVEMBER) > NOVEMBER
