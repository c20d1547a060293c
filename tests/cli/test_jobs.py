"""`igny8 jobs`: what an operator sees and does, on real servers."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.client import Api
from tests.conftest import ROOT, Place
from tests.jobs.support import NEVER, Bench, account_of, bench, check_books, sql, tasks


@pytest.fixture
async def desk(place: Place) -> AsyncIterator[Bench]:
    async with bench(place) as made:
        yield made


def igny8(place: Place, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "cli", "jobs", *arguments]
    return subprocess.run(command, env=place.environment, cwd=ROOT, capture_output=True, text=True, check=False)


def told(place: Place, *arguments: str) -> Any:
    done = igny8(place, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


async def test_an_operator_sees_cancels_and_retries(place: Place, owner: Api, desk: Bench) -> None:
    id = (await owner.start("generateContent", taskIds=await tasks(place, owner, 3)))["job"]["id"]
    account = account_of(place, owner)
    (listed,) = [job for job in told(place, "list") if job["id"] == id]
    assert (listed["kind"], listed["status"], listed["done"], listed["held"]) == (
        "GENERATE_CONTENT",
        "QUEUED",
        "0/3",
        30,
    )
    assert [q["waiting"] for q in told(place, "queues") if q["queue"] == "text"] == [3]

    desk.writer.faults = [NEVER]
    await desk.work(account)
    (shown,) = told(place, "show", id)
    assert sorted(item["status"] for item in shown["items"]) == ["APPLIED", "APPLIED", "FAILED"]
    assert [q["failed"] for q in told(place, "queues") if q["queue"] == "text"] == [{"The provider refused.": 1}]
    assert id in igny8(place, "list", "--status", "partial").stdout

    (retried,) = told(place, "retry", id)
    assert (retried["status"], retried["held"]) == ("QUEUED", 10)
    (cancelled,) = told(place, "cancel", id)
    assert (cancelled["status"], cancelled["held"]) == ("CANCELLED", 0)
    audit = "select action from audit_event where account_id = %s and after ->> 'by' = 'operator' order by id"
    assert sql(place, audit, account) == [("retryJob",), ("cancelJob",)]
    check_books(place)


async def test_an_operator_begins_nothing_in_an_archived_site(place: Place, owner: Api, desk: Bench) -> None:
    id = (await owner.start("generateContent", taskIds=await tasks(place, owner, 1)))["job"]["id"]
    desk.writer.faults = [NEVER]
    await desk.work(account_of(place, owner))
    sql(place, "update site set status = 'ARCHIVED' where account_id = %s", account_of(place, owner))
    done = igny8(place, "retry", id)
    assert done.returncode != 0
    assert "The site is archived" in done.stderr
    assert "Traceback" not in done.stderr
    assert [job["status"] for job in told(place, "show", id)] == ["FAILED"]


def test_what_cannot_be_done_is_said_in_a_line(place: Place) -> None:
    nothing = "job_00000000-0000-4000-8000-000000000000"
    for arguments, reason in (
        (("show", "nonsense"), "nonsense is no id of a job"),
        (("cancel", nothing), f"there is no job {nothing}"),
        (("list", "--status", "odd"), "there are QUEUED"),
    ):
        done = igny8(place, *arguments)
        assert done.returncode != 0
        assert reason in done.stderr
        assert "Traceback" not in done.stderr


def test_an_empty_list_is_said(place: Place) -> None:
    sql(place, "delete from job")
    assert igny8(place, "list").stdout == "nothing\n"
