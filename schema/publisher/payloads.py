"""What mutations of publishing calendars answer."""

import strawberry

from schema.accounts.types import Site
from schema.jobs.types import Job
from schema.mutation import UserError
from schema.publisher.types import SyncConflict


@strawberry.type
class PublishingCalendarPayload:
    site: Site | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class PublishingPausePayload:
    sites: list[Site] | None = None
    jobs: list[Job] | None = strawberry.field(
        description="What brings destinations to it, one a destination; null when userErrors says why not.",
        default=None,
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class SyncConflictPayload:
    sync_conflict: SyncConflict | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)
