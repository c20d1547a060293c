"""Writing tasks, made of ideas."""

from uuid import UUID

from domain import audit
from domain.errors import conflict
from domain.planned import MAX_SUBJECTS
from domain.rows import belonging, find_all
from persistence.models import Idea, Task
from persistence.terms import AuditOperation, IdeaStatus
from persistence.unit import Unit


async def create_tasks_from_ideas(unit: Unit, idea_ids: list[UUID]) -> list[UUID]:
    """One task per idea, in the order given; CONFLICT when one of them has a task."""
    ideas = await find_all(unit, Idea, idea_ids, "input", "ideaIds", most=MAX_SUBJECTS)
    if any(idea.status is not IdeaStatus.NEW for idea in ideas):
        raise conflict("An idea was scheduled or rejected before.", "input", "ideaIds")
    tasks = [_task(idea) for idea in ideas]
    unit.add(*tasks)
    for idea in ideas:
        idea.status = IdeaStatus.SCHEDULED
    await unit.flush()
    made = [task.id for task in tasks]
    account_id = ideas[0].account_id
    audit.record(
        unit, account_id, "createTasksFromIdeas", "Task", operation=AuditOperation.INSERT,
        ids={task.id: task.site_id for task in tasks},
    )  # fmt: skip
    return made


def _task(idea: Idea) -> Task:
    return Task(
        **belonging(idea),
        cluster_id=idea.cluster_id,
        idea_id=idea.id,
        title=idea.idea_title,
        description=idea.description,
        keywords=idea.target_keywords,
        content_type=idea.content_type,
        content_structure=idea.content_structure,
        word_count=idea.estimated_word_count,
    )
