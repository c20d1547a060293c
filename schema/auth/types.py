"""Who is signed in."""

import strawberry

from domain.access import Permission
from persistence.terms import Role
from schema.accounts.types import Account, User
from schema.mutation import UserError


@strawberry.type
class Viewer:
    """The caller."""

    user: User
    account: Account
    role: Role
    permissions: list[Permission]


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
