"""How an integration fares: what it does by itself, and what waits for somebody."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select

from domain.rows import find
from persistence.models import Integration, Publication, SyncConflict, SyncRun
from persistence.terms import ConflictStatus, SyncOutcome
from persistence.unit import Unit


@dataclass(frozen=True, slots=True)
class Health:
    """`lag` in seconds."""

    integration_id: UUID
    last_success: datetime | None
    lag: int | None
    drift: int
    conflicts: int
    failures: int
    next_run: datetime | None


async def health_of(unit: Unit, id: UUID) -> Health:
    row = await find(unit, Integration, id, "id")
    runs = select(SyncRun).where(SyncRun.integration_id == row.id)
    done = await unit.session.scalar(
        select(func.max(SyncRun.ended_at)).where(SyncRun.integration_id == row.id, SyncRun.outcome == SyncOutcome.DONE)
    )
    newest = (await unit.session.scalars(runs.order_by(SyncRun.created_at.desc(), SyncRun.id.desc()).limit(1))).first()
    failed = select(func.count()).where(SyncRun.integration_id == row.id, SyncRun.outcome == SyncOutcome.FAILED)
    if done is not None:
        failed = failed.where(SyncRun.ended_at > done)
    publications = select(func.count()).select_from(Publication).where(Publication.integration_id == row.id)
    stale = or_(Publication.is_stale, Publication.status.is_distinct_from(Publication.wanted_status))
    now = await unit.now()
    every = timedelta(minutes=row.sync_minutes) if row.sync_minutes else None
    return Health(
        row.id,
        done,
        int((now - done).total_seconds()) if done else None,
        await _number(unit, publications.where(stale)),
        await _number(
            unit,
            select(func.count()).where(
                SyncConflict.integration_id == row.id, SyncConflict.status == ConflictStatus.OPEN
            ),
        ),
        await _number(unit, failed) + await _number(unit, publications.where(Publication.error.is_not(None))),
        max((newest.created_at if newest else row.created_at) + every, now) if every else None,
    )


async def _number(unit: Unit, counted: object) -> int:
    return int(await unit.session.scalar(counted) or 0)  # type: ignore[call-overload]
