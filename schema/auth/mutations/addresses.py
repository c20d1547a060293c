"""Passwords, e-mail addresses and invitations: what letters prove."""

import strawberry

from domain.auth import address
from schema.auth.inputs import (
    AcceptInvitationInput,
    ChangeEmailInput,
    ChangePasswordInput,
    RequestEmailChangeInput,
    RequestPasswordResetInput,
    ResetPasswordInput,
    VerifyEmailInput,
)
from schema.auth.payloads import AuthPayload, signed_in_payload
from schema.context import Info
from schema.mutation import DonePayload, personal


@strawberry.type
class AddressMutation:
    @personal()
    async def change_password(self, info: Info, input: ChangePasswordInput) -> DonePayload:
        """The caller's other sessions end; API keys go on, unless revokeApiKeys is true."""
        scope = info.context.scope(write=True)
        who, given = info.context.client, (input.current_password, input.new_password)
        await address.change_password(info.context.services.auth, who, scope, *given, end_keys=input.revoke_api_keys)
        return DonePayload(done=True)

    @personal()
    async def request_password_reset(self, info: Info, input: RequestPasswordResetInput) -> DonePayload:
        """A letter goes out if somebody has this address; the answer does not tell."""
        await address.request_password_reset(info.context.services.auth, info.context.client, input.email)
        return DonePayload(done=True)

    @personal()
    async def reset_password(self, info: Info, input: ResetPasswordInput) -> DonePayload:
        """Once a link, within an hour; the user's sessions end, and their API keys unless revokeApiKeys is false."""
        context = info.context
        await address.reset_password(
            context.services.auth, context.client, input.token, input.password, end_keys=input.revoke_api_keys
        )
        return DonePayload(done=True)

    @personal()
    async def request_email_verification(self, info: Info) -> DonePayload:
        """A letter to the caller's address, with a link that confirms it."""
        context = info.context
        await address.request_verification(context.services.auth, context.scope(write=True), context.caller.user_id)
        return DonePayload(done=True)

    @personal()
    async def verify_email(self, info: Info, input: VerifyEmailInput) -> DonePayload:
        """The address is its user's."""
        await address.verify_email(info.context.services.auth, info.context.client, input.token)
        return DonePayload(done=True)

    @personal()
    async def request_email_change(self, info: Info, input: RequestEmailChangeInput) -> DonePayload:
        """A letter to the new address, with a link that makes it the caller's; the answer does not tell whose it is."""
        scope = info.context.scope(write=True)
        who = info.context.client
        await address.request_email_change(info.context.services.auth, who, scope, input.email, input.password)
        return DonePayload(done=True)

    @personal()
    async def change_email(self, info: Info, input: ChangeEmailInput) -> DonePayload:
        """Once a link, within a day; the old address is told. Sessions and API keys go on."""
        await address.change_email(info.context.services.auth, info.context.client, input.token)
        return DonePayload(done=True)

    @personal()
    async def accept_invitation(self, info: Info, input: AcceptInvitationInput) -> AuthPayload:
        """A new user of the account that invited, signed in."""
        context = info.context
        signed_in = await address.accept_invitation(
            context.services.auth, context.client, input.token, input.password, input.first_name, input.last_name
        )
        return signed_in_payload(context, signed_in)
