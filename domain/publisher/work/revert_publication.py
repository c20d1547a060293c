"""A publication brought back to the revision that was there before, or to another."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from domain.errors import conflict, not_found
from domain.functions import Params
from domain.planned import Planned, Work, place_of
from domain.publisher.calendar import calendar_of, refuse_paused
from domain.publisher.publications import Wish
from domain.publisher.work.publish_content import PublishContent, release
from domain.rows import find, lock
from persistence.models import Content, ContentRevision, Job, JobItem, Publication, PublishingRecord
from persistence.terms import JobKind, PublishingAction, PublishingOutcome, RemoteStatus
from persistence.unit import Unit

THERE = (RemoteStatus.DRAFT, RemoteStatus.SCHEDULED, RemoteStatus.PUBLISHED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Without a revision: to the one that was there before this."""

    publication_id: UUID
    revision: int | None = None


class RevertPublication(PublishContent):
    """The content itself stays as it is; what publishContent sends next is that again."""

    kind, phase = JobKind.REVERT_PUBLICATION, "bringing back"
    wanted = Wanted  # type: ignore[assignment]

    async def plan(self, unit: Unit, user_id: UUID, wanted: Wanted) -> Planned:  # type: ignore[override]
        publication = await find(unit, Publication, wanted.publication_id, "input", "publicationId")
        calendar = await calendar_of(unit, publication.site_id)
        content = await lock(unit, Content, publication.content_id, "input", "publicationId")
        if publication.status not in THERE:
            raise conflict("Nothing of it is there; publish it.", "input", "publicationId")
        refuse_paused(calendar, publication.status)
        revision = await self._revision(unit, publication, wanted.revision)
        params = {"integration_id": str(publication.integration_id), "revision": revision}
        return Planned(self, place_of([content], user_id), [Work(content.id, 1, 0)], params)

    async def _revision(self, unit: Unit, publication: Publication, wanted: int | None) -> int:
        if wanted is None:
            before = select(func.max(PublishingRecord.revision)).where(
                PublishingRecord.publication_id == publication.id,
                PublishingRecord.outcome == PublishingOutcome.DONE,
                PublishingRecord.revision < (publication.revision or 0),
            )
            found = await unit.session.scalar(before)
            if found is None:
                raise conflict("No other revision was there before; name one.", "input", "revision")
            return int(found)
        known = select(ContentRevision.id).where(
            ContentRevision.content_id == publication.content_id, ContentRevision.number == wanted
        )
        if await unit.session.scalar(known) is None:
            raise not_found("revision of the content", "input", "revision")
        return wanted

    async def begin(self, unit: Unit, subject_ids: Sequence[UUID], params: Params) -> None:
        """What is wanted of it stays as it was."""
        return

    def wish(self, publication: Publication) -> Wish | None:
        """As it stands there."""
        if publication.status not in THERE:
            return None
        dated = publication.status is RemoteStatus.SCHEDULED
        if dated and publication.publish_at is None:  # the date is gone: it is about to stand there otherwise
            return super().wish(publication)
        return Wish(publication.status, publication.publish_at if dated else None)

    def action(self, publication: Publication, wish: Wish) -> PublishingAction:
        return PublishingAction.REVERT

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        """As it was there."""
        await release(unit, job, item)


REVERT_PUBLICATION = RevertPublication()
