"""Writing tasks and what is made of them."""

from uuid import UUID

from sqlalchemy import select

from domain import audit
from domain.billing.rules import CREDITS_PER_ARTICLE
from domain.errors import bad_input, conflict, not_found
from domain.idempotency import once
from domain.job import Place, Work, create_job
from persistence.errors import Missing
from persistence.models import Content, ContentIdea, Task
from persistence.terms import AuditOperation, IdeaStatus, JobKind, TaskStatus
from persistence.unit import Unit

TEXT = "text"
MAX_IDS = 500
MIN_WORDS, MAX_WORDS = 100, 10_000
WRITABLE = (TaskStatus.DRAFT, TaskStatus.SCHEDULED)


async def create_tasks_from_ideas(unit: Unit, idea_ids: list[UUID]) -> list[UUID]:
    """One task per idea, in the order given; CONFLICT when one of them has a task."""
    ids = _distinct(idea_ids, "ideaIds")
    try:
        ideas = await unit.many(ContentIdea, ids)
    except Missing:
        raise not_found("idea", "input", "ideaIds") from None
    if any(idea.status is not IdeaStatus.NEW for idea in ideas):
        raise conflict("An idea was scheduled or rejected before.", "input", "ideaIds")
    tasks = [_task(idea) for idea in ideas]
    unit.add(*tasks)
    for idea in ideas:
        idea.status = IdeaStatus.SCHEDULED
    await unit.flush()
    made = [task.id for task in tasks]
    account_id = ideas[0].account_id
    audit.record(unit, account_id, "createTasksFromIdeas", "Task", operation=AuditOperation.INSERT, ids=made)
    return made


def _task(idea: ContentIdea) -> Task:
    return Task(
        account_id=idea.account_id,
        site_id=idea.site_id,
        sector_id=idea.sector_id,
        cluster_id=idea.cluster_id,
        idea_id=idea.id,
        title=idea.idea_title,
        description=idea.description,
        keywords=idea.target_keywords,
        content_type=idea.content_type,
        content_structure=idea.content_structure,
        word_count=idea.estimated_word_count,
    )


async def generate_content(
    unit: Unit, user_id: UUID, task_ids: list[UUID], target_word_count: int | None, key: str | None
) -> UUID:
    """The job's id: one item per task. CONFLICT for tasks that are under way or have content."""
    ids = _distinct(task_ids, "taskIds")
    if target_word_count is not None and not MIN_WORDS <= target_word_count <= MAX_WORDS:
        raise bad_input(f"targetWordCount must be from {MIN_WORDS} to {MAX_WORDS}.", "input", "targetWordCount")
    try:
        tasks = await unit.many(Task, ids)
    except Missing:
        raise not_found("task", "input", "taskIds") from None

    async def make() -> UUID:
        await _lock(unit, ids)
        await _check_writable(unit, tasks)
        for task in tasks:
            task.status = TaskStatus.QUEUED
        sectors = {task.sector_id for task in tasks}
        first = tasks[0]
        place = Place(first.account_id, user_id, first.site_id, first.sector_id if len(sectors) == 1 else None)
        work = [Work(task.id, 1, CREDITS_PER_ARTICLE) for task in tasks]
        params = {"targetWordCount": target_word_count}
        return (await create_job(unit, JobKind.GENERATE_CONTENT, TEXT, place, work, params)).id

    return await once(unit, tasks[0].account_id, "generateContent", key, [ids, target_word_count], make)


async def _lock(unit: Unit, ids: list[UUID]) -> None:
    """Read afresh: of two requests for a task the second finds it under way."""
    statement = select(Task).where(Task.id.in_(ids)).order_by(Task.id).with_for_update()
    await unit.all(statement.execution_options(populate_existing=True))


async def _check_writable(unit: Unit, tasks: list[Task]) -> None:
    if len({task.site_id for task in tasks}) > 1:
        raise bad_input("Take tasks of one site at a time.", "input", "taskIds")
    busy = next((task for task in tasks if task.status not in WRITABLE), None)
    if busy:
        raise conflict(f"The task “{busy.title}” is {busy.status.value}.", "input", "taskIds")
    written = await unit.session.scalar(
        select(Content.title).where(Content.task_id.in_([task.id for task in tasks])).limit(1)
    )
    if written is not None:
        raise conflict(f"A task has content: “{written}”.", "input", "taskIds")


def _distinct(ids: list[UUID], field: str) -> list[UUID]:
    distinct = list(dict.fromkeys(ids))
    if not 1 <= len(distinct) <= MAX_IDS:
        raise bad_input(f"Give from 1 to {MAX_IDS} ids.", "input", field)
    return distinct
