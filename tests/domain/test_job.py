"""From which state a job and its items go to which, by whom; what cannot happen is refused and changes nothing."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.errors import DomainError
from domain.functions import Charge
from domain.job import ENDED, OPEN, cancel_job, end_forgotten, retry_job, under_way
from persistence.scope import JobScope
from persistence.terms import ErrorCode, JobItemStatus, JobStatus
from tests.domain.house import House, Stamping, Tenant

QUEUED, RUNNING, WAITING = JobItemStatus.QUEUED, JobItemStatus.RUNNING, JobItemStatus.WAITING
APPLIED, FAILED, CANCELLED = JobItemStatus.APPLIED, JobItemStatus.FAILED, JobItemStatus.CANCELLED
CREDITS = 7  # the most an item may cost

# Items that have come so far, and what their job is then.
COME_TO: list[tuple[JobStatus, tuple[JobItemStatus, ...]]] = [
    (JobStatus.QUEUED, (QUEUED, QUEUED)),
    (JobStatus.RUNNING, (RUNNING, QUEUED)),
    (JobStatus.RUNNING, (APPLIED, WAITING)),
    (JobStatus.RUNNING, (FAILED, QUEUED)),
    (JobStatus.SUCCEEDED, (APPLIED, APPLIED)),
    (JobStatus.PARTIAL, (APPLIED, FAILED)),
    (JobStatus.FAILED, (FAILED, FAILED)),
    (JobStatus.CANCELLED, (CANCELLED, CANCELLED)),
    (JobStatus.CANCELLED, (CANCELLED, APPLIED)),
    (JobStatus.CANCELLED, (CANCELLED, FAILED)),
]
# What becomes of an item whose job is cancelled, or tried again; of all others nothing.
CANCELLING = {QUEUED: CANCELLED, WAITING: CANCELLED}
RETRYING = {FAILED: QUEUED}


def ids(value: object) -> str:
    return "-".join(v.value for v in value) if isinstance(value, tuple) else str(getattr(value, "value", value))


class Case:
    """A job whose items have come so far, by what workers and people do."""

    def __init__(self, house: House, tenant: Tenant) -> None:
        self.house, self.tenant, self.work = house, tenant, Stamping()
        self.functions = {self.work.kind: self.work}
        self.job: UUID

    async def come_to(self, items: tuple[JobItemStatus, ...]) -> None:
        self.job = await self.house.start(self.tenant, self.work, *[CREDITS] * len(items))
        begun = [(await self.house.claim(self.tenant), status) for status in items if status not in (QUEUED, CANCELLED)]
        if begun:  # as a worker does that begins the first item
            self.house.sql("update job set status = 'RUNNING' where id = %s", self.job)
        if CANCELLED in items:
            await self.act(cancel_job)
        for id, status in begun:
            if id and status in (APPLIED, FAILED):
                charge = Charge(CREDITS) if status is APPLIED else None
                await self.house.end(self.tenant, id, status, charge, "" if charge else "The provider refused.")
            elif status is WAITING:
                pause = "update job_item set status = 'WAITING', lease_until = null where id = %s"
                self.house.sql(pause, id)
        self.work.given_up.clear()

    async def act(self, action: Callable[..., Awaitable[Any]]) -> None:
        async with self.house.people(self.tenant.scope()) as unit:
            await action(unit, self.job, self.functions)

    async def refused(self, action: Callable[..., Awaitable[Any]]) -> tuple[ErrorCode, tuple[str, ...]]:
        before = self.state
        with pytest.raises(DomainError) as error:
            await self.act(action)
        assert self.state == before
        return error.value.code, error.value.field

    @property
    def status(self) -> JobStatus:
        return JobStatus(self.house.sql("select status from job where id = %s", self.job)[0][0])

    @property
    def items(self) -> list[tuple[UUID, JobItemStatus]]:
        rows = self.house.sql("select id, status from job_item where job_id = %s order by position", self.job)
        return [(id, JobItemStatus(status)) for id, status in rows]

    @property
    def state(self) -> list[tuple[Any, ...]]:
        whole = "select to_jsonb(j), (select jsonb_agg(to_jsonb(i) order by id) from job_item i where job_id = j.id) "
        books = "(select to_jsonb(b) from credit_balance b where b.account_id = j.account_id)"
        return self.house.sql(f"{whole}, {books} from job j where id = %s", self.job)

    @property
    def held(self) -> int:
        return int(
            self.house.sql("select held from credit_balance where account_id = %s", self.tenant.account_id)[0][0]
        )


@pytest.fixture
async def case(house: House) -> Case:
    return Case(house, await house.tenant())


def test_every_state_is_among_the_cases() -> None:
    assert {status for status, _ in COME_TO} == set(JobStatus)
    assert {item for _, items in COME_TO for item in items} == set(JobItemStatus)
    assert set(ENDED) == {status for status, items in COME_TO if not set(items) & set(OPEN)}


@pytest.mark.parametrize(("status", "items"), COME_TO, ids=ids)
async def test_a_job_is_what_its_items_have_come_to(
    case: Case, status: JobStatus, items: tuple[JobItemStatus, ...]
) -> None:
    await case.come_to(items)

    assert (case.status, sorted(s for _, s in case.items)) == (status, sorted(items))
    assert case.held == CREDITS * sum(item in OPEN for item in items)


@pytest.mark.parametrize(("status", "items"), COME_TO, ids=ids)
async def test_who_cancels_ends_what_waits(case: Case, status: JobStatus, items: tuple[JobItemStatus, ...]) -> None:
    await case.come_to(items)
    before = dict(case.items)
    if status in ENDED:
        assert await case.refused(cancel_job) == (ErrorCode.CONFLICT, ("id",))
        return

    await case.act(cancel_job)

    assert dict(case.items) == {id: CANCELLING.get(item, item) for id, item in before.items()}
    assert set(case.work.given_up) == {id for id, item in before.items() if item in CANCELLING}
    assert case.status is (JobStatus.RUNNING if RUNNING in items else JobStatus.CANCELLED)
    assert case.held == CREDITS * items.count(RUNNING)
    assert await case.house.claim(case.tenant) is None


@pytest.mark.parametrize(("status", "items"), COME_TO, ids=ids)
async def test_who_tries_again_begins_what_failed(
    case: Case, status: JobStatus, items: tuple[JobItemStatus, ...]
) -> None:
    await case.come_to(items)
    before = dict(case.items)
    if status not in ENDED or FAILED not in items:
        assert await case.refused(retry_job) == (ErrorCode.CONFLICT, ("id",))
        return
    case.house.sent.clear()

    await case.act(retry_job)

    assert dict(case.items) == {id: RETRYING.get(item, item) for id, item in before.items()}
    assert (case.status, case.held) == (JobStatus.QUEUED, CREDITS * items.count(FAILED))
    assert [(d.account_id, d.count) for d in case.house.sent] == [(case.tenant.account_id, items.count(FAILED))]
    assert await case.house.claim(case.tenant) in {id for id, item in before.items() if item is FAILED}


async def test_what_was_tried_again_may_be_cancelled_and_tried_again(case: Case) -> None:
    await case.come_to((APPLIED, FAILED))
    await case.act(retry_job)
    item = await case.house.claim(case.tenant)
    assert item
    await case.house.end(case.tenant, item, FAILED, error="Again.")
    assert case.status is JobStatus.PARTIAL

    await case.act(retry_job)
    await case.act(cancel_job)

    assert (case.status, case.held) == (JobStatus.CANCELLED, 0)
    assert await case.refused(retry_job) == (ErrorCode.CONFLICT, ("id",))


@pytest.mark.parametrize("action", [cancel_job, retry_job])
async def test_anothers_job_is_not_there(case: Case, house: House, action: Callable[..., Awaitable[Any]]) -> None:
    await case.come_to((APPLIED, FAILED))
    stranger = Case(house, await house.tenant())
    for stranger.job in (case.job, uuid4()):
        with pytest.raises(DomainError, match="There is no such job here") as error:
            await stranger.act(action)
        assert (error.value.code, error.value.field) == (ErrorCode.NOT_FOUND, ("id",))
    assert case.status is JobStatus.PARTIAL


# Workers


@pytest.mark.parametrize("status", JobItemStatus)
async def test_a_worker_takes_what_waits_and_what_nobody_has_any_more(case: Case, status: JobItemStatus) -> None:
    await case.come_to((status,))
    ((item, _),) = case.items
    taken = await case.house.claim(case.tenant)
    assert taken == (item if status in (QUEUED, WAITING) else None)
    if status is RUNNING:
        case.house.sql("update job_item set lease_until = now() - interval '1 second' where id = %s", item)
        assert await case.house.claim(case.tenant) == item


@pytest.mark.parametrize("status", JobItemStatus)
async def test_what_is_open_is_under_way(case: Case, status: JobItemStatus) -> None:
    await case.come_to((status,))
    subject = uuid4()
    case.house.sql("update job_item set subject_id = %s where job_id = %s", subject, case.job)
    async with case.house.people(case.tenant.scope()) as unit:
        assert await under_way(unit, case.work.kind, [uuid4(), subject]) is (status in OPEN)
        assert not await under_way(unit, case.work.kind, [uuid4()])


@pytest.mark.parametrize(("status", "items"), COME_TO, ids=ids)
async def test_nobody_ends_a_job_that_is_open_or_has_ended(
    case: Case, status: JobStatus, items: tuple[JobItemStatus, ...]
) -> None:
    await case.come_to(items)
    before = case.state
    async with case.house.workers(JobScope(case.tenant.account_id)) as unit:
        assert await end_forgotten(unit, case.job) is False
    assert case.state == before


@pytest.mark.parametrize("status", [APPLIED, FAILED, CANCELLED])
async def test_a_job_whose_last_item_ended_unnoticed_is_ended(case: Case, status: JobItemStatus) -> None:
    """As a process leaves it that keeps no counts of the job."""
    await case.come_to((RUNNING,))
    case.house.sql("update job_item set status = %s, lease_until = null where job_id = %s", status.value, case.job)

    async with case.house.workers(JobScope(case.tenant.account_id)) as unit:
        assert await end_forgotten(unit, case.job) is True

    expected = {APPLIED: JobStatus.SUCCEEDED, FAILED: JobStatus.FAILED, CANCELLED: JobStatus.CANCELLED}
    assert (case.status, case.held) == (expected[status], 0)
