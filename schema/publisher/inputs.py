"""What publishing takes."""

from datetime import datetime
from uuid import UUID

import strawberry

from persistence.terms import ConflictSide, RemoteStatus
from schema.mutation import described, id_field


@strawberry.input
class PublishContentInput:
    content_ids: list[UUID] = id_field("Content", "What to publish: up to 500 contents of one site.", many=True)
    integration_id: UUID = id_field("Integration", "Where to.")
    status: RemoteStatus = described("DRAFT, which needs no approval; PUBLISHED; or SCHEDULED with publishAt.")
    publish_at: datetime | None = described("Of SCHEDULED: from when on it is shown, within five years.", None)
    idempotency_key: str | None = None


@strawberry.input
class UnpublishContentInput:
    content_ids: list[UUID] = id_field("Content", "What to take away: up to 500 contents of one site.", many=True)
    integration_id: UUID = id_field("Integration", "Where from.")
    idempotency_key: str | None = None


@strawberry.input
class RevertPublicationInput:
    publication_id: UUID = id_field("Publication", "What to bring back.")
    revision: int | None = described("The content's revision to send; the one that was there before when absent.", None)
    idempotency_key: str | None = None


@strawberry.input
class SyncIntegrationInput:
    integration_id: UUID = id_field("Integration", "What to look at.")
    idempotency_key: str | None = None


@strawberry.input
class ResolveConflictInput:
    side: ConflictSide = described("Whose words count.")
    expected_version: int | None = None
