"""Background work while processes are killed and lines are cut: repeatable by its seed, judged by rows alone.

Servers, an API process, two workers and an AI endpoint of its own. Faults, one every few seconds, each kind in its turn
of a shuffled deck: a worker, the API, Redis (which comes back empty) and PostgreSQL get SIGKILL, or the endpoint hangs
up on everybody for a while. Meanwhile a client for each account has started a job, again and again with the same
idempotency key until it was answered, and follows it, connecting again when its socket breaks.
"""

import asyncio
import math
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psycopg
from websockets.exceptions import WebSocketException

from cli.embedded import Services, describe, embedded
from cli.embedded.guardian import REVIVALS, WITHIN
from cli.ports import free_port
from persistence.postgres.migrations import migrate
from tests.client import ENDED, Api
from tests.conftest import ROOT, Place
from tests.jobs.answers import article, prompt
from tests.jobs.scripted import Answer, Scripted, computed, slow
from tests.jobs.support import buy, check_books, sql, tasks
from tests.waiting import until

AWAY = (httpx2.HTTPError, WebSocketException, OSError, AssertionError, KeyError, ValueError)
CALL_SECONDS = 1.0
ON_ITS_WAY = 0.25  # seconds in which a worker has read an answer, and would be dead before it could keep it
RECOVERED_SECONDS = 30.0
PATIENCE_SECONDS = 180.0
PROGRESS = """
select account_id::text, count(*) filter (where status = 'APPLIED'), count(*) filter (where finished_at is null)
  from job_item group by account_id
"""
FOUND = """
select (select count(*) from job_item), (select count(*) from job_item where status = 'APPLIED'),
       (select count(*) from content), (select count(distinct task_id) from content),
       (select count(*) from content_revision), (select count(*) from credit_usage_log),
       (select count(*) from credit_transaction where amount < 0), (select count(*) from job),
       (select coalesce(sum(held), 0) from credit_balance),
       (select count(*) from ai_call where status = 'SUCCEEDED'),
       (select count(*) from ai_call where status = 'FAILED'),
       (select count(*) from ai_call where status = 'RUNNING')
"""
NAMES = (
    "items", "applied", "contents", "tasks", "revisions", "usages", "legs", "jobs", "held", "calls", "failed",
    "running",
)  # fmt: skip


@dataclass(slots=True)
class Report:
    """`twice`: calls made again although their answer had arrived; `lost`: with the worker that was just reading it.

    `recovered`: of the accounts that had work left at the last fault, the longest wait for the next applied item."""

    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    counts: dict[str, int] = field(default_factory=dict)
    statuses: list[str] = field(default_factory=list)
    left: int = 0
    recovered: float = 0.0
    ended: float = 0.0
    reconnects: int = 0
    requests: int = 0
    twice: int = 0
    lost: int = 0

    def __str__(self) -> str:
        faults = ", ".join(f"{number} × {name}" for name, number in sorted(self.faults.items()))
        counts = ", ".join(f"{name} {number}" for name, number in self.counts.items())
        return (
            f"seed {self.seed}: {faults}\n{counts}; {self.requests} requests at the endpoint, "
            f"{self.twice} of them for an answer that had arrived ({self.lost} whose worker was killed as it came), "
            f"{self.reconnects} sockets opened again\n{self.left} items were left at the last fault: every account "
            f"went on within {self.recovered:.1f} s, all had ended after {self.ended:.1f} s"
        )


class Process:
    """One of ours, started again whenever it was killed, and when it ends because PostgreSQL is away as it starts."""

    def __init__(self, place: Place, environment: dict[str, str], *command: str) -> None:
        self.command, self.environment = [sys.executable, "-m", "cli", *command], place.environment | environment
        self.log = place.data / f"{command[0]}.log"
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, env=self.environment, cwd=ROOT, stdout=log, stderr=log)
        self.wanted = True

    async def keep(self) -> None:
        """What a supervisor does."""
        while True:
            await asyncio.sleep(0.5)
            if self.wanted and self.process.poll() is not None:
                self.start()

    def kill(self) -> None:
        self.wanted = False
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.wanted = False
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()


@dataclass(slots=True)
class Stage:
    """All that can be hurt."""

    place: Place
    url: str
    chance: random.Random
    report: Report
    api: Process
    workers: list[Process]
    cut: asyncio.Event = field(default_factory=asyncio.Event)
    felled: list[float] = field(default_factory=list)  # when each server was
    killed: list[float] = field(default_factory=list)  # when each worker was

    async def worker(self) -> None:
        self.killed.append(time.monotonic())
        await self._killed(self.chance.choice(self.workers))

    async def serving(self) -> None:
        await self._killed(self.api)

    async def _killed(self, process: Process) -> None:
        await asyncio.to_thread(process.kill)
        await asyncio.sleep(self.chance.uniform(0, 1))
        process.start()

    async def redis(self) -> None:
        await self._server("redis")

    async def postgres(self) -> None:
        await self._server("postgres")

    async def _server(self, name: str) -> None:
        """Its guardian starts it again, unless that happens too often; Redis keeps nothing."""
        while len([at for at in self.felled if time.monotonic() - at < WITHIN + 5]) >= REVIVALS:  # noqa: ASYNC110
            await asyncio.sleep(0.5)
        self.felled.append(time.monotonic())
        before = self._pid(name)
        os.kill(before, signal.SIGKILL)
        await until(lambda: self._pid(name) != before)

    def _pid(self, name: str) -> int:
        told = (describe(self.place.data) or {}).get(name, "pid 0")
        return int(told.split("pid ")[1])

    async def network(self) -> None:
        self.cut.set()
        await asyncio.sleep(self.chance.uniform(0.5, 1.5))
        self.cut.clear()


@asynccontextmanager
async def staged(seed: int) -> AsyncIterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="igny8-chaos-") as folder:
        data, cut = Path(folder), asyncio.Event()
        async with Scripted(otherwise=_reachable(cut), heedful=True) as endpoint, _servers(data) as services:
            migrate(services.database_url)
            place = Place(services.database_url, services.redis_url, data)
            port = free_port("127.0.0.1", 0)
            model = {"IGNY8_AI_BASE_URL": endpoint.url, "IGNY8_AI_MODEL": "chaos"}
            api = Process(place, model, "serve", "--port", str(port))
            workers = [Process(place, model, "worker") for _ in range(2)]
            url, report = f"http://127.0.0.1:{port}", Report(seed)
            keepers = [asyncio.create_task(process.keep()) for process in (api, *workers)]
            try:
                await _ready(url)
                stage = Stage(place, url, random.Random(seed), report, api, workers, cut)
                yield stage
            finally:
                _count(report, endpoint, stage.killed)
                for keeper in keepers:
                    keeper.cancel()
                for process in (api, *workers):
                    await asyncio.to_thread(process.stop)


@asynccontextmanager
async def _servers(data: Path) -> AsyncIterator[Services]:
    context = embedded(data)
    services = await asyncio.to_thread(context.__enter__)
    try:
        yield services
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)


def _count(report: Report, endpoint: Scripted, killed: list[float]) -> None:
    """Each item asks a question of its own."""
    arrived: dict[str, float] = {}
    for at, received in endpoint.read:
        arrived.setdefault(prompt(received.json), at)
    again = [arrived[q] for r in endpoint.requests if r.at > arrived.get(q := prompt(r.json), math.inf)]
    report.requests = len(endpoint.requests)
    report.lost = sum(any(abs(at - kill) < ON_ITS_WAY for kill in killed) for at in again)
    report.twice = len(again) - report.lost


def _reachable(cut: asyncio.Event) -> Answer:
    """Good articles, but while the line is cut: nothing that is HTTP, also of calls that were under way."""
    good = slow(CALL_SECONDS, computed(article))

    async def answer(received: Any, writer: asyncio.StreamWriter) -> None:
        if not cut.is_set():
            reply = asyncio.ensure_future(good(received, writer))
            cutting = asyncio.ensure_future(cut.wait())
            await asyncio.wait({reply, cutting}, return_when=asyncio.FIRST_COMPLETED)
            cutting.cancel()
            if reply.done():
                await reply
                return
            reply.cancel()
        writer.close()

    return answer


async def _ready(url: str) -> None:
    limit = time.monotonic() + 60
    async with httpx2.AsyncClient() as client:
        while time.monotonic() < limit:
            with suppress(httpx2.HTTPError):
                if (await client.get(f"{url}/readyz", timeout=2)).status_code == 200:
                    return
            await asyncio.sleep(0.1)
    raise AssertionError("the API was not ready within 60 s")


async def chaos(seed: int, *, accounts: int, items: int, seconds: float, every: tuple[float, float]) -> Report:
    """`items` of each account; faults for `seconds`, `every` so many. An AssertionError where a promise was broken, a
    TimeoutError where it did not come to an end.
    """
    async with staged(seed) as stage, asyncio.timeout(seconds + 2 * PATIENCE_SECONDS):
        clients = [Api(stage.url) for _ in range(accounts)]
        given = []
        for client in clients:
            await client.sign_up()
            buy(stage.place, client, 10 * items)
            given.append(await tasks(stage.place, client, items))
        sql(stage.place, "update task set title = title || ' ' || right(account_id::text, 6)")  # no two questions alike
        followed = [
            asyncio.create_task(_worked(stage, client, ids, f"chaos-{n}"))
            for n, (client, ids) in enumerate(zip(clients, given, strict=True))
        ]
        await _hurt(stage, seconds, every, enough=accounts * items // 10)
        await _recovered(stage, time.monotonic())
        stage.report.statuses = await asyncio.wait_for(asyncio.gather(*followed), PATIENCE_SECONDS)
        for client in clients:
            await client.http.aclose()
        (row,) = sql(stage.place, FOUND)
        stage.report.counts = dict(zip(NAMES, row, strict=True))
        check_books(stage.place)
    _judge(stage.report, accounts, accounts * items)
    return stage.report


async def _hurt(stage: Stage, seconds: float, every: tuple[float, float], enough: int) -> None:
    """Each kind once at least, however long that takes; ends sooner when only so many items are left, so that there is
    work to go on with.
    """
    kinds: dict[str, Callable[[], Awaitable[None]]] = {
        "worker": stage.worker, "API": stage.serving, "Redis": stage.redis, "PostgreSQL": stage.postgres,
        "network": stage.network,
    }  # fmt: skip
    last, deck = time.monotonic() + seconds, list[str]()
    faults = stage.report.faults
    while (time.monotonic() < last or len(faults) < len(kinds)) and await _left(stage) >= enough:
        await asyncio.sleep(stage.chance.uniform(*every))
        if not deck:
            deck = stage.chance.sample(list(kinds), len(kinds))
        name = deck.pop()
        faults[name] += 1
        await kinds[name]()


async def _worked(stage: Stage, client: Api, ids: list[str], key: str) -> str:
    """The status in which the account's one job ended, as a client that does not give up comes to hear it."""
    job = ""
    while not job:
        with suppress(*AWAY):
            payload = await client.start("generateContent", taskIds=ids, idempotencyKey=key)
            refused = {error["code"] for error in payload["userErrors"]}
            if refused - {"UNAVAILABLE"}:
                raise RuntimeError(f"refused: {payload['userErrors']}")
            job = payload["job"]["id"] if payload["job"] else ""
        await asyncio.sleep(0.1)
    while True:
        with suppress(*AWAY):
            async for state in client.follow(job):
                if state["status"] in ENDED:
                    return str(state["status"])
        stage.report.reconnects += 1
        await asyncio.sleep(0.2)


async def _recovered(stage: Stage, fault: float) -> None:
    """Waits for the end, and sees when each account went on."""
    before = await _progress(stage)
    waiting = {account for account, (_, left) in before.items() if left}
    stage.report.left = sum(left for _, left in before.values())
    now = before
    while any(left for _, left in now.values()):
        assert time.monotonic() < fault + PATIENCE_SECONDS, f"{now} after {stage.report}"
        await asyncio.sleep(0.1)
        now = await _progress(stage)
        gone_on = {account for account in waiting if now[account][0] > before[account][0]}
        if gone_on:
            stage.report.recovered = time.monotonic() - fault
            waiting -= gone_on
    stage.report.ended = time.monotonic() - fault


async def _left(stage: Stage) -> int:
    """All that are still to come count before their job is there."""
    progress = await _progress(stage)
    return sum(left for _, left in progress.values()) if progress else sys.maxsize


async def _progress(stage: Stage) -> dict[str, tuple[int, int]]:
    """Applied and open items of each account; asked until PostgreSQL answers."""
    while True:
        try:
            rows = await asyncio.to_thread(sql, stage.place, PROGRESS)
        except psycopg.OperationalError:
            await asyncio.sleep(0.1)
        else:
            return {account: (applied, left) for account, applied, left in rows}


def _judge(report: Report, jobs: int, items: int) -> None:
    counts = report.counts
    print(report)
    assert report.statuses == ["SUCCEEDED"] * jobs, report
    assert counts["jobs"] == jobs, "one for each key, however often it was sent"
    for name in ("items", "applied", "contents", "tasks", "revisions", "usages", "legs", "calls"):
        assert counts[name] == items, f"{name}: {report}"
    assert (counts["held"], counts["running"]) == (0, 0), report
    assert report.twice == 0, f"answers were bought twice: {report}"
    assert report.recovered < RECOVERED_SECONDS, report
