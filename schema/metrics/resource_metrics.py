"""What a process has done, in numbers for Prometheus and for staff."""

import resource
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from persistence.postgres.database import Database
from schema.metrics.document_costs import DocumentCosts

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
CPU_BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1)


@dataclass(frozen=True, slots=True)
class Resources:
    """Of this process since its start: processor seconds, bytes in memory now, bytes read and written."""

    cpu_seconds: float
    memory_bytes: int
    read_bytes: int
    written_bytes: int


class ResourceMetrics:
    """One per application; `database`: whose pools are watched."""

    def __init__(self, database: Database) -> None:
        self.registry, self.database = CollectorRegistry(), database
        self.started_at = datetime.now(UTC)
        self.operations = Counter(
            "igny8_operations",
            "GraphQL operations over HTTP. way: short (known plan) or long.",
            ["way", "outcome"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "igny8_operation_seconds",
            "Time to the answer.",
            ["way"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.objects = Counter("igny8_objects", "Objects in answers: their cost.", registry=self.registry)
        self.plans = Counter(
            "igny8_plans",
            "Plans of operations. result: known, made, or unkept (a document with too many shapes).",
            ["result"],
            registry=self.registry,
        )
        self.plan_known = self.plans.labels("known")
        self.cpu = Histogram(
            "igny8_operation_cpu_seconds",
            "Processor time of this process for one operation; PostgreSQL's comes on top.",
            ["way"],
            buckets=CPU_BUCKETS,
            registry=self.registry,
        )
        self.bytes = Counter("igny8_operation_bytes", "Bodies of operations.", ["direction"], registry=self.registry)
        self._ways = {way: (self.seconds.labels(way), self.cpu.labels(way)) for way in ("short", "long")}
        self._outcomes = {
            (way, failed): self.operations.labels(way, "error" if failed else "ok")
            for way in ("short", "long")
            for failed in (False, True)
        }
        self._received, self._sent = self.bytes.labels("received"), self.bytes.labels("sent")
        self.documents, self.cpu_seconds = DocumentCosts(), 0.0
        self.slow = Counter("igny8_slow_operations", "Operations that took long.", registry=self.registry)
        self.faults = Counter("igny8_faults", "Errors of ours, told as INTERNAL.", registry=self.registry)
        self.sockets = Gauge("igny8_sockets", "WebSockets that are open.", registry=self.registry)
        self.streams = Gauge("igny8_streams", "Subscriptions over HTTP that are open.", registry=self.registry)
        self.following = Gauge("igny8_following", "Subscriptions that are open.", registry=self.registry)
        self.values = Counter("igny8_subscription_values", "Values that subscriptions told.", registry=self.registry)
        self.slow_readers = Counter(
            "igny8_slow_readers",
            "Sockets and streams that were dropped, since nobody read them.",
            registry=self.registry,
        )
        for pool in ("reads", "writes"):
            for name, key, text in POOL_GAUGES:
                gauge = Gauge(f"igny8_pool_{pool}_{name}", text, registry=self.registry)
                gauge.set_function(lambda pool=pool, key=key: self.pool(pool, key))  # type: ignore[misc]
        ProcessCollector(registry=self.registry)

    def ended(
        self,
        document: str | None,
        way: str,
        *,
        failed: bool,
        seconds: float,
        cpu_seconds: float,
        received: int,
        sent: int,
    ) -> None:
        """One operation over HTTP."""
        self._outcomes[way, failed].inc()
        elapsed, cpu = self._ways[way]
        elapsed.observe(seconds)
        cpu.observe(cpu_seconds)
        self.cpu_seconds += cpu_seconds
        self._received.inc(received)
        self._sent.inc(sent)
        self.documents.of(document).add(
            failed=failed, seconds=seconds, cpu_seconds=cpu_seconds, received=received, sent=sent
        )

    def pool(self, name: str, key: str) -> float:
        pool = self.database.reads if name == "reads" else self.database.pool
        return float(pool.get_stats().get(key, 0))

    def text(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self.registry)

    def total(self, counter: Counter | Gauge, **labels: str) -> int:
        """Summed over the labels that are not given."""
        return int(
            sum(
                sample.value
                for family in counter.collect()
                for sample in family.samples
                if not sample.name.endswith("_created") and labels.items() <= sample.labels.items()
            )
        )


POOL_GAUGES = (
    ("connections", "pool_size", "Connections of the pool."),
    ("waiting", "requests_waiting", "Requests that wait for a connection."),
    ("wait_ms", "requests_wait_ms", "Milliseconds that requests have waited in all."),
)


def resources() -> Resources:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    read, written = 0, 0
    with suppress(OSError, ValueError, KeyError):
        found = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
        read, written = int(found["rchar"]), int(found["wchar"])
    return Resources(time.process_time(), _resident(usage.ru_maxrss * 1024), read, written)


def _resident(most: int) -> int:
    """Now; the most that it ever was where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return most
    return pages * resource.getpagesize()
