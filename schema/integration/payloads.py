"""What mutations of integrations answer."""

import strawberry

from schema.integration.types import Integration
from schema.mutation import UserError


@strawberry.type
class IntegrationPayload:
    integration: Integration | None = None
    signing_secret: str | None = strawberry.field(
        description="What messages to it are signed with, where it was made just now; it is never shown again.",
        default=None,
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)
