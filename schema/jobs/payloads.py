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

    items: int = strawberry.field(description="How many cost this much.")
    credits_each: int = strawberry.field(description="What one item costs at most.")
    credits: int = strawberry.field(description="What they cost together at most.")


@strawberry.type
class EstimatePayload:
    """What an action would cost at most; nothing is started and nothing set aside."""

    kind: JobKind | None = strawberry.field(description="The job that would be started.", default=None)
    credits: int | None = strawberry.field(
        description="Credits that would be set aside: the most that it can cost.", default=None
    )
    balance: int | None = strawberry.field(description="Credits that the account has to spend.", default=None)
    breakdown: list[EstimateLine] | None = strawberry.field(
        description="By what an item costs, the cheapest first.", default=None
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)
