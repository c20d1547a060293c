"""Trying a destination before anything is published to it, stage by stage."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete

from domain.access import Permission
from domain.destinations import Connected, Connection, Destinations
from domain.functions import Charge, Params, Progress, Tools
from domain.integration.connecting import connection_of
from domain.planned import Place, Planned, Work
from domain.rows import lock
from persistence.models import ConnectionCheck, Integration, Job, JobItem
from persistence.terms import IntegrationStatus, JobKind, LimitKey, Queue
from persistence.unit import Unit


@dataclass(frozen=True, slots=True)
class Wanted:
    integration_id: UUID


@dataclass(frozen=True, slots=True)
class Trial:
    """`version`: of the settings that are tried."""

    connection: Connection
    version: int


class TestConnection:
    """What each stage found is kept with the integration, until the next test."""

    kind, queue, phase = JobKind.TEST_CONNECTION, Queue.PUBLISHING, "connecting"
    permission, wanted = Permission.MANAGE_SITES, Wanted

    async def plan(self, unit: Unit, user_id: UUID, wanted: Wanted) -> Planned:
        row = await lock(unit, Integration, wanted.integration_id, "input", "integrationId")
        place = Place(row.account_id, user_id, row.site_id, None)
        return Planned(self, place, [Work(row.id, 1, 0)])

    async def begin(self, unit: Unit, subject_ids: Sequence[UUID], params: Params) -> None:
        return None

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> Trial | None:
        row = await unit.session.get(Integration, item.subject_id)
        return Trial(connection_of(unit, row), row.version) if row else None

    async def call(self, tools: Tools, brief: Trial, progress: Progress) -> Connected:
        async with tools[Destinations].open(brief.connection, gated=False) as destination:
            return await destination.check(progress)

    async def apply(self, unit: Unit, job: Job, item: JobItem, brief: Trial, answer: Connected) -> Charge:
        """Of settings that were changed meanwhile nothing is said."""
        row = await unit.session.get(Integration, item.subject_id, with_for_update=True)
        if row is None or row.version != brief.version:
            return Charge(0, message="the settings were changed meanwhile; test them again")
        await unit.run(delete(ConnectionCheck).where(ConnectionCheck.integration_id == row.id))
        own = {"account_id": row.account_id, "site_id": row.site_id, "integration_id": row.id}
        unit.add(
            *(
                ConnectionCheck(**own, position=n, stage=s.stage, is_ok=s.ok, ms=s.ms, found=s.found, cure=s.cure)
                for n, s in enumerate(answer.stages)
            )
        )
        failed = next((stage for stage in answer.stages if not stage.ok), None)
        row.status = IntegrationStatus.FAILED if failed else IntegrationStatus.CONNECTED
        row.error = f"{failed.found} {failed.cure}".strip() if failed else None
        row.capabilities = {} if failed else dict(answer.capabilities)
        row.checked_at = await unit.now()
        return Charge(0, message=f"failed at {failed.stage.value}: {row.error}" if failed else "every stage passed")

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        """What could not be tried is as it was, and the job says why."""
        return

    def uses_again(self, failed: Sequence[JobItem]) -> dict[LimitKey, int]:
        return {}


TEST_CONNECTION = TestConnection()
