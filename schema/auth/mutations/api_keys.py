"""API keys, the ways in of programs."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.access import Permission
from domain.auth import keys
from schema.accounts.types import ApiKey
from schema.auth.inputs import (
    CreateApiKeyInput,
)
from schema.auth.payloads import ApiKeyPayload
from schema.context import Info
from schema.graph.entity import encoded, ref
from schema.mutation import RevokePayload, id_argument, personal

ApiKeyIds = Annotated[list[UUID], id_argument("ApiKey", many=True)]


@strawberry.type
class ApiKeyMutation:
    @personal(Permission.MANAGE_ACCOUNT)
    async def create_api_key(self, info: Info, input: CreateApiKeyInput) -> ApiKeyPayload:
        """A program's way in, in the caller's name, to all but what is @forPeople; its text is shown this once."""
        context = info.context
        async with context.write() as unit:
            id, key = await keys.create_api_key(
                unit,
                context.caller.account_id,
                context.caller.user_id,
                input.name,
                input.permissions,
                input.expires_at,
                context.permissions,
            )
        return ApiKeyPayload(api_key=ref(ApiKey, id), key=key)

    @personal(Permission.MANAGE_ACCOUNT)
    async def revoke_api_keys(self, info: Info, ids: ApiKeyIds) -> RevokePayload:
        """The programs that have them are out at once."""
        async with info.context.write() as unit:
            revoked = await keys.revoke_api_keys(unit, ids)
        return RevokePayload(revoked_ids=encoded(ApiKey, revoked))
