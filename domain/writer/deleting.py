"""Deleting tasks and contents: nothing that was paid for goes without being asked, nothing that is being made."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, update

from domain.access import Permission
from domain.crud import delete_all
from domain.errors import conflict
from domain.names import counted
from domain.rows import lock_all
from domain.writer.contents import locked
from domain.writer.editorial import check_editable
from domain.writer.tasks import check_free
from persistence.models import Content, Idea, Image, Task
from persistence.terms import IdeaStatus, ImageStatus, TaskStatus
from persistence.unit import Unit

Held = frozenset[Permission]


async def delete_tasks(unit: Unit, ids: Sequence[UUID], held: Held, *, cascade: bool) -> list[UUID]:
    """CONFLICT with counts where contents hang on them, unless `cascade`: they go too. Ideas become NEW again."""
    tasks = await lock_all(unit, Task, ids, "ids")
    await check_free(unit, tasks, "ids")
    found = [task.id for task in tasks]
    written = select(Content).where(Content.task_id.in_(found)).order_by(Content.id).with_for_update()
    contents = await unit.all(written.execution_options(populate_existing=True))
    if contents and not cascade:
        raise conflict(
            f"These tasks have {counted(len(contents), 'content')}; give cascade: true to delete that too.", "ids"
        )
    await _delete(unit, contents, held, cascade=cascade)
    if ideas := [task.idea_id for task in tasks if task.idea_id]:
        again = update(Idea).where(Idea.id.in_(ideas), Idea.status != IdeaStatus.REJECTED)
        values = {"status": IdeaStatus.NEW, "version": Idea.version + 1, "updated_at": func.now()}
        await unit.run(again.values(values))
    return await delete_all(unit, Task, found)


async def delete_contents(unit: Unit, ids: Sequence[UUID], held: Held, *, cascade: bool) -> list[UUID]:
    """CONFLICT with counts where drawn images belong to them, unless `cascade`: they go too. Tasks are DRAFT again."""
    contents = await locked(unit, ids, "ids")
    tasks = await unit.many(Task, [content.task_id for content in contents if content.task_id])
    await check_free(unit, tasks, "ids")
    for task in tasks:
        task.status = TaskStatus.ARCHIVED if task.status is TaskStatus.ARCHIVED else TaskStatus.DRAFT
    await unit.flush()
    await _delete(unit, contents, held, cascade=cascade)
    return [content.id for content in contents]


async def _delete(unit: Unit, contents: Sequence[Content], held: Held, *, cascade: bool) -> None:
    """With their images; the contents and their tasks are locked."""
    for content in contents:
        check_editable(content.status, held, "ids")
    found = [content.id for content in contents]
    if not found:
        return
    belonging = select(Image).where(Image.content_id.in_(found)).order_by(Image.id).with_for_update()
    images = await unit.all(belonging.execution_options(populate_existing=True))
    if any(image.status is ImageStatus.QUEUED for image in images):
        raise conflict("An image is being drawn; wait for its job, or cancel it with cancelJob.", "ids")
    drawn = sum(image.status is ImageStatus.READY for image in images)
    if drawn and not cascade:
        raise conflict(
            f"These contents have {counted(drawn, 'drawn image')}; give cascade: true to delete that too.", "ids"
        )
    if images:
        await delete_all(unit, Image, [image.id for image in images], most=len(images))
    await delete_all(unit, Content, found, most=len(found))
