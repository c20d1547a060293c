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
from schema.mutation import ABSENT, described, given_id_field, id_field


@strawberry.input
class CreateTasksFromIdeasInput:
    idea_ids: list[UUID] = id_field("Idea", "NEW ideas that have no task yet, at most 500.", many=True)


@strawberry.input
class GenerateContentInput:
    task_ids: list[UUID] = id_field("Task", "What is to be written: at most 500 tasks of one site.", many=True)
    target_word_count: int | None = described("100 to 10,000; the task's own when not given.", None)
    author_profile_id: UUID | None = id_field(
        "AuthorProfile", "In whose voice; the account's default when not given.", optional=True
    )
    rewrite: bool = described("Write tasks anew that have content; what it said stays a revision.", False)
    idempotency_key: str | None = None


@strawberry.input
class GenerateImagePromptsInput:
    content_ids: list[UUID] = id_field(
        "Content", "At most 500 articles of one site that have no drawn images.", many=True
    )
    in_article: int | None = described("Images besides the featured one, 0 to 5; 1 when not given.", None)
    idempotency_key: str | None = None


@strawberry.input(description="Either imageIds or contentIds: of contents all images that are not drawn yet.")
class GenerateImagesInput:
    image_ids: list[UUID] | None = id_field(
        "Image", "What is to be drawn, at most 500 images of one site; not beside contentIds.", optional=True, many=True
    )
    content_ids: list[UUID] | None = id_field(
        "Content",
        "Articles of one site whose undrawn images are drawn, at most 500 of both; not beside imageIds.",
        optional=True,
        many=True,
    )
    idempotency_key: str | None = None


@strawberry.input
class TaskFacts:
    description: str | None = described("What is to be written, at most 4,000 characters; null empties it.", ABSENT)
    keywords: list[str] | None = described("Search terms that it aims at, the main one first, at most 100.", ABSENT)
    content_type: ContentType | None = described("What it becomes on the site; POST for a new one without.", ABSENT)
    content_structure: ContentStructure | None = described(
        "How the page is to be built; ARTICLE for a new one without.", ABSENT
    )
    word_count: int | None = described(
        "How many words are wanted: 100 to 10,000; a new one without takes the account's.", ABSENT
    )
    assignee_id: UUID | None = given_id_field(
        "User", "Who is to write it: a user who may write on the site; null for nobody."
    )
    due_at: datetime | None = described("By when it is to be written; null for no date.", ABSENT)


@strawberry.input(description="Something to be written, of a sector or one of its clusters.")
class TaskInput(TaskFacts):
    title: str = described("The working title, 1 to 255 characters.")
    sector_id: UUID | None = id_field(
        "Sector", "The topic that it is written about; needed without a clusterId.", optional=True
    )
    cluster_id: UUID | None = id_field(
        "Cluster", "The cluster that it is written for; it brings its sector.", optional=True
    )


@strawberry.input
class CreateTaskInput(TaskInput):
    idempotency_key: str | None = None


@strawberry.input
class CreateTasksInput:
    tasks: list[TaskInput] = described("At most 1,000 tasks.")
    idempotency_key: str | None = None


@strawberry.input
class UpdateTaskInput(TaskFacts):
    title: str | None = described("The working title, 1 to 255 characters.", ABSENT)
    cluster_id: UUID | None = given_id_field("Cluster", "A cluster of its sector; null for none.")
    status: TaskStatus | None = described("A step from the one where it is; QUEUED is for jobs alone.", ABSENT)
    expected_version: int | None = None


@strawberry.input
class BulkUpdateTasksInput:
    status: TaskStatus | None = described("A step that all of them can take.", ABSENT)
    content_type: ContentType | None = described("What they become on the site.", ABSENT)
    content_structure: ContentStructure | None = described("How their pages are to be built.", ABSENT)
    word_count: int | None = described("How many words are wanted of each: 100 to 10,000.", ABSENT)
    assignee_id: UUID | None = given_id_field(
        "User", "Who is to write them: a user who may write on their sites; null for nobody."
    )
    due_at: datetime | None = described("By when they are to be written; null for no date.", ABSENT)


@strawberry.input
class ContentFacts:
    slug: str | None = described(
        "Its name in addresses, unique on the site; from the title when a new one has none. It is spelt by the "
        "author's language, or else the account's; at most 200 bytes percent-encoded, and neither a number alone nor "
        "a name such as feed.",
        ABSENT,
    )
    excerpt: str | None = described(
        "The beginning as plain text, at most 400 characters; from the text when not given.", ABSENT
    )
    content_type: ContentType | None = described("Whether it is a post, a page or something else on the site.", ABSENT)
    content_structure: ContentStructure | None = described("What kind of page it is.", ABSENT)
    meta_title: str | None = described(
        "What search engines show as the title, at most 200 characters; null for the title itself.", ABSENT
    )
    meta_description: str | None = described(
        "What search engines show below the title, at most 400 characters; null for none.", ABSENT
    )
    primary_keyword: str | None = described(
        "The search term that the page aims at, at most 255 characters; null for none.", ABSENT
    )
    secondary_keywords: list[str] | None = described("Further search terms of the page, at most 100.", ABSENT)
    author_profile_id: UUID | None = given_id_field(
        "AuthorProfile", "In whose voice it is written; null for no particular one."
    )


@strawberry.input(description="Of a task, a sector or a cluster.")
class CreateContentInput(ContentFacts):
    title: str = described("The headline, 1 to 255 characters.")
    html_content: str = described(
        "HTML, or Markdown, or plain text of at most 500,000 characters; it is sanitised, and nested at most 256 deep. "
        "The address content:con_… links to a content of the site by its id, wherever that is published; a place in it "
        "may follow after #."
    )
    task_id: UUID | None = id_field(
        "Task",
        "What it is written for: a task in DRAFT or IN_PROGRESS without content, which brings sector and cluster.",
        optional=True,
    )
    sector_id: UUID | None = id_field(
        "Sector", "The topic that it is about; needed without taskId and clusterId.", optional=True
    )
    cluster_id: UUID | None = id_field(
        "Cluster", "The cluster that it is written for; it brings its sector.", optional=True
    )
    idempotency_key: str | None = None


@strawberry.input
class UpdateContentInput(ContentFacts):
    title: str | None = described("The headline, 1 to 255 characters.", ABSENT)
    html_content: str | None = described(
        "HTML, or Markdown, or plain text of at most 500,000 characters; it is sanitised, and nested at most 256 deep. "
        "The address content:con_… links to a content of the site by its id, wherever that is published; a place in it "
        "may follow after #.",
        ABSENT,
    )
    cluster_id: UUID | None = given_id_field("Cluster", "A cluster of its sector; null for none.")
    status: ContentStatus | None = described("By the steps of a task, which goes along where there is one.", ABSENT)
    published_url: str | None = described(
        "With the status PUBLISHED, on a site without integrations: where it was published by hand.", ABSENT
    )
    reason: str | None = described("Kept with the revision, at most 500 characters; edited when not given.", ABSENT)
    expected_version: int | None = None


@strawberry.input
class BulkUpdateContentsInput:
    status: ContentStatus | None = described("A step that all of them can take; their tasks go along.", ABSENT)
    content_type: ContentType | None = described("What they are on the site.", ABSENT)
    content_structure: ContentStructure | None = described("What kind of pages they are.", ABSENT)
    author_profile_id: UUID | None = given_id_field(
        "AuthorProfile", "In whose voice they are written; null for no particular one."
    )


@strawberry.input
class CreateTaxonomyInput:
    site_id: UUID = id_field("Site", "The website that sorts by it.")
    taxonomy_type: TaxonomyType = described("Whether it is a category, a tag or an attribute; it never changes.")
    name: str = described("What visitors of the site read, 1 to 255 characters.")
    slug: str | None = described("Its name in addresses; from the name when not given.", ABSENT)
    description: str | None = described("What is filed under it, at most 4,000 characters.", ABSENT)
    parent_id: UUID | None = given_id_field(
        "Taxonomy", "What it stands below: of the same site and type, at most ten levels."
    )
    idempotency_key: str | None = None


@strawberry.input
class UpdateTaxonomyInput:
    name: str | None = described("What visitors of the site read, 1 to 255 characters; the slug stays.", ABSENT)
    slug: str | None = described("Its name in addresses; unique among those of its type on the site.", ABSENT)
    description: str | None = described("What is filed under it; null empties it.", ABSENT)
    parent_id: UUID | None = given_id_field(
        "Taxonomy", "What it stands below: of the same site and type, at most ten levels; null for the top."
    )
    expected_version: int | None = None


@strawberry.input
class SetContentTaxonomiesInput:
    content_id: UUID = id_field("Content", "What is filed.")
    taxonomy_ids: list[UUID] = id_field(
        "Taxonomy", "Of the content's site, at most 100; none takes it out of all.", many=True
    )


@strawberry.input(description="A cluster that a content speaks of.")
class ContentClusterInput:
    cluster_id: UUID = id_field("Cluster", "A cluster of the content's sector.")
    role: ClusterRole = described(
        "What the content is to the cluster; SUPPORTING when not given.", ClusterRole.SUPPORTING
    )


@strawberry.input
class SetContentClustersInput:
    content_id: UUID = id_field("Content", "What speaks of the clusters.")
    clusters: list[ContentClusterInput] = described(
        "What it speaks of, at most 100 clusters; the one that it was written for is not among them."
    )


@strawberry.input(description="A property of a content.")
class ContentAttributeInput:
    name: str = described("Which property it is, such as colour: 1 to 255 characters.")
    value: str = described("What the property is, at most 500 characters.")


@strawberry.input
class SetContentAttributesInput:
    content_id: UUID = id_field("Content", "What has the properties.")
    attributes: list[ContentAttributeInput] = described("Names and values, at most 100; each name once.")


@strawberry.input(description="A file, or a prompt to draw it from.")
class CreateImageInput:
    content_id: UUID = id_field("Content", "What it illustrates.")
    image_type: ImageType = described("Where the picture belongs, and how large it is drawn.")
    file: Upload | None = described("PNG, JPEG, WebP or GIF, at most 32 MB and 50 megapixels.", None)
    prompt: str | None = described("What it shall show, at most 4,000 characters; needed without a file.", ABSENT)
    alt_text: str | None = described("What it shows, for who does not see it; at most 500 characters.", ABSENT)
    position: int | None = described("Its place among the content's images, 0 to 1,000; 0 when not given.", ABSENT)
    idempotency_key: str | None = None


@strawberry.input
class UpdateImageInput:
    file: Upload | None = described("In place of the one that is there.", None)
    image_type: ImageType | None = described("Where the picture belongs, and how large it is drawn.", ABSENT)
    prompt: str | None = described("Another one lets it be drawn again; at most 4,000 characters.", ABSENT)
    alt_text: str | None = described("What it shows, for who does not see it; at most 500 characters.", ABSENT)
    position: int | None = described("Its place among the content's images, 0 to 1,000.", ABSENT)
    expected_version: int | None = None


@strawberry.input
class DeleteContentsInput:
    cascade: bool = described("Whether their drawn images are deleted too.", False)


@strawberry.input
class DeleteTasksInput:
    cascade: bool = described("Whether contents that were written for them are deleted too.", False)
