"""Writing tasks and the content they become."""

from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from persistence.base import SECTOR, SectorRow, Texts, belongs, index, sector_keys, term
from persistence.models.planner import Cluster, ContentIdea
from persistence.models.sites import Sector, Site
from persistence.terms import ContentOrigin, ContentStatus, ContentStructure, ContentType, TaskStatus


class Task(SectorRow):
    """Something to be written; background work is Job."""

    __tablename__ = "task"
    cluster_id: Mapped[UUID | None]
    idea_id: Mapped[UUID | None]
    title: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    keywords: Mapped[Texts]
    content_type: Mapped[ContentType] = term(ContentType, ContentType.POST)
    content_structure: Mapped[ContentStructure] = term(ContentStructure, ContentStructure.ARTICLE)
    word_count: Mapped[int] = mapped_column(server_default="1000")
    status: Mapped[TaskStatus] = term(TaskStatus, TaskStatus.DRAFT)
    version: Mapped[int] = mapped_column(server_default="1")

    site: Mapped[Site] = relationship(lazy="raise", viewonly=True, primaryjoin="foreign(Task.site_id) == Site.id")
    sector: Mapped[Sector] = relationship(lazy="raise", viewonly=True)
    cluster: Mapped[Cluster | None] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(Task.cluster_id) == Cluster.id"
    )
    idea: Mapped[ContentIdea | None] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(Task.idea_id) == ContentIdea.id"
    )
    content: Mapped["Content | None"] = relationship(
        lazy="raise", viewonly=True, uselist=False, primaryjoin="foreign(Content.task_id) == Task.id"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol
    __table_args__ = (
        *sector_keys("task"),
        belongs("cluster", *SECTOR, "cluster_id", ondelete="SET NULL"),
        belongs("content_idea", *SECTOR, "idea_id", ondelete="SET NULL"),
        UniqueConstraint("account_id", "idea_id"),
        index("task", "account_id", "sector_id", "created_at", "id"),
        index("task", "account_id", "cluster_id", "created_at", "id"),
        index("task", "account_id", "idea_id", "created_at", "id"),
    )


class Content(SectorRow):
    """An article or page: sanitised HTML and what search engines read of it."""

    __tablename__ = "content"
    task_id: Mapped[UUID | None]
    cluster_id: Mapped[UUID | None]
    title: Mapped[str]
    slug: Mapped[str]
    html_content: Mapped[str]
    excerpt: Mapped[str] = mapped_column(server_default="")
    word_count: Mapped[int] = mapped_column(server_default="0")
    content_type: Mapped[ContentType] = term(ContentType, ContentType.POST)
    content_structure: Mapped[ContentStructure] = term(ContentStructure, ContentStructure.ARTICLE)
    status: Mapped[ContentStatus] = term(ContentStatus, ContentStatus.DRAFT)
    origin: Mapped[ContentOrigin] = term(ContentOrigin)
    wp_post_id: Mapped[int | None]
    meta_title: Mapped[str | None]
    meta_description: Mapped[str | None]
    primary_keyword: Mapped[str | None]
    secondary_keywords: Mapped[Texts]
    version: Mapped[int] = mapped_column(server_default="1")

    site: Mapped[Site] = relationship(lazy="raise", viewonly=True, primaryjoin="foreign(Content.site_id) == Site.id")
    sector: Mapped[Sector] = relationship(lazy="raise", viewonly=True)
    task: Mapped[Task | None] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(Content.task_id) == Task.id"
    )
    cluster: Mapped[Cluster | None] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(Content.cluster_id) == Cluster.id"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol
    __table_args__ = (
        *sector_keys("content"),
        belongs("task", *SECTOR, "task_id", ondelete="RESTRICT"),
        belongs("cluster", *SECTOR, "cluster_id", ondelete="SET NULL"),
        UniqueConstraint("account_id", "task_id"),
        UniqueConstraint("account_id", "site_id", "slug"),
        index("content", "account_id", "sector_id", "created_at", "id"),
    )
