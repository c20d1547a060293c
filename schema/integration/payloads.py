"""What mutations of integrations answer."""

import strawberry

from schema.integration.types import Integration
from schema.mutation import UserError


@strawberry.type
class IntegrationPayload:
    integration: Integration | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)
