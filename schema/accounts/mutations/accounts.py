"""The caller's account."""

import strawberry

from domain.access import Permission
from domain.accounts import service
from schema.accounts.inputs import (
    CancelAccountInput,
    UpdateAccountInput,
)
from schema.accounts.payloads import AccountPayload
from schema.accounts.types import Account
from schema.context import Info
from schema.graph.entity import ref
from schema.mutation import DonePayload, given, mutation, personal


@strawberry.type
class AccountMutation:
    @mutation(Permission.MANAGE_ACCOUNT)
    async def update_account(self, info: Info, input: UpdateAccountInput) -> AccountPayload:
        """Its name, and what is taken where nothing is chosen; the slug stays."""
        account_id = info.context.caller.account_id
        async with info.context.write() as unit:
            await service.update_account(unit, account_id, given(input, "expected_version"), input.expected_version)
        return AccountPayload(account=ref(Account, account_id))

    @personal(Permission.MANAGE_ACCOUNT)
    async def cancel_account(self, info: Info, input: CancelAccountInput) -> DonePayload:
        """By its owner. Nobody has access any more, at once; after ninety days everything is gone."""
        caller = info.context.caller
        async with info.context.write() as unit:
            await service.cancel_account(unit, caller.account_id, caller.user_id, input.account_name)
        return DonePayload(done=True)
