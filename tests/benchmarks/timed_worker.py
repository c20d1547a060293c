"""A worker process as it is shipped, but for what its jobs do: `python -m tests.benchmarks.timed_worker`."""

import asyncio
import sys

import structlog
from redis import Redis

from domain.functions import Charge, Progress, Tools
from domain.registry import FUNCTIONS
from domain.settings import Settings
from jobs.worker import run_worker, wait_for_signal
from persistence.models import Job, JobItem
from persistence.terms import JobKind, Queue
from persistence.unit import Unit

SECONDS = 0.1  # of I/O


class Timed:
    """As long as the job's parameters say, and one credit."""

    kind, queue, phase = JobKind.GENERATE_CONTENT, Queue.TEXT, "working"

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> float:
        return float(job.params.get("seconds", SECONDS))

    async def call(self, tools: Tools, brief: float, progress: Progress) -> None:
        progress("working", 0, 1)
        if brief:
            await asyncio.sleep(brief)
        progress("working", 1, 1)

    async def apply(self, unit: Unit, job: Job, item: JobItem, brief: float, answer: None) -> Charge:
        return Charge(1)

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        return None


def main() -> None:
    """Counts itself in the key `ready` of Redis."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    FUNCTIONS[JobKind.GENERATE_CONTENT] = Timed()
    settings = Settings()

    def wait() -> None:
        with Redis.from_url(settings.redis_url or "") as redis:
            redis.incr("ready")
        wait_for_signal()

    run_worker(settings, wait=wait)


if __name__ == "__main__":
    main()
