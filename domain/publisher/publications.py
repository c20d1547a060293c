"""What is wanted of contents at a destination, and how contents and their tasks follow what is there."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, case, cast, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.crud import record
from domain.rows import belonging
from persistence.models import Content, Integration, Job, JobItem, Publication, Task
from persistence.terms import (
    AuditOperation,
    ContentStatus,
    ContentType,
    JobItemStatus,
    JobKind,
    Queue,
    RemoteEntityKind,
    RemoteStatus,
    TaskStatus,
)
from persistence.unit import Unit

OPEN = (JobItemStatus.QUEUED, JobItemStatus.RUNNING, JobItemStatus.WAITING)
SETTLED = (ContentStatus.APPROVED, ContentStatus.PUBLISHED)


@dataclass(frozen=True, slots=True)
class Wish:
    """`publish_at` is of SCHEDULED alone."""

    status: RemoteStatus
    publish_at: datetime | None = None


def entity_of(content: Content) -> RemoteEntityKind:
    """What stands by itself is a page."""
    posts = (ContentType.POST, ContentType.PRODUCT)
    return RemoteEntityKind.POST if content.content_type in posts else RemoteEntityKind.PAGE


async def want(
    unit: Unit,
    contents: Sequence[Content],
    integration: Integration,
    wish: Callable[[UUID], Wish],
) -> None:
    """Each has a publication there from now on, with what is wanted of it, by the content's id. What was wanted before
    is not any more, whatever jobs are open; what is there is told by nothing of this.
    """
    values = [
        {
            **belonging(content),
            "content_id": content.id,
            "integration_id": integration.id,
            "entity": entity_of(content),
            "marker": f"igny8-{secrets.token_hex(12)}",
            "wanted_status": wish(content.id).status,
            "publish_at": wish(content.id).publish_at,
        }
        for content in sorted(contents, key=lambda content: content.id)
    ]
    made = insert(Publication).values(values)
    wished = {"wanted_status": made.excluded.wanted_status, "publish_at": made.excluded.publish_at}
    again = {**wished, "error": None, "is_held": False, "looked_at": None}
    statement = made.on_conflict_do_update(
        index_elements=["account_id", "content_id", "integration_id"],
        set_={**again, "version": Publication.version + 1},
    )
    await unit.run(statement)


async def locked_publication(unit: Unit, content_id: UUID, integration_id: UUID) -> Publication | None:
    """After its task and content, which follow it."""
    await lock_contents(unit, [content_id])
    statement = select(Publication).where(
        Publication.content_id == content_id, Publication.integration_id == integration_id
    )
    found = await unit.all(statement.with_for_update().execution_options(populate_existing=True))
    return found[0] if found else None


async def lock_contents(unit: Unit, ids: Sequence[UUID]) -> None:
    """Their tasks first, as everywhere where both are locked."""
    of = select(Content.task_id).where(Content.id.in_(ids), Content.task_id.is_not(None))
    tasks = select(Task).where(Task.id.in_(of)).order_by(Task.id).with_for_update()
    contents = select(Content).where(Content.id.in_(ids)).order_by(Content.id).with_for_update()
    await unit.all(tasks.execution_options(populate_existing=True))
    await unit.all(contents.execution_options(populate_existing=True))


async def taken_by_other(unit: Unit, publication: Publication, item: JobItem) -> bool:
    """Whether another item is at it: there is one publisher of a publication at a time. One that waits may wait for
    long, while publishing is paused; what it left unfinished is told by the publication.
    """
    return publication.job_item_id != item.id and await is_taken(unit, publication)


async def is_taken(unit: Unit, publication: Publication) -> bool:
    """Whether an item is at it."""
    if publication.job_item_id is None:
        return False
    other = select(JobItem.id).where(JobItem.id == publication.job_item_id, JobItem.status == JobItemStatus.RUNNING)
    return await unit.session.scalar(other) is not None


def worked_on(*, but: UUID | None = None, kind: JobKind | None = None) -> ColumnElement[bool]:
    """Whether an open item is about the publication: of all kinds or of one, `but` that one."""
    item = (
        select(JobItem.id)
        .join(Job, Job.id == JobItem.job_id)
        .where(
            JobItem.account_id == Publication.account_id,
            JobItem.subject_id == Publication.content_id,
            JobItem.queue == Queue.PUBLISHING.value,
            JobItem.status.in_(OPEN),
            Job.params["integration_id"].astext == cast(Publication.integration_id, Text),
        )
    )
    if but:
        item = item.where(JobItem.id != but)
    if kind:
        item = item.where(Job.kind == kind)
    return item.exists()


async def forget_wish(unit: Unit, job: Job, item: JobItem) -> None:
    """Of an item that was cancelled: what is there is all that is wanted again, with the date that it has there, unless
    another item is to change it.
    """
    await unit.flush()
    p = Publication
    statement = update(p).where(
        p.content_id == item.subject_id,
        p.integration_id == UUID(job.params["integration_id"]),
        or_(p.wanted_status.is_distinct_from(p.status), p.status == RemoteStatus.SCHEDULED),
        ~worked_on(but=item.id),
    )
    await unit.run(
        statement.values(
            wanted_status=func.coalesce(p.status, RemoteStatus.DRAFT.value),
            publish_at=case((p.status == RemoteStatus.SCHEDULED, func.coalesce(p.told_at, p.publish_at))),
            version=p.version + 1,
        )
    )


async def follow(unit: Unit, content_id: UUID, action: str) -> None:
    """The content is PUBLISHED while it is live somewhere, its task SCHEDULED while a date waits; else both are
    APPROVED again. Nothing is said of what was not approved, of which drafts may be out. All are locked.
    """
    await unit.flush()
    content = await unit.get(Content, content_id)
    there = await unit.all(select(Publication).where(Publication.content_id == content.id).order_by(Publication.id))
    live = sorted(
        (p for p in there if p.status is RemoteStatus.PUBLISHED and p.published_at),
        key=lambda p: p.published_at or p.created_at,
    )
    content.published_at = live[0].published_at if live else None
    content.published_url = next((p.url for p in live if p.url), None)
    if content.status not in SETTLED:
        return
    waits = any(p.status is RemoteStatus.SCHEDULED for p in there)
    task = TaskStatus.PUBLISHED if live else TaskStatus.SCHEDULED if waits else TaskStatus.APPROVED
    await _step(unit, content, ContentStatus.PUBLISHED if live else ContentStatus.APPROVED, action)
    if content.task_id:
        row = await unit.get(Task, content.task_id)
        if row.status is not TaskStatus.ARCHIVED:
            await _step(unit, row, task, action)


async def _step(unit: Unit, row: Task | Content, status: TaskStatus | ContentStatus, action: str) -> None:
    if row.status is status:
        return
    before: Mapping[str, Any] = {"status": row.status}
    row.status = status
    record(unit, action, row, AuditOperation.UPDATE, before=before, after={"status": status})
