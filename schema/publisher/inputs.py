"""What publishing takes."""

from datetime import datetime
from uuid import UUID

import strawberry

from persistence.terms import ConflictSide, RemoteStatus, Weekday
from schema.mutation import ABSENT, described, id_field


@strawberry.input
class PublishContentInput:
    content_ids: list[UUID] = id_field("Content", "What to publish: up to 500 contents of one site.", many=True)
    integration_id: UUID = id_field("Integration", "Where to.")
    status: RemoteStatus = described("DRAFT, which needs no approval; PUBLISHED; or SCHEDULED with publishAt.")
    publish_at: datetime | None = described("Of SCHEDULED: from when on it is shown, within five years.", None)
    idempotency_key: str | None = None


@strawberry.input
class ScheduleContentInput:
    content_ids: list[UUID] = id_field(
        "Content",
        "What to schedule, in the order in which it is to come out: up to 500 contents of one site.",
        many=True,
    )
    integration_id: UUID = id_field("Integration", "Where to.")
    publish_at: datetime | None = described(
        "Of one content: when, within five years. Without it each gets the calendar's next free slot.", None
    )
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
class ImportSiteInput:
    site_id: UUID = id_field("Site", "The website whose contents its pages become.")
    url: str = described("Where it is, such as https://example.com; with a path only what is below it is read.")
    sector_id: UUID | None = id_field("Sector", "Where its pages are put; the site's first if absent.", optional=True)
    idempotency_key: str | None = None


@strawberry.input
class ResolveConflictInput:
    side: ConflictSide = described("Whose words count.")
    expected_version: int | None = None


@strawberry.input
class PublishingSlotInput:
    days: list[Weekday] = described("The days of the week, at least one.")
    at: str = described("The time of day on the calendar's clocks, from 00:00 to 23:59.")


@strawberry.input
class UpdatePublishingCalendarInput:
    time_zone: str | None = described("Whose clocks slots and days go by: an IANA name such as Europe/Berlin.", ABSENT)
    slots: list[PublishingSlotInput] | None = described(
        "In place of all that there are: up to 100 times a week, each once; an empty list for none.", ABSENT
    )
    max_per_day: int | None = described("1 to 1,000 contents a day; null for no limit.", ABSENT)
    expected_version: int | None = None
