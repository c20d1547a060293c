"""Signing up, in and out."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.auth import address, service
from domain.auth.service import end_own_sessions
from schema.accounts.types import Session
from schema.auth.inputs import RefreshSessionInput, SignInInput, SignUpInput
from schema.auth.payloads import AuthPayload, signed_in_payload
from schema.context import Info
from schema.graph.entity import encoded
from schema.mutation import DonePayload, RevokePayload, id_argument, personal

SessionIds = Annotated[list[UUID], id_argument("Session", many=True)]


@strawberry.type
class SessionMutation:
    @personal()
    async def sign_up(self, info: Info, input: SignUpInput) -> AuthPayload:
        """A new account on the trial plan, with the caller as its owner.

        Where the platform wants addresses confirmed first, no tokens and no errors: a letter is on its way, to be
        confirmed before signing in.
        """
        context = info.context
        signed_in = await service.sign_up(
            context.services.auth, context.client, input.account_name, input.email, input.password
        )
        return signed_in_payload(context, signed_in) if signed_in else AuthPayload()

    @personal()
    async def sign_in(self, info: Info, input: SignInInput) -> AuthPayload:
        """Tokens for an e-mail address and its password.

        Limited by network (of IPv4 a /24, of IPv6 a /64); by address from all networks together but for those where it
        has signed in within thirty days.
        """
        context = info.context
        return signed_in_payload(
            context, await service.sign_in(context.services.auth, context.client, input.email, input.password)
        )

    @personal()
    async def refresh_session(self, info: Info, input: RefreshSessionInput) -> AuthPayload:
        """New tokens for old; the old one works 30 seconds more, and used later ends the session."""
        context = info.context
        return signed_in_payload(
            context, await service.refresh_session(context.services.auth, context.client, input.refresh_token)
        )

    @personal()
    async def sign_out(self, info: Info) -> DonePayload:
        """Ends the session at once, on every connection."""
        context = info.context
        async with context.services.units(context.scope()) as unit:
            await service.sign_out(unit, context.caller.session_id)
        return DonePayload(done=True)

    @personal()
    async def revoke_sessions(self, info: Info, ids: SessionIds) -> RevokePayload:
        """The caller's own, at once, on every connection."""
        caller = info.context.caller
        async with info.context.services.units(info.context.scope()) as unit:
            revoked = await end_own_sessions(unit, caller.account_id, ids)
        return RevokePayload(revoked_ids=encoded(Session, revoked))

    @personal()
    async def revoke_other_sessions(self, info: Info) -> RevokePayload:
        """All of the caller's but this one."""
        caller = info.context.caller
        async with info.context.services.units(info.context.scope()) as unit:
            ended = await address.end_sessions(unit, caller.user_id, "REVOKED", but=caller.session_id)
        return RevokePayload(revoked_ids=encoded(Session, ended))
