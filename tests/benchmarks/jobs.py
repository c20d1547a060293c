"""Background work beside Celery on the same Redis: `python -m tests.benchmarks.jobs [--accounts N] [--items N]`.

32 threads a worker process on both; Celery stores its results and does nothing else, our items are claimed, leased,
charged and told to listeners. All work is there before the clock starts: Celery's messages in a list that is renamed,
our rows, of which four an account are sent; who ends one of these sends the next, on the clock. `cpu` is processor
time per item of the workers, `db` of PostgreSQL. Celery comes into a temporary venv on first use; without it ours
runs alone.

At the end the other figure: how long after a mutation a client hears of its job, when there is no other work.
"""

import argparse
import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import UUID

import psutil
import psycopg
from redis import Redis
from redis.asyncio import Redis as AsyncRedis

from cli.embedded import embedded
from cli.ports import free_port
from cli.processes import wait_until_ready
from domain.job import create_job
from domain.planned import Place as JobPlace
from domain.planned import Planned, Work
from jobs.broker import Sender, make_broker
from persistence.postgres.database import WORKER_ROLE, Database
from persistence.postgres.migrations import migrate
from persistence.progress.bus import Bus
from persistence.scope import JobScope
from persistence.secrets import Vault
from persistence.unit import Dispatch, Units
from tests.benchmarks.peers import python_with
from tests.benchmarks.reads.__main__ import ROOT, cpu, started
from tests.benchmarks.reads.data import postmaster_of
from tests.benchmarks.timed_worker import SECONDS, Timed
from tests.client import Api, receive, send
from tests.conftest import SECRET, Place
from tests.jobs.support import account_of, sql, tasks

HERE = Path(__file__).parent
WORKER = [sys.executable, "-m", "tests.benchmarks.timed_worker"]
THREADS = 32
KINDS = (("no-op", 0.0), (f"{SECONDS * 1000:.0f} ms of I/O", SECONDS))
LATENCY_JOBS = 100
CREDITS = 1_000_000
ACCOUNTS = """
with made as (insert into account (id, name, slug, plan_id, status)
  select uuidv7(), 'Account ' || n, 'bench-' || n, (select id from plan where slug = 'scale'), 'ACTIVE'
    from generate_series(1, %s) n returning id)
insert into credit_balance (account_id, balance) select id, %s from made returning account_id
"""
MOMENTS = ("the answer, with the job's id", "the first event", "a worker has begun", "the end")
FOLLOW = "subscription($id: ID!) { jobProgress(id: $id) { status done total version } }"


@dataclass(frozen=True, slots=True)
class Row:
    """What one run of one side showed."""

    side: str
    items: str
    workers: int
    number: int
    seconds: float
    cpu: float
    database: float

    @property
    def speed(self) -> float:
        return self.number / self.seconds / self.workers

    def line(self, peer: "Row | None") -> str:
        each = 1000 / self.number
        ratio = f"{self.speed / peer.speed:>9.2f}" if peer else f"{'':9}"
        return (
            f"{self.items:<14}{self.side:<10}{self.workers:>7}{self.number:>8}{self.speed * self.workers:>10,.0f}"
            f"{self.speed:>12,.0f}{ratio}{self.cpu * each:>9.2f} ms{self.database * each:>7.2f} ms"
        )


class Bench:
    def __init__(self, place: Place) -> None:
        self.place, self.redis = place, Redis.from_url(place.redis_url)
        self.results = Redis.from_url(place.redis_url.replace("db=0", "db=1"))
        self.postmaster = postmaster_of(place.database_url)
        socket = place.redis_url.removeprefix("unix://").partition("?")[0]
        self.environment = place.environment | {
            "IGNY8_WORKER_THREADS": str(THREADS),
            "IGNY8_QUERY_BUDGET": "1000000000",
            "PEER_BROKER": f"redis+socket://{socket}?virtual_host=0",
            "PEER_RESULTS": f"redis+socket://{socket}?virtual_host=1",
        }

    @contextmanager
    def workers(self, name: str, command: list[str], cwd: Path, number: int) -> Iterator[list[psutil.Process]]:
        """All of them ready."""
        self.redis.flushall()
        with ExitStack() as stack:
            found = [stack.enter_context(started(name, command, self.environment, cwd)) for _ in range(number)]
            soon(lambda: int(self.redis.get("ready") or 0) == number, 60)
            yield found

    def timed(self, processes: list[psutil.Process], begin: Callable[[], Any], done: Callable[[], bool]) -> list[float]:
        """Seconds, processor seconds of the workers, and of PostgreSQL."""
        before = sum(map(cpu, processes)), cpu(self.postmaster)
        at = time.perf_counter()
        begin()
        soon(done, 120)
        seconds = time.perf_counter() - at
        return [seconds, sum(map(cpu, processes)) - before[0], cpu(self.postmaster) - before[1]]


def soon(what: Callable[[], bool], patience: float) -> None:
    limit = time.monotonic() + patience
    while not what():
        if time.monotonic() > limit:
            raise RuntimeError(f"not within {patience:.0f} s")
        time.sleep(0.01)


def ours(bench: Bench, workers: int, accounts: list[UUID], items: int) -> Iterator[Row]:
    with bench.workers("igny8", WORKER, ROOT, workers) as processes:
        for name, seconds in KINDS:
            dispatches = asyncio.run(made(bench.place, accounts, items, seconds))
            broker = make_broker(bench.place.redis_url)
            begin = partial(asyncio.run, Sender(broker)(dispatches))
            with psycopg.connect(bench.place.database_url, autocommit=True) as connection:
                seen = bench.timed(processes, begin, partial(all_ended, connection))
            broker.close()
            yield Row("igny8", name, workers, len(accounts) * items, *seen)


def all_ended(connection: psycopg.Connection) -> bool:
    return connection.execute("select not exists (select from job where finished_at is null)").fetchone() == (True,)


async def made(place: Place, accounts: list[UUID], items: int, seconds: float) -> list[Dispatch]:
    """A job an account, as a mutation makes it, and what would have been sent after its commit."""
    dispatches: list[Dispatch] = []

    async def keep(found: list[Dispatch]) -> None:
        dispatches.extend(found)

    database = await Database(place.database_url, WORKER_ROLE, size=8).open()
    async with AsyncRedis.from_url(place.redis_url) as redis:
        units = Units(database, Vault([SECRET]), keep, Bus(redis).publish)
        todo = [Work(None, 1, 1)] * items
        for account in accounts:
            there = JobPlace(account, None, None, None)
            async with units(JobScope(account)) as unit:
                await create_job(unit, Planned(Timed(), there, todo, {"seconds": seconds}))
    await database.close()
    return dispatches


def celery(bench: Bench, python: Path, workers: int, number: int) -> Iterator[Row]:
    folder = python.parents[1] / "peer"
    folder.mkdir(exist_ok=True)
    shutil.copy(HERE / "celery_peer.py", folder)
    options = ["-P", "threads", "-c", str(THREADS), "-n", "%i@bench", "--loglevel", "ERROR"]
    command = [str(python), "-m", "celery", "-A", "celery_peer", "worker", *options]
    with bench.workers("celery", command, folder, workers) as processes:
        for name, seconds in KINDS:
            yield Row("celery", name, workers, number, *sent(bench, processes, python, folder, number, seconds))


def sent(
    bench: Bench, processes: list[psutil.Process], python: Path, folder: Path, number: int, seconds: float
) -> list[float]:
    bench.results.flushdb()
    command = [str(python), "celery_peer.py", str(number), str(seconds)]
    subprocess.run(command, cwd=folder, env=bench.environment, check=True)
    begin = partial(bench.redis.rename, "held", "celery")
    return bench.timed(processes, begin, lambda: bench.results.dbsize() >= number)


def latency(bench: Bench) -> None:
    port = free_port("127.0.0.1", 0)
    url = f"http://127.0.0.1:{port}"
    serve = [sys.executable, "-m", "cli", "serve", "--port", str(port)]
    with started("API", serve, bench.environment, ROOT), bench.workers("igny8", WORKER, ROOT, 1):
        wait_until_ready(url)
        found = asyncio.run(heard(bench.place, url))
    print(f"\nafter a mutation, of {LATENCY_JOBS} jobs one after another{'p50':>12}{'p99':>12}")
    for name, values in found.items():
        cuts = quantiles(values, n=100)
        print(f"{name:<48}{cuts[49] * 1000:>9.1f} ms{cuts[98] * 1000:>9.1f} ms")


async def heard(place: Place, url: str) -> dict[str, list[float]]:
    """Seconds since each mutation was sent."""
    found: dict[str, list[float]] = {name: [] for name in MOMENTS}
    async with Api(url) as api:
        await api.sign_up()
        sql(place, "update account set plan_id = (select id from plan where slug = 'scale')")
        sql(place, "update credit_balance set balance = %s where account_id = %s", CREDITS, account_of(place, api))
        ids = await tasks(place, api, LATENCY_JOBS + 1)
        async with api.socket() as socket:
            for number, task in enumerate(ids):
                times = await followed(api, socket, task)
                for name, seconds in zip(MOMENTS, times, strict=True):
                    if number:  # the first has all plans still to be made
                        found[name].append(seconds)
    return found


async def followed(api: Api, socket: Any, task: str) -> list[float]:
    at = time.perf_counter()
    id = (await api.start("generateContent", taskIds=[task]))["job"]["id"]
    times = [time.perf_counter() - at]
    subscribe = {"query": FOLLOW, "variables": {"id": id}}
    await send(socket, {"id": id, "type": "subscribe", "payload": subscribe})
    begun = None
    while (message := await receive(socket))["type"] == "next":
        seconds = time.perf_counter() - at
        times = times if len(times) > 1 else [*times, seconds]
        status = message["payload"]["data"]["jobProgress"]["status"]
        begun = begun or (seconds if status != "QUEUED" else None)
    assert begun, message
    return [*times, begun, seconds]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=16, help="for each worker process: one has 4 items under way")
    parser.add_argument("--items", type=int, default=2560, help="of all accounts; few show how they begin and end")
    parser.add_argument("--workers", default="1,2,4")
    given = parser.parse_args()
    counts = [int(count) for count in given.workers.split(",")]
    python = python_with("celery[redis]>=5,<6")
    with tempfile.TemporaryDirectory() as folder, embedded(Path(folder)) as services:
        migrate(services.database_url)
        bench = Bench(Place(services.database_url, services.redis_url, Path(folder)))
        accounts = [row[0] for row in sql(bench.place, ACCOUNTS, given.accounts * max(counts), CREDITS)]
        print(
            f"{'items':<14}{'':10}{'workers':>7}{'number':>8}{'items/s':>10}{'per worker':>12}{'ratio':>9}"
            f"{'cpu':>12}{'db':>10}"
        )
        for count in counts:
            used = accounts[: given.accounts * count]
            theirs = list(celery(bench, python, count, given.items * count)) if python else []
            mine = list(ours(bench, count, used, max(1, given.items // len(used))))
            for n, row in enumerate(mine):
                peer = theirs[n] if theirs else None
                print("\n".join(r.line(p) for r, p in ((peer, None), (row, peer)) if r), flush=True)
        latency(bench)


if __name__ == "__main__":
    main()
