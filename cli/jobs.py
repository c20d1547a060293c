"""Background work as an operator sees it: all accounts' jobs, their items, what waits and what fails."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy import func, select

from cli.failures import CannotRun
from domain import audit
from domain import job as jobs
from domain.errors import DomainError, site_archived
from domain.registry import FUNCTIONS
from domain.settings import Settings
from jobs.broker import Sender, make_broker
from persistence.errors import SiteArchived
from persistence.models import Job, JobItem
from persistence.postgres.database import WORKER_ROLE, Database
from persistence.progress.bus import Bus
from persistence.scope import JobScope, SystemScope
from persistence.secrets import Vault
from persistence.terms import JobItemStatus, JobStatus
from persistence.unit import Unit, Units
from schema.graph.entity import bind

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """What an operator reaches jobs with."""

    units: Units

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings) -> AsyncIterator["Desk"]:
        assert settings.database_url
        assert settings.redis_url
        database = await Database(settings.database_url, WORKER_ROLE, size=2).open()
        redis, broker = Redis.from_url(settings.redis_url), make_broker(settings.redis_url)
        try:
            yield cls(Units(database, Vault(settings.secrets()), Sender(broker), Bus(redis).publish))
        finally:
            await redis.aclose()
            broker.close()
            await database.close()

    async def listed(self, status: JobStatus | None, limit: int) -> list[Row]:
        """The newest first; those that are open where no status is given."""
        wanted = Job.finished_at.is_(None) if status is None else Job.status == status
        async with self.units(SystemScope("operator: list jobs")) as unit:
            found = await unit.all(select(Job).where(wanted).order_by(Job.id.desc()).limit(limit))
            now = await unit.now()
        return [_job(job, now) for job in found]

    async def shown(self, text: str) -> Row:
        """One job with its items; CannotRun when there is none."""
        id = _decoded(text)
        async with self.units(SystemScope("operator: show job")) as unit:
            job = await _found(unit, id)
            items = await unit.all(select(JobItem).where(JobItem.job_id == id).order_by(JobItem.position))
            now = await unit.now()
        return {**_job(job, now), "items": [_item(item) for item in items]}

    async def cancelled(self, text: str) -> Row:
        return await self._changed(text, "cancelJob")

    async def retried(self, text: str) -> Row:
        return await self._changed(text, "retryJob")

    async def _changed(self, text: str, action: str) -> Row:
        """In the scope of the job's account, and in its audit trail."""
        id = _decoded(text)
        async with self.units(SystemScope(f"operator: {action}")) as unit:
            account_id = (await _found(unit, id)).account_id
        named = ((Job.__tablename__, (id,)),) if action == "retryJob" else ()
        try:
            async with self.units(JobScope(account_id, named=named)) as unit:
                if action == "cancelJob":
                    job = await jobs.cancel_job(unit, id, FUNCTIONS)
                else:
                    job = await jobs.retry_job(unit, id, FUNCTIONS)
                audit.record(unit, account_id, action, "Job", id, site_id=job.site_id, after={"by": "operator"})
                now = await unit.now()
        except SiteArchived:
            raise CannotRun(site_archived().message) from None
        except DomainError as error:
            raise CannotRun(error.message) from None
        return _job(job, now)

    async def queues(self) -> list[Row]:
        """Of each queue what waits and since when, what runs, and why items failed in the last day."""
        waiting = JobItem.status.in_((JobItemStatus.QUEUED, JobItemStatus.WAITING))
        running = JobItem.status == JobItemStatus.RUNNING
        recent = (JobItem.status == JobItemStatus.FAILED) & (
            JobItem.finished_at > func.now() - func.make_interval(0, 0, 0, 1)
        )
        async with self.units(SystemScope("operator: queues")) as unit:
            counts = await unit.session.execute(
                select(
                    JobItem.queue,
                    func.count().filter(waiting),
                    func.min(JobItem.created_at).filter(waiting),
                    func.count().filter(running),
                )
                .where(waiting | running)
                .group_by(JobItem.queue)
            )
            now = await unit.now()
            found: dict[str, Row] = {
                queue: {"queue": queue, "waiting": n, "oldest": _age(oldest, now), "running": r, "failed": {}}
                for queue, n, oldest, r in counts
            }
            reasons = await unit.session.execute(
                select(JobItem.queue, JobItem.error, func.count()).where(recent).group_by(JobItem.queue, JobItem.error)
            )
            for queue, reason, number in reasons:
                empty: Row = {"queue": queue, "waiting": 0, "oldest": "", "running": 0, "failed": {}}
                found.setdefault(queue, empty)["failed"][reason or "no reason"] = number
        return [found[queue] for queue in sorted(found)]


async def _found(unit: Unit, id: UUID) -> Job:
    job = await unit.session.get(Job, id)
    if job is None:
        raise CannotRun(f"there is no job job_{id}")
    return job


def _decoded(text: str) -> UUID:
    entity = bind().bindings["Job"].entity
    assert entity
    id = entity.decode(text)
    if id is None:
        raise CannotRun(f"{text} is no id of a job; they look like job_01234567-89ab-…")
    return id


def _job(job: Job, now: datetime) -> Row:
    return {
        "id": f"job_{job.id}",
        "account": f"acc_{job.account_id}",
        "kind": job.kind.value,
        "status": job.status.value,
        "done": f"{job.done}/{job.total}",
        "held": job.credits_held,
        "spent": job.credits_spent,
        "age": _age(job.created_at, now),
        "error": job.error or "",
    }


def _item(item: JobItem) -> Row:
    return {
        "position": item.position,
        "status": item.status.value,
        "attempts": item.attempts,
        "failures": item.failures,
        "spent": item.credits_spent,
        "error": item.error or "",
    }


def _age(moment: datetime | None, now: datetime) -> str:
    """In the largest unit that fits."""
    if moment is None:
        return ""
    seconds = int((now - moment).total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def told(rows: list[Row], *, as_json: bool) -> str:
    """One JSON document, or a line of columns per row."""
    if as_json:
        return json.dumps(rows, indent=1)
    if not rows:
        return "nothing"
    plain = [{k: v for k, v in row.items() if k != "items"} for row in rows]
    lines = [list(plain[0]), *([_cell(value) for value in row.values()] for row in plain)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{number} × {reason}" for reason, number in value.items())
    return str(value)
