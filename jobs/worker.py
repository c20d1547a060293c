"""A worker process: settings → database, Redis, adapters → runner → Dramatiq. The composition root of workers."""

import asyncio
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

import structlog
from dramatiq import Worker
from dramatiq.asyncio import get_event_loop_thread
from redis.asyncio import Redis

from domain.functions import Function, Tools
from domain.planner.functions import ClusterKeywords, GenerateIdeas, ImportKeywords
from domain.settings import Settings
from domain.writer.functions import GenerateContent
from jobs.adapters.offline import OfflineWriter
from jobs.broker import Sender, make_actors, make_broker
from jobs.grouper import ChildGrouper
from jobs.recovery import sweep_forever
from jobs.runner import Runner
from persistence.blobs import Blobs
from persistence.bus import Bus
from persistence.database import WORKER_ROLE, Database
from persistence.secrets import Vault
from persistence.unit import Units

FUNCTIONS: tuple[Function, ...] = (ImportKeywords(), ClusterKeywords(), GenerateIdeas(), GenerateContent())
log = structlog.get_logger()


class Runtime:
    """What lives on the event loop of the actors."""

    def __init__(self, settings: Settings) -> None:
        assert settings.database_url
        assert settings.redis_url
        self.settings = settings
        self.broker = make_broker(settings.redis_url, self.close)
        make_actors(self.broker, self.run)
        self._opened: asyncio.Future[Runner] | None = None

    async def open(self) -> None:
        """RuntimeError and its kind when the database does not answer."""
        self._opened = self._opened or asyncio.get_running_loop().create_future()
        settings = self.settings
        assert settings.database_url
        assert settings.redis_url
        self.database = await Database(settings.database_url, WORKER_ROLE, size=settings.worker_threads * 3 + 2).open()
        self.redis = Redis.from_url(settings.redis_url)
        units = Units(self.database, Vault(settings.secrets()), Sender(self.broker), Bus(self.redis).publish)
        tools = Tools(OfflineWriter(), ChildGrouper(), Blobs(settings.data / "blobs"), units)
        self.sweeper = asyncio.create_task(sweep_forever(units))
        self._opened.set_result(Runner(units, {f.kind: f for f in FUNCTIONS}, tools))

    async def run(self, account_id: UUID, queue: str) -> None:
        self._opened = self._opened or asyncio.get_running_loop().create_future()
        runner = await asyncio.shield(self._opened)
        await runner.run(account_id, queue)

    async def close(self) -> None:
        self.sweeper.cancel()
        with suppress(asyncio.CancelledError):
            await self.sweeper
        await self.redis.aclose()
        await self.database.close()


def run_worker(settings: Settings, *, wait: Callable[[], None] | None = None) -> None:
    """Works until SIGTERM or SIGINT; items under way are ended first, up to a minute."""
    runtime = Runtime(settings)
    worker = Worker(runtime.broker, worker_threads=settings.worker_threads, worker_timeout=50)
    worker.start()
    loop = get_event_loop_thread()
    assert loop
    loop.run_coroutine(runtime.open())
    log.info("worker started", threads=settings.worker_threads)
    (wait or wait_for_signal)()
    worker.stop(timeout=60_000)


def wait_for_signal() -> None:
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    stop.wait()
