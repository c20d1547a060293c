"""Who is signed in."""

import strawberry

from domain.access import Permission
from persistence.terms import Role
from schema.accounts.types import Account, ApiKey, Session, User
from schema.context import Info
from schema.mutation import UserError


@strawberry.type
class RateLimit:
    """The account's query budget, in objects of answers; one for 500 bytes where objects are longer."""

    max: int = strawberry.field(description="That may be asked for at once.")
    available: int
    restore_rate: int = strawberry.field(description="That comes back each second.")


@strawberry.type
class Viewer:
    """The caller."""

    user: User
    account: Account
    role: Role
    permissions: list[Permission]
    session: Session

    @strawberry.field
    async def rate_limit(self, info: Info) -> RateLimit:
        budgets = info.context.services.budgets
        balance = await budgets.balance(info.context.caller.account_id)
        return RateLimit(max=budgets.most, available=balance.available, restore_rate=budgets.rate)


@strawberry.type
class AuthPayload:
    access_token: str | None = strawberry.field(description="For the header Authorization: Bearer …", default=None)
    refresh_token: str | None = strawberry.field(description="For refreshSession, once.", default=None)
    expires_in: int | None = strawberry.field(description="Seconds until the access token ends.", default=None)
    viewer: Viewer | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class SignOutPayload:
    signed_out: bool | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class DonePayload:
    done: bool | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class SessionsPayload:
    ended: int | None = strawberry.field(description="How many sessions.", default=None)
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ApiKeyPayload:
    api_key: ApiKey | None = None
    key: str | None = strawberry.field(
        description="For the header Authorization: Bearer …; it is never shown again.", default=None
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)
