"""Writing tasks, the content they become with its revisions, and images."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from persistence.models.base import (
    SECTOR,
    AccountRow,
    Line,
    SectorRow,
    Texts,
    belongs,
    in_order,
    index,
    many_to_one,
    one_to_many,
    one_to_one,
    sector_keys,
    term,
)
from persistence.terms import (
    ClusterRole,
    ContentOrigin,
    ContentStatus,
    ContentStructure,
    ContentType,
    ImageStatus,
    ImageType,
    TaskStatus,
    TaxonomyType,
)


class Task(SectorRow):
    """Something to be written; background work is Job."""

    __tablename__ = "task"
    cluster_id: Mapped[UUID | None]
    idea_id: Mapped[UUID | None]
    title: Mapped[Line]
    description: Mapped[str] = mapped_column(server_default="")
    keywords: Mapped[Texts]
    content_type: Mapped[ContentType] = term(ContentType, ContentType.POST)
    content_structure: Mapped[ContentStructure] = term(ContentStructure, ContentStructure.ARTICLE)
    word_count: Mapped[int] = mapped_column(server_default="1000")
    status: Mapped[TaskStatus] = term(TaskStatus, TaskStatus.DRAFT)
    assignee_id: Mapped[UUID | None]
    due_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    cluster = many_to_one("Cluster", "cluster_id")
    idea = many_to_one("Idea", "idea_id")
    assignee = many_to_one("User", "assignee_id")
    content = one_to_one("Content", "task_id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol
    __table_args__ = (
        *sector_keys("task"),
        *in_order("task"),
        belongs("cluster", *SECTOR, "cluster_id", ondelete="SET NULL"),
        belongs("content_idea", *SECTOR, "idea_id", ondelete="SET NULL"),
        belongs("app_user", "account_id", "assignee_id", ondelete="SET NULL"),
        UniqueConstraint("account_id", "idea_id"),
        index("task", "account_id", "assignee_id", "due_at", "id"),
        index("task", "account_id", "sector_id", "created_at", "id"),
        index("task", "account_id", "cluster_id", "created_at", "id"),
        index("task", "account_id", "idea_id", "created_at", "id"),
    )


class Content(SectorRow):
    """An article or page: sanitised HTML and what search engines read of it."""

    __tablename__ = "content"
    task_id: Mapped[UUID | None]
    cluster_id: Mapped[UUID | None]
    title: Mapped[Line]
    slug: Mapped[Line]
    html_content: Mapped[str]
    excerpt: Mapped[Line] = mapped_column(server_default="")
    word_count: Mapped[int] = mapped_column(server_default="0")
    content_type: Mapped[ContentType] = term(ContentType, ContentType.POST)
    content_structure: Mapped[ContentStructure] = term(ContentStructure, ContentStructure.ARTICLE)
    status: Mapped[ContentStatus] = term(ContentStatus, ContentStatus.DRAFT)
    origin: Mapped[ContentOrigin] = term(ContentOrigin)
    published_at: Mapped[datetime | None]
    published_url: Mapped[str | None]
    live_at: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default=text("'{}'"))
    meta_title: Mapped[Line | None]
    meta_description: Mapped[Line | None]
    primary_keyword: Mapped[Line | None]
    secondary_keywords: Mapped[Texts]
    author_profile_id: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(server_default="1")

    task = many_to_one("Task", "task_id")
    cluster = many_to_one("Cluster", "cluster_id")
    author_profile = many_to_one("AuthorProfile", "author_profile_id")
    images = one_to_many("Image", "content_id")
    taxonomy_map = one_to_many("ContentTaxonomyMap", "content_id")
    cluster_map = one_to_many("ContentClusterMap", "content_id")
    attribute_map = one_to_many("ContentAttributeMap", "content_id")
    revisions = one_to_many("ContentRevision", "content_id")
    publications = one_to_many("Publication", "content_id")
    publishing_records = one_to_many("PublishingRecord", "content_id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol
    __table_args__ = (
        *sector_keys("content"),
        *in_order("content"),
        belongs("task", *SECTOR, "task_id", ondelete="RESTRICT"),
        belongs("cluster", *SECTOR, "cluster_id", ondelete="SET NULL"),
        belongs("author_profile", "account_id", "author_profile_id", ondelete="SET NULL"),
        UniqueConstraint("account_id", "task_id"),
        UniqueConstraint("account_id", "site_id", "slug"),
        index("content", "account_id", "sector_id", "created_at", "id"),
        index("content", "account_id", "cluster_id", "created_at", "id"),
        index("content", "account_id", "site_id", "published_at", "id"),
        Index("ix_content_account_id_site_id_primary_keyword", "account_id", "site_id", text("lower(primary_keyword)")),
    )


class Taxonomy(AccountRow):
    """A category, tag or attribute of a site."""

    __tablename__ = "taxonomy"
    site_id: Mapped[UUID]
    parent_id: Mapped[UUID | None]
    taxonomy_type: Mapped[TaxonomyType] = term(TaxonomyType)
    name: Mapped[Line]
    slug: Mapped[Line]
    description: Mapped[str] = mapped_column(server_default="")
    version: Mapped[int] = mapped_column(server_default="1")

    site = many_to_one("Site", "site_id")
    parent = many_to_one("Taxonomy", "parent_id")
    content_map = one_to_many("ContentTaxonomyMap", "taxonomy_id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol
    __table_args__ = (
        belongs("site", "account_id", "site_id"),
        belongs("taxonomy", "account_id", "site_id", "parent_id", ondelete="SET NULL"),
        UniqueConstraint("account_id", "site_id", "taxonomy_type", "slug"),
        UniqueConstraint("account_id", "site_id", "id", name="uq_taxonomy_identity"),
        index("taxonomy", "account_id", "site_id", "name", "id"),
        index("taxonomy", "account_id", "id"),
    )


class ContentTaxonomyMap(SectorRow):
    """A content is in a taxonomy."""

    __tablename__ = "content_taxonomy_map"
    content_id: Mapped[UUID]
    taxonomy_id: Mapped[UUID]

    content = many_to_one("Content", "content_id")
    taxonomy = many_to_one("Taxonomy", "taxonomy_id")

    __table_args__ = (
        belongs("sector", *SECTOR),
        belongs("content", *SECTOR, "content_id"),
        belongs("taxonomy", "account_id", "site_id", "taxonomy_id"),
        UniqueConstraint("account_id", "content_id", "taxonomy_id"),
        index("content_taxonomy_map", "account_id", "content_id", "id"),
        index("content_taxonomy_map", "account_id", "taxonomy_id", "id"),
    )


class ContentClusterMap(SectorRow):
    """A content speaks of a cluster, besides the one that it was written for."""

    __tablename__ = "content_cluster_map"
    content_id: Mapped[UUID]
    cluster_id: Mapped[UUID]
    role: Mapped[ClusterRole] = term(ClusterRole, ClusterRole.SUPPORTING)

    content = many_to_one("Content", "content_id")
    cluster = many_to_one("Cluster", "cluster_id")

    __table_args__ = (
        belongs("sector", *SECTOR),
        belongs("content", *SECTOR, "content_id"),
        belongs("cluster", *SECTOR, "cluster_id"),
        UniqueConstraint("account_id", "content_id", "cluster_id"),
        index("content_cluster_map", "account_id", "content_id", "id"),
        index("content_cluster_map", "account_id", "cluster_id", "id"),
    )


class ContentAttributeMap(SectorRow):
    """A property of a content: a name and a value."""

    __tablename__ = "content_attribute_map"
    content_id: Mapped[UUID]
    name: Mapped[Line]
    value: Mapped[Line]

    content = many_to_one("Content", "content_id")

    __table_args__ = (
        belongs("sector", *SECTOR),
        belongs("content", *SECTOR, "content_id"),
        UniqueConstraint("account_id", "content_id", "name"),
        index("content_attribute_map", "account_id", "content_id", "id"),
    )


class ContentRevision(SectorRow):
    """What a content said after a change: written, rewritten, edited."""

    __tablename__ = "content_revision"
    content_id: Mapped[UUID]
    number: Mapped[int]
    reason: Mapped[Line] = mapped_column(server_default="")
    origin: Mapped[ContentOrigin] = term(ContentOrigin)
    title: Mapped[Line]
    html_content: Mapped[str]
    word_count: Mapped[int] = mapped_column(server_default="0")
    meta_title: Mapped[Line | None]
    meta_description: Mapped[Line | None]
    primary_keyword: Mapped[Line | None]
    secondary_keywords: Mapped[Texts]
    user_id: Mapped[UUID | None]
    job_item_id: Mapped[UUID | None]

    content = many_to_one("Content", "content_id")
    user = many_to_one("User", "user_id")

    __table_args__ = (
        belongs("sector", *SECTOR),
        belongs("content", *SECTOR, "content_id"),
        belongs("app_user", "account_id", "user_id", ondelete="SET NULL"),
        UniqueConstraint("account_id", "content_id", "number"),
        index("content_revision", "account_id", "content_id", "created_at", "id"),
    )


class Image(SectorRow):
    """A picture of a content: first a prompt, then a file under `blob_key`."""

    __tablename__ = "image"
    task_id: Mapped[UUID | None]
    content_id: Mapped[UUID | None]
    image_type: Mapped[ImageType] = term(ImageType)
    position: Mapped[int] = mapped_column(server_default="0")
    prompt: Mapped[str]
    alt_text: Mapped[Line] = mapped_column(server_default="")
    status: Mapped[ImageStatus] = term(ImageStatus, ImageStatus.PROMPTED)
    blob_key: Mapped[Line | None]
    mime_type: Mapped[Line | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    bytes: Mapped[int | None]
    sha256: Mapped[Line | None]
    origin: Mapped[ContentOrigin | None] = term(ContentOrigin)
    error: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default="1")

    task = many_to_one("Task", "task_id")
    content = many_to_one("Content", "content_id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol
    __table_args__ = (
        belongs("sector", *SECTOR),
        belongs("task", *SECTOR, "task_id", ondelete="SET NULL"),
        belongs("content", *SECTOR, "content_id", ondelete="SET NULL"),
        CheckConstraint(text("status <> 'READY' or blob_key is not null"), name="ready_has_file"),
        *in_order("image"),
        index("image", "account_id", "sector_id", "created_at", "id"),
        index("image", "account_id", "content_id", "position", "id"),
    )
