"""Tasks from ideas, content from tasks."""

import strawberry

from domain.access import Permission
from domain.writer import service
from schema.context import Info
from schema.entity import ref, refs
from schema.jobs.types import Job
from schema.mutation import mutation
from schema.planner.payloads import JobPayload
from schema.writer.inputs import CreateTasksFromIdeasInput, GenerateContentInput
from schema.writer.payloads import TasksPayload
from schema.writer.types import Task


@strawberry.type
class WriterMutation:
    @mutation(Permission.PLAN)
    async def create_tasks_from_ideas(self, info: Info, input: CreateTasksFromIdeasInput) -> TasksPayload:
        """One task per idea."""
        async with info.context.write() as unit:
            ids = await service.create_tasks_from_ideas(unit, input.idea_ids)
        return TasksPayload(tasks=refs(Task, ids))

    @mutation(Permission.WRITE)
    async def generate_content(self, info: Info, input: GenerateContentInput) -> JobPayload:
        """10 credits per article."""
        async with info.context.write() as unit:
            id = await service.generate_content(
                unit, info.context.caller.user_id, input.task_ids, input.target_word_count, input.idempotency_key
            )
        return JobPayload(job=ref(Job, id))
