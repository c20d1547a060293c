"""Claiming, leasing and recovering job items."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from persistence.models import Job, JobItem
from persistence.models.base import loaded
from persistence.postgres.database import Database
from persistence.postgres.wire import Statement, Wire
from persistence.progress.snapshot import FIELDS, Snapshot, snapshot_from, snapshot_of
from persistence.scope import SeenSites
from persistence.unit import Dispatch

LEASE = "interval '15 seconds'"
DEADLINE = "interval '15 minutes'"  # of an item, from its first attempt to the start of its last

CLAIM = f"""
update job_item set status = 'RUNNING', attempts = attempts + 1, lease_token = uuidv4(), lease_until = now() + {LEASE},
       started_at = coalesce(started_at, now()), deadline_at = coalesce(deadline_at, now() + {DEADLINE}),
       updated_at = now()
 where id = (select id from job_item
              where account_id = $1 and queue = $2 and status in ('QUEUED', 'RUNNING', 'WAITING')
                and (status <> 'RUNNING' or lease_until < now()) and available_at <= now()
                and (select count(*) from job_item r where r.account_id = $1 and r.queue = $2
                        and r.status = 'RUNNING' and r.lease_until >= now()) < $3
              order by available_at, id limit 1 for update skip locked)
returning id, job_id, lease_token, attempts, old.started_at is not null
"""

BEAT = f"""
update job_item set lease_until = now() + {LEASE} where id = $1 and lease_token = $2 and status = 'RUNNING'
returning (select cancel_requested_at is not null from job where job.id = job_item.job_id)
"""

TAKE = """
select {}, now() from job_item i join job j on j.id = i.job_id
 where i.id = $1 and i.lease_token = $2 and i.status = 'RUNNING' for update of i
""".format(
    ", ".join([f"i.{c.name}" for c in JobItem.__table__.columns] + [f"j.{c.name}" for c in Job.__table__.columns])
)
TAKE_BOTH = f"{TAKE.rstrip()}, j"

LOCK = "select 1 from job_item where id = $1 and lease_token = $2 and status = 'RUNNING' for update"

WAITING = text("""
select exists (select from job_item where account_id = :account and queue = :queue
                  and status in ('QUEUED', 'WAITING') and available_at <= now())
""")

# Claimable for a while, yet nobody came: its message was lost, or its worker died; or its pause before another try is
# over, for which nobody sends. As many as the account may still have under way.
STRANDED = text("""
select account_id, queue, least(count(*) filter (where stranded), most - count(*) filter (where alive)) as n
  from (select account_id, queue, coalesce((cast(:windows as jsonb) ->> queue)::int, :window) as most,
               status = 'RUNNING' and lease_until >= now() as alive,
               case status when 'RUNNING' then lease_until < now() when 'WAITING' then available_at <= now()
                           else available_at < now() - make_interval(secs => :patience) end as stranded
          from job_item where status in ('QUEUED', 'RUNNING', 'WAITING')) open
 group by account_id, queue, most
having count(*) filter (where stranded) > 0 and count(*) filter (where alive) < most
""")

# Items that are being taken are tried anyhow.
WAKE = text("""
with waiting as (select id from job_item
                  where account_id = :account and queue = :queue and status = 'WAITING' and site_id = :site
                    and error = :reason
                  order by id for update skip locked),
     woken as (update job_item i set available_at = now() from waiting w where i.id = w.id returning 1)
select count(*) from woken
""")

# Failed imports may be tried again for an hour.
SPENT_BLOBS = text("""
update job set params = params - 'blob'
 where kind = 'IMPORT_KEYWORDS' and finished_at > now() - interval '1 day' and jsonb_exists(params, 'blob')
   and (status <> 'FAILED' or finished_at < now() - interval '1 hour')
returning old.params ->> 'blob'
""")

FORGOTTEN = text("""
select j.account_id, j.id from job j
 where j.finished_at is null and not exists (select from job_item i where i.account_id = j.account_id
                                                and i.job_id = j.id and i.status in ('QUEUED', 'RUNNING', 'WAITING'))
 order by j.id limit 100
""")

END_JOB = text("select end_job(:job)")

KNOWN_MARKERS = text("select * from known_markers(:account, :integration, :markers)")
KNOWN_BLOBS = text("select * from known_blobs(:keys)")

FORGET_FILES = text("select forget_files(cast(:keys as uuid[]))")

SWEEP_LOCK = text("select pg_try_advisory_xact_lock(:lock)")
SWEEP_LOCK_ID = 0x1680_09

SNAPSHOT = f"select {', '.join(FIELDS)} from job where id = $1"
END_ITEM = f"""
select {", ".join(f"(ended).{name}" for name in FIELDS)}, more from end_item($1, $2, $3, $4, $5, $6, $7)
"""

# Of (session, role, job): each job that one of them sees, and which of them (counted from 1) sees which.
FOLLOWED = f"""
with seen as materialized (select n, seen from followed($1, $2, $3))
select (select coalesce(json_agg(j), '[]')::text from (
         select distinct on ((seen).id) {", ".join(f"(seen).{name}" for name in FIELDS)} from seen) j),
       (select coalesce(json_agg(json_build_array(n, (seen).id)), '[]')::text from seen)
"""

# What the scope shows, of one site or of all: jobs that are open or have changed since a moment (null: now), whether
# the site is there, which sites are seen, and the time.
ACTIVITY = f"""
select (select coalesce(json_agg(j), '[]')::text from (
         select {", ".join(FIELDS)}
           from job where (finished_at is null or updated_at >= coalesce($1::timestamptz, now()))
            and ($2::uuid is null or site_id = $2)
          order by id limit 1000) j),
       $2::uuid is null or exists (select from site where id = $2),
       current_setting('igny8.sites'),
       now()
"""


@dataclass(frozen=True, slots=True)
class Claim:
    item_id: UUID
    job_id: UUID
    lease: UUID
    attempts: int
    again: bool  # whether it was begun before


async def claim(database: Database, account_id: UUID, queue: str, *, window: int) -> Claim | None:
    """The next item of the account's queue, leased; None when others have them all, or `window` are under way.

    Who ends one of these sends the next message, so that this one is not missed.
    """
    row = await database.write(CLAIM, [account_id, queue, window])
    return Claim(*row) if row else None


def taking(claimed: Claim, *, lock_job: bool = True) -> Statement:
    """Locks the claimed item if its lease is still held, and its job: everybody locks in this order. No row if not."""
    return Statement(TAKE_BOTH if lock_job else TAKE, [claimed.item_id, claimed.lease])


def taken(row: tuple[Any, ...]) -> tuple[JobItem, Job, datetime]:
    """From the row of `taking`, and the time by the database's clock. Other rows each time, of no transaction yet."""
    width = len(JobItem.__table__.columns)
    return loaded(JobItem, row[:width]), loaded(Job, row[width:-1]), row[-1]


def locking(claimed: Claim) -> Statement:
    """Locks the claimed item; no row when its lease is lost."""
    return Statement(LOCK, [claimed.item_id, claimed.lease])


async def beat(database: Database, claimed: Claim) -> bool | None:
    """Extends the lease: whether the job is to be cancelled, or None when the lease is lost."""
    row = await database.write(BEAT, [claimed.item_id, claimed.lease])
    return None if row is None else bool(row[0])


async def waiting(session: AsyncSession, account_id: UUID, queue: str) -> bool:
    """Whether an item could be claimed now."""
    return bool((await session.execute(WAITING, {"account": account_id, "queue": queue})).scalar_one())


async def wake(session: AsyncSession, account_id: UUID, site_id: UUID, queue: str, reason: str) -> int:
    """How many items of a site there are that waited for that reason, and do no longer."""
    given = {"account": account_id, "site": site_id, "queue": queue, "reason": reason}
    woken = await session.execute(WAKE, given)
    return int(woken.scalar_one())


@dataclass(frozen=True, slots=True)
class Ending:
    """What an item came to; `charged` is within its estimate. Without `usage` nothing was used."""

    status: str
    error: str | None = None
    charged: int = 0
    cost_micros: int | None = 0
    usage: dict[str, object] | None = None
    message: str = ""


async def end_item(wire: Wire, item_id: UUID, ending: Ending) -> tuple[Snapshot, bool]:
    """Ends the item, charges or releases what it held, ends its job with the last one: its job as it is now, and
    whether the account has another that could be claimed. Nothing of these may be pending in a session.
    """
    usage = None if ending.usage is None else Jsonb(ending.usage)
    values = [item_id, ending.status, ending.error, ending.charged, ending.cost_micros, usage, ending.message]
    row = await wire.ask(Statement(END_ITEM, values))
    assert row
    *job, more = row
    return snapshot_of(tuple(job)), bool(more)


async def end_job(session: AsyncSession, job_id: UUID) -> None:
    """Of a locked job whose items have all ended: its status, and nothing stays of its hold."""
    await session.execute(END_JOB, {"job": job_id})


async def stranded(
    session: AsyncSession, *, window: int, windows: Mapping[str, int], patience: float
) -> list[Dispatch]:
    """What to send again; nothing while another worker is sweeping. `windows` of queues that have another."""
    if not (await session.execute(SWEEP_LOCK, {"lock": SWEEP_LOCK_ID})).scalar_one():
        return []
    rows = await session.execute(STRANDED, {"window": window, "windows": json.dumps(windows), "patience": patience})
    return [Dispatch(account, queue, count) for account, queue, count in rows]


async def forgotten(session: AsyncSession) -> list[tuple[UUID, UUID]]:
    """(account, job) of jobs that are open and have no open item."""
    return [(account, job) for account, job in await session.execute(FORGOTTEN)]


async def spent_blobs(session: AsyncSession) -> list[str]:
    """Keys of files that no job needs any more; each is told once."""
    return list((await session.execute(SPENT_BLOBS)).scalars())


async def forgotten_files(session: AsyncSession, keys: list[str]) -> list[str]:
    """These and the keys of files that nobody has kept in time: none of them counts any more."""
    return [id.hex for id in (await session.execute(FORGET_FILES, {"keys": keys})).scalars()]


async def known_blobs(session: AsyncSession, keys: list[str]) -> set[str]:
    """Those of the keys that some row names, of whatever account."""
    return set((await session.execute(KNOWN_BLOBS, {"keys": keys})).scalars())


async def known_markers(session: AsyncSession, account: UUID, integration: UUID, markers: list[str]) -> set[str]:
    """Those by which publications of the integration are called, of whatever account."""
    known = {"account": account, "integration": integration, "markers": markers}
    return set((await session.execute(KNOWN_MARKERS, known)).scalars())


@dataclass(frozen=True, slots=True)
class Activity:
    """The jobs, whether the site is seen that was asked for, and when that was so by the database's clock."""

    jobs: list[Snapshot]
    found: bool
    sites: SeenSites
    moment: datetime


def activity_of(row: tuple[str, bool, str, datetime]) -> Activity:
    """From the row of ACTIVITY."""
    jobs, found, sites, moment = row
    return Activity([snapshot_from(job) for job in json.loads(jobs)], found, SeenSites.told(sites), moment)
