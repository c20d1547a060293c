"""Who may do what, and who may give it to whom; what is left of it when an account is suspended or cancelled."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from domain.access import PERMISSIONS
from domain.accounts.people import check_role
from domain.auth import keys
from domain.auth.keys import ApiKeys, create_api_key
from domain.errors import DomainError
from persistence.errors import AccountCancelled, AccountSuspended, PersistenceError, SessionEnded
from persistence.models import Account
from persistence.scope import Scope, StaffScope
from persistence.terms import AccountStatus, ErrorCode, Permission, Role
from tests.domain.house import House, Tenant

# Decided here once more: a role or a permission that is new has no place yet, and fails until it has.
TABLE = """
               DEVELOPER OWNER ADMIN EDITOR VIEWER SYSTEM_BOT
READ           x         x     x     x      x      x
PLAN           x         x     x     x      -      x
WRITE          x         x     x     x      -      x
PUBLISH        x         x     x     -      -      -
MANAGE_SITES   x         x     x     -      -      -
MANAGE_USERS   x         x     x     -      -      -
MANAGE_ACCOUNT x         x     x     -      -      -
VIEW_BILLING   x         x     x     -      -      -
STAFF          x         -     -     -      -      -
"""
(ROLES, *LINES) = (line.split() for line in TABLE.strip().splitlines())
MAY = {
    Role(role): {Permission(line[0]) for line in LINES if line[number] == "x"} for number, role in enumerate(ROLES, 1)
}

# By whom each role may be given; the others by nobody.
GIVEN_BY = {
    Role.ADMIN: {Role.DEVELOPER, Role.OWNER, Role.ADMIN},
    Role.EDITOR: {Role.DEVELOPER, Role.OWNER, Role.ADMIN, Role.EDITOR, Role.SYSTEM_BOT},
    Role.VIEWER: set(Role),
}


def test_every_role_may_what_the_table_says() -> None:
    assert {line[0] for line in LINES} == {permission.value for permission in Permission}
    assert PERMISSIONS == MAY
    assert PERMISSIONS.keys() == set(Role)


@pytest.mark.parametrize("giver", Role)
@pytest.mark.parametrize("role", Role)
def test_nobody_gives_what_they_may_not_do(role: Role, giver: Role) -> None:
    if giver in GIVEN_BY.get(role, set()):
        assert check_role(role, PERMISSIONS[giver], "input", "role") is role
        return
    with pytest.raises(DomainError) as refused:
        check_role(role, PERMISSIONS[giver], "input", "role")
    assert (refused.value.code, refused.value.field) == (ErrorCode.BAD_INPUT, ("input", "role"))


# API keys


async def made(house: House, tenant: Tenant, held: Role, *permissions: Permission, seconds: float | None = None) -> str:
    """The key's text."""
    async with house.people(tenant.scope()) as unit:
        expires_at = None if seconds is None else await unit.now() + timedelta(seconds=seconds)
        given = (tenant.account_id, tenant.user_id, "a key", permissions, expires_at, PERMISSIONS[held])
        return (await create_api_key(unit, *given))[1]


def keys_of(house: House, tenant: Tenant) -> list[tuple[list[str]]]:
    return house.sql("select permissions from api_key where account_id = %s", tenant.account_id)


@pytest.mark.parametrize("role", Role)
async def test_a_key_may_at_most_what_its_maker_may(house: House, role: Role) -> None:
    tenant = await house.tenant()
    for permission in set(Permission) - MAY[role]:
        with pytest.raises(DomainError, match=f"You may not do this yourself: {permission.value}") as refused:
            await made(house, tenant, role, Permission.READ, permission)
        assert (refused.value.code, refused.value.field) == (ErrorCode.BAD_INPUT, ("input", "permissions"))
    assert keys_of(house, tenant) == []

    identity = await ApiKeys(house.people).read(await made(house, tenant, role, *MAY[role]))

    assert identity
    assert (identity.permissions, identity.user_id, identity.is_api_key) == (MAY[role], tenant.user_id, True)


async def test_a_key_that_may_nothing_or_is_over_is_not_made(house: House) -> None:
    tenant = await house.tenant()
    with pytest.raises(DomainError, match="at least one permission"):
        await made(house, tenant, Role.OWNER)
    for seconds in (-1.0, 0.0):
        with pytest.raises(DomainError, match="a time to come"):
            await made(house, tenant, Role.OWNER, Permission.READ, seconds=seconds)
    assert keys_of(house, tenant) == []


async def test_there_are_so_many_keys_and_not_one_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MAX_KEYS", 2)
    tenant = await house.tenant()
    for _ in range(2):
        await made(house, tenant, Role.OWNER, Permission.READ)
    with pytest.raises(DomainError, match="at most 2 API keys") as refused:
        await made(house, tenant, Role.OWNER, Permission.READ)
    assert refused.value.code is ErrorCode.CONFLICT
    assert len(keys_of(house, tenant)) == 2


# What an account's status leaves

OPENS: dict[AccountStatus, tuple[type[PersistenceError] | None, type[PersistenceError] | None]] = {
    AccountStatus.TRIAL: (None, None),  # what reading raises, and writing
    AccountStatus.ACTIVE: (None, None),
    AccountStatus.SUSPENDED: (None, AccountSuspended),
    AccountStatus.CANCELLED: (AccountCancelled, AccountCancelled),
}


async def outcome(house: House, scope: Scope) -> type[PersistenceError] | None:
    try:
        async with house.people(scope):
            return None
    except PersistenceError as refused:
        return type(refused)


@pytest.mark.parametrize("status", AccountStatus)
async def test_a_status_leaves_reading_writing_or_neither(house: House, status: AccountStatus) -> None:
    tenant = await house.tenant()
    house.sql("update account set status = %s where id = %s", status.value, tenant.account_id)
    reading, writing = tenant.scope(write=False), tenant.scope(write=True)

    assert (await outcome(house, reading), await outcome(house, writing)) == OPENS[status]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OWNER])
async def test_a_session_is_over_when_its_role_is_another(house: House, role: Role) -> None:
    tenant = await house.tenant()
    assert await outcome(house, tenant.scope(role, write=False)) is SessionEnded


@pytest.mark.parametrize("status", AccountStatus)
@pytest.mark.parametrize("role", Role)
async def test_staff_alone_acts_in_a_tenants_account_whatever_its_status(
    house: House, role: Role, status: AccountStatus
) -> None:
    caller, tenant = await house.tenant(role), await house.tenant()
    house.sql("update account set status = %s where id = %s", status.value, tenant.account_id)

    found = await outcome(house, StaffScope(caller.session_id, caller.user_id, tenant.account_id, "asked by mail"))

    assert found is (None if role is Role.DEVELOPER else SessionEnded)


OUT: dict[str, Callable[[House, Tenant], object]] = {
    "signed out": lambda h, t: h.sql("update user_session set revoked_at = now() where id = %s", t.session_id),
    "expired": lambda h, t: h.sql("update user_session set expires_at = now() where id = %s", t.session_id),
    "not active": lambda h, t: h.sql("update app_user set is_active = false where id = %s", t.user_id),
    "of a cancelled account": lambda h, t: h.sql("update account set status = 'CANCELLED' where id = %s", t.account_id),
}


@pytest.mark.parametrize("why", OUT)
async def test_staff_who_are_out_are_out_everywhere(house: House, why: str) -> None:
    caller, tenant = await house.tenant(Role.DEVELOPER), await house.tenant()
    OUT[why](house, caller)

    assert (
        await outcome(house, StaffScope(caller.session_id, caller.user_id, tenant.account_id, "asked")) is SessionEnded
    )


async def test_staff_in_one_account_sees_nothing_of_another(house: House) -> None:
    staff, tenant, other = await house.tenant(Role.DEVELOPER), await house.tenant(), await house.tenant()
    async with house.people(StaffScope(staff.session_id, staff.user_id, tenant.account_id, "asked")) as unit:
        assert await unit.session.get(Account, tenant.account_id)
        assert await unit.session.get(Account, other.account_id) is None
