"""Operations as they pass: counted, timed, and told in the log when they were slow. Never with their variables."""

import secrets
import time
from collections.abc import Callable

import strawberry
import structlog
from starlette.requests import Request
from starlette.responses import Response

from domain.access import Permission
from persistence.terms import FailureCause, JobItemStatus, JobKind
from schema.context import Info, Services
from schema.graph.fields import Requires
from schema.metrics.document_costs import document_id
from schema.metrics.resource_metrics import Watch, resources
from schema.metrics.work_metrics import work_now

SLOW_SECONDS, DOCUMENTS = 0.5, 20
log = structlog.get_logger()


class Passing:
    """One operation under way; `way` and `document` become known as it goes, and what it has `failed` of already."""

    def __init__(self, watch: Watch) -> None:
        self.watch, self.started, self.way = watch, time.perf_counter(), "long"
        self.document: str | None = None
        self.failed: Exception | None = None

    def ended(self, response: Response, body: bytes, cpu_seconds: float) -> None:
        seconds = time.perf_counter() - self.started
        failed = response.status_code >= 400 or (self.way == "long" and _has_errors(response))
        self.watch.ended(
            self.document,
            self.way,
            failed=failed,
            seconds=seconds,
            cpu_seconds=cpu_seconds,
            received=len(body),
            sent=len(response.body),
        )
        if seconds > SLOW_SECONDS:
            self.watch.slow.inc()
            log.warning(
                "slow operation",
                request_id=response.headers.get("x-request-id"),
                document=document_id(self.document or ""),
                milliseconds=round(seconds * 1000),
                cpu_milliseconds=round(cpu_seconds * 1000, 1),
            )


def _has_errors(response: Response) -> bool:
    return b'"errors":[' in bytes(response.body[:65_536])


def metrics_route(services: Callable[[], Services], token: str | None, *, production: bool) -> Callable[..., object]:
    """In production a token is needed; nobody learns without one whether there are metrics."""

    async def metrics(request: Request) -> Response:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        allowed = secrets.compare_digest(given.encode(), token.encode()) if token else not production
        if not allowed:
            return Response("Set IGNY8_METRICS_TOKEN, and send it as Authorization: Bearer ….", 403)
        body = services().watch.text()
        try:
            body += (await work_now(services().database, services().tally)).text()
        except Exception as error:  # noqa: BLE001 - this process' own numbers are there whatever else is away
            log.warning("work not counted", error=str(error) or type(error).__name__)
        return Response(body, media_type="text/plain; version=0.0.4; charset=utf-8")

    return metrics


@strawberry.type(description="Open items of background work of all accounts.")
class QueueMetrics:
    queue: str = strawberry.field(description="Which workers they wait for.")
    status: JobItemStatus = strawberry.field(description="QUEUED, RUNNING or WAITING.")
    items: int = strawberry.field(description="How many there are.")
    oldest_seconds: float = strawberry.field(
        description="Of the oldest: since it could be begun, or since it was where it is running."
    )


@strawberry.type(description="Attempts that failed, of all accounts, since they are counted.")
class FailureMetrics:
    kind: JobKind = strawberry.field(description="The jobs whose items they were.")
    cause: FailureCause = strawberry.field(description="Why they failed.")
    attempts: int = strawberry.field(description="How many failed.")


@strawberry.type(description="All calls of one document in this API process.")
class DocumentMetrics:
    document_id: str = strawberry.field(description="sha256: of its text; `others` for those that are very long.")
    calls: int = strawberry.field(description="How often it was asked.")
    failed: int = strawberry.field(description="Of these.")
    milliseconds: float = strawberry.field(description="From the request to the answer, on average.")
    cpu_milliseconds: float = strawberry.field(description="Processor time of this process, on average.")
    received_bytes: float = strawberry.field(description="Of all requests.")
    sent_bytes: float = strawberry.field(description="Of all answers.")


@strawberry.type(description="What this API process has done since its start, and what background work there is.")
class SystemMetrics:
    operations: int = strawberry.field(description="GraphQL operations over HTTP.")
    short_operations: int = strawberry.field(description="Answered by a known plan alone.")
    failed_operations: int = strawberry.field(description="Operations that were answered with errors.")
    slow_operations: int = strawberry.field(description="That took longer than half a second.")
    objects: int = strawberry.field(description="In all answers: the cost of operations.")
    plans_known: int = strawberry.field(description="Operations whose plan was known.")
    plans_made: int = strawberry.field(description="Operations whose plan was made.")
    faults: int = strawberry.field(description="Errors of ours, told as INTERNAL.")
    cpu_seconds: float = strawberry.field(description="Processor time of this process, in seconds since its start.")
    memory_bytes: float = strawberry.field(description="Bytes that this process holds in memory now.")
    read_bytes: float = strawberry.field(
        description="Bytes that this process has read by system calls, from files for the most part."
    )
    written_bytes: float = strawberry.field(
        description="Bytes that this process has written by system calls, to files for the most part."
    )
    cpu_milliseconds_per_operation: float = strawberry.field(
        description="Processor time of this process for one operation, on average."
    )
    sockets: int = strawberry.field(description="WebSockets that are open now.")
    following: int = strawberry.field(description="Subscriptions that are open now.")
    subscription_values: int = strawberry.field(description="What subscriptions told.")
    slow_readers: int = strawberry.field(description="Sockets that were dropped, since they did not read.")
    reads_waiting: int = strawberry.field(description="Requests that wait for a database connection now.")
    reads_waited_milliseconds: int = strawberry.field(
        description="How long all reads together waited for a connection."
    )
    documents: list[DocumentMetrics] = strawberry.field(description="The twenty that took most processor time.")
    queues: list[QueueMetrics] = strawberry.field(description="Open items by queue and status.")
    failures: list[FailureMetrics] = strawberry.field(description="Failed attempts at items, by kind and cause.")


@strawberry.type
class WatchingQuery:
    @strawberry.field(  # type: ignore[untyped-decorator]
        directives=[Requires(permission=Permission.STAFF)], description="For our own staff."
    )
    async def system_metrics(self, info: Info) -> SystemMetrics:
        services, used = info.context.services, resources()
        watch, work = services.watch, await work_now(services.database, services.tally)
        operations = watch.total(watch.operations)
        return SystemMetrics(
            operations=operations,
            short_operations=watch.total(watch.operations, way="short"),
            failed_operations=watch.total(watch.operations, outcome="error"),
            slow_operations=watch.total(watch.slow),
            objects=watch.total(watch.objects),
            plans_known=watch.total(watch.plans, result="known"),
            plans_made=watch.total(watch.plans, result="made"),
            faults=watch.total(watch.faults),
            cpu_seconds=used.cpu_seconds,
            memory_bytes=float(used.memory_bytes),
            read_bytes=float(used.read_bytes),
            written_bytes=float(used.written_bytes),
            cpu_milliseconds_per_operation=watch.cpu_seconds * 1000 / max(operations, 1),
            sockets=watch.total(watch.sockets),
            following=watch.total(watch.following),
            subscription_values=watch.total(watch.values),
            slow_readers=watch.total(watch.slow_readers),
            reads_waiting=int(watch.pool("reads", "requests_waiting")),
            reads_waited_milliseconds=int(watch.pool("reads", "requests_wait_ms")),
            documents=[
                DocumentMetrics(
                    document_id=id,
                    calls=use.calls,
                    failed=use.failed,
                    milliseconds=use.seconds * 1000 / use.calls,
                    cpu_milliseconds=use.cpu_seconds * 1000 / use.calls,
                    received_bytes=float(use.received_bytes),
                    sent_bytes=float(use.sent_bytes),
                )
                for id, use in watch.meter.most(DOCUMENTS)
            ],
            queues=[
                QueueMetrics(
                    queue=w.queue, status=JobItemStatus(w.status), items=w.items, oldest_seconds=w.oldest_seconds
                )
                for w in work.waiting
            ],
            failures=[
                FailureMetrics(kind=JobKind(kind), cause=FailureCause(cause), attempts=number)
                for (kind, cause), number in work.failures.items()
            ],
        )
