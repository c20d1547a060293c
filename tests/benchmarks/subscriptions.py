"""Many sockets beside Node's graphql-ws: `python -m tests.benchmarks.subscriptions [--sockets N] [--every S,S]`.

On each side one process has 2,000 sockets that follow 50 jobs; 2 % of them never read. The jobs' rows change every
second or two each, and their snapshots are published as a worker does, on the one Redis channel that both are fed
from; at the end all 50 end within a moment. Times are from just before the commit to the client, which only takes
frames apart; `cpu` is processor time of the server per value delivered, `MB` its memory before the sockets, with them,
and at the end. Ours authenticates, and reads each followed row every five seconds; Node's knows neither accounts nor
rows. The packages for Node come into a temporary folder on first use; without them ours runs alone.
"""

import argparse
import asyncio
import json
import resource
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles
from uuid import UUID

import psutil
from redis.asyncio import Redis
from redis.connection import parse_url

from cli.embedded import embedded
from cli.ports import free_port
from cli.processes import wait_until_ready
from persistence.models import Job
from persistence.postgres.database import WORKER_ROLE, Database
from persistence.postgres.migrations import migrate
from persistence.progress.bus import Bus
from persistence.scope import JobScope
from persistence.secrets import Vault
from persistence.terms import JobStatus
from persistence.unit import Dispatch, News, Units
from tests.benchmarks.jobs import CREDITS, made
from tests.benchmarks.peers import node_with
from tests.benchmarks.reads.__main__ import ROOT, cpu, memory, started
from tests.benchmarks.sockets import Seen, listen
from tests.client import Api
from tests.conftest import SECRET, Place
from tests.jobs.support import account_of, sql
from tests.waiting import until

HERE = Path(__file__).parent
JOBS, SILENT, SECONDS = 50, 0.02, 12.0
OPEN = "select id from job where account_id = %s and finished_at is null order by id"
PATIENCE = 20.0  # seconds that the last values may take
PACKAGES = ("graphql@16", "graphql-ws@6", "ws@8", "ioredis@5")


@dataclass(frozen=True, slots=True)
class Result:
    """`megabytes`: before the sockets, with them, at the end."""

    side: str
    every: float
    sockets: int
    readers: int
    published: int
    seen: Seen
    cpu: float
    megabytes: tuple[float, float, float]

    @property
    def per_socket(self) -> float:
        return (self.megabytes[2] - self.megabytes[0]) * 1000 / self.sockets

    def line(self) -> str:
        delays, last = self.seen.delays, self.seen.last
        told = len(delays) + len(last)
        expected = self.readers * self.published // JOBS
        times = "".join(f"{cut / 1e6:>9.1f}" for cuts in (delays, last) for cut in _median_and_p99(cuts))
        return (
            f"{self.every:>4.1f} s  {self.side:<12}{times}{told / expected:>11.1%}{self.seen.told:>7} of {self.readers}"
            f"{self.cpu * 1000 / max(told, 1):>9.3f} ms{'/'.join(f'{m:.0f}' for m in self.megabytes):>15}"
            f"{self.per_socket:>8.1f} kB{len(self.seen.lost):>6}"
        )


def _median_and_p99(values: list[int]) -> tuple[float, float]:
    cuts = quantiles(values, n=100) if len(values) > 1 else [0.0] * 99
    return cuts[49], cuts[98]


def publish(place: Place, account: UUID, jobs: list[UUID], every: float) -> int:
    """In a process of its own: how many snapshots it published."""
    return asyncio.run(_publish(place, account, jobs, every))


async def _publish(place: Place, account: UUID, jobs: list[UUID], every: float) -> int:
    database = await Database(place.database_url, WORKER_ROLE, size=4).open()
    async with Redis.from_url(place.redis_url) as redis:
        bus, told = Bus(redis), 0

        async def counted(snapshots: list[News]) -> None:
            nonlocal told
            told += len(snapshots)
            await bus.publish(snapshots)

        async def nobody(_: list[Dispatch]) -> None:
            return None

        units = Units(database, Vault([SECRET]), nobody, counted)
        begun = time.monotonic()
        for number in range(round(SECONDS / every) * len(jobs)):
            await change(units, account, jobs[number % len(jobs)], ended=False)
            await asyncio.sleep(max(0.0, begun + (number + 1) * every / len(jobs) - time.monotonic()))
        for job in jobs:
            await change(units, account, job, ended=True)
    await database.close()
    return told


async def change(units: Units, account: UUID, id: UUID, *, ended: bool) -> None:
    async with units(JobScope(account)) as unit:
        job = await unit.get(Job, id, lock=True)
        job.status, job.done = (JobStatus.SUCCEEDED if ended else JobStatus.RUNNING), job.done + 1
        job.message = str(time.time_ns())
        job.finished_at = datetime.now(UTC) if ended else None


async def measure(
    side: str, place: Place, port: int, server: psutil.Process, api: Api, number: int, every: float
) -> Result:
    account = account_of(place, api)
    await made(place, [account] * JOBS, 1, 0.0)
    jobs = [id for (id,) in sql(place, OPEN, account)]
    silent, seen, before = round(number * SILENT), Seen(), memory(server)
    listeners = await listen(port, api.token or "", [f"job_{job}" for job in jobs], number, silent, seen)
    listening, spent = memory(server), cpu(server)
    pool = ProcessPoolExecutor(1, get_context("spawn"))
    published = await asyncio.get_running_loop().run_in_executor(pool, publish, place, account, jobs, every)
    with suppress(AssertionError):
        await until(lambda: seen.told == number - silent, PATIENCE)
    spent = cpu(server) - spent
    megabytes = (before, listening, memory(server))
    for listener in listeners:
        listener.transport.abort()
    pool.shutdown()  # not before: it waits for the process, and no socket is read meanwhile
    return Result(side, every, number, number - silent, published, seen, spent, megabytes)


@contextmanager
def node(folder: Path, place: Place, port: int) -> Iterator[psutil.Process]:
    shutil.copy(HERE / "subscriptions.mjs", folder)
    redis = {key: value for key, value in parse_url(place.redis_url).items() if key in ("path", "password", "db")}
    environment = place.environment | {"PEER_REDIS": json.dumps(redis), "PORT": str(port), "NODE_ENV": "production"}
    with started("node", ["node", "subscriptions.mjs"], environment, folder) as process:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield process


@contextmanager
def api(place: Place, port: int) -> Iterator[psutil.Process]:
    with started("API", [sys.executable, "-m", "cli", "serve", "--port", str(port)], place.environment, ROOT) as found:
        wait_until_ready(f"http://127.0.0.1:{port}")
        yield found


async def both(place: Place, folder: Path | None, number: int, every: float) -> None:
    port, peer_port = (free_port("127.0.0.1", 0) for _ in range(2))
    with api(place, port) as server:
        async with Api(f"http://127.0.0.1:{port}") as owner:
            await owner.sign_up()
            sql(place, "update credit_balance set balance = %s", CREDITS)
            ours = await measure("igny8", place, port, server, owner, number, every)
    print(ours.line(), flush=True)
    if folder:
        with node(folder, place, peer_port) as server:
            theirs = await measure("graphql-ws", place, peer_port, server, owner, number, every)
        print(f"{theirs.line()}\n{ratios(ours, theirs)}", flush=True)


def ratios(ours: Result, theirs: Result) -> str:
    def p99(of: Callable[[Seen], list[int]]) -> float:
        return _median_and_p99(of(ours.seen))[1] / _median_and_p99(of(theirs.seen))[1]

    return (
        f"ours / theirs: p99 {p99(lambda s: s.delays):.2f}, of the end {p99(lambda s: s.last):.2f}, of all "
        f"{p99(lambda s: s.delays + s.last):.2f}; memory per socket {ours.per_socket / theirs.per_socket:.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sockets", type=int, default=2000)
    parser.add_argument("--every", default="2,1", help="seconds between two changes of a job")
    given = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # servers inherit it
    folder = node_with(*PACKAGES)
    print(
        f"{'every':<8}{'':<12}{'p50 ms':>9}{'p99 ms':>9}{'end p50':>9}{'end p99':>9}"
        f"{'delivered':>11}{'told the end':>16}{'cpu':>11}{'MB':>16}{'a socket':>11}{'lost':>6}"
    )
    with tempfile.TemporaryDirectory() as data, embedded(Path(data), fsync=False) as services:
        migrate(services.database_url)
        place = Place(services.database_url, services.redis_url, Path(data))
        for every in given.every.split(","):
            asyncio.run(both(place, folder, given.sockets, float(every)))


if __name__ == "__main__":
    main()
