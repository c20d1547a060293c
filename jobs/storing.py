"""What came of an item is stored, however long the database is away."""

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import chain, repeat

import psycopg
import structlog

from domain.ports import ProviderError
from jobs.lease import Interrupts, Lease
from persistence.errors import Away, Deadlock, NoRoom, TooSlow

HOLD_SECONDS = 900.0
PAUSES = (0.2, 1.0, 2.0, 4.0)  # seconds before it is stored again; the last one from then on
TOO_MUCH = "54"  # class of SQLSTATE: a limit of PostgreSQL's own, which is the same the next time
PASSING = (
    psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction,
    psycopg.errors.IdleInTransactionSessionTimeout, Deadlock, Away, TooSlow, NoRoom,
)  # fmt: skip
log = structlog.get_logger()


def transient(error: Exception) -> bool:
    """Whether the same transaction may succeed when it is done again."""
    original = getattr(error, "orig", error)  # of SQLAlchemy's
    return isinstance(original, PASSING) and not (getattr(original, "sqlstate", None) or "").startswith(TOO_MUCH)


async def store(lease: Lease, interrupts: Interrupts, act: Callable[[], Awaitable[None]], *, failed: bool) -> None:
    """`act` is one transaction, which starts anew each time, from rows that it reads itself; the lease is extended
    between. Raises what `act` raised last after a quarter of an hour, Interrupted, LeaseLost, and ProviderError for a
    cancelled job, unless it is how it `failed` that is to be stored.
    """
    until = time.monotonic() + HOLD_SECONDS
    for pause in chain(PAUSES, repeat(PAUSES[-1])):
        try:
            await act()
        except Exception as error:
            if not transient(error) or time.monotonic() > until:
                raise
            log.warning("not stored", item=str(lease.claimed.item_id), error=str(error) or type(error).__name__)
        else:
            return
        await interrupts.pause(pause)
        with suppress(*([ProviderError] if failed else [])):
            await _extended(lease)


async def _extended(lease: Lease) -> None:
    try:
        await lease.extend()
    except Exception as error:
        if not transient(error):
            raise
