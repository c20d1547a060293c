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

    max: int = strawberry.field(description="Objects that may be asked for at once.")
    available: int = strawberry.field(description="Objects that may be asked for now.")
    restore_rate: int = strawberry.field(description="Objects that come back each second.")


@strawberry.type
class Viewer:
    """The caller."""

    user: User = strawberry.field(description="Who signed in, or made the API key.")
    account: Account = strawberry.field(description="The tenant that they belong to.")
    role: Role = strawberry.field(description="What the user is in the account.")
    permissions: list[Permission] = strawberry.field(
        description="What may be done with this session; of an API key, what it was given."
    )
    session: Session = strawberry.field(description="The sign-in, or API key, that is asking.")

    @strawberry.field(description="The account's query budget, as it is now.")  # type: ignore[untyped-decorator]
    async def rate_limit(self, info: Info) -> RateLimit:
        budgets = info.context.services.query_budgets
        balance = await budgets.balance(info.context.caller.account_id)
        return RateLimit(max=budgets.most, available=balance.available, restore_rate=budgets.rate)


@strawberry.type
class AuthPayload:
    access_token: str | None = strawberry.field(description="For the header Authorization: Bearer …", default=None)
    refresh_token: str | None = strawberry.field(description="For refreshSession, once.", default=None)
    expires_in: int | None = strawberry.field(description="Seconds until the access token ends.", default=None)
    viewer: Viewer | None = strawberry.field(description="Who has signed in; null when nobody has.", default=None)
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class SignOutPayload:
    signed_out: bool | None = strawberry.field(description="true when the session has ended.", default=None)
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class DonePayload:
    done: bool | None = strawberry.field(
        description="true when it was; null when userErrors says why not.", default=None
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class SessionsPayload:
    ended: int | None = strawberry.field(description="How many sessions.", default=None)
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ApiKeyPayload:
    api_key: ApiKey | None = strawberry.field(
        description="What is shown of it later; null when userErrors says why there is none.", default=None
    )
    key: str | None = strawberry.field(
        description="For the header Authorization: Bearer …; it is never shown again.", default=None
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)
