"""Accounts, and work of theirs, made and ended by the domain alone: no HTTP, no worker process, the real database."""

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.accounts.service import create_sector, create_site
from domain.auth.client import Client
from domain.auth.service import create_account, new_id, open_session
from domain.functions import Charge, Params, Progress, Tools
from domain.job import create_job
from domain.job import end_item as end
from domain.planned import Place as Belongs
from domain.planned import Planned, Work
from persistence.models import Job, JobItem, Sector
from persistence.postgres.database import API_ROLE, WORKER_ROLE, Database
from persistence.queries import jobs as queries
from persistence.scope import JobScope, NewAccountScope, SessionScope
from persistence.secrets import Vault
from persistence.terms import JobItemStatus, JobKind, LimitKey, Queue, Role
from persistence.unit import Dispatch, Snapshot, Units
from tests.conftest import SECRET, Place
from tests.databases import sql_at

_numbers = itertools.count(1)


@dataclass
class Stamping:
    """A kind of work whose items do nothing; `given_up`: those that ended without being applied."""

    kind: JobKind = JobKind.GENERATE_IDEAS
    queue: Queue = Queue.TEXT
    phase: str = "stamping"
    again: dict[LimitKey, int] = field(default_factory=dict)
    given_up: list[UUID] = field(default_factory=list)

    async def begin(self, unit: Any, subject_ids: Sequence[UUID], params: Params) -> None:
        return None

    async def prepare(self, tools: Tools, unit: Any, job: Job, item: JobItem) -> None:
        return None

    async def call(self, tools: Tools, brief: Any, progress: Progress) -> None:
        return None

    async def apply(self, unit: Any, job: Job, item: JobItem, brief: Any, answer: Any) -> Charge:
        return Charge(item.credits_estimate)

    async def give_up(self, unit: Any, job: Job, item: JobItem) -> None:
        self.given_up.append(item.id)

    def uses_again(self, failed: Sequence[JobItem]) -> dict[LimitKey, int]:
        return {key: number * len(failed) for key, number in self.again.items()}


@dataclass(frozen=True, slots=True)
class Tenant:
    """An account and its owner, signed in."""

    account_id: UUID
    user_id: UUID
    session_id: UUID

    def scope(self, role: Role = Role.OWNER, *, write: bool = True) -> SessionScope:
        return SessionScope(self.session_id, self.user_id, self.account_id, role, write)


class House:
    """`people`: units as the API has them. `workers`: as a worker process has them; of any account."""

    def __init__(self, place: Place, api: Database, worker: Database) -> None:
        self.place = place
        self.sent: list[Dispatch] = []
        vault = Vault([SECRET])
        self.people = Units(api, vault, self._dispatch, _publish)
        self.workers = Units(worker, vault, self._dispatch, _publish)

    async def _dispatch(self, dispatches: list[Dispatch]) -> None:
        self.sent += dispatches

    def sql(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """As the superuser: all accounts' rows."""
        return sql_at(self.place.database_url, query, *parameters)

    async def tenant(self, role: Role = Role.OWNER) -> Tenant:
        """A new account on trial, with 500 credits."""
        account_id, email = await new_id(self.people), f"owner-{next(_numbers)}@example.com"
        async with self.people(NewAccountScope(account_id)) as unit:
            user = await create_account(unit, account_id, "A house", email, "no hash", role)
            session_id = await open_session(unit, user.id, email, Client("", "test"))
        return Tenant(account_id, user.id, session_id)

    async def sector(self, tenant: Tenant) -> Sector:
        """In a site of its own."""
        async with self.people(tenant.scope()) as unit:
            site = await create_site(unit, tenant.account_id, f"Site {next(_numbers)}", None, None)
            return await create_sector(unit, site.id, "A sector", None, None)

    async def start(self, tenant: Tenant, function: Stamping, *credits: int) -> UUID:
        """A job with an item for each of the `credits`, its ceiling."""
        planned = Planned(
            function, Belongs(tenant.account_id, tenant.user_id, None, None), [Work(None, 1, each) for each in credits]
        )
        async with self.people(tenant.scope()) as unit:
            return (await create_job(unit, planned)).id

    async def claim(self, tenant: Tenant, queue: Queue = Queue.TEXT) -> UUID | None:
        """The item that a worker would take now: it runs."""
        async with self.workers(JobScope(tenant.account_id)) as unit:
            claimed = await unit.wire.ask(queries.Statement(queries.CLAIM, [tenant.account_id, queue.value, 100]))
        return claimed[0] if claimed else None

    async def end(
        self, tenant: Tenant, item_id: UUID, status: JobItemStatus, charge: Charge | None = None, error: str = ""
    ) -> None:
        """As the last of a worker's transaction."""
        async with self.workers(JobScope(tenant.account_id)) as unit:
            await end(unit, await unit.get(JobItem, item_id, lock=True), status, error=error or None, charge=charge)


async def _publish(_: list[Snapshot]) -> None:
    return None


@asynccontextmanager
async def opened(place: Place) -> AsyncIterator[House]:
    api = await Database(place.database_url, API_ROLE, size=4).open()
    worker = await Database(place.database_url, WORKER_ROLE, size=4).open()
    try:
        yield House(place, api, worker)
    finally:
        await worker.close()
        await api.close()
