"""The clock: tasks of the platform by cron expressions, each tick run once however many workers there are.

Who locks a task's row runs it, and moves it on in the same transaction: a worker that dies in the midst leaves it due,
so that what a task does must be safe to do again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from cronsim import CronSim
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from domain.billing import service as billing
from domain.job import create_job
from domain.publisher.work.publish_due import PUBLISH_DUE
from domain.publisher.work.sync_integration import SYNC_INTEGRATION
from persistence.errors import Duplicate
from persistence.models import Schedule
from persistence.scope import JobScope, SystemScope
from persistence.terms import CreditTransactionType
from persistence.unit import Units

TICK_SECONDS = 20.0
ACCOUNTS_AT_ONCE = 500
EVENTS_AT_ONCE = 10_000
PUBLICATIONS_AT_ONCE = 500
SYNCS_AT_ONCE = 100
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Task:
    """`cron`: five fields, on the clocks of `zone` (IANA). `run` gets the time at which it is run.

    `late`: how long after its time a tick that was missed (no worker ran) is still made up for, by one run however many
    were missed; None: however late. A time that a clock skips in spring comes at the hour's end, one that it shows
    twice in autumn comes once.
    """

    name: str
    cron: str
    run: Callable[[Units, datetime], Awaitable[None]]
    zone: str = "UTC"
    late: timedelta | None = None

    def after(self, moment: datetime) -> datetime:
        """In UTC. Within the hour that a clock shows twice, the library's next may be past."""
        times = (each.astimezone(UTC) for each in CronSim(self.cron, moment.astimezone(ZoneInfo(self.zone))))
        return next(each for each in times if each > moment)

    def makes_up(self, planned: datetime, now: datetime) -> bool:
        return self.late is None or now - planned <= self.late


async def grant_monthly_credits(units: Units, now: datetime) -> None:
    """Every active account gets its plan's credits once a calendar month, also one that came to the plan within it."""
    key = f"plan:{now:%Y-%m}"
    granted = 0
    while True:
        async with units(SystemScope("monthly credits")) as unit:
            statement = text("select account_id, credits, plan from accounts_due_credits(:key, :most)")
            due = (await unit.session.execute(statement, {"key": key, "most": ACCOUNTS_AT_ONCE})).all()
        for account_id, credits, plan in due:
            try:
                async with units(JobScope(account_id)) as unit:
                    await billing.grant(
                        unit,
                        account_id,
                        credits,
                        kind=CreditTransactionType.PURCHASE,
                        key=key,
                        description=f"{plan}: credits of {now:%B %Y}",
                    )
                granted += 1
            except Duplicate:  # somebody else was first
                continue
        if len(due) < ACCOUNTS_AT_ONCE:
            break
    if granted:
        log.info("monthly credits granted", accounts=granted, month=key)


async def purge(units: Units, now: datetime) -> None:
    """Sessions and tokens that ended a month ago, idempotency keys after their day; what was archived long ago."""
    async with units(SystemScope("purge")) as unit:
        every = "select what, number from purge_expired() union all select what, number from purge_archived()"
        found = (await unit.session.execute(text(every))).all()
    log.info("purged", **{what.replace(" ", "_"): number for what, number in found})


async def forget_events(units: Units, now: datetime) -> None:
    """Those that are older than thirty days, in portions: there may be many, and others write meanwhile."""
    forgotten = 0
    while True:
        async with units(SystemScope("old events")) as unit:
            forget = text("select forget_events(:most)")
            number = (await unit.session.execute(forget, {"most": EVENTS_AT_ONCE})).scalar_one()
        forgotten += number
        if number < EVENTS_AT_ONCE:
            break
    if forgotten:
        log.info("events forgotten", events=forgotten)


async def publish_due(units: Units, now: datetime) -> None:
    """A job for each integration with something that a date has come for; what is left waits for the next tick."""
    async with units(SystemScope("publications due")) as unit:
        due = text("select account_id, site_id, integration_id, content_id from publications_due(:most)")
        rows = (await unit.session.execute(due, {"most": PUBLICATIONS_AT_ONCE})).all()
    waiting: dict[tuple[UUID, UUID, UUID], list[UUID]] = {}
    for account_id, site_id, integration_id, content_id in rows:
        waiting.setdefault((account_id, site_id, integration_id), []).append(content_id)
    for (account_id, site_id, integration_id), content_ids in waiting.items():
        async with units(JobScope(account_id)) as unit:
            await create_job(unit, PUBLISH_DUE.planned(account_id, site_id, integration_id, content_ids))


async def sync_due(units: Units, now: datetime) -> None:
    """Looks at destinations whose time has come."""
    async with units(SystemScope("syncs due")) as unit:
        due = text("select account_id, site_id, integration_id from syncs_due(:most)")
        rows = (await unit.session.execute(due, {"most": SYNCS_AT_ONCE})).all()
    for account_id, site_id, integration_id in rows:
        async with units(JobScope(account_id)) as unit:
            await create_job(unit, SYNC_INTEGRATION.planned(account_id, site_id, integration_id))


TASKS = (
    Task("publications due", "* * * * *", publish_due),
    Task("syncs due", "* * * * *", sync_due),
    Task("monthly credits", "*/30 * * * *", grant_monthly_credits),
    Task("purge", "17 3 * * *", purge),
    Task("old events", "41 * * * *", forget_events),
)


async def tick(units: Units, tasks: tuple[Task, ...] = TASKS) -> None:
    """Runs what is due."""
    await _enrol(units, tasks)
    for task in tasks:
        async with units(SystemScope(f"schedule: {task.name}")) as unit:
            due = select(Schedule).where(Schedule.name == task.name, Schedule.next_at <= func.now())
            row = (await unit.session.scalars(due.with_for_update(skip_locked=True))).one_or_none()
            if row is None:
                continue
            now = await unit.now()
            if task.makes_up(row.next_at, now):
                row.last_at, row.last_error = now, await _run(units, task, now)
            else:
                log.warning("scheduled task missed", task=task.name, planned=row.next_at.isoformat())
            row.next_at = task.after(now)


async def _run(units: Units, task: Task, now: datetime) -> str | None:
    """Why it failed."""
    try:
        await task.run(units, now)
    except Exception as error:
        log.exception("scheduled task failed", task=task.name)
        return str(error)[:500]
    return None


async def _enrol(units: Units, tasks: tuple[Task, ...]) -> None:
    """A new task is due at once."""
    async with units(SystemScope("schedule")) as unit:
        values = [{"name": task.name, "next_at": func.now()} for task in tasks]
        await unit.session.execute(insert(Schedule).values(values).on_conflict_do_nothing())
