"""What all accounts' background work is like now, in numbers, for operators."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from persistence.postgres.database import Database
from persistence.redis.failure_counts import FailureCounts
from persistence.scope import AnonymousScope

IN_HAND = "select coalesce(json_agg(w), '[]')::text from work_in_hand() w"
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Waiting:
    """Items of one queue in one status; `oldest_seconds`: since it could be begun, or since it was."""

    queue: str
    status: str
    items: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """`failures`: attempts by kind of job and cause, since Redis began to count."""

    waiting: list[Waiting]
    failures: dict[tuple[str, str], int]

    def collect(self) -> Iterable[Metric]:
        """As Prometheus' families."""
        items = GaugeMetricFamily("igny8_items", "Open items of background work.", labels=["queue", "status"])
        ages = GaugeMetricFamily(
            "igny8_oldest_item_seconds",
            "Age of the oldest: since it could be begun, or since it was.",
            labels=["queue", "status"],
        )
        for each in self.waiting:
            items.add_metric([each.queue, each.status], each.items)
            ages.add_metric([each.queue, each.status], each.oldest_seconds)
        failed = CounterMetricFamily("igny8_failed_attempts", "Attempts that failed.", labels=["kind", "cause"])
        for (kind, cause), number in self.failures.items():
            failed.add_metric([kind, cause], number)
        return (items, ages, failed)

    def text(self) -> bytes:
        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(registry)


async def work_now(database: Database, failure_counts: FailureCounts) -> Work:
    """Asked of PostgreSQL and Redis each time."""
    (rows,) = await database.read(AnonymousScope(), IN_HAND, [])
    return Work([Waiting(**row) for row in json.loads(rows)], await failure_counts.counts())
