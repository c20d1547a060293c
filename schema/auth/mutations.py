from typing import Annotated

import strawberry

from domain.auth import service
from schema.auth.inputs import SignInInput, SignUpInput
from schema.auth.types import AuthPayload, SignOutPayload
from schema.auth.ways import AddressMutation, SessionMutation, auth, client, payload
from schema.context import Info
from schema.graph.fields import said
from schema.mutation import personal

RefreshToken = Annotated[str, said("The one that was given last; each serves once.")]


@strawberry.type
class AuthMutation(AddressMutation, SessionMutation):
    @personal()
    async def sign_up(self, info: Info, input: SignUpInput) -> AuthPayload:
        """A new account on the trial plan, with the caller as its owner.

        Where the platform wants addresses confirmed first, no tokens and no errors: a letter is on its way, to be
        confirmed before signing in.
        """
        context = info.context
        signed_in = await service.sign_up(
            auth(context), client(context), input.account_name, input.email, input.password
        )
        return payload(context, signed_in) if signed_in else AuthPayload()

    @personal()
    async def sign_in(self, info: Info, input: SignInInput) -> AuthPayload:
        """Tokens for an e-mail address and its password.

        Limited by network (of IPv4 a /24, of IPv6 a /64); by address from all networks together but for those where it
        has signed in within thirty days.
        """
        context = info.context
        return payload(context, await service.sign_in(auth(context), client(context), input.email, input.password))

    @personal()
    async def refresh_session(self, info: Info, refresh_token: RefreshToken) -> AuthPayload:
        """New tokens for old; the old one works 30 seconds more, and used later ends the session."""
        context = info.context
        return payload(context, await service.refresh_session(auth(context), client(context), refresh_token))

    @personal()
    async def sign_out(self, info: Info) -> SignOutPayload:
        """Ends the session at once, on every connection."""
        context = info.context
        async with context.services.units(context.scope()) as unit:
            await service.sign_out(unit, context.caller.session_id)
        return SignOutPayload(signed_out=True)
