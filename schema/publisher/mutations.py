"""Contents put to destinations, taken away and brought back; each is a job."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.access import Permission
from domain.publisher import conflicts
from domain.publisher.work.publish_content import PUBLISH_CONTENT
from domain.publisher.work.revert_publication import REVERT_PUBLICATION
from domain.publisher.work.sync_integration import SYNC_INTEGRATION
from domain.publisher.work.unpublish_content import UNPUBLISH_CONTENT
from schema.context import Info
from schema.graph.entity import ref
from schema.jobs.actions import starts
from schema.mutation import UserError, id_argument, mutation
from schema.publisher.inputs import (
    PublishContentInput,
    ResolveConflictInput,
    RevertPublicationInput,
    SyncIntegrationInput,
    UnpublishContentInput,
)
from schema.publisher.types import SyncConflict

ConflictId = Annotated[UUID, id_argument("SyncConflict")]


@strawberry.type
class SyncConflictPayload:
    sync_conflict: SyncConflict | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class PublisherMutation:
    publish_content = starts(
        PUBLISH_CONTENT,
        PublishContentInput,
        "Each content once at the integration, as it is now; what is there already is brought to it.",
    )
    unpublish_content = starts(
        UNPUBLISH_CONTENT,
        UnpublishContentInput,
        "Into the destination's trash; back to a draft where it has none, as Ghost: Publication.status says which. "
        "What is live nowhere any more is APPROVED again.",
    )
    revert_publication = starts(
        REVERT_PUBLICATION,
        RevertPublicationInput,
        "What is there says again what an earlier revision said; the content itself stays as it is.",
    )
    sync_integration = starts(
        SYNC_INTEGRATION,
        SyncIntegrationInput,
        "Looks at all that is there: what was changed is taken over as a revision, or as a conflict where it was "
        "changed here too; what is new becomes a content of origin IMPORTED; what was changed here alone is sent.",
    )

    @mutation(Permission.PUBLISH)
    async def resolve_conflict(self, info: Info, id: ConflictId, input: ResolveConflictInput) -> SyncConflictPayload:
        """Chooses a side of a conflict; while one is open, nothing is sent over what is there."""
        context = info.context
        async with context.write() as unit:
            field, theirs = await conflicts.theirs_of_conflict(unit, id)
        text = await conflicts.written(field, theirs)
        async with context.write() as unit:
            await conflicts.resolve_conflict(
                unit, context.caller.user_id, id, input.side, text, input.expected_version, context.permissions
            )
        return SyncConflictPayload(sync_conflict=ref(SyncConflict, id))
