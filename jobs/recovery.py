"""Sends work again whose message was lost or whose worker died, ends jobs that were forgotten, removes files."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

import structlog

from domain.job import WINDOW, WINDOWS, end_forgotten
from persistence.files.blobs import Blobs
from persistence.queries import jobs as queries
from persistence.scope import JobScope, SystemScope
from persistence.unit import Units

SWEEP_SECONDS = 3.0
TIDY_SECONDS = 15.0
ORPHANS_SECONDS, ORPHAN_AGE_SECONDS = 3600.0, 24 * 3600.0
PATIENCE_SECONDS = 2.0  # how long claimable work may wait for its message to be sent before it counts as lost
Waiting = Callable[[], Awaitable[Counter[tuple[UUID, str]]]]
log = structlog.get_logger()


async def repeat(seconds: float, what: str, act: Callable[[], Awaitable[None]]) -> None:
    """Every worker does; what is done is safe to do at once, or under an advisory lock."""
    while True:
        try:
            await act()
        except Exception as error:  # noqa: BLE001 - the next time may find the database again
            log.warning(f"{what} failed", error=str(error))
        await asyncio.sleep(seconds)


async def sweep(units: Units, waiting: Waiting) -> None:
    """What waits in the broker is not sent again: messages would add up while all workers are busy."""
    async with units(SystemScope("sweep")) as unit:
        found = await queries.stranded(unit.session, window=WINDOW, windows=WINDOWS, patience=PATIENCE_SECONDS)
        sent = await waiting() if found else Counter()
        missing = [replace(d, count=d.count - sent[d.account_id, d.queue]) for d in found]
        unit.dispatches += [d for d in missing if d.count > 0]
    if unit.dispatches:
        log.info("work sent again", queues=len(unit.dispatches))


async def mend(units: Units) -> None:
    """Each in its account's scope, and a transaction of its own."""
    async with units(SystemScope("mend")) as unit:
        found = await queries.forgotten(unit.session)
    for account_id, job_id in found:
        async with units(JobScope(account_id, cause=job_id)) as unit:
            if await end_forgotten(unit, job_id):
                log.warning("job ended that had been forgotten", job=str(job_id))


async def tidy(units: Units, blobs: Blobs) -> None:
    """Deleted before the commit: deleting twice does no harm, a key that is forgotten would."""
    async with units(SystemScope("tidy")) as unit:
        spent = await queries.spent_blobs(unit.session)
        for key in {*spent, *await queries.forgotten_files(unit.session, spent)}:
            await blobs.delete(key)


async def remove_orphans(units: Units, blobs: Blobs) -> None:
    """Files whose row was never written, or is gone: a worker may end between storing a picture and saying so."""
    async for keys in blobs.older_than(ORPHAN_AGE_SECONDS):
        async with units(SystemScope("orphans")) as unit:
            known = await queries.known_blobs(unit.session, keys)
        for key in keys:
            if key not in known:
                await blobs.delete(key)
