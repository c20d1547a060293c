"""API keys: a program's way in, with fewer permissions than its maker if wanted. Shown once, kept as a hash."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic, time
from uuid import UUID

from sqlalchemy import select, text

from domain import audit
from domain.access import Permission
from domain.crud import number_of, record
from domain.errors import bad_input, conflict
from domain.rows import lock_all
from domain.texts import check_title
from domain.tokens import API_KEY_PREFIX, Identity, api_key, token_hash
from persistence.models import ApiKey, Session
from persistence.scope import AnonymousScope
from persistence.terms import AuditOperation, Role
from persistence.unit import Unit, Units

MAX_KEYS, SHOWN = 100, 12
FOREVER = timedelta(days=36_500)
KEPT, SECONDS = 1024, 10.0  # who a key speaks for is asked again after so long; every transaction checks its session


async def create_api_key(
    unit: Unit,
    account_id: UUID,
    user_id: UUID,
    name: str,
    permissions: Sequence[Permission],
    expires_at: datetime | None,
    held: frozenset[Permission],
) -> tuple[UUID, str]:
    """Its id and its text. At most what its maker may do themselves."""
    title = check_title(name, "input", "name")
    wanted = sorted(set(permissions))
    if not wanted:
        raise bad_input("Give at least one permission.", "input", "permissions")
    if beyond := [p.value for p in wanted if p not in held]:
        raise bad_input(f"You may not do this yourself: {', '.join(beyond)}.", "input", "permissions")
    now = await unit.now()
    if expires_at is not None and expires_at <= now:
        raise bad_input("Give a time to come.", "input", "expiresAt")
    if await number_of(unit, ApiKey.id, ApiKey.revoked_at.is_(None)) >= MAX_KEYS:
        raise conflict(f"An account has at most {MAX_KEYS} API keys; revoke some.", "input")
    key = api_key()
    session = Session(
        account_id=account_id, user_id=user_id, user_agent=f"API key {title}", last_used_at=now,
        expires_at=expires_at or now + FOREVER, is_api_key=True,
    )  # fmt: skip
    unit.add(session)
    await unit.flush()
    row = ApiKey(
        account_id=account_id, user_id=user_id, session_id=session.id, name=title, prefix=key[:SHOWN],
        token_hash=token_hash(key), permissions=wanted, expires_at=expires_at,
    )  # fmt: skip
    unit.add(row)
    await unit.flush()
    record(unit, "createApiKey", row, AuditOperation.INSERT, after={"name": title, "permissions": wanted})
    return row.id, key


async def revoke_api_keys(unit: Unit, ids: Sequence[UUID]) -> list[UUID]:
    """At once, everywhere."""
    found = await lock_all(unit, ApiKey, ids, "ids", most=MAX_KEYS)
    revoked = [key.id for key in found]
    await unit.session.execute(text("select revoke_api_keys(:ids)"), {"ids": revoked})
    audit.record(unit, found[0].account_id, "revokeApiKeys", "ApiKey", ids=revoked)
    return revoked


async def end_api_keys(unit: Unit, user_id: UUID) -> int:
    """All that a user has made, at once, everywhere: how many."""
    theirs = select(ApiKey.id).where(ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None)).order_by(ApiKey.id)
    ids = list((await unit.session.scalars(theirs.with_for_update())).all())
    if ids:
        await unit.session.execute(text("select revoke_api_keys(:ids)"), {"ids": ids})
    return len(ids)


class ApiKeys:
    """Who keys speak for, remembered for ten seconds."""

    def __init__(self, units: Units) -> None:
        self.units = units
        self._known: OrderedDict[bytes, tuple[float, Identity]] = OrderedDict()

    async def read(self, key: str) -> Identity | None:
        """None for what is no key, or is one no more."""
        if not key.startswith(API_KEY_PREFIX) or len(key) > 200:
            return None
        hashed = token_hash(key)
        known = self._known.get(hashed)
        if known and known[0] > monotonic():
            return known[1]
        async with self.units(AnonymousScope()) as unit:
            row = (await unit.session.execute(text("select * from find_api_key(:hash)"), {"hash": hashed})).first()
            left = row.expires_at - await unit.now() if row and row.expires_at else FOREVER
        self._known.pop(hashed, None)
        if row is None:
            return None
        until = int(time() + left.total_seconds())  # by this process's clock, as the others' access tokens end
        held = frozenset(Permission(name) for name in row.permissions)
        found = Identity(row.session_id, row.user_id, row.account_id, Role(row.role), until, held)
        self._known[hashed] = (monotonic() + SECONDS, found)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return found
