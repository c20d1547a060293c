"""Contents taken away from a destination: into its trash, or back to drafts where it has none."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from domain.access import Permission
from domain.destinations import Destinations, Remote
from domain.errors import conflict
from domain.functions import Charge, Params, Progress, Tools
from domain.planned import MAX_SUBJECTS, Planned, Work, place_of
from domain.publisher.brief import Sending
from domain.publisher.links import in_turn
from domain.publisher.outgoing import draft_of
from domain.publisher.publications import Wish, follow, forget_wish, locked_publication, want
from domain.publisher.sending import end_record, recorded
from domain.publisher.work.publish_content import begin_record, publication_of, release, stand
from domain.rows import find, lock_all
from persistence.models import Content, Integration, Job, JobItem, Publication
from persistence.terms import JobItemStatus, JobKind, LimitKey, PublishingAction, PublishingOutcome, Queue, RemoteStatus
from persistence.unit import Unit

ACTION = "unpublishContent"


@dataclass(frozen=True, slots=True)
class Wanted:
    content_ids: list[UUID]
    integration_id: UUID


class UnpublishContent:
    """What is gone already is as good as taken away."""

    kind, queue, phase = JobKind.UNPUBLISH_CONTENT, Queue.PUBLISHING, "taking away"
    permission, wanted = Permission.PUBLISH, Wanted

    async def plan(self, unit: Unit, user_id: UUID, wanted: Wanted) -> Planned:
        """CONFLICT for what was never sent there."""
        integration = await find(unit, Integration, wanted.integration_id, "input", "integrationId")
        contents = await lock_all(unit, Content, wanted.content_ids, "input", "contentIds", most=MAX_SUBJECTS)
        known = select(Publication.content_id).where(Publication.integration_id == integration.id)
        there = set((await unit.session.scalars(known.where(Publication.content_id.in_(wanted.content_ids)))).all())
        if missing := next((c for c in contents if c.id not in there), None):
            raise conflict(f"“{missing.title}” was never published there.", "input", "contentIds")
        params = {"integration_id": str(integration.id)}
        return Planned(self, place_of(contents, user_id), [Work(c.id, 1, 0) for c in contents], params)

    async def begin(self, unit: Unit, subject_ids: Sequence[UUID], params: Params) -> None:
        contents = await unit.all(select(Content).where(Content.id.in_(subject_ids)))
        integration = await find(unit, Integration, UUID(params["integration_id"]), "input", "integrationId")
        await want(unit, contents, integration, lambda _: Wish(RemoteStatus.TRASHED))

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> Sending | None:
        """None for what is not there, or is to be there again by a later job."""
        publication = await publication_of(unit, job, item)
        if publication is None or publication.wanted_status is not RemoteStatus.TRASHED:
            return None
        lost = publication.unknown_since is not None
        if publication.status is RemoteStatus.TRASHED or (publication.remote_id is None and not lost):
            return None
        draft = await draft_of(unit, publication)
        return await begin_record(unit, job, item, publication, draft, PublishingAction.TRASH)

    async def call(self, tools: Tools, brief: Sending, progress: Progress) -> Remote | None:
        """What may have been made there unbeknown to us is looked for."""
        article = brief.draft.article
        async with recorded(tools, brief), tools[Destinations].open(brief.connection) as destination:
            remote_id = brief.remote_id
            if remote_id is None:
                found = await destination.find(article.marker, article.entity)
                remote_id = found.id if found else None
            return await destination.remove(remote_id, article.entity) if remote_id else None

    async def apply(self, unit: Unit, job: Job, item: JobItem, brief: Sending, answer: Remote | None) -> Charge:
        await in_turn(unit, brief.integration_id)
        await end_record(unit, brief.record_id, PublishingOutcome.DONE, remote_id=answer.id if answer else None)
        publication = await locked_publication(unit, item.subject_id or UUID(int=0), brief.integration_id)
        if publication is None:
            return Charge(0, message="the content was deleted meanwhile")
        if answer is None:
            publication.remote_id = publication.unknown_since = None
        else:
            publication.remote_id = answer.id
        publication.url = publication.sent = publication.error = publication.job_item_id = None
        publication.publish_at, publication.is_stale, publication.lookups = None, False, 0
        publication.base, publication.bytes = {}, 0
        status = answer.status if answer else RemoteStatus.TRASHED
        if publication.wanted_status is RemoteStatus.TRASHED:
            publication.wanted_status = status
        await stand(unit, publication, status, answer.published_at if answer else None)
        await follow(unit, publication.content_id, ACTION)
        return Charge(0, message="taken away" if status is RemoteStatus.TRASHED else f"{status.value.lower()} there")

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        """As it was there."""
        await release(unit, job, item)
        if item.status is JobItemStatus.CANCELLED:
            await forget_wish(unit, job, item)

    def uses_again(self, failed: Sequence[JobItem]) -> dict[LimitKey, int]:
        return {}


UNPUBLISH_CONTENT = UnpublishContent()
