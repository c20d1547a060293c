"""Files of an account: counted before they are stored, under the lock that plan limits are counted under."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import delete, update

from domain.billing.limits import check_room
from domain.billing.service import lock_balance
from persistence.errors import PersistenceError
from persistence.files.blobs import Blobs, new_key
from persistence.models import StoredFile
from persistence.scope import SessionScope
from persistence.terms import LimitKey
from persistence.unit import Unit, Units

UNKEPT = timedelta(hours=1)  # longer than any upload: what nobody has kept by then is removed
PICTURE_BYTES = 4_000_000  # of one that is to be drawn, as the database's `usage_of` counts it until its file is there
log = structlog.get_logger()


@asynccontextmanager
async def storing(units: Units, scope: SessionScope, blobs: Blobs, size: int, *field: str) -> AsyncIterator[str]:
    """The key for a new file of `size` bytes, which count from now on; at the end it goes unless something keeps it.
    LIMIT_REACHED, at the `field`, before anything is stored.
    """
    id = UUID(hex=new_key())
    async with units(scope) as unit:
        await lock_balance(unit, scope.account_id)
        await check_room(unit, scope.account_id, LimitKey.STORAGE, size, *field)
        await count(unit, scope.account_id, id.hex, size, UNKEPT)
    try:
        yield id.hex
    finally:
        await _let_go(units, scope, blobs, id)


async def count(unit: Unit, account_id: UUID, key: str, size: int, lasts: timedelta) -> None:
    """A file that lasts so long unless something keeps it, whether there is room for it or not."""
    until = await unit.now() + lasts
    unit.add(StoredFile(id=UUID(hex=key), account_id=account_id, bytes=size, kept_until=until))


async def keep(unit: Unit, key: str) -> None:
    """Until whoever names it lets it go. Pictures do by themselves."""
    await unit.run(update(StoredFile).where(StoredFile.id == UUID(hex=key)).values(kept_until=None))


async def _let_go(units: Units, scope: SessionScope, blobs: Blobs, id: UUID) -> None:
    """Where it cannot be done now, workers do it when its time is over."""
    unkept = delete(StoredFile).where(StoredFile.id == id, StoredFile.kept_until.is_not(None))
    try:
        async with units(scope) as unit:
            gone = (await unit.session.execute(unkept.returning(StoredFile.id))).scalar_one_or_none()
        if gone:
            await blobs.delete(id.hex)
    except PersistenceError as error:
        log.warning("file not removed", key=id.hex, error=str(error) or type(error).__name__)
