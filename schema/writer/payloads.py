"""What writing mutations answer."""

import strawberry

from schema.mutation import UserError
from schema.writer.types import Task


@strawberry.type
class TasksPayload:
    tasks: list[Task] | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)
