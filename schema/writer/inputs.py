"""What writing takes."""

from uuid import UUID

import strawberry

from schema.mutation import id_field


@strawberry.input
class CreateTasksFromIdeasInput:
    idea_ids: list[UUID] = id_field("ContentIdea", many=True)


@strawberry.input
class GenerateContentInput:
    task_ids: list[UUID] = id_field("Task", many=True)
    target_word_count: int | None = strawberry.field(description="The task's own when not given.", default=None)
    idempotency_key: str | None = None
