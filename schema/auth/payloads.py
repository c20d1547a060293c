"""What mutations of sign-in answer."""

import strawberry
from graphql import GraphQLError

from domain.access import PERMISSIONS
from domain.auth.service import SignedIn
from domain.errors import DomainError
from domain.tokens import ACCESS_SECONDS
from persistence.terms import ErrorCode
from schema.accounts.types import ApiKey
from schema.auth.queries import viewer_of
from schema.auth.types import Viewer
from schema.context import Context
from schema.execution.operation import current, refuse_forbidden
from schema.mutation import UserError


@strawberry.type
class AuthPayload:
    access_token: str | None = strawberry.field(description="For the header Authorization: Bearer …", default=None)
    refresh_token: str | None = strawberry.field(description="For refreshSession, once.", default=None)
    expires_in: int | None = strawberry.field(description="Seconds until the access token ends.", default=None)
    viewer: Viewer | None = strawberry.field(description="Who has signed in; null when nobody has.", default=None)
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


def signed_in_payload(context: Context, signed_in: SignedIn) -> AuthPayload:
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
