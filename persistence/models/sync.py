"""What was changed at a destination, and when it was looked at."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from persistence.models.base import (
    SECTOR,
    AccountRow,
    SectorRow,
    belongs,
    in_order,
    index,
    many_to_one,
    sector_keys,
    term,
)
from persistence.terms import ConflictStatus, SyncField, SyncOutcome


class SyncRun(AccountRow):
    """One look at all that is at a destination; kept for 90 days. `job_item_id` is who did it, once or again."""

    __tablename__ = "sync_run"
    site_id: Mapped[UUID]
    integration_id: Mapped[UUID]
    job_item_id: Mapped[UUID | None]
    outcome: Mapped[SyncOutcome] = term(SyncOutcome, SyncOutcome.UNDER_WAY)
    listed: Mapped[int] = mapped_column(server_default="0")
    imported: Mapped[int] = mapped_column(server_default="0")
    updated: Mapped[int] = mapped_column(server_default="0")
    pushed: Mapped[int] = mapped_column(server_default="0")
    conflicting: Mapped[int] = mapped_column(server_default="0")
    gone: Mapped[int] = mapped_column(server_default="0")
    skipped: Mapped[int] = mapped_column(server_default="0")
    error: Mapped[str | None]
    ended_at: Mapped[datetime | None]

    integration = many_to_one("Integration", "integration_id")

    __table_args__ = (
        belongs("integration", "account_id", "site_id", "integration_id"),
        UniqueConstraint("account_id", "integration_id", "job_item_id"),
        index("sync_run", "account_id", "integration_id", "created_at", "id"),
    )


class SyncConflict(SectorRow):
    """A field that was changed here and there since both said the same; `base` is what both said, where it is known."""

    __tablename__ = "sync_conflict"
    content_id: Mapped[UUID]
    integration_id: Mapped[UUID]
    publication_id: Mapped[UUID]
    field: Mapped[SyncField] = term(SyncField)
    ours: Mapped[str]
    theirs: Mapped[str]
    base: Mapped[str | None]
    theirs_hash: Mapped[str]
    status: Mapped[ConflictStatus] = term(ConflictStatus, ConflictStatus.OPEN)
    user_id: Mapped[UUID | None]
    resolved_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    content = many_to_one("Content", "content_id")
    integration = many_to_one("Integration", "integration_id")
    publication = many_to_one("Publication", "publication_id")
    user = many_to_one("User", "user_id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol
    __table_args__ = (
        *sector_keys("sync_conflict"),
        *in_order("sync_conflict"),
        belongs("content", *SECTOR, "content_id"),
        belongs("publication", *SECTOR, "publication_id"),
        belongs("integration", "account_id", "site_id", "integration_id"),
        belongs("app_user", "account_id", "user_id", ondelete="SET NULL"),
        index("sync_conflict", "account_id", "site_id", "created_at", "id"),
        index("sync_conflict", "account_id", "publication_id", "id"),
        index("sync_conflict", "account_id", "content_id", "id"),
        Index(
            "uq_sync_conflict_open",
            "account_id",
            "publication_id",
            "field",
            unique=True,
            postgresql_where=text("status = 'OPEN'"),
        ),
    )
