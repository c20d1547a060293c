"""Jobs: made with their items and their hold in one transaction, ended when their last item has."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.billing import service as billing
from domain.billing.limits import check_room
from domain.errors import conflict
from domain.functions import Charge, Function
from domain.idempotency import once
from domain.planned import Action, Planned, W, Work
from domain.rows import find, lock
from persistence.models import Job, JobItem
from persistence.queries import jobs as queries
from persistence.queries.jobs import Ending
from persistence.terms import ENDED, JobItemStatus, JobKind, JobStatus, Queue
from persistence.unit import Dispatch, Unit

WINDOW = 4  # messages of one account and queue that are in the broker at once, at most
# Destinations are many, and some of them slow: one that holds up a few items leaves room for the others'.
WINDOWS = {Queue.PUBLISHING.value: 8}
OPEN = (JobItemStatus.QUEUED, JobItemStatus.RUNNING, JobItemStatus.WAITING)


def window_of(queue: str) -> int:
    return WINDOWS.get(queue, WINDOW)


async def create_job(unit: Unit, planned: Planned) -> Job:
    """The job with everything it needs to run; OUT_OF_CREDITS, LIMIT_REACHED leave nothing. Sent after the commit."""
    place, work, queue = planned.place, planned.work, planned.function.queue.value
    job = Job(
        account_id=place.account_id,
        user_id=place.user_id,
        site_id=place.site_id,
        sector_id=place.sector_id,
        kind=planned.kind,
        params=planned.params,
        total=sum(w.weight for w in work),
        open_items=len(work),
        credits_held=0,
    )
    unit.add(job)
    await unit.flush()
    await unit.session.refresh(job)
    if planned.uses:
        await billing.lock_balance(unit, job.account_id)
    for key, number in planned.uses.items():
        await check_room(unit, job.account_id, key, number)
    unit.add(*(_item(job, queue, position, w) for position, w in enumerate(work)))
    if planned.credits:
        await billing.hold(unit, job, planned.credits)
    unit.dispatches.append(Dispatch(job.account_id, queue, min(window_of(queue), len(work))))
    return job


async def start_job(
    unit: Unit,
    account_id: UUID,
    user_id: UUID,
    operation: str,
    key: str | None,
    given: Any,
    action: Action[W],
    wanted: W,
) -> UUID:
    """The id of the job that is wanted, or that was made before under this key of the client's for what was given."""

    async def make() -> UUID:
        planned = await action.plan(unit, user_id, wanted)
        await action.begin(unit, planned.subject_ids, planned.params)
        return (await create_job(unit, planned)).id

    return await once(unit, Job, account_id, operation, key, given, make)


def _item(job: Job, queue: str, position: int, work: Work) -> JobItem:
    return JobItem(
        account_id=job.account_id,
        site_id=job.site_id,
        job_id=job.id,
        position=position,
        subject_id=work.subject_id,
        queue=queue,
        weight=work.weight,
        credits_estimate=work.credits,
    )


async def cancel_job(unit: Unit, job_id: UUID, functions: Mapping[JobKind, Function]) -> Job:
    """As `cancel_jobs`; CONFLICT when it has ended."""
    job = await find(unit, Job, job_id, "id")
    if not await cancel_jobs(unit, [job], functions):
        await unit.session.refresh(job)
        raise conflict(f"The job has ended: {job.status.value}.", "id")
    return job


async def cancel_jobs(unit: Unit, jobs: Sequence[Job], functions: Mapping[JobKind, Function]) -> list[Job]:
    """Items that wait end now, running ones when their worker notices; what they held is given back.

    Those that were open still. Running items are not locked: applying one may take long.
    """
    known = {job.id: job for job in jobs}
    waiting = await unit.all(
        select(JobItem)
        .where(JobItem.job_id.in_(known), JobItem.status.in_((JobItemStatus.QUEUED, JobItemStatus.WAITING)))
        .order_by(JobItem.id)
        .with_for_update()
    )
    for item in waiting:
        item.status, item.finished_at = JobItemStatus.CANCELLED, await unit.now()
        await functions[known[item.job_id].kind].give_up(unit, known[item.job_id], item)
    await unit.flush()
    locked = select(Job).where(Job.id.in_(known), Job.status.not_in(ENDED)).order_by(Job.id).with_for_update()
    found = await unit.all(locked.execution_options(populate_existing=True))
    for job in found:
        await _cancel(unit, job, [item for item in waiting if item.job_id == job.id])
    return found


async def _cancel(unit: Unit, job: Job, waiting: Sequence[JobItem]) -> None:
    """It is locked, and so are those of its items that have ended just now."""
    job.cancel_requested_at = await unit.now()
    job.open_items -= len(waiting)
    job.ended_weight += sum(item.weight for item in waiting)
    job.done = max(job.done, job.ended_weight)
    await billing.release(unit, job, sum(item.credits_estimate for item in waiting))
    if not job.open_items:
        await _end(unit, job)


async def _end(unit: Unit, job: Job) -> None:
    """The caller has it locked."""
    await unit.flush()
    await queries.end_job(unit.session, job.id)
    await unit.session.refresh(job)


async def end_forgotten(unit: Unit, job_id: UUID) -> bool:
    """Ends a job that is open although none of its items is; False when it is not so any more.

    A process of another release, which does not keep the job's own counts, leaves one so.
    """
    job = await unit.get(Job, job_id, lock=True)
    open_items = select(JobItem.id).where(JobItem.job_id == job_id, JobItem.status.in_(OPEN)).limit(1)
    if job.status in ENDED or await unit.session.scalar(open_items):
        return False
    job.open_items, job.ended_weight = 0, job.total
    await _end(unit, job)
    return True


async def retry_job(unit: Unit, job_id: UUID, functions: Mapping[JobKind, Function]) -> Job:
    """Failed items of a job that has ended once more, begun again, with a new hold for them."""
    failed = await unit.all(
        select(JobItem)
        .where(JobItem.job_id == job_id, JobItem.status == JobItemStatus.FAILED)
        .order_by(JobItem.id)
        .with_for_update()
    )
    if failed:  # what it is about is locked before the job, as everywhere
        known = await find(unit, Job, job_id, "id")
        subject_ids = [item.subject_id for item in failed if item.subject_id]
        await functions[known.kind].begin(unit, subject_ids, known.params)
        await unit.flush()
    job = await lock(unit, Job, job_id, "id")
    if job.status not in ENDED:
        raise conflict("The job has not ended yet.", "id")
    if not failed:
        raise conflict("The job has no failed items.", "id")
    await billing.lock_balance(unit, job.account_id)
    for key, number in functions[job.kind].uses_again(failed).items():
        await check_room(unit, job.account_id, key, number, "id")
    for item in failed:
        item.status, item.error, item.finished_at = JobItemStatus.QUEUED, None, None
        item.attempts = item.failures = 0
        item.available_at, item.deadline_at = await unit.now(), None
    job.status, job.error, job.finished_at, job.cancel_requested_at = JobStatus.QUEUED, None, None, None
    job.open_items += len(failed)
    job.ended_weight -= sum(item.weight for item in failed)
    job.done = job.ended_weight
    await billing.hold(unit, job, sum(item.credits_estimate for item in failed))
    unit.dispatches.append(Dispatch(job.account_id, failed[0].queue, min(window_of(failed[0].queue), len(failed))))
    return job


async def under_way(unit: Unit, kind: JobKind, subject_ids: list[UUID]) -> bool:
    """Whether one of these is the subject of an open item of such a job."""
    statement = (
        select(JobItem.id)
        .join(Job, Job.id == JobItem.job_id)
        .where(Job.kind == kind, JobItem.subject_id.in_(subject_ids), JobItem.status.in_(OPEN))
    )
    return await unit.session.scalar(statement.limit(1)) is not None


async def end_item(
    unit: Unit,
    item: JobItem,
    status: JobItemStatus,
    *,
    error: str | None = None,
    charge: Charge | None = None,
) -> None:
    """The last of an item's transaction: it ends, what it held is charged or given back, and its job ends with it.

    The estimate is a ceiling: what an item costs beyond it is ours. At most a few messages of an account are in the
    broker: who ends an item sends the next.
    """
    ending = Ending(status.value, error)
    if charge:
        ending = Ending(
            status.value,
            error,
            charged=max(0, min(charge.credits, item.credits_estimate)),
            cost_micros=charge.cost_micros,
            usage={**charge.details, "actual": charge.credits},
            message=charge.message,
        )
    await unit.flush()
    ended, more = await queries.end_item(unit.wire, item.id, ending)
    unit.tell(ended)
    if more:
        unit.dispatches.append(Dispatch(item.account_id, item.queue))
