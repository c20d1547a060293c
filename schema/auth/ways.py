"""Passwords, addresses, invitations, sessions and API keys: the other ways in and out."""

from typing import Annotated
from uuid import UUID

import strawberry
from graphql import GraphQLError

from domain.access import PERMISSIONS, Permission
from domain.auth import address, keys
from domain.auth.client import Client
from domain.auth.service import Auth, SignedIn, end_own_sessions
from domain.auth.tokens import ACCESS_SECONDS
from domain.errors import DomainError
from persistence.terms import ErrorCode
from schema.accounts.payloads import RevokePayload
from schema.accounts.types import ApiKey, Session
from schema.auth.inputs import (
    AcceptInvitationInput,
    ChangeEmailInput,
    ChangePasswordInput,
    CreateApiKeyInput,
    RequestEmailChangeInput,
    RequestPasswordResetInput,
    ResetPasswordInput,
    VerifyEmailInput,
)
from schema.auth.queries import viewer_of
from schema.auth.types import ApiKeyPayload, AuthPayload, DonePayload, SessionsPayload
from schema.context import Context, Info
from schema.execution.operation import current, refuse_forbidden
from schema.graph.entity import encoded, ref
from schema.mutation import id_argument, personal

ApiKeyIds = Annotated[list[UUID], id_argument("ApiKey", many=True)]
SessionIds = Annotated[list[UUID], id_argument("Session", many=True)]


@strawberry.type
class AddressMutation:
    @personal()
    async def change_password(self, info: Info, input: ChangePasswordInput) -> DonePayload:
        """The caller's other sessions end; API keys go on, unless endApiKeys is true."""
        scope = info.context.scope(write=True)
        who, given = client(info.context), (input.current_password, input.new_password)
        await address.change_password(auth(info.context), who, scope, *given, end_keys=input.end_api_keys)
        return DonePayload(done=True)

    @personal()
    async def request_password_reset(self, info: Info, input: RequestPasswordResetInput) -> DonePayload:
        """A letter goes out if somebody has this address; the answer does not tell."""
        await address.request_password_reset(auth(info.context), client(info.context), input.email)
        return DonePayload(done=True)

    @personal()
    async def reset_password(self, info: Info, input: ResetPasswordInput) -> DonePayload:
        """Once a link, within an hour; all sessions of the user end, and their API keys unless endApiKeys is false."""
        context = info.context
        await address.reset_password(
            auth(context), client(context), input.token, input.password, end_keys=input.end_api_keys
        )
        return DonePayload(done=True)

    @personal()
    async def request_email_verification(self, info: Info) -> DonePayload:
        """A letter to the caller's address, with a link that confirms it."""
        context = info.context
        await address.request_verification(auth(context), context.scope(write=True), context.caller.user_id)
        return DonePayload(done=True)

    @personal()
    async def verify_email(self, info: Info, input: VerifyEmailInput) -> DonePayload:
        """The address is its user's."""
        await address.verify_email(auth(info.context), client(info.context), input.token)
        return DonePayload(done=True)

    @personal()
    async def request_email_change(self, info: Info, input: RequestEmailChangeInput) -> DonePayload:
        """A letter to the new address, with a link that makes it the caller's; the answer does not tell whose it is."""
        scope = info.context.scope(write=True)
        who = client(info.context)
        await address.request_email_change(auth(info.context), who, scope, input.email, input.password)
        return DonePayload(done=True)

    @personal()
    async def change_email(self, info: Info, input: ChangeEmailInput) -> DonePayload:
        """Once a link, within a day; the old address is told. Sessions and API keys go on."""
        await address.change_email(auth(info.context), client(info.context), input.token)
        return DonePayload(done=True)

    @personal()
    async def accept_invitation(self, info: Info, input: AcceptInvitationInput) -> AuthPayload:
        """A new user of the account that invited, signed in."""
        context = info.context
        signed_in = await address.accept_invitation(
            auth(context), client(context), input.token, input.password, input.first_name, input.last_name
        )
        return payload(context, signed_in)


@strawberry.type
class SessionMutation:
    @personal()
    async def revoke_sessions(self, info: Info, ids: SessionIds) -> RevokePayload:
        """The caller's own, at once, on every connection."""
        caller = info.context.caller
        async with info.context.services.units(info.context.scope()) as unit:
            revoked = await end_own_sessions(unit, caller.account_id, ids)
        return RevokePayload(revoked_ids=encoded(Session, revoked))

    @personal()
    async def revoke_other_sessions(self, info: Info) -> SessionsPayload:
        """All of the caller's but this one."""
        caller = info.context.caller
        async with info.context.services.units(info.context.scope()) as unit:
            ended = await address.end_sessions(unit, caller.user_id, "REVOKED", but=caller.session_id)
        return SessionsPayload(ended=ended)

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


def auth(context: Context) -> Auth:
    services = context.services
    return Auth(services.units, services.tokens, services.sign_in_limits, services.production)


def client(context: Context) -> Client:
    return Client(context.ip, context.user_agent)


def payload(context: Context, signed_in: SignedIn) -> AuthPayload:
    """The rest of the operation is done and read as who has just signed in: who may do all of it, or nobody."""
    identity = context.services.tokens.read(signed_in.access_token)
    assert identity
    try:
        refuse_forbidden(current().plan, PERMISSIONS[identity.role])
    except GraphQLError as refused:
        raise DomainError(ErrorCode.FORBIDDEN, refused.message) from None
    context.identity, context.denied = identity, False
    return AuthPayload(
        access_token=signed_in.access_token,
        refresh_token=signed_in.refresh_token,
        expires_in=ACCESS_SECONDS,
        viewer=viewer_of(context),
    )
