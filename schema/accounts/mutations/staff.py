"""What our own staff does beyond its own account; every step is on record in the account it is about."""

from contextlib import AbstractAsyncContextManager
from typing import Annotated
from uuid import UUID

import strawberry

from domain.access import Permission
from domain.accounts import staff
from domain.idempotency import once
from persistence.models import CreditTransaction
from persistence.scope import StaffScope
from persistence.unit import Unit
from schema.accounts.inputs import (
    AdjustCreditsInput,
    CreatePlanInput,
    SetAccountPlanInput,
    SetAccountStatusInput,
    UpdatePlanInput,
    UpdateSystemSettingsInput,
)
from schema.accounts.payloads import (
    PlanPayload,
    SystemSettingsPayload,
)
from schema.accounts.queries import shown_settings
from schema.accounts.types import Plan
from schema.context import Context, Info
from schema.graph.entity import ref
from schema.mutation import DonePayload, given, id_argument, mutation


@strawberry.type
class StaffMutation:
    @mutation(Permission.STAFF)
    async def set_account_status(self, info: Info, input: SetAccountStatusInput) -> DonePayload:
        """At once: SUSPENDED may only read, CANCELLED has no access."""
        reason = staff.check_reason(input.reason)
        async with within(info.context, input.account_id, reason) as unit:
            await staff.set_status(unit, input.account_id, input.status, reason)
        return DonePayload(done=True)

    @mutation(Permission.STAFF)
    async def set_account_plan(self, info: Info, input: SetAccountPlanInput) -> DonePayload:
        """What is there beyond the plan's limits stays; nothing more is made."""
        reason = staff.check_reason(input.reason)
        async with within(info.context, input.account_id, reason) as unit:
            await staff.set_plan(unit, input.account_id, input.plan_id, reason)
        return DonePayload(done=True)

    @mutation(Permission.STAFF)
    async def adjust_credits(self, info: Info, input: AdjustCreditsInput) -> DonePayload:
        """A leg of the ledger, with its reason."""
        reason, id = staff.check_reason(input.reason), input.account_id
        async with within(info.context, id, reason) as unit:
            await once(
                unit, CreditTransaction, id, "adjustCredits", input.idempotency_key, input,
                lambda: staff.adjust_credits(unit, id, input.amount, reason),
            )  # fmt: skip
        return DonePayload(done=True)

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
