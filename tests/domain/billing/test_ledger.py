"""Whatever happens to an account's credits and in whatever order: the ledger's sum is what it has and holds."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from domain.billing import service as billing
from domain.errors import DomainError
from domain.functions import Charge
from domain.job import cancel_job, retry_job
from persistence.scope import JobScope
from persistence.terms import CreditTransactionType, ErrorCode, JobItemStatus, JobStatus
from tests.conftest import Place
from tests.domain.house import House, Stamping, Tenant, opened

T = TypeVar("T")
Act = Callable[[Coroutine[Any, Any, T]], T]
WORK = Stamping()
FUNCTIONS = {WORK.kind: WORK}
GIVEN = 500  # credits of a new account

STATE = """
with owner as (select %s::uuid as id)
select (select array[balance, held] from credit_balance where account_id = (select id from owner)),
       (select coalesce(json_agg(j order by j.id), '[]') from (
         select id, status, credits_held, credits_spent, open_items, done, total from job
          where account_id = (select id from owner)) j),
       (select coalesce(json_agg(i order by i.id), '[]') from (
         select id, status, credits_spent from job_item where account_id = (select id from owner)) i),
       (select coalesce(json_agg(h order by h.id), '[]') from (
         select id, job_id, amount, spent, released, status from credit_hold
          where account_id = (select id from owner)) h),
       (select coalesce(json_agg(t order by t.id), '[]') from (
         select id, amount, balance_after from credit_transaction where account_id = (select id from owner)) t)
"""


@dataclass
class Item:
    ceiling: int
    status: JobItemStatus = JobItemStatus.QUEUED
    spent: int = 0


@dataclass
class Known:
    """What a job must be, by what was done."""

    items: dict[UUID, Item]
    cancelled: bool = False

    def having(self, *statuses: JobItemStatus) -> list[Item]:
        return [item for item in self.items.values() if item.status in statuses]

    @property
    def open(self) -> list[Item]:
        return self.having(JobItemStatus.QUEUED, JobItemStatus.RUNNING)

    @property
    def ended_as(self) -> JobStatus:
        applied = len(self.having(JobItemStatus.APPLIED))
        if applied == len(self.items):
            return JobStatus.SUCCEEDED
        if self.having(JobItemStatus.CANCELLED):
            return JobStatus.CANCELLED
        return JobStatus.PARTIAL if applied else JobStatus.FAILED


class Books(RuleBasedStateMachine):
    """A model of one account beside the real one."""

    act: Act[Any]
    house: House

    def __init__(self) -> None:
        super().__init__()
        self.jobs: dict[UUID, Known] = {}
        self.balance = GIVEN

    @initialize()
    def sign_up(self) -> None:
        self.tenant: Tenant = self.act(self.house.tenant())

    # What is done

    @rule(ceilings=st.lists(st.integers(0, 120), min_size=1, max_size=4))
    def start(self, ceilings: list[int]) -> None:
        code, job = self.tried(self.house.start(self.tenant, WORK, *ceilings))

        assert (code is ErrorCode.OUT_OF_CREDITS) == (sum(ceilings) > self.balance)
        if job:
            rows = self.house.sql("select id from job_item where job_id = %s order by position", job)
            self.jobs[job] = Known({id: Item(each) for (id,), each in zip(rows, ceilings, strict=True)})
            self.balance -= sum(ceilings)

    @precondition(lambda self: any(job.having(JobItemStatus.QUEUED) for job in self.jobs.values()))
    @rule()
    def begin(self) -> None:
        id = self.act(self.house.claim(self.tenant))
        self.item(id)[1].status = JobItemStatus.RUNNING

    @precondition(lambda self: any(job.having(JobItemStatus.RUNNING) for job in self.jobs.values()))
    @rule(data=st.data(), actual=st.integers(-5, 150))
    def apply(self, data: st.DataObject, actual: int) -> None:
        """Charged what it took, within its ceiling; the rest is given back."""
        id = data.draw(st.sampled_from(self.running()))
        self.act(self.house.end(self.tenant, id, JobItemStatus.APPLIED, Charge(actual)))
        _, item = self.item(id)
        item.status, item.spent = JobItemStatus.APPLIED, max(0, min(actual, item.ceiling))
        self.balance += item.ceiling - item.spent

    @precondition(lambda self: any(job.having(JobItemStatus.RUNNING) for job in self.jobs.values()))
    @rule(data=st.data(), status=st.sampled_from([JobItemStatus.FAILED, JobItemStatus.CANCELLED]))
    def fail(self, data: st.DataObject, status: JobItemStatus) -> None:
        id = data.draw(st.sampled_from(self.running()))
        self.act(self.house.end(self.tenant, id, status, error="The provider refused."))
        _, item = self.item(id)
        item.status = status
        self.balance += item.ceiling

    @precondition(lambda self: any(job.having(JobItemStatus.QUEUED) for job in self.jobs.values()))
    @rule(data=st.data())
    def work_off(self, data: st.DataObject) -> None:
        """All that waits is begun and ends, in one way or another: most jobs have ended then."""
        while any(job.having(JobItemStatus.QUEUED) for job in self.jobs.values()):
            self.begin()
        for _ in self.running():
            if data.draw(st.booleans()):
                self.apply(data, data.draw(st.integers(-5, 150)))
            else:
                self.fail(data, JobItemStatus.FAILED)

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        """What waits ends and is given back; what runs is its worker's."""
        id = data.draw(st.sampled_from(sorted(self.jobs)))
        job = self.jobs[id]
        code, _ = self.tried(self.cancelling(id))

        assert (code is ErrorCode.CONFLICT) == (not job.open)
        for item in job.having(JobItemStatus.QUEUED):
            item.status = JobItemStatus.CANCELLED
            self.balance += item.ceiling

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        """What has failed, of what has ended, with another hold."""
        id = data.draw(st.sampled_from(sorted(self.jobs)))
        failed = self.jobs[id].having(JobItemStatus.FAILED)
        needed = sum(item.ceiling for item in failed)
        code, _ = self.tried(self.retrying(id))

        if self.jobs[id].open or not failed:
            assert code is ErrorCode.CONFLICT
        elif needed > self.balance:
            assert code is ErrorCode.OUT_OF_CREDITS
        else:
            assert code is None
            self.balance -= needed
            for item in failed:
                item.status = JobItemStatus.QUEUED

    @rule(amount=st.integers(-400, 400))
    def adjust(self, amount: int) -> None:
        code, _ = self.tried(self.adjusting(amount))

        assert (code is ErrorCode.OUT_OF_CREDITS) == (self.balance + amount < 0)
        self.balance += amount if code is None else 0

    @rule(amount=st.integers(1, 300))
    def buy(self, amount: int) -> None:
        self.act(self.buying(amount))
        self.balance += amount

    # What is always so

    @invariant()
    def every_row_is_as_it_must_be(self) -> None:
        (balance, held), jobs, items, holds, legs = self.state()

        assert (balance, held) == (self.balance, sum(i.ceiling for job in self.jobs.values() for i in job.open))
        assert sum(leg["amount"] for leg in legs) == balance + held
        assert held == sum(h["amount"] - h["spent"] - h["released"] for h in holds)
        assert {item["id"]: (item["status"], item["credits_spent"]) for item in items} == {
            str(id): (item.status, item.spent) for job in self.jobs.values() for id, item in job.items.items()
        }
        for row in jobs:
            known = self.jobs[UUID(row["id"])]
            assert row["credits_spent"] == sum(item.spent for item in known.items.values())
            assert row["credits_held"] == sum(item.ceiling for item in known.open)
            assert row["open_items"] == len(known.open)
            assert row["done"] == row["total"] - len(known.open)
            assert row["status"] == (JobStatus.QUEUED if known.open else known.ended_as)
        for hold in holds:
            assert hold["status"] == ("OPEN" if self.jobs[UUID(hold["job_id"])].open else "CLOSED")

    # How

    def state(self) -> tuple[Any, ...]:
        (row,) = self.house.sql(STATE, self.tenant.account_id)
        return row

    def tried(self, what: Coroutine[Any, Any, T]) -> tuple[ErrorCode | None, T | None]:
        """The code that it was refused with, and then nothing has changed; or what it gives."""
        before = self.state()
        try:
            return None, self.act(what)
        except DomainError as refused:
            assert self.state() == before
            return refused.code, None

    def item(self, id: UUID) -> tuple[Known, Item]:
        return next((job, job.items[id]) for job in self.jobs.values() if id in job.items)

    def running(self) -> list[UUID]:
        return sorted(
            id for job in self.jobs.values() for id, i in job.items.items() if i.status is JobItemStatus.RUNNING
        )

    async def cancelling(self, id: UUID) -> None:
        async with self.house.people(self.tenant.scope()) as unit:
            await cancel_job(unit, id, FUNCTIONS)

    async def retrying(self, id: UUID) -> None:
        async with self.house.people(self.tenant.scope()) as unit:
            await retry_job(unit, id, FUNCTIONS)

    async def adjusting(self, amount: int) -> None:
        async with self.house.workers(JobScope(self.tenant.account_id)) as unit:
            await billing.adjust(unit, self.tenant.account_id, amount, description="by hand")

    async def buying(self, amount: int) -> None:
        kind, key = CreditTransactionType.PURCHASE, f"{amount} {self.balance} {len(self.jobs)}"
        async with self.house.workers(JobScope(self.tenant.account_id)) as unit:
            await billing.grant(unit, self.tenant.account_id, amount, kind=kind, key=key, description="bought")


@pytest.fixture
def act() -> Iterator[Act[Any]]:
    """Runs what is async in a loop that lasts for all of a machine's steps."""
    with asyncio.Runner() as runner:
        yield runner.run


def test_the_books_are_right_whatever_is_done(place: Place, act: Act[Any]) -> None:
    opening = opened(place)
    house = act(opening.__aenter__())
    try:
        machine = type("TheseBooks", (Books,), {"act": staticmethod(act), "house": house})
        limits = settings(
            max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        )
        run_state_machine_as_test(machine, settings=limits)
    finally:
        act(opening.__aexit__(None, None, None))
