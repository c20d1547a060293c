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
    author_profile_id: UUID | None = id_field("AuthorProfile", optional=True)
    rewrite: bool = strawberry.field(
        description="Write tasks anew that have content; what it said stays a revision.", default=False
    )
    idempotency_key: str | None = None


@strawberry.input
class GenerateImagePromptsInput:
    content_ids: list[UUID] = id_field("Content", many=True)
    in_article: int | None = strawberry.field(
        description="Images besides the featured one, 0 to 5; 1 when not given.", default=None
    )
    idempotency_key: str | None = None


@strawberry.input(description="Either imageIds or contentIds: of contents all images that are not drawn yet.")
class GenerateImagesInput:
    image_ids: list[UUID] | None = id_field("Image", optional=True, many=True)
    content_ids: list[UUID] | None = id_field("Content", optional=True, many=True)
    idempotency_key: str | None = None
