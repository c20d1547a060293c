"""The people of an account."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.access import Permission
from domain.accounts import people
from domain.auth.service import LETTERS_PER_ADDRESS, limit
from schema.accounts.inputs import (
    GrantSiteAccessInput,
    InviteUserInput,
    RevokeSiteAccessInput,
    SetRoleInput,
    TransferOwnershipInput,
    UpdateProfileInput,
    UpdateUserInput,
)
from schema.accounts.payloads import InvitationPayload, UserPayload
from schema.accounts.types import Invitation, User
from schema.context import Info
from schema.graph.entity import encoded, ref
from schema.mutation import DeletePayload, DonePayload, RevokePayload, given, id_argument, mutation, personal

UserId = Annotated[UUID, id_argument("User")]
UserIds = Annotated[list[UUID], id_argument("User", many=True)]
InvitationId = Annotated[UUID, id_argument("Invitation")]
InvitationIds = Annotated[list[UUID], id_argument("Invitation", many=True)]


@strawberry.type
class PeopleMutation:
    @mutation(Permission.MANAGE_USERS)
    async def invite_user(self, info: Info, input: InviteUserInput) -> InvitationPayload:
        """By a letter with a link, for seven days; the plan says how many users there may be.

        Fifty invitations a day go out for an account, those that were sent again or revoked among them.
        """
        context, caller = info.context, info.context.caller
        async with context.write() as unit:
            id = await people.invite_user(
                unit,
                caller.account_id,
                caller.user_id,
                input.email,
                input.role,
                input.site_ids or [],
                context.permissions,
            )
            await limit(context.services.auth, LETTERS_PER_ADDRESS, "invitations", input.email.strip().lower())
        return InvitationPayload(invitation=ref(Invitation, id))

    @mutation(Permission.MANAGE_USERS)
    async def resend_invitation(self, info: Info, id: InvitationId) -> InvitationPayload:
        """Another letter, for another seven days."""
        async with info.context.write() as unit:
            address = await people.resend_invitation(unit, info.context.caller.user_id, id)
            await limit(info.context.services.auth, LETTERS_PER_ADDRESS, "invitations", address)
        return InvitationPayload(invitation=ref(Invitation, id))

    @mutation(Permission.MANAGE_USERS)
    async def revoke_invitations(self, info: Info, ids: InvitationIds) -> RevokePayload:
        """Their links open nothing any more."""
        async with info.context.write() as unit:
            revoked = await people.revoke_invitations(unit, ids)
        return RevokePayload(revoked_ids=encoded(Invitation, revoked))

    @mutation(Permission.MANAGE_USERS)
    async def update_user(self, info: Info, id: UserId, input: UpdateUserInput) -> UserPayload:
        """Only what is given of the user changes."""
        found = given(input)
        async with info.context.write() as unit:
            await people.update_user(
                unit,
                info.context.caller.user_id,
                id,
                found.get("first_name", ...),
                found.get("last_name", ...),
                found.get("is_active", ...),
            )
        return UserPayload(user=ref(User, id))

    @personal()
    async def update_profile(self, info: Info, input: UpdateProfileInput) -> UserPayload:
        """Only what is given of the caller's own names changes."""
        found, user_id = given(input), info.context.caller.user_id
        async with info.context.write() as unit:
            names = found.get("first_name", ...), found.get("last_name", ...)
            await people.update_user(unit, user_id, user_id, *names, ..., "updateProfile")
        return UserPayload(user=ref(User, user_id))

    @mutation(Permission.MANAGE_USERS)
    async def set_role(self, info: Info, input: SetRoleInput) -> UserPayload:
        """Acts at once: their sessions go on when they refresh, or sign in again."""
        async with info.context.write() as unit:
            caller, held = info.context.caller, info.context.permissions
            id = await people.set_role(unit, caller.user_id, input.user_id, input.role, held)
        return UserPayload(user=ref(User, id))

    @personal(Permission.MANAGE_ACCOUNT)
    async def transfer_ownership(self, info: Info, input: TransferOwnershipInput) -> DonePayload:
        """By the owner, who becomes an admin. Both go on when they refresh, or sign in again."""
        async with info.context.write() as unit:
            await people.transfer_ownership(unit, info.context.caller.user_id, input.user_id)
        return DonePayload(done=True)

    @mutation(Permission.MANAGE_USERS)
    async def grant_site_access(self, info: Info, input: GrantSiteAccessInput) -> UserPayload:
        """Lets an editor or viewer see sites, at once."""
        async with info.context.write() as unit:
            id = await people.grant_site_access(unit, info.context.caller.user_id, input.user_id, input.site_ids)
        return UserPayload(user=ref(User, id))

    @mutation(Permission.MANAGE_USERS, archived=True)
    async def revoke_site_access(self, info: Info, input: RevokeSiteAccessInput) -> UserPayload:
        """An editor or viewer does not see these sites any more, at once."""
        async with info.context.write() as unit:
            id = await people.revoke_site_access(unit, input.user_id, input.site_ids)
        return UserPayload(user=ref(User, id))

    @mutation(Permission.MANAGE_USERS)
    async def delete_users(self, info: Info, ids: UserIds) -> DeletePayload:
        """All or none; what they made stays."""
        async with info.context.write() as unit:
            deleted = await people.delete_users(unit, info.context.caller.user_id, ids)
        return DeletePayload(deleted_ids=encoded(User, deleted))
