"""What our own staff does and sees beyond its own account; every step is on record in the account it is about."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from domain.access import Permission
from domain.accounts import catalogue, staff
from domain.idempotency import once
from persistence.models import CreditTransaction
from persistence.scope import AnonymousScope, StaffScope
from persistence.terms import AccountStatus
from persistence.unit import Unit
from schema.accounts.inputs import (
    AdjustCreditsInput,
    CreateIndustryInput,
    CreateIndustrySectorInput,
    CreatePlanInput,
    SetAccountPlanInput,
    SetAccountStatusInput,
    UpdateIndustryInput,
    UpdateIndustrySectorInput,
    UpdatePlanInput,
    UpdateSystemSettingsInput,
)
from schema.accounts.payloads import IndustryPayload, IndustrySectorPayload, PlanPayload, StaffPayload
from schema.accounts.types import Account, Industry, IndustrySector, Plan
from schema.context import Context, Info
from schema.graph.entity import encoded, ref
from schema.graph.fields import Requires, said
from schema.mutation import UserError, given, id_argument, mutation

SearchedFor = Annotated[str, said("Any part of a name, a slug or an address.")]


@strawberry.type(description="A tenant, as staff finds it.")
class AccountSummary:
    account_id: strawberry.ID = strawberry.field(description="For the mutations of staff.")
    name: str = strawberry.field(description="What the tenant is called.")
    slug: str = strawberry.field(description="Its name in addresses.")
    status: AccountStatus = strawberry.field(description="Whether it may be used, and how.")
    plan: str = strawberry.field(description="The name of the plan that it is on.")
    balance: int = strawberry.field(description="Credits that it can start work with.")
    users: int = strawberry.field(description="How many people it has.")
    created_at: datetime


@strawberry.type(description="What holds for the whole platform.")
class SystemSettings:
    sign_ups_open: bool = strawberry.field(description="Whether anybody may make an account.")
    sign_up_by_letter: bool | None = strawberry.field(
        description="Whether who signs up confirms the address before signing in, so that no answer tells whose "
        "address has an account; null: in production."
    )
    sign_up_plan: Plan = strawberry.field(description="The plan of new accounts.")
    support_email: str | None = strawberry.field(
        description="The e-mail address where people find help; null where nobody set it."
    )
    notice: str | None = strawberry.field(description="For all users to read; null for nothing to say.")
    updated_at: datetime


@strawberry.type
class SystemSettingsPayload:
    system_settings: SystemSettings | None = strawberry.field(
        description="What holds from now on; null when userErrors says why not.", default=None
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


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
    async def find_accounts(self, info: Info, search: SearchedFor) -> list[AccountSummary]:
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


@strawberry.type
class CatalogueMutation:
    """Of what all accounts share. Nothing is deleted: sites refer to it."""

    @mutation(Permission.STAFF)
    async def create_industry(self, info: Info, input: CreateIndustryInput) -> IndustryPayload:
        """For all accounts to choose."""
        async with info.context.write() as unit:
            id = await catalogue.create_industry(unit, given(input))
        return IndustryPayload(industry=ref(Industry, id))

    @mutation(Permission.STAFF)
    async def update_industry(
        self, info: Info, id: Annotated[UUID, id_argument("Industry")], input: UpdateIndustryInput
    ) -> IndustryPayload:
        """Only what is given changes; sites that are of it stay so when it is not offered any more."""
        async with info.context.write() as unit:
            await catalogue.update_industry(unit, id, given(input))
        return IndustryPayload(industry=ref(Industry, id))

    @mutation(Permission.STAFF)
    async def create_industry_sector(self, info: Info, input: CreateIndustrySectorInput) -> IndustrySectorPayload:
        """A part of an industry, for all accounts to choose."""
        async with info.context.write() as unit:
            id = await catalogue.create_industry_sector(unit, input.industry_id, given(input, "industry_id"))
        return IndustrySectorPayload(industry_sector=ref(IndustrySector, id))

    @mutation(Permission.STAFF)
    async def update_industry_sector(
        self, info: Info, id: Annotated[UUID, id_argument("IndustrySector")], input: UpdateIndustrySectorInput
    ) -> IndustrySectorPayload:
        """Only what is given changes; sectors that are of it stay so when it is not offered any more."""
        async with info.context.write() as unit:
            await catalogue.update_industry_sector(unit, id, given(input))
        return IndustrySectorPayload(industry_sector=ref(IndustrySector, id))


@strawberry.type
class StaffMutation(CatalogueMutation):
    @mutation(Permission.STAFF)
    async def set_account_status(self, info: Info, input: SetAccountStatusInput) -> StaffPayload:
        """At once: SUSPENDED may only read, CANCELLED has no access."""
        reason = staff.check_reason(input.reason)
        async with within(info.context, input.account_id, reason) as unit:
            await staff.set_status(unit, input.account_id, input.status, reason)
        return StaffPayload(account_id=encoded(Account, [input.account_id])[0])

    @mutation(Permission.STAFF)
    async def set_account_plan(self, info: Info, input: SetAccountPlanInput) -> StaffPayload:
        """What is there beyond the plan's limits stays; nothing more is made."""
        reason = staff.check_reason(input.reason)
        async with within(info.context, input.account_id, reason) as unit:
            await staff.set_plan(unit, input.account_id, input.plan_id, reason)
        return StaffPayload(account_id=encoded(Account, [input.account_id])[0])

    @mutation(Permission.STAFF)
    async def adjust_credits(self, info: Info, input: AdjustCreditsInput) -> StaffPayload:
        """A leg of the ledger, with its reason."""
        reason, id = staff.check_reason(input.reason), input.account_id
        async with within(info.context, id, reason) as unit:
            await once(
                unit, CreditTransaction, id, "adjustCredits", input.idempotency_key, input,
                lambda: staff.adjust_credits(unit, id, input.amount, reason),
            )  # fmt: skip
        return StaffPayload(account_id=encoded(Account, [input.account_id])[0])

    @mutation(Permission.STAFF)
    async def update_system_settings(self, info: Info, input: UpdateSystemSettingsInput) -> SystemSettingsPayload:
        """Only what is given changes, for everybody at once."""
        async with info.context.write() as unit:
            await staff.update_system_settings(unit, given(input))
            shown = await shown_settings(unit)
        return SystemSettingsPayload(system_settings=shown)

    @mutation(Permission.STAFF)
    async def create_plan(self, info: Info, input: CreatePlanInput) -> PlanPayload:
        """What accounts may come to."""
        async with info.context.write() as unit:
            id = await staff.create_plan(unit, given(input))
        return PlanPayload(plan=ref(Plan, id))

    @mutation(Permission.STAFF)
    async def update_plan(
        self, info: Info, id: Annotated[UUID, id_argument("Plan")], input: UpdatePlanInput
    ) -> PlanPayload:
        """For all accounts that are on it, at once."""
        async with info.context.write() as unit:
            await staff.update_plan(unit, id, given(input))
        return PlanPayload(plan=ref(Plan, id))


def within(context: Context, account_id: UUID, reason: str) -> AbstractAsyncContextManager[Unit]:
    """In a tenant's account."""
    caller = context.caller
    scope = StaffScope(caller.session_id, caller.user_id, account_id, reason, context.request_id)
    return context.services.units(scope)
