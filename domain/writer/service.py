"""Writing tasks, made of ideas."""

from uuid import UUID

from domain import audit
from domain.errors import conflict
from domain.writer.subjects import distinct, many
from persistence.models import Idea, Task
from persistence.terms import AuditOperation, IdeaStatus
from persistence.unit import Unit


async def create_tasks_from_ideas(unit: Unit, idea_ids: list[UUID]) -> list[UUID]:
    """One task per idea, in the order given; CONFLICT when one of them has a task."""
    ids = distinct(idea_ids, "ideaIds")
    ideas = await many(unit, Idea, ids, "idea", "ideaIds")
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


def _task(idea: Idea) -> Task:
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
