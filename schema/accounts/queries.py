"""Reads of accounts, sites and sectors; and what our own staff sees beyond its account."""

from typing import Annotated

import strawberry

from domain.access import Permission
from domain.accounts import staff
from persistence.scope import AnonymousScope
from persistence.unit import Unit
from schema.accounts.types import (
    Account,
    AccountSummary,
    ApiKey,
    Industry,
    Invitation,
    Plan,
    Sector,
    Session,
    Site,
    SystemSettings,
    User,
)
from schema.context import Info
from schema.graph.entity import encoded, ref
from schema.graph.fields import Requires, said
from schema.graph.roots import RootPart, by_id, every, listed, own

SearchedFor = Annotated[str, said("Any part of a name, a slug or an address.")]

ROOTS: dict[str, RootPart] = {
    "account": own(Account, "The caller's account."),
    "site": by_id(Site),
    "sites": listed(Site),
    "sector": by_id(Sector),
    "sectors": listed(Sector),
    "user": by_id(User, Permission.MANAGE_USERS),
    "users": listed(User, Permission.MANAGE_USERS),
    "invitations": listed(Invitation, Permission.MANAGE_USERS),
    "apiKeys": listed(ApiKey, Permission.MANAGE_ACCOUNT),
    "sessions": listed(Session),
    "industries": every(Industry),
    "plans": every(Plan),
}


@strawberry.type
class StaffQuery:
    @strawberry.field(  # type: ignore[untyped-decorator]
        description="What holds for the whole platform.", directives=[Requires(permission=Permission.READ)]
    )
    async def system_settings(self, info: Info) -> SystemSettings:
        async with info.context.services.units(info.context.scope()) as unit:
            return await shown_settings(unit)

    @strawberry.field(  # type: ignore[untyped-decorator]
        description="Tenants by name, slug or a user's address; the newest first, at most fifty.",
        directives=[Requires(permission=Permission.STAFF)],
    )
    async def account_summaries(self, info: Info, search: SearchedFor) -> list[AccountSummary]:
        context = info.context
        async with context.services.units(AnonymousScope()) as unit:
            found = await staff.find_accounts(unit, context.caller.session_id, search)
        return [
            AccountSummary(
                account_id=encoded(Account, [each.id])[0],
                name=each.name,
                slug=each.slug,
                status=each.status,
                plan=each.plan,
                balance=each.balance,
                users=each.users,
                created_at=each.created_at,
            )
            for each in found
        ]


async def shown_settings(unit: Unit) -> SystemSettings:
    found, plan = await staff.system_settings(unit)
    return SystemSettings(
        sign_ups_open=found.sign_ups_open,
        sign_up_by_letter=found.sign_up_by_letter,
        sign_up_plan=ref(Plan, plan),
        support_email=found.support_email,
        notice=found.notice,
        updated_at=found.updated_at,
    )
