"""Real workers that are killed, started again, doubled; a Redis that forgets."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from redis import Redis

from cli.embedded import Services
from domain.job import WINDOW
from jobs.broker import Sender, make_broker
from persistence.unit import Dispatch
from tests.client import Api
from tests.conftest import ROOT, Place, fresh_place, served
from tests.jobs.answers import article
from tests.jobs.scripted import Scripted, computed, slow
from tests.jobs.support import account_of, buy, check_books, one, sector_with_keywords, sql, tasks
from tests.waiting import PATIENCE, ended, until

Step = Callable[[Place, int], Awaitable[None]]


@contextmanager
def spawned(place: Place, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker whose standard error is kept in a file; killed at the end at the latest."""
    env = {**place.environment, **environment}
    with (place.data / f"stderr-{uuid4().hex}").open("wb") as stderr:
        process = subprocess.Popen([sys.executable, "-m", "cli", "worker"], env=env, cwd=ROOT, stderr=stderr)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def complaints(place: Place) -> str:
    return "".join(path.read_text() for path in sorted(place.data.glob("stderr-*")))


def children(pid: int) -> list[int]:
    """Grouping processes that a worker started. One that is forked and runs nothing yet is left out: the worker
    waits inside the fork for it, and a signal that stops the one would stop both."""
    found = Path(f"/proc/{pid}/task").glob("*/children")
    started = [int(child) for path in found for child in path.read_text().split()]
    return [child for child in started if b"jobs.compute" in Path(f"/proc/{child}/cmdline").read_bytes()]


def alive(pid: int) -> bool:
    """Neither gone nor a zombie that waits for somebody to read its end."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def waiting_for_lock(place: Place) -> bool:
    return bool(
        one(
            place,
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' "
            "and application_name = 'igny8_worker'",
        )
    )


async def while_grouping(place: Place, worker: int) -> None:
    await until(lambda: children(worker))
    (child,) = children(worker)
    assert one(place, "select phase from job") in ("reading", "grouping")
    os.kill(worker, signal.SIGKILL)
    seconds = await until(lambda: not alive(child))
    print(f"the grouping process ended {seconds:.1f} s after its worker")


async def between_claim_and_call(place: Place, worker: int) -> None:
    """Its preparing transaction waits for the job's row."""
    with locked(place, "job"):
        await until(lambda: waiting_for_lock(place))
        os.kill(worker, signal.SIGKILL)


async def while_applying(place: Place, worker: int) -> None:
    with locked(place, "credit_balance"):
        await until(lambda: waiting_for_lock(place))
        os.kill(worker, signal.SIGKILL)


@contextmanager
def locked(place: Place, table: str) -> Iterator[None]:
    """Every row of the table."""
    with psycopg.connect(place.database_url) as holder:
        holder.execute(f"select 1 from {table} for update")
        yield


@asynccontextmanager
async def lone_place(servers: Services, template: str, data: Path) -> AsyncIterator[tuple[Place, Api]]:
    """A database, a Redis and an API of one scenario's own."""
    data.mkdir()  # noqa: ASYNC240 - a test
    with fresh_place(servers, template, data) as place:
        async with served(place) as url, Api(url) as owner:
            await owner.sign_up()
            yield place, owner


async def killed(servers: Services, template: str, data: Path, kill: Step) -> float:
    """Seconds from the kill to the end of the job."""
    async with lone_place(servers, template, data) as (place, owner):
        sector = await sector_with_keywords(owner, 3000)
        job = (await owner.start("clusterKeywords", sectorId=sector))["job"]
        seconds = await _killed_and_replaced(place, owner, job["id"], kill)
        counts = sql(
            place,
            "select (select count(*) from keyword where cluster_id is not null and status = 'CLUSTERED'), "
            "(select sum(keywords_count) from cluster)",
        )
        assert counts == [(3000, 3000)]
        assert sql(place, "select amount from credit_transaction where amount < 0") == [(-15,)]
        check_books(place)
        return seconds


async def _killed_and_replaced(place: Place, owner: Api, job: str, kill: Step) -> float:
    with spawned(place) as first:
        await kill(place, first.pid)
        fault = time.monotonic()
        first.wait()
    with spawned(place):
        last = await ended(owner.finished(job))
    assert (last["status"], last["creditsSpent"], last["creditsHeld"], last["done"]) == ("SUCCEEDED", 15, 0, 3000)
    return time.monotonic() - fault


async def test_a_killed_worker_loses_nothing(servers: Services, template: str, tmp_path: Path) -> None:
    """Three at once, each on servers of its own: most of it is waiting for leases to end."""
    steps = (while_grouping, between_claim_and_call, while_applying)
    took = await asyncio.gather(*(killed(servers, template, tmp_path / step.__name__, step) for step in steps))
    for step, seconds in zip(steps, took, strict=True):
        print(f"killed {step.__name__}: ended after {seconds:.1f} s")


async def test_kills_in_a_job_of_ten_articles(place: Place, owner: Api) -> None:
    """At random moments of a call, of storing its answer, between the two; each article is paid once."""
    chance = random.Random(11)
    ids = await tasks(place, owner, 10)
    account = account_of(place, owner)
    async with Scripted(otherwise=slow(0.5, computed(article))) as server:
        job = (await owner.start("generateContent", taskIds=ids))["job"]
        env = {"IGNY8_AI_BASE_URL": server.url, "IGNY8_AI_MODEL": "killed"}
        for kill in range(1, 6):
            before = len(server.requests)
            with spawned(place, **env) as worker:
                await until(lambda n=before: len(server.requests) > n)  # type: ignore[misc]
                await asyncio.sleep(chance.uniform(0, 0.7))
                worker.kill()
                worker.wait()
            # Its leases end at once, not after their fifteen seconds.
            sql(place, "update job_item set lease_until = now() where status = 'RUNNING' and account_id = %s", account)
            applied = one(place, "select count(*) from job_item where status = 'APPLIED' and account_id = %s", account)
            print(f"kill {kill}: {applied} applied")
            if applied == 10:
                break
        with spawned(place, **env):
            last = await ended(owner.finished(job["id"]))
        calls = sql(place, "select status, count(*) from ai_call where account_id = %s group by 1", account)
    print(f"{len(server.requests)} requests, calls {dict(calls)}")
    assert kill > 2, "the job was over before much could happen to it"
    assert (last["status"], last["done"], last["creditsHeld"]) == ("SUCCEEDED", 10, 0)
    assert dict(calls)["SUCCEEDED"] == 10
    assert set(dict(calls)) <= {"SUCCEEDED", "FAILED"}
    assert one(place, "select count(distinct task_id) from content where account_id = %s", account) == 10
    assert one(place, "select count(*) from content_revision where account_id = %s", account) == 10
    legs = sql(
        place, "select count(*), sum(amount) from credit_transaction where amount < 0 and account_id = %s", account
    )
    assert legs == [(10, -last["creditsSpent"])]
    check_books(place)


async def test_a_stopped_worker_gives_back_what_it_does(place: Place, owner: Api) -> None:
    sector = await sector_with_keywords(owner, 3000)
    # A call that does not end by itself: the grouping process is stopped.
    with spawned(place) as worker:
        job = (await owner.start("clusterKeywords", sectorId=sector))["job"]
        await until(lambda: children(worker.pid))
        (child,) = children(worker.pid)
        os.kill(child, signal.SIGSTOP)
        started = time.monotonic()
        worker.terminate()
        worker.wait(timeout=PATIENCE)
        print(f"stopped {time.monotonic() - started:.1f} s after SIGTERM")
        assert worker.returncode == 0
        assert not alive(child)
    account = account_of(place, owner)
    assert sql(place, "select status, attempts from job_item where account_id = %s", account) == [("QUEUED", 0)]
    with spawned(place):
        last = await ended(owner.finished(job["id"]))
    assert (last["status"], last["creditsSpent"]) == ("SUCCEEDED", 15)
    assert "Traceback" not in complaints(place)


async def test_a_redis_that_forgets_is_made_up_for(place: Place, owner: Api) -> None:
    job = (await owner.start("generateContent", taskIds=await tasks(place, owner, 30)))["job"]
    account = account_of(place, owner)
    redis = Redis.from_url(place.redis_url)
    redis.flushdb()
    with spawned(place):
        await until(lambda: one(place, "select done from job where account_id = %s", account) > 0)
        redis.flushdb()
        fault = time.monotonic()
        last = await ended(owner.finished(job["id"]))
    redis.close()
    print(f"ended {time.monotonic() - fault:.1f} s after Redis was emptied")
    assert (last["status"], last["creditsSpent"]) == ("SUCCEEDED", 30)
    check_books(place)


async def test_two_workers_share_a_job(place: Place, owner: Api) -> None:
    ids = await tasks(place, owner, 40)
    account = account_of(place, owner)
    with spawned(place), spawned(place):
        job = (await owner.start("generateContent", taskIds=ids))["job"]
        broker = make_broker(place.redis_url)
        await Sender(broker)([Dispatch(account, "text", 5)] * 5)  # and every message many times
        last = await ended(owner.finished(job["id"]))
        broker.close()
    assert (last["status"], last["done"], last["creditsSpent"]) == ("SUCCEEDED", 40, 40)
    done = sql(
        place,
        "select count(*), count(distinct i.id), max(i.attempts) from job_item i join ai_call c on c.job_item_id = i.id "
        "where i.account_id = %s",
        account,
    )
    assert done == [(40, 40, 1)]
    assert one(place, "select count(*) from content where account_id = %s", account) == 40
    check_books(place)


async def test_one_accounts_many_items_hardly_hold_up_anothers(place: Place, url: str, owner: Api) -> None:
    """Two slots, and an account with two hundred items that take 0.4 s each: half a minute's work."""
    async with Scripted(otherwise=slow(0.4, computed(article))) as server, Api(url) as other:
        await other.sign_up()
        buy(place, owner, 2000)
        many = (await owner.start("generateContent", taskIds=await tasks(place, owner, 200)))["job"]
        (single,) = await tasks(place, other, 1)
        env = {"IGNY8_AI_BASE_URL": server.url, "IGNY8_AI_MODEL": "fair", "IGNY8_WORKER_THREADS": "2"}
        with spawned(place, **env):
            account = account_of(place, owner)
            await until(partial(one, place, "select done > 3 from job where account_id = %s", account))
            job = (await other.start("generateContent", taskIds=[single]))["job"]
            committed = one(place, "select clock_timestamp()")
            last = await ended(other.finished(job["id"]))
            await owner.one("mutation($id: ID!) { cancelJob(id: $id) { job { id } } }", id=many["id"])
            assert (await ended(owner.finished(many["id"])))["status"] == "CANCELLED"
        left = one(place, "select count(*) from job_item where account_id = %s and status = 'CANCELLED'", account)
    between = one(
        place,
        "select count(*) from job_item i join job_item s on s.account_id = %s "
        "where i.account_id = %s and i.started_at between %s and s.started_at",
        account_of(place, other),
        account,
        committed,
    )
    print(f"{between} items began before the single one, {left} never did")
    assert last["status"] == "SUCCEEDED"
    assert left > 100
    assert between <= WINDOW  # the messages that may lie in front of its own
    check_books(place)


async def test_a_database_that_drops_all_connections_loses_nothing(place: Place, owner: Api) -> None:
    """As when it is restarted: every process finds all its connections broken."""
    drop = (
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()"
    )
    ids = await tasks(place, owner, 40)
    account = account_of(place, owner)
    with spawned(place):
        job = (await owner.start("generateContent", taskIds=ids))["job"]
        for done in (4, 14, 24):
            query = f"select done > {done} from job where account_id = %s"
            await until(partial(one, place, query, account))
            sql(place, drop)
            assert (await owner.one("{ account { id } }"))["id"] == owner.account_id, "the API answers at once"
        fault = time.monotonic()
        last = await ended(owner.finished(job["id"]))
    print(f"ended {time.monotonic() - fault:.1f} s after the last connection was dropped")
    assert (last["status"], last["creditsSpent"]) == ("SUCCEEDED", 40)
    assert one(place, "select count(*) from content where account_id = %s", account) == 40
    check_books(place)


@pytest.fixture(autouse=True)
def _no_work_left(place: Place) -> Iterator[None]:
    yield
    assert not sql(place, "select 1 from job where finished_at is null")
