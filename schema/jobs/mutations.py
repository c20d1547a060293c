"""Cancelling and retrying background work."""

import strawberry

from domain import job as jobs
from domain.access import Permission
from domain.registry import FUNCTIONS
from schema.context import Info
from schema.graph.entity import ref
from schema.jobs.payloads import JobPayload
from schema.jobs.types import Job
from schema.mutation import JobId, mutation


@strawberry.type
class JobsMutation:
    @mutation(Permission.PLAN)
    async def cancel_job(self, info: Info, id: JobId) -> JobPayload:
        """What has not begun ends now, and its credits come back; what runs ends within seconds."""
        async with info.context.write() as unit:
            await jobs.cancel_job(unit, id, FUNCTIONS)
        return JobPayload(job=ref(Job, id))

    @mutation(Permission.PLAN)
    async def retry_job(self, info: Info, id: JobId) -> JobPayload:
        """The failed items once more."""
        async with info.context.write() as unit:
            await jobs.retry_job(unit, id, FUNCTIONS)
        return JobPayload(job=ref(Job, id))
