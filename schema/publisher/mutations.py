"""Contents put to destinations, taken away and brought back, each as a job; and when they come out."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.access import Permission
from domain.publisher import conflicts
from domain.publisher.calendar import update_calendar
from domain.publisher.pausing import pause_publishing, resume_publishing
from domain.publisher.work.import_site import IMPORT_SITE
from domain.publisher.work.publish_content import PUBLISH_CONTENT
from domain.publisher.work.revert_publication import REVERT_PUBLICATION
from domain.publisher.work.schedule_content import SCHEDULE_CONTENT
from domain.publisher.work.sync_integration import SYNC_INTEGRATION
from domain.publisher.work.unpublish_content import UNPUBLISH_CONTENT
from schema.accounts.types import Site
from schema.context import Info
from schema.graph.entity import ref, refs
from schema.jobs.actions import starts
from schema.jobs.types import Job
from schema.mutation import given, id_argument, mutation
from schema.publisher.inputs import (
    ImportSiteInput,
    PublishContentInput,
    ResolveConflictInput,
    RevertPublicationInput,
    ScheduleContentInput,
    SyncIntegrationInput,
    UnpublishContentInput,
    UpdatePublishingCalendarInput,
)
from schema.publisher.payloads import PublishingCalendarPayload, PublishingPausePayload, SyncConflictPayload
from schema.publisher.types import SyncConflict

ConflictId = Annotated[UUID, id_argument("SyncConflict")]
SiteId = Annotated[UUID, id_argument("Site", "The website whose calendar is changed.")]
SomeSite = Annotated[
    UUID | None, id_argument("Site", "The website that it is about; all of the account when absent.", optional=True)
]


@strawberry.type
class PublisherMutation:
    publish_content = starts(
        PUBLISH_CONTENT,
        PublishContentInput,
        "Each content once at the integration, as it is now; what is there already is brought to it.",
    )
    schedule_content = starts(
        SCHEDULE_CONTENT,
        ScheduleContentInput,
        "Each is shown at the integration from a time on that its publication tells at once. What had one there moves.",
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

    import_site = starts(
        IMPORT_SITE,
        ImportSiteInput,
        "Reads a site that no integration tells of, by its sitemaps or else its links, as its robots.txt allows, up to "
        "10,000 pages; each becomes a content of origin IMPORTED once.",
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

    @mutation(Permission.MANAGE_SITES)
    async def update_publishing_calendar(
        self, info: Info, site_id: SiteId, input: UpdatePublishingCalendarInput
    ) -> PublishingCalendarPayload:
        """Only what is given changes. Contents keep the times that they were given."""
        columns = given(input, "expected_version")
        if "slots" in columns:
            columns["slots"] = [(slot.days, slot.at) for slot in columns["slots"] or ()]
        async with info.context.write() as unit:
            await update_calendar(unit, site_id, columns, input.expected_version)
        return PublishingCalendarPayload(site=ref(Site, site_id))

    @mutation(Permission.MANAGE_SITES)
    async def pause_publishing(self, info: Info, site_id: SomeSite = None) -> PublishingPausePayload:
        """Nothing new is shown until resumePublishing: what would be is refused, jobs wait, and what waits for its date
        at a destination is a draft there meanwhile. What is shown stays, drafts and unpublishContent work."""
        async with info.context.write() as unit:
            changed = await pause_publishing(unit, info.context.caller.user_id, site_id)
        return PublishingPausePayload(sites=refs(Site, changed.site_ids), jobs=refs(Job, changed.job_ids))

    @mutation(Permission.MANAGE_SITES)
    async def resume_publishing(self, info: Info, site_id: SomeSite = None) -> PublishingPausePayload:
        """Jobs go on, and what was held waits for its date again. Of what is late each gets the next free slot; without
        slots it comes out now, or on the next day that has room."""
        async with info.context.write() as unit:
            changed = await resume_publishing(unit, info.context.caller.user_id, site_id)
        return PublishingPausePayload(sites=refs(Site, changed.site_ids), jobs=refs(Job, changed.job_ids))
