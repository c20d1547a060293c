"""What writing mutations answer."""

import strawberry

from schema.mutation import UserError
from schema.writer.types import Content, Image, Task, Taxonomy


@strawberry.type
class TaskPayload:
    task: Task | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class TasksPayload:
    tasks: list[Task] | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ContentPayload:
    content: Content | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ContentsPayload:
    contents: list[Content] | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class TaxonomyPayload:
    taxonomy: Taxonomy | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ImagePayload:
    image: Image | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)
