"""Runs one item: claim → prepare → call the outside world with no transaction open → apply in one transaction.

Its lease is extended while it runs; whoever loses the lease applies nothing.
"""

import asyncio
import random
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from domain.ai.calls import LOST, fail_calls, forget_calls
from domain.errors import DomainError, translate
from domain.functions import Charge, Function, Tools
from domain.job import WINDOW, end_item
from domain.ports import CallReport, PostponedError, ProviderError
from jobs.lease import Interrupted, Interrupts, Lease, LeaseLost
from jobs.progress import ItemProgress
from persistence.errors import Away, Deadlock, PersistenceError, TooSlow
from persistence.models import Job, JobItem
from persistence.queries import jobs as queries
from persistence.queries.jobs import Claim
from persistence.scope import JobScope
from persistence.tally import Tally
from persistence.terms import FailureCause, JobItemStatus, JobKind, JobStatus
from persistence.unit import Dispatch, Unit, Units

MAX_FAILURES = 4  # attempts that ended with a reason
MAX_ATTEMPTS = 16  # in all: workers are stopped and killed, but an item that kills them must end too
MAX_POSTPONED = 30.0  # seconds
PAUSES = (0.2, 1.0, 2.0, 4.0)  # seconds before a result that could not be stored is stored again
TRANSIENT = (OperationalError, InterfaceError, psycopg.OperationalError, Deadlock, Away, TooSlow)
FAULT = "Something went wrong on our side; it has been noted."
AWAY = "The database did not answer."
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


@dataclass(frozen=True, slots=True)
class Prepared:
    """An item that is called for: the rows as they were when it was prepared."""

    function: Function
    brief: Any
    item: JobItem
    job: Job


class Runner:
    """`calls`: how many calls of each queue are under way at once; more items than that are prepared and applied."""

    def __init__(
        self,
        units: Units,
        functions: dict[JobKind, Function],
        tools: Tools,
        *,
        calls: Mapping[str, int] | None = None,
        tally: Tally | None = None,
    ) -> None:
        self.units, self.functions, self.tools, self.tally = units, functions, tools, tally
        self.calls = {queue: asyncio.Semaphore(number) for queue, number in (calls or {}).items()}
        self.interrupt = Interrupts()

    async def run(self, account_id: UUID, queue: str) -> None:
        """The account's next item in the queue, if there is one. Never raises: the rows say what became of it."""
        try:
            claimed = await queries.claim(self.units.database, account_id, queue, window=WINDOW)
            if claimed:
                await self._run(account_id, claimed)
        except Exception as error:  # noqa: BLE001 - the lease ends, and the sweep finds the item again
            log.warning("work interrupted", queue=queue, error=str(error))

    async def _run(self, account_id: UUID, claimed: Claim) -> None:
        bound = log.bind(item=str(claimed.item_id), job=str(claimed.job_id), attempt=claimed.attempts)
        try:
            await self._attempt(account_id, claimed)
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
            await self._fail(account_id, claimed, failure)

    async def _attempt(self, account_id: UUID, claimed: Claim) -> None:
        scope = JobScope(account_id)
        async with self.units(scope, queries.taking(claimed)) as unit:
            item, job = _taken(unit)
            if claimed.attempts > 1:
                await fail_calls(unit, item, LOST)
            if job.cancel_requested_at:
                await self._end(unit, job, item, JobItemStatus.CANCELLED, None)
                return
            if claimed.attempts > MAX_ATTEMPTS:
                await self._end(unit, job, item, JobItemStatus.FAILED, item.error or "It did not end in time.")
                return
            function = self.functions[job.kind]
            _begin(job, function)
            brief = await function.prepare(self.tools, unit, job, item)
            if brief is None:
                await function.give_up(unit, job, item)
                await end_item(unit, item, JobItemStatus.APPLIED, charge=Charge(0, message="nothing left to do"))
                return
            weight = item.weight
        lease, progress = Lease(self.units, scope, claimed), ItemProgress(self.units, scope, claimed.job_id, weight)
        async with progress.written():
            call = self._call(item.queue, function, brief, progress)
            answer = await lease.during(call, self.interrupt)
        await self._store(lease, Prepared(function, brief, item, job), answer)

    async def _call(self, queue: str, function: Function, brief: Any, progress: ItemProgress) -> Any:
        async with self.calls.get(queue) or nullcontext():
            return await function.call(self.tools, brief, progress.note)

    async def _store(self, lease: Lease, prepared: Prepared, answer: Any) -> None:
        """An answer that was paid for is not given up because the database was away for a moment."""
        for pause in PAUSES:
            try:
                return await self._apply(lease, prepared, answer)
            except TRANSIENT as error:
                log.warning("result not stored", item=str(lease.claimed.item_id), error=str(error))
            await asyncio.sleep(pause)
            with suppress(*TRANSIENT):
                await lease.extend()
        return await self._apply(lease, prepared, answer)

    async def _apply(self, lease: Lease, prepared: Prepared, answer: Any) -> None:
        item, job = prepared.item, prepared.job
        async with self.units(lease.scope, queries.locking(lease.claimed)) as unit:
            if unit.first is None:
                raise LeaseLost
            unit.adopt(item, job)
            charge = await prepared.function.apply(unit, job, item, prepared.brief, answer)
            await end_item(unit, item, JobItemStatus.APPLIED, charge=charge)

    async def _end(self, unit: Unit, job: Job, item: JobItem, status: JobItemStatus, error: str | None) -> None:
        """The item ends without a result: what it held is given back."""
        item.status, item.error = status, error
        await self.functions[job.kind].give_up(unit, job, item)
        await end_item(unit, item, status, error=error)

    async def _fail(self, account_id: UUID, claimed: Claim, failure: Failure) -> None:
        with suppress(LeaseLost):
            async with self.units(JobScope(account_id), queries.taking(claimed)) as unit:
                item, job = _taken(unit)
                kind = job.kind
                await fail_calls(unit, item, failure.reason, failure.report, failure.problems)
                item.failures += 1
                again = datetime.now(UTC) + _pause(item.failures, failure.retry_after)
                may = failure.retryable and item.failures < MAX_FAILURES and not job.cancel_requested_at
                if may and (item.deadline_at is None or again < item.deadline_at):
                    item.status, item.error, item.lease_until = JobItemStatus.WAITING, failure.reason, None
                    item.available_at = again
                    job.message = f"Trying again: {failure.reason}"
                    await _send_next(unit, item)
                else:
                    cancelled = job.cancel_requested_at is not None
                    status = JobItemStatus.CANCELLED if cancelled else JobItemStatus.FAILED
                    await self._end(unit, job, item, status, None if cancelled else failure.reason)
            if self.tally:
                await self.tally.add(kind, failure.cause)

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

        No other item is sent for it: at a closed gate they would all come, to be postponed.
        """
        with suppress(LeaseLost):
            async with self.units(JobScope(account_id), queries.taking(claimed)) as unit:
                item, job = _taken(unit)
                await forget_calls(unit, item)
                item.status, item.lease_until = JobItemStatus.WAITING, None
                item.attempts -= 1
                pause = min(postponed.seconds, MAX_POSTPONED) * random.uniform(1, 1.2)
                item.available_at = datetime.now(UTC) + timedelta(seconds=pause)
                item.started_at = item.deadline_at = None
                job.message = postponed.reason


def _begin(job: Job, function: Function) -> None:
    if job.status is JobStatus.QUEUED:
        job.status, job.started_at = JobStatus.RUNNING, job.started_at or datetime.now(UTC)
    if job.phase != function.phase:
        job.phase = function.phase


def _taken(unit: Unit) -> tuple[JobItem, Job]:
    """What the unit began with taking; LeaseLost when the item is no longer ours."""
    if unit.first is None:
        raise LeaseLost
    taken = queries.taken(unit.first)
    unit.adopt(*taken)
    return taken


async def _send_next(unit: Unit, item: JobItem) -> None:
    """As who ends an item does."""
    await unit.flush()
    if await queries.waiting(unit.session, item.account_id, item.queue):
        unit.dispatches.append(Dispatch(item.account_id, item.queue))


def _failure(error: Exception) -> Failure:
    if isinstance(error, ProviderError):
        return Failure(error.reason, error.cause, error.retryable, error.retry_after, error.report, error.problems)
    if isinstance(error, TRANSIENT):
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
