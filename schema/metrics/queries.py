"""Metrics as the API shows them."""

import strawberry

from domain.access import Permission
from persistence.terms import FailureCause, JobItemStatus, JobKind
from schema.context import Info
from schema.graph.fields import Requires
from schema.metrics.resource_metrics import resources
from schema.metrics.types import DocumentMetrics, FailureMetrics, QueueMetrics, SystemMetrics
from schema.metrics.work_metrics import work_now

DOCUMENTS = 20


@strawberry.type
class MetricsQuery:
    @strawberry.field(  # type: ignore[untyped-decorator]
        directives=[Requires(permission=Permission.STAFF)], description="For our own staff."
    )
    async def system_metrics(self, info: Info) -> SystemMetrics:
        services, used = info.context.services, resources()
        metrics, work = services.metrics, await work_now(services.database, services.failure_counts)
        operations = metrics.total(metrics.operations)
        return SystemMetrics(
            operations=operations,
            short_operations=metrics.total(metrics.operations, way="short"),
            failed_operations=metrics.total(metrics.operations, outcome="error"),
            slow_operations=metrics.total(metrics.slow),
            objects=metrics.total(metrics.objects),
            plans_known=metrics.total(metrics.plans, result="known"),
            plans_made=metrics.total(metrics.plans, result="made"),
            faults=metrics.total(metrics.faults),
            cpu_seconds=used.cpu_seconds,
            memory_bytes=float(used.memory_bytes),
            read_bytes=float(used.read_bytes),
            written_bytes=float(used.written_bytes),
            cpu_milliseconds_per_operation=metrics.cpu_seconds * 1000 / max(operations, 1),
            sockets=metrics.total(metrics.sockets),
            following=metrics.total(metrics.following),
            subscription_values=metrics.total(metrics.values),
            slow_readers=metrics.total(metrics.slow_readers),
            reads_waiting=int(metrics.pool("reads", "requests_waiting")),
            reads_waited_milliseconds=int(metrics.pool("reads", "requests_wait_ms")),
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
                for id, use in metrics.documents.most(DOCUMENTS)
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
