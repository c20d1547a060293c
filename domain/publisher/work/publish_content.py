"""Contents put to a destination: as drafts, to be shown, or to be shown from a date on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from domain.access import Permission
from domain.destinations import Errand
from domain.errors import bad_input, conflict
from domain.functions import Charge, Params, Progress, Tools
from domain.integration.connecting import connection_of
from domain.planned import MAX_SUBJECTS, Place, Planned, Work, place_of
from domain.ports import PostponedError
from domain.publisher.brief import Sending
from domain.publisher.calendar import calendar_of, check_room, refuse_paused, wait_while_paused
from domain.publisher.links import in_turn, keep_links
from domain.publisher.merging import rebased
from domain.publisher.outgoing import draft_of
from domain.publisher.publications import Wish, follow, forget_wish, locked_publication, taken_by_other, want
from domain.publisher.readiness import APPROVED
from domain.publisher.sending import Sent, end_record, send
from domain.rows import find, lock_all
from persistence.models import Content, Integration, Job, JobItem, Publication, PublishingCalendar, PublishingRecord
from persistence.terms import (
    JobItemStatus,
    JobKind,
    LimitKey,
    PublishingAction,
    PublishingOutcome,
    Queue,
    RemoteStatus,
)
from persistence.unit import Unit

BUSY, BUSY_SECONDS = "Another job publishes it.", 2.0
FURTHEST = timedelta(days=5 * 365)
ACTION = "publishContent"


@dataclass(frozen=True, slots=True)
class Wanted:
    """`publish_at` is of SCHEDULED alone; `revision`, of one content, is what it is brought back to."""

    content_ids: list[UUID]
    integration_id: UUID
    status: RemoteStatus
    publish_at: datetime | None = None


class PublishContent:
    """One content at one integration. What is there as it would be sent is not sent again."""

    kind, queue, phase = JobKind.PUBLISH_CONTENT, Queue.PUBLISHING, "publishing"
    permission, wanted = Permission.PUBLISH, Wanted

    async def plan(self, unit: Unit, user_id: UUID, wanted: Wanted) -> Planned:
        """One item a content. CONFLICT for what is not approved, unless it is to be a draft."""
        publish_at = await _date(unit, wanted)
        integration, calendar, contents = await to_publish(
            unit, wanted.content_ids, wanted.integration_id, wanted.status
        )
        if wanted.status is not RemoteStatus.DRAFT:
            await check_room(unit, calendar, [c.id for c in contents], integration.id, publish_at)
        params = {
            "integration_id": str(integration.id),
            "status": wanted.status.value,
            "publish_at": publish_at.isoformat() if publish_at else None,
        }
        return Planned(self, place_of(contents, user_id), [Work(c.id, 1, 0) for c in contents], params)

    def planned(self, place: Place, integration_id: UUID, status: RemoteStatus, wishes: Mapping[UUID, Wish]) -> Planned:
        """Each content to come to that status, at a time of its own where it has a date."""
        times = {str(id): wish.publish_at.isoformat() for id, wish in wishes.items() if wish.publish_at}
        params = {"integration_id": str(integration_id), "status": status.value, "times": times}
        return Planned(self, place, [Work(id, 1, 0) for id in wishes], params)

    async def begin(self, unit: Unit, subject_ids: Sequence[UUID], params: Params) -> None:
        contents = await unit.all(select(Content).where(Content.id.in_(subject_ids)))
        integration = await find(unit, Integration, UUID(params["integration_id"]), "input", "integrationId")
        await want(unit, contents, integration, partial(wish_of, params))

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> Sending | None:
        """None for what is there as it would be sent, and for what is gone or to be taken away. What the publication
        says is wanted, of which a later job has the last word.
        """
        publication = await publication_of(unit, job, item)
        wish = self.wish(publication) if publication else None
        if publication is None or wish is None:
            return None
        if wish.status is not RemoteStatus.DRAFT:
            await wait_while_paused(unit, publication.site_id)
        draft = await draft_of(unit, publication, job.params.get("revision"))
        draft = draft.standing(wish.status, wish.publish_at)
        there = publication.remote_id and publication.status is wish.status and publication.sent == draft.hash
        if there and not publication.is_stale:
            return None
        return await begin_record(unit, job, item, publication, draft, self.action(publication, wish))

    def wish(self, publication: Publication) -> Wish | None:
        """How it is to stand there; None where it is not to."""
        if publication.wanted_status is RemoteStatus.TRASHED:
            return None
        return Wish(publication.wanted_status, publication.publish_at)

    def action(self, publication: Publication, wish: Wish) -> PublishingAction:
        if wish.status is RemoteStatus.SCHEDULED:
            return PublishingAction.SCHEDULE
        return PublishingAction.CREATE if publication.remote_id is None else PublishingAction.UPDATE

    async def call(self, tools: Tools, brief: Sending, progress: Progress) -> Sent:
        return await send(tools, brief, progress)

    async def apply(self, unit: Unit, job: Job, item: JobItem, brief: Sending, answer: Sent) -> Charge:
        await in_turn(unit, brief.integration_id)
        publication = await locked_publication(unit, item.subject_id or UUID(int=0), brief.integration_id)
        remote = answer.remote
        fields = {name: verdict.value for name, verdict in remote.fields.items()} | answer.draft.links.fields
        columns: dict[str, Any] = {"remote_id": remote.id, "url": remote.url, "fields": fields}
        if answer.adopted:
            columns["action"] = PublishingAction.ADOPT
        await end_record(unit, brief.record_id, PublishingOutcome.DONE, **columns)
        if publication is None:
            return Charge(0, message="the content was deleted meanwhile")
        publication.remote_id, publication.url, publication.slug = remote.id, remote.url, remote.slug
        publication.revision, publication.sent = answer.draft.revision, answer.draft.hash
        publication.base = rebased({}, answer.draft.ours, answer.theirs.said, list(answer.theirs.said))
        publication.modified_at, publication.bytes = remote.modified_at, answer.bytes
        publication.error, publication.is_stale, publication.job_item_id = None, False, None
        await keep_links(unit, publication, answer.draft.links)
        await stand(unit, publication, remote.status, remote.published_at)
        publication.told_at = brief.draft.article.publish_at if remote.status is RemoteStatus.SCHEDULED else None
        await follow(unit, publication.content_id, ACTION)
        return Charge(0, message=f"{remote.status.value.lower()} at {remote.url or remote.id}")

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        """The reason is kept with the publication; what is there already is as it was. What was cancelled is not
        wanted any more, and its time is free.
        """
        await release(unit, job, item)
        if item.status is JobItemStatus.CANCELLED:
            await forget_wish(unit, job, item)

    def uses_again(self, failed: Sequence[JobItem]) -> dict[LimitKey, int]:
        return {}


async def to_publish(
    unit: Unit, content_ids: list[UUID], integration_id: UUID, status: RemoteStatus
) -> tuple[Integration, PublishingCalendar, list[Content]]:
    """Locked but for the integration; CONFLICT while publishing is paused, and for what is not approved, unless it is
    to be a draft.
    """
    integration = await find(unit, Integration, integration_id, "input", "integrationId")
    calendar = await calendar_of(unit, integration.site_id, lock=status is not RemoteStatus.DRAFT)
    contents = await lock_all(unit, Content, content_ids, "input", "contentIds", most=MAX_SUBJECTS)
    if any(content.site_id != integration.site_id for content in contents):
        raise bad_input("The integration is of another site than the contents.", "input", "integrationId")
    refuse_paused(calendar, status)
    waiting = [c.title for c in contents if c.status not in APPROVED]
    if waiting and status is not RemoteStatus.DRAFT:
        raise conflict(f"“{waiting[0]}” is not approved; approve it, or send it as a DRAFT.", "input", "contentIds")
    return integration, calendar, contents


def wish_of(params: Params, content_id: UUID) -> Wish:
    """`times`: of contents that have one each."""
    at = params.get("times", {}).get(str(content_id), params.get("publish_at"))
    return Wish(RemoteStatus(params["status"]), datetime.fromisoformat(at) if at else None)


async def publication_of(unit: Unit, job: Job, item: JobItem) -> Publication | None:
    """Locked, and this item's from now on; PostponedError while it is another's."""
    publication = await locked_publication(unit, item.subject_id or UUID(int=0), UUID(job.params["integration_id"]))
    if publication is None:
        return None
    if await taken_by_other(unit, publication, item):
        raise PostponedError(BUSY, BUSY_SECONDS, others=True)
    publication.job_item_id = item.id
    return publication


async def begin_record(
    unit: Unit, job: Job, item: JobItem, publication: Publication, draft: Any, action: PublishingAction
) -> Sending:
    """The intent is on record before anything is called. An attempt that was put off is gone on with; one whose worker
    died is LOST.
    """
    open_records = select(PublishingRecord).where(
        PublishingRecord.publication_id == publication.id,
        PublishingRecord.outcome == PublishingOutcome.UNDER_WAY,
    )
    record = None
    for each in await unit.all(open_records.order_by(PublishingRecord.id)):
        if each.job_item_id == item.id and each.attempt == item.attempts:
            record = each
        else:
            await end_record(unit, each.id, PublishingOutcome.LOST)
    if record is None:
        record = _record(item, publication, draft.revision, action)
        unit.add(record)
    await unit.flush()
    integration = await unit.get(Integration, publication.integration_id)
    errand = Errand(str(item.id), f"con_{publication.content_id}", draft.revision, item.created_at, await unit.now())
    return Sending(
        account_id=job.account_id, site_id=publication.site_id, integration_id=integration.id,
        content_id=publication.content_id, publication_id=publication.id, record_id=record.id, job_id=job.id, item_id=item.id,
        connection=replace(connection_of(unit, integration), errand=errand), draft=draft, remote_id=publication.remote_id,
        base=publication.base, reverted_to=job.params.get("revision"), unknown_since=publication.unknown_since, lookups=publication.lookups, now=await unit.now(),
    )  # fmt: skip


def _record(item: JobItem, publication: Publication, revision: int, action: PublishingAction) -> PublishingRecord:
    return PublishingRecord(
        account_id=publication.account_id, site_id=publication.site_id, sector_id=publication.sector_id,
        content_id=publication.content_id, integration_id=publication.integration_id, publication_id=publication.id,
        job_item_id=item.id, revision=revision, attempt=item.attempts, action=action, remote_id=publication.remote_id,
    )  # fmt: skip


async def stand(unit: Unit, publication: Publication, status: RemoteStatus, since: datetime | None) -> None:
    """Where it stands there, as was read back; shown since the destination's own time, or since now. What was taken away
    is not stale.
    """
    publication.status = status
    publication.is_stale = publication.is_stale and status is not RemoteStatus.TRASHED
    shown = status is RemoteStatus.PUBLISHED
    publication.published_at = (publication.published_at or since or await unit.now()) if shown else None


async def release(unit: Unit, job: Job, item: JobItem) -> None:
    own = update(Publication).where(Publication.job_item_id == item.id)
    failed = {"error": item.error} if item.status is JobItemStatus.FAILED and item.error else {}
    await unit.run(own.values(job_item_id=None, version=Publication.version + 1, **failed))


async def _date(unit: Unit, wanted: Wanted) -> datetime | None:
    """Of SCHEDULED, within five years."""
    if wanted.status is RemoteStatus.TRASHED:
        raise bad_input("Give DRAFT, SCHEDULED or PUBLISHED; unpublishContent takes away.", "input", "status")
    if (wanted.status is RemoteStatus.SCHEDULED) != (wanted.publish_at is not None):
        raise bad_input("SCHEDULED takes a date, and nothing else does.", "input", "publishAt")
    return wanted.publish_at and await to_come(unit, wanted.publish_at)


async def to_come(unit: Unit, publish_at: datetime) -> datetime:
    """BAD_INPUT for a date that is not, or is too far."""
    now = await unit.now()
    if not now < publish_at <= now + FURTHEST:
        raise bad_input("Give a date to come, within five years.", "input", "publishAt")
    return publish_at


PUBLISH_CONTENT = PublishContent()
