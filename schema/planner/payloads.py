"""What planning mutations answer."""

import strawberry

from persistence.terms import KeywordSource
from schema.jobs.types import Job
from schema.mutation import UserError
from schema.planner.types import Cluster, Idea, Keyword


@strawberry.type
class RejectedRow:
    """A row of an export that was not taken."""

    line: int = strawberry.field(description="Of the file, from 1.")
    reason: str = strawberry.field(description="Why it was not taken, for people.")


@strawberry.type
class ImportPayload:
    """Counts of rows; `job` instead for a large file."""

    format: KeywordSource | None = strawberry.field(
        description="The tool that the file was recognised as coming from; null while a job reads it.", default=None
    )
    imported: int | None = strawberry.field(description="New keywords.", default=None)
    updated: int | None = strawberry.field(description="Known keywords that the file knows more of.", default=None)
    skipped: int | None = strawberry.field(description="Repeated, or nothing new.", default=None)
    rejected: int | None = strawberry.field(description="Rows that were not taken.", default=None)
    rows: list[RejectedRow] | None = strawberry.field(description="The first 100 rejected ones.", default=None)
    job: Job | None = strawberry.field(
        description="What reads a file above 20 MB; null when it was read at once.", default=None
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class KeywordPayload:
    keyword: Keyword | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class KeywordsPayload:
    keywords: list[Keyword] | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class MoveKeywordsPayload:
    moved_ids: list[strawberry.ID] | None = strawberry.field(
        description="The keywords; null when userErrors says why none moved.", default=None
    )
    cluster: Cluster | None = strawberry.field(
        description="Where they are now; null when they are in none.", default=None
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ClusterPayload:
    cluster: Cluster | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ClustersPayload:
    clusters: list[Cluster] | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class IdeaPayload:
    idea: Idea | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class IdeasPayload:
    ideas: list[Idea] | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)
