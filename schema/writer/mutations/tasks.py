"""Writing tasks: of ideas or by hand, and articles written for them."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.access import Permission
from domain.writer import deleting, service, tasks
from domain.writer.work.generate_content import GENERATE_CONTENT
from schema.context import Info
from schema.graph.entity import encoded, ref, refs
from schema.jobs.actions import starts
from schema.mutation import DeletePayload, create_once, given, id_argument, mutation
from schema.writer.inputs import (
    BulkUpdateTasksInput,
    CreateTaskInput,
    CreateTasksFromIdeasInput,
    CreateTasksInput,
    DeleteTasksInput,
    GenerateContentInput,
    UpdateTaskInput,
)
from schema.writer.payloads import (
    TaskPayload,
    TasksPayload,
)
from schema.writer.types import Task

TaskId = Annotated[UUID, id_argument("Task")]
TaskIds = Annotated[list[UUID], id_argument("Task", many=True)]


@strawberry.type
class TaskMutation:
    @mutation(Permission.PLAN)
    async def create_task(self, info: Info, input: CreateTaskInput) -> TaskPayload:
        """Something to be written, of a sector or of one of its clusters."""
        fields = given(input, "idempotency_key")
        (id,) = await create_once(info, Task, "createTask", input, lambda unit: tasks.create_tasks(unit, [fields]))
        return TaskPayload(task=ref(Task, id))

    @mutation(Permission.PLAN)
    async def create_tasks(self, info: Info, input: CreateTasksInput) -> TasksPayload:
        """Up to 1,000 tasks, all or none."""
        every = [given(each) for each in input.tasks]
        ids = await create_once(info, Task, "createTasks", input, lambda unit: tasks.create_tasks(unit, every, "tasks"))
        return TasksPayload(tasks=refs(Task, ids))

    @mutation(Permission.WRITE)
    async def update_task(self, info: Info, id: TaskId, input: UpdateTaskInput) -> TaskPayload:
        """Only what is given changes. A status goes from DRAFT over IN_PROGRESS to REVIEW and back; APPROVED, SCHEDULED
        and PUBLISHED take the permission PUBLISH, and REVIEW needs a content, whose status follows."""
        held = info.context.permissions
        async with info.context.write() as unit:
            await tasks.update_task(unit, id, given(input, "expected_version"), input.expected_version, held)
        return TaskPayload(task=ref(Task, id))

    @mutation(Permission.WRITE)
    async def bulk_update_tasks(self, info: Info, ids: TaskIds, input: BulkUpdateTasksInput) -> TasksPayload:
        """The same for up to 1,000 tasks, all or none."""
        async with info.context.write() as unit:
            changed = await tasks.bulk_update_tasks(unit, ids, given(input), info.context.permissions)
        return TasksPayload(tasks=refs(Task, changed))

    @mutation(Permission.PLAN, archived=True)
    async def delete_tasks(
        self, info: Info, ids: TaskIds, input: DeleteTasksInput = DeleteTasksInput()
    ) -> DeletePayload:
        """All or none. Tasks that have contents are deleted with cascade: true, and the contents with them."""
        async with info.context.write() as unit:
            deleted = await deleting.delete_tasks(unit, ids, info.context.permissions, cascade=input.cascade)
        return DeletePayload(deleted_ids=encoded(Task, deleted))

    @mutation(Permission.PLAN)
    async def create_tasks_from_ideas(self, info: Info, input: CreateTasksFromIdeasInput) -> TasksPayload:
        """One task per idea."""
        async with info.context.write() as unit:
            ids = await service.create_tasks_from_ideas(unit, input.idea_ids)
        return TasksPayload(tasks=refs(Task, ids))

    generate_content = starts(
        GENERATE_CONTENT,
        GenerateContentInput,
        "An article per task. 1 credit per 100 words written, at most those that were asked for.",
    )
