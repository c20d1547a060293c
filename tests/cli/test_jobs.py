"""`igny8 jobs`: what an operator sees and does, on real servers."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.cli.asking import igny8, igny8_here
from tests.client import Api
from tests.conftest import Place
from tests.jobs.support import NEVER, Bench, account_of, bench, check_books, sql, tasks


@pytest.fixture
async def desk(place: Place) -> AsyncIterator[Bench]:
    async with bench(place) as made:
        yield made


async def told(place: Place, *arguments: str) -> Any:
    """In a thread: a loop runs here."""
    done = await asyncio.to_thread(igny8_here, "jobs", *arguments, "--json", env=place.environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


async def test_an_operator_sees_cancels_and_retries(place: Place, owner: Api, desk: Bench) -> None:
    id = (await owner.start("generateContent", taskIds=await tasks(place, owner, 3)))["job"]["id"]
    account = account_of(place, owner)
    (listed,) = [job for job in await told(place, "list") if job["id"] == id]
    assert (listed["kind"], listed["status"], listed["done"], listed["held"]) == (
        "GENERATE_CONTENT",
        "QUEUED",
        "0/3",
        30,
    )
    assert [q["waiting"] for q in await told(place, "queues") if q["queue"] == "text"] == [3]

    desk.writer.faults = [NEVER]
    await desk.work(account)
    (shown,) = await told(place, "show", id)
    assert sorted(item["status"] for item in shown["items"]) == ["APPLIED", "APPLIED", "FAILED"]
    assert [q["failed"] for q in await told(place, "queues") if q["queue"] == "text"] == [{"The provider refused.": 1}]
    assert id in igny8("jobs", "list", "--status", "partial", env=place.environment).stdout

    (retried,) = await told(place, "retry", id)
    assert (retried["status"], retried["held"]) == ("QUEUED", 10)
    (cancelled,) = await told(place, "cancel", id)
    assert (cancelled["status"], cancelled["held"]) == ("CANCELLED", 0)
    audit = "select action from audit_event where account_id = %s and after ->> 'by' = 'operator' order by id"
    assert sql(place, audit, account) == [("retryJob",), ("cancelJob",)]
    check_books(place)


async def test_an_operator_begins_nothing_in_an_archived_site(place: Place, owner: Api, desk: Bench) -> None:
    id = (await owner.start("generateContent", taskIds=await tasks(place, owner, 1)))["job"]["id"]
    desk.writer.faults = [NEVER]
    await desk.work(account_of(place, owner))
    sql(place, "update site set status = 'ARCHIVED' where account_id = %s", account_of(place, owner))
    done = await asyncio.to_thread(igny8_here, "jobs", "retry", id, env=place.environment)
    assert done.returncode != 0
    assert "The site is archived" in done.stderr
    assert "Traceback" not in done.stderr
    assert [job["status"] for job in await told(place, "show", id)] == ["FAILED"]


def test_what_cannot_be_done_is_said_in_a_line(place: Place) -> None:
    nothing = "job_00000000-0000-4000-8000-000000000000"
    for arguments, reason in (
        (("show", "nonsense"), "nonsense is no id of a job"),
        (("cancel", nothing), f"there is no job {nothing}"),
        (("list", "--status", "odd"), "there are QUEUED"),
    ):
        done = igny8_here("jobs", *arguments, env=place.environment)
        assert done.returncode != 0
        assert reason in done.stderr
        assert "Traceback" not in done.stderr


def test_an_empty_list_is_said(place: Place) -> None:
    sql(place, "delete from job")
    assert igny8_here("jobs", "list", env=place.environment).stdout == "nothing\n"
