"""Finds work whose message was lost or whose worker died, and sends it again."""

import asyncio

import structlog

from domain.job import WINDOW
from persistence.queries import jobs as queries
from persistence.scope import SystemScope
from persistence.unit import Units

SWEEP_SECONDS = 3.0
PATIENCE_SECONDS = 6.0  # how long claimable work may wait for its message before it counts as lost
log = structlog.get_logger()


async def sweep_forever(units: Units) -> None:
    """Every worker does; an advisory lock lets one at a time."""
    while True:
        try:
            await sweep(units)
        except Exception as error:  # noqa: BLE001 - the next sweep may find the database again
            log.warning("sweep failed", error=str(error))
        await asyncio.sleep(SWEEP_SECONDS)


async def sweep(units: Units) -> None:
    async with units(SystemScope("sweep")) as unit:
        found = await queries.stranded(unit.session, window=WINDOW, patience=PATIENCE_SECONDS)
        unit.dispatches += found
    if found:
        log.info("work sent again", queues=len(found))
