"""Who is signed in."""

import strawberry

from domain.access import Permission
from persistence.terms import Role
from schema.accounts.types import Account, Session, User
from schema.context import Info


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
