"""What mutations answer that start or change background work."""

import strawberry

from persistence.terms import JobKind
from schema.jobs.types import Job
from schema.mutation import UserError


@strawberry.type
class JobPayload:
    job: Job | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class EstimateLine:
    """So many items at so much each, at most."""

    items: int
    credits_each: int
    credits: int


@strawberry.type
class EstimatePayload:
    """What an action would cost at most; nothing is started and nothing set aside."""

    kind: JobKind | None = None
    credits: int | None = strawberry.field(description="That would be set aside.", default=None)
    balance: int | None = strawberry.field(description="That the account has.", default=None)
    breakdown: list[EstimateLine] | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)
