"""What staff is shown of how this process and the background work are doing."""

import strawberry

from persistence.terms import FailureCause, JobItemStatus, JobKind


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
