"""What waits for its date at a destination, put back to a draft there: publishing is paused, and it would go live."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from domain.functions import Charge, Params, Progress, Tools
from domain.planned import Place, Planned, Work
from domain.publisher.brief import Sending
from domain.publisher.calendar import is_paused
from domain.publisher.outgoing import draft_of
from domain.publisher.publications import locked_publication
from domain.publisher.sending import Sent, send
from domain.publisher.work.publish_content import PUBLISH_CONTENT, begin_record, publication_of, release
from persistence.models import Job, JobItem
from persistence.terms import JobKind, LimitKey, PublishingAction, Queue, RemoteStatus
from persistence.unit import Unit

GOING_OUT = (RemoteStatus.SCHEDULED, RemoteStatus.PUBLISHED)


class HoldPublications:
    """What is wanted of a publication stays, with its date, so that resuming can bring it about."""

    kind, queue, phase = JobKind.HOLD_PUBLICATIONS, Queue.PUBLISHING, "holding"

    def planned(self, place: Place, integration_id: UUID, content_ids: Sequence[UUID]) -> Planned:
        return Planned(self, place, [Work(id, 1, 0) for id in content_ids], {"integration_id": str(integration_id)})

    async def begin(self, unit: Unit, subject_ids: Sequence[UUID], params: Params) -> None:
        return None

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> Sending | None:
        """None for what does not wait there, and when publishing goes on already."""
        publication = await publication_of(unit, job, item)
        if publication is None or publication.status is not RemoteStatus.SCHEDULED:
            return None
        if not await is_paused(unit, publication.site_id):
            return None
        draft = (await draft_of(unit, publication)).standing(RemoteStatus.DRAFT, None)
        return await begin_record(unit, job, item, publication, draft, PublishingAction.HOLD)

    async def call(self, tools: Tools, brief: Sending, progress: Progress) -> Sent:
        return await send(tools, brief, progress)

    async def apply(self, unit: Unit, job: Job, item: JobItem, brief: Sending, answer: Sent) -> Charge:
        charge = await PUBLISH_CONTENT.apply(unit, job, item, brief, answer)
        publication = await locked_publication(unit, item.subject_id or UUID(int=0), brief.integration_id)
        if publication and publication.wanted_status in GOING_OUT:
            publication.is_held = await is_paused(unit, publication.site_id)
        return replace(charge, message=f"held: {charge.message}")

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        """It waits there as before."""
        await release(unit, job, item)

    def uses_again(self, failed: Sequence[JobItem]) -> dict[LimitKey, int]:
        return {}


HOLD_PUBLICATIONS = HoldPublications()
