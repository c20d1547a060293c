"""A worker process: settings → database, Redis, adapters → runner → Dramatiq. The composition root of workers."""

import asyncio
import gc
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog
import uvloop
from dramatiq import Worker
from dramatiq.asyncio import get_event_loop_thread

from domain.crawling import SiteReader
from domain.destinations import Destinations
from domain.functions import GrouperProcess, Tools
from domain.ports import Mailer, Providers, PublicUrl
from domain.publisher.brief import LookupSeconds
from domain.registry import FUNCTIONS
from domain.settings import Settings
from domain.tokens import Tokens
from jobs.adapters.destinations import DestinationPool, Make
from jobs.adapters.door import Door
from jobs.adapters.ghost import Ghost
from jobs.adapters.mail import mailer_of
from jobs.adapters.pages.bucket import bucket_pages
from jobs.adapters.pages.folder import folder_pages
from jobs.adapters.pages.leftovers import remove_leftovers
from jobs.adapters.platform import Platform
from jobs.adapters.providers import ProviderPool
from jobs.adapters.site_reader import WebReader
from jobs.adapters.webhook import webhook
from jobs.adapters.wordpress import WordPress
from jobs.broker import Sender, make_actors, make_broker, waiting
from jobs.grouper import ChildGrouper
from jobs.recovery import ORPHANS_SECONDS, SWEEP_SECONDS, TIDY_SECONDS, mend, remove_orphans, repeat, sweep, tidy
from jobs.runner import Runner
from jobs.schedule import TICK_SECONDS, tick
from persistence.files.blobs import Blobs
from persistence.files.paid_answers import Answers
from persistence.files.served_address import noted
from persistence.files.stores import store_at
from persistence.postgres.database import WORKER_ROLE, Database
from persistence.progress.bus import Bus
from persistence.queries.jobs import known_markers
from persistence.redis.client import CancellableRedis
from persistence.redis.destination_gates import DestinationGates
from persistence.redis.failure_counts import FailureCounts
from persistence.redis.provider_limits import ProviderLimits
from persistence.scope import SystemScope
from persistence.secrets import Vault
from persistence.terms import IntegrationKind, Queue
from persistence.unit import Units

GRACE_SECONDS, LAST_SECONDS = 3.0, 9.0  # after SIGTERM: calls are ended, the process is
STATEMENT_TIMEOUT_MS = 600_000  # the largest import is one statement
RARELY = (50_000, 50, 1000)  # the collector runs while the event loop waits
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class AtOnce:
    """How many `items` of a queue a worker has under way; while so many of them call the outside world, the others are
    prepared and applied.
    """

    items: int
    calls: int


def at_once(settings: Settings) -> dict[Queue, AtOnce]:
    return {
        Queue.TEXT: AtOnce(settings.worker_threads * 2, calls=settings.worker_threads),
        Queue.IMAGES: AtOnce(4, calls=4),
        Queue.COMPUTE: AtOnce(1, calls=1),
        Queue.FILES: AtOnce(1, calls=1),
        Queue.MAIL: AtOnce(2, calls=2),
        Queue.PUBLISHING: AtOnce(12, calls=12),
    }


def reached_at(settings: Settings) -> str:
    """Where people and receivers reach the API."""
    return settings.public_url or noted(settings.data)


def kinds(settings: Settings) -> dict[IntegrationKind, Make]:
    """How an adapter of each kind of destination is made."""
    return {
        IntegrationKind.WORDPRESS: WordPress,
        IntegrationKind.GHOST: Ghost,
        IntegrationKind.FOLDER: folder_pages(settings.published, settings.roots, settings.reserve),
        IntegrationKind.S3: bucket_pages,
        IntegrationKind.WEBHOOK: webhook(lambda: reached_at(settings)),
    }


async def leftovers(units: Units, published: Path) -> None:
    """Files of publications that are no more."""

    async def known(account_id: UUID, integration_id: UUID, markers: list[str]) -> set[str]:
        async with units(SystemScope("leftovers")) as unit:
            return await known_markers(unit.session, account_id, integration_id, markers)

    if removed := await remove_leftovers(published, known):
        log.info("pages removed that nobody has any more", contents=removed)


class Runtime:
    """What lives on the event loop of the actors."""

    def __init__(self, settings: Settings) -> None:
        assert settings.database_url
        assert settings.redis_url
        self.settings = settings
        self.at_once = at_once(settings)
        self.broker = make_broker(settings.redis_url, self.close, {q.value: n.items for q, n in self.at_once.items()})
        make_actors(self.broker, self.run)
        self._opened: asyncio.Future[Runner] | None = None

    @property
    def threads(self) -> int:
        """As many as messages are fetched, so that none of these waits behind another."""
        return sum(number.items for number in self.at_once.values())

    async def open(self) -> None:
        """RuntimeError and its kind when the database does not answer."""
        self._opened = self._opened or asyncio.get_running_loop().create_future()
        settings = self.settings
        assert settings.database_url
        assert settings.redis_url
        self.database = await Database(
            settings.database_url, WORKER_ROLE, size=self.threads * 2 + 2, statement_timeout_ms=STATEMENT_TIMEOUT_MS
        ).open()
        self.redis = CancellableRedis.from_url(settings.redis_url)
        units = Units(self.database, Vault(settings.secrets()), Sender(self.broker), Bus(self.redis).publish)
        blobs, answers = Blobs(store_at(settings.files), settings.reserve), Answers(settings.data / "answers")
        self.providers = ProviderPool(Platform.of(settings), ProviderLimits(self.redis, settings.limits))
        door = Door(settings.inside)
        self.destinations = DestinationPool(door, DestinationGates(self.redis), kinds(settings))
        smtp = settings.smtp_url.get_secret_value() if settings.smtp_url else None
        mailer = mailer_of(
            smtp, settings.data / "outbox", settings.mail_from, told=settings.environment == "development"
        )
        tools = (
            Tools()
            .having(Providers, self.providers)
            .having(GrouperProcess, ChildGrouper())
            .having(Blobs, blobs)
            .having(Answers, answers)
            .having(Units, units)
            .having(Mailer, mailer)
            .having(Tokens, Tokens(settings.secrets()))
            .having(Destinations, self.destinations)
            .having(SiteReader, WebReader(door))
            .having(LookupSeconds, LookupSeconds(settings.lookups))
            .having(PublicUrl, lambda: reached_at(settings))
        )
        self.keepers = [
            asyncio.create_task(repeat(SWEEP_SECONDS, "sweep", lambda: sweep(units, lambda: waiting(self.broker)))),
            asyncio.create_task(repeat(TIDY_SECONDS, "tidy", lambda: tidy(units, blobs))),
            asyncio.create_task(repeat(TIDY_SECONDS, "mend", lambda: mend(units))),
            asyncio.create_task(repeat(TICK_SECONDS, "schedule", lambda: tick(units))),
            asyncio.create_task(repeat(ORPHANS_SECONDS, "orphans", lambda: remove_orphans(units, blobs))),
            asyncio.create_task(repeat(ORPHANS_SECONDS, "leftovers", lambda: leftovers(units, settings.published))),
            asyncio.create_task(repeat(ORPHANS_SECONDS, "answers", answers.forget_old)),
        ]
        calls = {queue.value: number.calls for queue, number in self.at_once.items()}
        self.runner = Runner(units, FUNCTIONS, tools, calls=calls, failure_counts=FailureCounts(self.redis))
        self._opened.set_result(self.runner)

    async def run(self, account_id: UUID, queue: str) -> None:
        self._opened = self._opened or asyncio.get_running_loop().create_future()
        runner = await asyncio.shield(self._opened)
        await runner.run(account_id, queue)

    async def interrupt(self) -> None:
        """What still calls the outside world after a while is given back."""
        self.keepers.append(asyncio.ensure_future(self._interrupt()))

    async def _interrupt(self) -> None:
        await asyncio.sleep(GRACE_SECONDS)
        self.runner.interrupt.set()

    async def close(self) -> None:
        for keeper in self.keepers:
            keeper.cancel()
        await asyncio.gather(*self.keepers, return_exceptions=True)
        await self.providers.close()
        await self.destinations.close()
        await self.redis.aclose()
        await self.database.close()


def run_worker(settings: Settings, *, wait: Callable[[], None] | None = None) -> None:
    """Works until SIGTERM or SIGINT; items under way are ended or given back within seconds."""
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    runtime = Runtime(settings)
    worker = Worker(runtime.broker, worker_threads=runtime.threads, worker_timeout=50)
    worker.start()
    loop = get_event_loop_thread()
    assert loop
    try:
        loop.run_coroutine(runtime.open())
    except BaseException:
        loop.stop()  # type: ignore[no-untyped-call]
        raise
    gc.collect()
    gc.freeze()  # what is made at start stays: the collector need not walk it again
    gc.set_threshold(*RARELY)
    log.info("worker started", threads=runtime.threads)
    (wait or wait_for_signal)()
    _end_at_last()
    asyncio.run_coroutine_threadsafe(runtime.interrupt(), loop.loop)
    worker.stop()


def _end_at_last() -> None:
    """A result that takes long to store, or a broker that is away: both are found again by the lease."""
    timer = threading.Timer(LAST_SECONDS, os._exit, (0,))
    timer.daemon = True
    timer.start()


def wait_for_signal() -> None:
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    while not stop.wait(0.5):  # a signal that another thread received does not wake this one
        pass
