"""What writing takes."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry.file_uploads import Upload

from persistence.terms import (
    ClusterRole,
    ContentStatus,
    ContentStructure,
    ContentType,
    ImageType,
    TaskStatus,
    TaxonomyType,
)
from schema.mutation import ABSENT, given_id_field, id_field


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


@strawberry.input
class TaskFacts:
    description: str | None = ABSENT
    keywords: list[str] | None = strawberry.field(description="The main one first.", default=ABSENT)
    content_type: ContentType | None = ABSENT
    content_structure: ContentStructure | None = ABSENT
    word_count: int | None = strawberry.field(description="Wanted.", default=ABSENT)
    assignee_id: UUID | None = given_id_field("User")
    due_at: datetime | None = ABSENT


@strawberry.input(description="Something to be written, of a sector or one of its clusters.")
class TaskInput(TaskFacts):
    title: str
    sector_id: UUID | None = id_field("Sector", optional=True)
    cluster_id: UUID | None = id_field("Cluster", optional=True)


@strawberry.input
class CreateTaskInput(TaskInput):
    idempotency_key: str | None = None


@strawberry.input
class CreateTasksInput:
    tasks: list[TaskInput] = strawberry.field(description="At most 1,000.")
    idempotency_key: str | None = None


@strawberry.input
class UpdateTaskInput(TaskFacts):
    title: str | None = ABSENT
    cluster_id: UUID | None = given_id_field("Cluster")
    status: TaskStatus | None = ABSENT
    expected_version: int | None = None


@strawberry.input
class BulkUpdateTasksInput:
    status: TaskStatus | None = ABSENT
    content_type: ContentType | None = ABSENT
    content_structure: ContentStructure | None = ABSENT
    word_count: int | None = ABSENT
    assignee_id: UUID | None = given_id_field("User")
    due_at: datetime | None = ABSENT


@strawberry.input
class ContentFacts:
    slug: str | None = ABSENT
    excerpt: str | None = strawberry.field(description="From the text when not given.", default=ABSENT)
    content_type: ContentType | None = ABSENT
    content_structure: ContentStructure | None = ABSENT
    meta_title: str | None = ABSENT
    meta_description: str | None = ABSENT
    primary_keyword: str | None = ABSENT
    secondary_keywords: list[str] | None = ABSENT
    author_profile_id: UUID | None = given_id_field("AuthorProfile")


@strawberry.input(description="Of a task, a sector or a cluster.")
class CreateContentInput(ContentFacts):
    title: str
    html_content: str = strawberry.field(
        description="HTML, or Markdown, or plain text; it is sanitised, and nested at most 256 deep."
    )
    task_id: UUID | None = id_field("Task", optional=True)
    sector_id: UUID | None = id_field("Sector", optional=True)
    cluster_id: UUID | None = id_field("Cluster", optional=True)
    idempotency_key: str | None = None


@strawberry.input
class UpdateContentInput(ContentFacts):
    title: str | None = ABSENT
    html_content: str | None = strawberry.field(
        description="HTML, or Markdown, or plain text; it is sanitised, and nested at most 256 deep.", default=ABSENT
    )
    cluster_id: UUID | None = given_id_field("Cluster")
    status: ContentStatus | None = strawberry.field(
        description="By the steps of a task, which goes along where there is one.", default=ABSENT
    )
    reason: str | None = strawberry.field(description="Kept with the revision.", default=ABSENT)
    expected_version: int | None = None


@strawberry.input
class BulkUpdateContentsInput:
    status: ContentStatus | None = ABSENT
    content_type: ContentType | None = ABSENT
    content_structure: ContentStructure | None = ABSENT
    author_profile_id: UUID | None = given_id_field("AuthorProfile")


@strawberry.input
class CreateTaxonomyInput:
    site_id: UUID = id_field("Site")
    taxonomy_type: TaxonomyType
    name: str
    slug: str | None = strawberry.field(description="From the name when not given.", default=ABSENT)
    description: str | None = ABSENT
    parent_id: UUID | None = given_id_field("Taxonomy")
    idempotency_key: str | None = None


@strawberry.input
class UpdateTaxonomyInput:
    name: str | None = ABSENT
    slug: str | None = ABSENT
    description: str | None = ABSENT
    parent_id: UUID | None = given_id_field("Taxonomy")
    expected_version: int | None = None


@strawberry.input
class SetContentTaxonomiesInput:
    content_id: UUID = id_field("Content")
    taxonomy_ids: list[UUID] = id_field("Taxonomy", many=True)


@strawberry.input(description="A cluster that a content speaks of.")
class ContentClusterInput:
    cluster_id: UUID = id_field("Cluster")
    role: ClusterRole = ClusterRole.SUPPORTING


@strawberry.input
class SetContentClustersInput:
    content_id: UUID = id_field("Content")
    clusters: list[ContentClusterInput]


@strawberry.input(description="A property of a content.")
class ContentAttributeInput:
    name: str
    value: str


@strawberry.input
class SetContentAttributesInput:
    content_id: UUID = id_field("Content")
    attributes: list[ContentAttributeInput]


@strawberry.input(description="A file, or a prompt to draw it from.")
class CreateImageInput:
    content_id: UUID = id_field("Content")
    image_type: ImageType
    file: Upload | None = strawberry.field(description="PNG, JPEG, WebP or GIF, at most 32 MB.", default=None)
    prompt: str | None = ABSENT
    alt_text: str | None = ABSENT
    position: int | None = ABSENT
    idempotency_key: str | None = None


@strawberry.input
class UpdateImageInput:
    file: Upload | None = strawberry.field(description="In place of the one that is there.", default=None)
    image_type: ImageType | None = ABSENT
    prompt: str | None = strawberry.field(description="Another one lets it be drawn again.", default=ABSENT)
    alt_text: str | None = ABSENT
    position: int | None = ABSENT
    expected_version: int | None = None
