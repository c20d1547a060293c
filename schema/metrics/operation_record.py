"""Operations over HTTP: counted, timed, and told in the log when they were slow. Never with their variables."""

import time

import structlog
from starlette.responses import Response

from schema.metrics.document_costs import document_id
from schema.metrics.resource_metrics import ResourceMetrics

SLOW_SECONDS = 0.5
log = structlog.get_logger()


class OperationRecord:
    """One operation under way; how it is answered, its document and whether it `failed` become known as it goes."""

    def __init__(self, metrics: ResourceMetrics) -> None:
        self.metrics, self.started, self.way = metrics, time.perf_counter(), "long"
        self.document: str | None = None
        self.failed = False

    def known(self, document: str) -> None:
        """It has a plan, and needs no engine."""
        self.way, self.document = "short", document

    def ended(self, response: Response, received: int, cpu_seconds: float) -> None:
        """`received`: bytes of the request's body."""
        seconds = time.perf_counter() - self.started
        self.metrics.ended(
            self.document,
            self.way,
            failed=self.failed or response.status_code >= 400,
            seconds=seconds,
            cpu_seconds=cpu_seconds,
            received=received,
            sent=len(response.body),
        )
        if seconds > SLOW_SECONDS:
            self.metrics.slow.inc()
            log.warning(
                "slow operation",
                request_id=response.headers.get("x-request-id"),
                document=document_id(self.document or ""),
                milliseconds=round(seconds * 1000),
                cpu_milliseconds=round(cpu_seconds * 1000, 1),
            )
