"""Runs one item: claim → prepare → call the outside world with no transaction open → apply in one transaction.

Its lease is extended while it runs; whoever loses the lease applies nothing.
"""

import asyncio
import random
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from domain.ai.calls import LOST, fail_calls, forget_calls
from domain.errors import DomainError, translate
from domain.functions import Answered, Charge, Function, Tools
from domain.job import end_item, window_of
from domain.ports import CallReport, PostponedError, ProviderError
from jobs.lease import Interrupted, Interrupts, Lease, LeaseLost
from jobs.progress import ItemProgress
from jobs.storing import store, transient
from persistence.errors import FilesAway, PersistenceError
from persistence.files.paid_answers import Answers
from persistence.models import Job, JobItem
from persistence.queries import jobs as queries
from persistence.queries.jobs import Claim
from persistence.redis.failure_counts import FailureCounts
from persistence.scope import JobScope
from persistence.terms import FailureCause, JobItemStatus, JobKind, JobStatus
from persistence.unit import Dispatch, Unit, Units

MAX_FAILURES = 4  # attempts that ended with a reason
MAX_ATTEMPTS = 16  # in all: workers are stopped and killed, but an item that kills them must end too
MAX_POSTPONED = 30.0  # seconds
MAX_UNTIL_WOKEN = 600.0
FAULT = "Something went wrong on our side; it has been noted."
AWAY = "The database did not answer."
FILES_AWAY = "The place where files are kept did not answer."
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt ended without a result; `retry_after` in seconds, where the provider said so."""

    reason: str
    cause: FailureCause
    retryable: bool
    retry_after: float | None = None
    report: CallReport | None = None
    problems: list[str] = field(default_factory=list)


class Unstored(Exception):
    """An answer came, and nothing could be made of it: `cause` is why."""

    def __init__(self, cause: Exception, answer: Any) -> None:
        super().__init__(str(cause))
        self.cause, self.report = cause, answer.report if isinstance(answer, Answered) else None


@dataclass(frozen=True, slots=True)
class Prepared:
    """What an item is called with; `row` as it was taken. What is made of it in one transaction, which may fail, is of
    no use to the next.
    """

    function: Function
    brief: Any
    queue: str
    weight: int
    row: tuple[Any, ...]


class Runner:
    """`calls`: how many calls of each queue are under way at once; more items than that are prepared and applied."""

    def __init__(
        self,
        units: Units,
        functions: dict[JobKind, Function],
        tools: Tools,
        *,
        calls: Mapping[str, int] | None = None,
        failure_counts: FailureCounts | None = None,
    ) -> None:
        self.units, self.functions, self.tools, self.failure_counts = units, functions, tools, failure_counts
        self.calls = {queue: asyncio.Semaphore(number) for queue, number in (calls or {}).items()}
        self.interrupt = Interrupts()

    async def run(self, account_id: UUID, queue: str) -> None:
        """The account's next item in the queue, if there is one. Never raises: the rows say what became of it."""
        try:
            claimed = await queries.claim(self.units.database, account_id, queue, window=window_of(queue))
            if claimed:
                await self._run(account_id, claimed)
        except Exception as error:  # noqa: BLE001 - the lease ends, and the sweep finds the item again
            log.warning("work interrupted", queue=queue, error=str(error))

    async def _run(self, account_id: UUID, claimed: Claim) -> None:
        bound = log.bind(item=str(claimed.item_id), job=str(claimed.job_id), attempt=claimed.attempts)
        lease = Lease(self.units, JobScope(account_id, cause=claimed.job_id), claimed)
        try:
            await self._attempt(lease)
        except LeaseLost:
            bound.info("lease lost")
        except Interrupted:
            await self._give_back(account_id, claimed)
        except PostponedError as postponed:
            await self._postpone(account_id, claimed, postponed)
        except Exception as error:  # noqa: BLE001 - every failure becomes a row
            failure = _failure(error)
            if failure.cause is FailureCause.OWN_FAULT:
                bound.exception("item failed")
            elif failure.cause is FailureCause.DATABASE:
                bound.warning("item failed", error=str(error))
            with suppress(LeaseLost):
                await store(lease, self.interrupt, partial(self._fail, lease, failure), failed=True)

    async def _attempt(self, lease: Lease) -> None:
        prepared = await self._prepared(lease)
        if prepared is None:
            return
        progress = ItemProgress(self.units, lease.scope, lease.claimed.job_id, prepared.weight)
        async with progress.written():
            answer = await lease.during(self._call(prepared, progress), self.interrupt)
        try:
            await store(lease, self.interrupt, partial(self._apply, lease, prepared, answer), failed=False)
        except (LeaseLost, Interrupted):
            raise
        except Exception as error:
            raise Unstored(error, answer) from error
        if isinstance(answer, Answered):
            await self.tools[Answers].forget(lease.claimed.item_id)

    async def _prepared(self, lease: Lease) -> Prepared | None:
        """None for an item that ends without a call."""
        claimed = lease.claimed
        async with (
            self.tools[Answers].looked_up(claimed.item_id) if claimed.again else nullcontext(),
            self.units(lease.scope, queries.taking(claimed)) as unit,
        ):
            item, job = _taken(unit)
            if claimed.attempts > 1:
                await fail_calls(unit, item, LOST)
            if job.cancel_requested_at:
                await self._end(unit, job, item, JobItemStatus.CANCELLED, None)
            elif claimed.attempts > MAX_ATTEMPTS:
                await self._end(unit, job, item, JobItemStatus.FAILED, item.error or "It did not end in time.")
            else:
                function = self.functions[job.kind]
                await _begin(unit, job, function)
                brief = await function.prepare(self.tools, unit, job, item)
                if brief is not None:
                    assert unit.first
                    return Prepared(function, brief, item.queue, item.weight, unit.first)
                await function.give_up(unit, job, item)
                await end_item(unit, item, JobItemStatus.APPLIED, charge=Charge(0, message="nothing left to do"))
        await self.tools[Answers].forget(claimed.item_id)
        return None

    async def _call(self, prepared: Prepared, progress: ItemProgress) -> Any:
        async with self.calls.get(prepared.queue) or nullcontext():
            return await prepared.function.call(self.tools, prepared.brief, progress.note)

    async def _apply(self, lease: Lease, prepared: Prepared, answer: Any) -> None:
        async with self.units(lease.scope, queries.locking(lease.claimed)) as unit:
            if unit.first is None:
                raise LeaseLost
            item, job, _ = queries.taken(prepared.row)
            unit.adopt(item, job)
            charge = await prepared.function.apply(unit, job, item, prepared.brief, answer)
            await end_item(unit, item, JobItemStatus.APPLIED, charge=charge)

    async def _end(self, unit: Unit, job: Job, item: JobItem, status: JobItemStatus, error: str | None) -> None:
        """The item ends without a result: what it held is given back."""
        item.status, item.error = status, error
        await self.functions[job.kind].give_up(unit, job, item)
        await end_item(unit, item, status, error=error)

    async def _fail(self, lease: Lease, failure: Failure) -> None:
        async with self.units(lease.scope, queries.taking(lease.claimed)) as unit:
            item, job = _taken(unit)
            kind = job.kind
            await fail_calls(unit, item, failure.reason, failure.report, failure.problems)
            item.failures += 1
            again = await unit.now() + _pause(item.failures, failure.retry_after)
            may = failure.retryable and item.failures < MAX_FAILURES and not job.cancel_requested_at
            if may := may and (item.deadline_at is None or again < item.deadline_at):
                _wait(item, again, failure.reason)
                job.message = f"Trying again: {failure.reason}"
                await _send_next(unit, item)
            else:
                cancelled = job.cancel_requested_at is not None
                status = JobItemStatus.CANCELLED if cancelled else JobItemStatus.FAILED
                await self._end(unit, job, item, status, None if cancelled else failure.reason)
        if not may or failure.cause is FailureCause.UNUSABLE_ANSWER:
            await self.tools[Answers].forget(lease.claimed.item_id)
        if self.failure_counts:
            await self.failure_counts.add(kind, failure.cause)

    async def _give_back(self, account_id: UUID, claimed: Claim) -> None:
        """As if it had not been claimed."""
        with suppress(LeaseLost):
            async with self.units(JobScope(account_id), queries.taking(claimed, lock_job=False)) as unit:
                item, _ = _taken(unit)
                await fail_calls(unit, item, LOST)
                item.status, item.lease_until = JobItemStatus.QUEUED, None
                item.attempts -= 1
                unit.dispatches.append(Dispatch(account_id, item.queue))

    async def _postpone(self, account_id: UUID, claimed: Claim, postponed: PostponedError) -> None:
        """No attempt, since no call was made; the sweep sends it when its time has come.

        No other item is sent for it where they would all come to the same closed gate, to be postponed.
        """
        with suppress(LeaseLost):
            async with self.units(JobScope(account_id), queries.taking(claimed)) as unit:
                item, job = _taken(unit)
                await forget_calls(unit, item)
                most = MAX_UNTIL_WOKEN if postponed.woken else MAX_POSTPONED
                pause = min(postponed.seconds, most) * random.uniform(1, 1.2)
                _wait(item, await unit.now() + timedelta(seconds=pause), postponed.reason)
                item.attempts -= 1
                item.started_at = item.deadline_at = None
                job.message = postponed.reason
                if postponed.others:
                    await _send_next(unit, item)


async def _begin(unit: Unit, job: Job, function: Function) -> None:
    if job.status is JobStatus.QUEUED:
        job.status, job.started_at = JobStatus.RUNNING, job.started_at or await unit.now()
    if job.phase != function.phase:
        job.phase = function.phase


def _taken(unit: Unit) -> tuple[JobItem, Job]:
    """What the unit began with taking; LeaseLost when the item is no longer ours."""
    if unit.first is None:
        raise LeaseLost
    item, job, unit.began_at = queries.taken(unit.first)
    unit.adopt(item, job)
    return item, job


def _wait(item: JobItem, until: datetime, reason: str) -> None:
    item.status, item.error, item.lease_until, item.available_at = JobItemStatus.WAITING, reason, None, until


async def _send_next(unit: Unit, item: JobItem) -> None:
    """As who ends an item does."""
    await unit.flush()
    if await queries.waiting(unit.session, item.account_id, item.queue):
        unit.dispatches.append(Dispatch(item.account_id, item.queue))


def _failure(error: Exception) -> Failure:
    if isinstance(error, Unstored):
        failure = _failure(error.cause)
        return replace(failure, report=failure.report or error.report)
    if isinstance(error, ProviderError):
        return Failure(error.reason, error.cause, error.retryable, error.retry_after, error.report, error.problems)
    if isinstance(error, FilesAway):
        return Failure(FILES_AWAY, FailureCause.FILES, retryable=True)
    if transient(error):
        return Failure(AWAY, FailureCause.DATABASE, retryable=True)
    known = error if isinstance(error, DomainError) else None
    if isinstance(error, PersistenceError):
        known = translate(error)
    if known:
        return Failure(known.message, FailureCause.RULE, retryable=False)
    return Failure(FAULT, FailureCause.OWN_FAULT, retryable=True)


def _pause(failures: int, retry_after: float | None) -> timedelta:
    """2, 4, 8 seconds, or as long as the provider asks; up to a half more, so that many do not come back at once."""
    return timedelta(seconds=max(2**failures, retry_after or 0) * random.uniform(1, 1.5))
