"""Writing tasks that people make and change by hand."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain import audit
from domain.access import PERMISSIONS, SEES_SOME, Permission
from domain.accounts.sectors import place_for
from domain.crud import create, edit, edit_all, number_of, paths_of, record
from domain.errors import bad_input, conflict
from domain.job import under_way
from domain.rows import belonging, find, lock, lock_all
from domain.texts import MAX_TEXT, check_keywords, check_text, check_title, check_word_count
from domain.writer.editorial import OF_PUBLICATIONS, check_step, content_status
from persistence.models import Account, Content, Integration, Publication, SiteAccess, Task, User
from persistence.terms import AuditOperation, ContentStatus, JobKind, RemoteStatus, TaskStatus
from persistence.unit import Unit

Given = Mapping[str, Any]
Held = frozenset[Permission]
Moved = tuple[Task | Content, TaskStatus | ContentStatus]  # with the status that it had


def _columns(given: Given, *path: str) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, value in given.items():
        match name:
            case "title":
                columns[name] = check_title(value, *path, "title")
            case "description":
                columns[name] = check_text(value, MAX_TEXT, *path, "description")
            case "keywords":
                columns[name] = check_keywords(value, *path, "keywords")
            case "word_count":
                columns[name] = check_word_count(value, *path, "wordCount")
            case "content_type" | "content_structure":
                if value is not None:
                    columns[name] = value
            case "due_at" | "assignee_id":
                columns[name] = value
    return columns


async def create_tasks(unit: Unit, given: Sequence[Given], *path: str) -> list[UUID]:
    """All or none; each in a sector or a cluster."""
    paths = paths_of(given, Task, *path)
    return await create(unit, *[await _new(unit, each, at) for each, at in zip(given, paths, strict=True)])


async def _new(unit: Unit, given: Given, path: tuple[str, ...]) -> Task:
    columns = _columns(given, *path)
    assignee = await _assignee(unit, columns.get("assignee_id"), *path)
    sector, cluster_id = await place_for(unit, given.get("sector_id"), given.get("cluster_id"), *path)
    await _check_assignee(unit, sector.site_id, assignee, *path)
    if "word_count" not in columns:
        columns["word_count"] = (await unit.get(Account, sector.account_id)).default_word_count
    return Task(
        **belonging(sector),
        cluster_id=cluster_id,
        **columns,
    )


async def _assignee(unit: Unit, user_id: UUID | None, *path: str) -> User | None:
    return await find(unit, User, user_id, *path, "assigneeId") if user_id else None


async def _check_assignee(unit: Unit, site_id: UUID, user: User | None, *path: str) -> None:
    """Somebody who may write on the site."""
    if user is None:
        return
    sees = user.role not in SEES_SOME or await number_of(
        unit, SiteAccess.id, SiteAccess.user_id == user.id, SiteAccess.site_id == site_id
    )
    if not user.is_active or Permission.WRITE not in PERMISSIONS[user.role] or not sees:
        raise bad_input("This user may not write on the site.", *path, "assigneeId")


async def update_task(unit: Unit, id: UUID, given: Given, expected_version: int | None, held: Held) -> UUID:
    """Only what is given changes. A status is a step of editorial.STEPS, and the content follows it."""
    task = await lock(unit, Task, id, "id")
    columns = _columns(given, "input")
    if "cluster_id" in given:
        columns["cluster_id"] = given["cluster_id"]
        if given["cluster_id"] is not None:
            await place_for(unit, task.sector_id, given["cluster_id"], "input")
    await _check_assignee(unit, task.site_id, await _assignee(unit, columns.get("assignee_id"), "input"), "input")
    if given.get("status") is not None:
        record_along(unit, "updateTask", await step(unit, [task], given["status"], held, "input", "status"))
        columns["status"] = given["status"]
    return await edit(unit, task, columns, expected_version)


async def bulk_update_tasks(unit: Unit, ids: Sequence[UUID], given: Given, held: Held) -> list[UUID]:
    columns = _columns(given, "input")
    tasks = await lock_all(unit, Task, ids, "ids")
    assignee = await _assignee(unit, columns.get("assignee_id"), "input")
    for site_id in {task.site_id for task in tasks}:
        await _check_assignee(unit, site_id, assignee, "input")
    if given.get("status") is not None:
        record_along(unit, "bulkUpdateTasks", await step(unit, tasks, given["status"], held, "input", "status"))
        columns["status"] = given["status"]
    return await edit_all(unit, Task, ids, columns)


async def step(
    unit: Unit, tasks: Sequence[Task], after: TaskStatus, held: Held, *field: str, address: str | None = None
) -> list[Moved]:
    """Checks that all may take it, and takes their contents along; the caller writes the tasks' own status. `address`:
    where the one content was published by hand.
    """
    ids = [task.id for task in tasks]
    written = select(Content).where(Content.task_id.in_(ids)).order_by(Content.id).with_for_update()
    contents = {c.task_id: c for c in await unit.all(written.execution_options(populate_existing=True))}
    for task in tasks:
        check_step(
            task.status, after, held, has_content=task.id in contents, field=field, has_address=address is not None
        )
    await check_free(unit, tasks, *field)
    await place_by_hand(unit, list(contents.values()), after is TaskStatus.PUBLISHED, address, *field)
    moved: list[Moved] = [(content, content.status) for content in contents.values()]
    for content in contents.values():
        content.status = content_status(after, content.status)
    await unit.flush()
    return [(row, before) for row, before in moved if row.status is not before]


async def place_by_hand(
    unit: Unit, contents: Sequence[Content], published: bool, address: str | None, *field: str
) -> None:
    """Of what was published by hand its address goes with it. CONFLICT for what is live by a publication."""
    gone = [content for content in contents if content.status is ContentStatus.PUBLISHED and not published]
    live = select(Publication.content_id).where(
        Publication.content_id.in_([content.id for content in gone]), Publication.status == RemoteStatus.PUBLISHED
    )
    if gone and await unit.session.scalar(live.limit(1)) is not None:
        raise conflict("It is live; take it away with unpublishContent first.", *field)
    for content in gone:
        content.published_at = content.published_url = None
    if address is not None:
        (content,) = contents
        if await number_of(unit, Integration.id, Integration.site_id == content.site_id):
            raise conflict(OF_PUBLICATIONS[TaskStatus.PUBLISHED], *field)
        content.published_at, content.published_url = content.published_at or await unit.now(), address


def record_along(unit: Unit, action: str, moved: Sequence[Moved]) -> None:
    """What has gone along with a step is on record as well; several, which have come to the same, as one bulk."""
    if len(moved) == 1:
        ((row, before),) = moved
        record(unit, action, row, AuditOperation.UPDATE, before={"status": before}, after={"status": row.status})
    elif moved:
        first, _ = moved[0]
        audit.record(
            unit, first.account_id, action, type(first).__name__, operation=AuditOperation.UPDATE,
            after={"status": first.status}, ids={row.id: row.site_id for row, _ in moved},
        )  # fmt: skip


async def check_free(unit: Unit, tasks: Sequence[Task], *field: str) -> None:
    """A task that is being written is the workers'."""
    if await under_way(unit, JobKind.GENERATE_CONTENT, [task.id for task in tasks]):
        raise conflict("A task is being written; wait for its job, or cancel it with cancelJob.", *field)
