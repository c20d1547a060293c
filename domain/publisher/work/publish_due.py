"""What a date has come for: read back from its destination, and published by us where it still waits.

Destinations with a schedule of their own publish by themselves, sometimes late: a quiet WordPress does when somebody
comes by. Those get ten minutes; the others have none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from domain.destinations import Destinations, Remote
from domain.functions import Charge, Params, Progress, Tools
from domain.planned import Place, Planned, Work
from domain.publisher.brief import Sending
from domain.publisher.calendar import wait_while_paused
from domain.publisher.links import in_turn
from domain.publisher.outgoing import draft_of
from domain.publisher.publications import follow
from domain.publisher.sending import Sent, end_record, recorded, send
from domain.publisher.work.publish_content import (
    ACTION,
    PublishContent,
    begin_record,
    publication_of,
    release,
    stand,
)
from persistence.models import Job, JobItem, Publication
from persistence.terms import (
    IntegrationKind,
    JobKind,
    LimitKey,
    PublishingAction,
    PublishingOutcome,
    Queue,
    RemoteStatus,
)
from persistence.unit import Unit

OWN_SCHEDULE = (IntegrationKind.WORDPRESS, IntegrationKind.GHOST)
UNREAD = (IntegrationKind.WEBHOOK,)  # that say nothing of what is there
LATE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Due:
    """`late`: it has waited long enough for the destination."""

    sending: Sending
    late: bool


class PublishDue:
    kind, queue, phase = JobKind.PUBLISH_DUE, Queue.PUBLISHING, "publishing"

    def planned(self, account_id: UUID, site_id: UUID, integration_id: UUID, content_ids: Sequence[UUID]) -> Planned:
        place = Place(account_id, None, site_id, None)
        params = {"integration_id": str(integration_id), "status": RemoteStatus.PUBLISHED.value}
        return Planned(self, place, [Work(id, 1, 0) for id in content_ids], params)

    async def begin(self, unit: Unit, subject_ids: Sequence[UUID], params: Params) -> None:
        return None

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> Due | None:
        """None for what has no date any more, or another."""
        publication = await publication_of(unit, job, item)
        now = await unit.now()
        if publication is None:
            return None
        if not _waits(publication) or publication.publish_at is None or publication.publish_at > now:
            publication.job_item_id = None
            return None
        await wait_while_paused(unit, publication.site_id)
        publication.looked_at = now
        draft = (await draft_of(unit, publication)).standing(RemoteStatus.PUBLISHED, publication.publish_at)
        sending = await begin_record(unit, job, item, publication, draft, PublishingAction.UPDATE)
        late = sending.connection.kind not in OWN_SCHEDULE or publication.publish_at + LATE < now
        return Due(sending, late)

    async def call(self, tools: Tools, brief: Due, progress: Progress) -> Sent | Remote | None:
        """What it is there, or what it has become by us."""
        sending = brief.sending
        if sending.connection.kind in UNREAD:
            return await send(tools, sending, progress)
        async with recorded(tools, sending), tools[Destinations].open(sending.connection) as destination:
            there = await destination.fetch(sending.remote_id or "", sending.draft.article.entity)
        if there is None or there.status is not RemoteStatus.SCHEDULED or not brief.late:
            return there
        return await send(tools, sending, progress)

    async def apply(self, unit: Unit, job: Job, item: JobItem, brief: Due, answer: Sent | Remote | None) -> Charge:
        if isinstance(answer, Sent):
            charge = await PUBLISHING.apply(unit, job, item, brief.sending, answer)
            publication = await publication_of(unit, job, item)
            if publication:
                publication.job_item_id = None
                _come_about(publication, brief, RemoteStatus.PUBLISHED)
            return replace(charge, message=f"published by us: {charge.message}")
        await in_turn(unit, brief.sending.integration_id)
        publication = await publication_of(unit, job, item)
        known = {"remote_id": answer.id, "url": answer.url} if answer else {}
        await end_record(unit, brief.sending.record_id, PublishingOutcome.DONE, **known)
        if publication is None:
            return Charge(0, message="the content was deleted meanwhile")
        publication.job_item_id = None
        if answer is None:
            publication.remote_id = publication.url = publication.sent = None
            publication.base = {}
        else:
            publication.url, publication.slug = answer.url, answer.slug
        status = answer.status if answer else RemoteStatus.TRASHED
        _come_about(publication, brief, status)
        await stand(unit, publication, status, answer.published_at if answer else None)
        await follow(unit, publication.content_id, ACTION)
        return Charge(0, message=f"{status.value.lower()} there")

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        """It is looked at again within the hour."""
        await release(unit, job, item)

    def uses_again(self, failed: Sequence[JobItem]) -> dict[LimitKey, int]:
        return {}


def _waits(publication: Publication) -> bool:
    scheduled = RemoteStatus.SCHEDULED
    return publication.status is scheduled and publication.wanted_status is scheduled


def _come_about(publication: Publication, brief: Due, status: RemoteStatus) -> None:
    """What was wanted is done with, or will not be; what has been wanted since then stays."""
    as_before = publication.publish_at == brief.sending.draft.article.publish_at
    if publication.wanted_status is RemoteStatus.SCHEDULED and as_before:
        publication.wanted_status = status


PUBLISHING, PUBLISH_DUE = PublishContent(), PublishDue()
