"""Writing tasks that people make and change by hand."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.access import PERMISSIONS, Permission
from domain.accounts.sectors import place_for
from domain.crud import create, edit, edit_all, find, find_all, number_of
from domain.errors import bad_input, conflict, not_found
from domain.job import under_way
from domain.texts import MAX_TEXT, check_keywords, check_text, check_title, check_word_count
from domain.writer.editorial import check_step, content_status
from persistence.errors import Missing
from persistence.models import Account, Content, SiteAccess, Task, User
from persistence.terms import JobKind, Role, TaskStatus
from persistence.unit import Unit

Given = Mapping[str, Any]
Held = frozenset[Permission]
MAX_AT_ONCE = 1000


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
    if not 1 <= len(given) <= MAX_AT_ONCE:
        raise bad_input(f"Give from 1 to {MAX_AT_ONCE:,} tasks.", "input", *path)
    paths = [("input", *path, str(n)) if path else ("input",) for n in range(len(given))]
    return await create(unit, *[await _new(unit, each, at) for each, at in zip(given, paths, strict=True)])


async def _new(unit: Unit, given: Given, path: tuple[str, ...]) -> Task:
    columns = _columns(given, *path)
    assignee = await _assignee(unit, columns.get("assignee_id"), *path)
    sector, cluster_id = await place_for(unit, given.get("sector_id"), given.get("cluster_id"), *path)
    await _check_assignee(unit, sector.site_id, assignee, *path)
    if "word_count" not in columns:
        columns["word_count"] = (await unit.get(Account, sector.account_id)).default_word_count
    return Task(
        account_id=sector.account_id,
        site_id=sector.site_id,
        sector_id=sector.id,
        cluster_id=cluster_id,
        **columns,
    )


async def _assignee(unit: Unit, user_id: UUID | None, *path: str) -> User | None:
    try:
        return await unit.get(User, user_id) if user_id else None
    except Missing:
        raise not_found("user", *path, "assigneeId") from None


async def _check_assignee(unit: Unit, site_id: UUID, user: User | None, *path: str) -> None:
    """Somebody who may write on the site."""
    if user is None:
        return
    sees = user.role is not Role.EDITOR or await number_of(
        unit, SiteAccess.id, SiteAccess.user_id == user.id, SiteAccess.site_id == site_id
    )
    if not user.is_active or Permission.WRITE not in PERMISSIONS[user.role] or not sees:
        raise bad_input("This user may not write on the site.", *path, "assigneeId")


async def update_task(unit: Unit, id: UUID, given: Given, expected_version: int | None, held: Held) -> UUID:
    """Only what is given changes. A status is a step of editorial.STEPS, and the content follows it."""
    task = await find(unit, Task, id, "task", "id")
    columns = _columns(given, "input")
    if "cluster_id" in given:
        columns["cluster_id"] = given["cluster_id"]
        if given["cluster_id"] is not None:
            await place_for(unit, task.sector_id, given["cluster_id"], "input")
    await _check_assignee(unit, task.site_id, await _assignee(unit, columns.get("assignee_id"), "input"), "input")
    if given.get("status") is not None:
        await step(unit, [task], given["status"], held, "input", "status")
        columns["status"] = given["status"]
    return await edit(unit, task, columns, expected_version)


async def bulk_update_tasks(unit: Unit, ids: Sequence[UUID], given: Given, held: Held) -> list[UUID]:
    columns = _columns(given, "input")
    tasks = await find_all(unit, Task, ids, "task", "ids")
    assignee = await _assignee(unit, columns.get("assignee_id"), "input")
    for site_id in {task.site_id for task in tasks}:
        await _check_assignee(unit, site_id, assignee, "input")
    if given.get("status") is not None:
        await step(unit, tasks, given["status"], held, "input", "status")
        columns["status"] = given["status"]
    return await edit_all(unit, Task, ids, columns, "task")


async def step(unit: Unit, tasks: Sequence[Task], after: TaskStatus, held: Held, *field: str) -> None:
    """Checks that all may take it, and takes their contents along; the caller writes the tasks' own status."""
    ids = [task.id for task in tasks]
    written = select(Content).where(Content.task_id.in_(ids)).order_by(Content.id).with_for_update()
    contents = {c.task_id: c for c in await unit.all(written.execution_options(populate_existing=True))}
    for task in tasks:
        check_step(task.status, after, held, has_content=task.id in contents, field=field)
    await check_free(unit, tasks, *field)
    for content in contents.values():
        content.status = content_status(after, content.status)
    await unit.flush()


async def check_free(unit: Unit, tasks: Sequence[Task], *field: str) -> None:
    """A task that is being written is the workers'."""
    if await under_way(unit, JobKind.GENERATE_CONTENT, [task.id for task in tasks]):
        raise conflict("A task is being written; wait for its job, or cancel it with cancelJob.", *field)
