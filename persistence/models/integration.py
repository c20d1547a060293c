"""Where a site's contents are published to, how its connection was found, and what is there already."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from persistence.models.base import AccountRow, Line, belongs, index, many_to_one, one_to_many, term
from persistence.terms import CheckStage, IntegrationKind, IntegrationStatus, RemoteEntityKind

SITE = ("account_id", "site_id")


class Integration(AccountRow):
    """A destination of a site; its secret is sealed. Looked at every `sync_minutes`, where there are any; what was not
    known here is put into `sync_sector`, or into the site's first.
    """

    __tablename__ = "integration"
    site_id: Mapped[UUID]
    kind: Mapped[IntegrationKind] = term(IntegrationKind)
    name: Mapped[Line]
    url: Mapped[Line | None]
    config: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    status: Mapped[IntegrationStatus] = term(IntegrationStatus, IntegrationStatus.UNTESTED)
    error: Mapped[str | None]
    capabilities: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    checked_at: Mapped[datetime | None]
    sync_minutes: Mapped[int | None]
    sync_sector_id: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(server_default="1")

    site = many_to_one("Site", "site_id")
    sync_sector = many_to_one("Sector", "sync_sector_id")
    checks = one_to_many("ConnectionCheck", "integration_id")
    publications = one_to_many("Publication", "integration_id")
    publishing_records = one_to_many("PublishingRecord", "integration_id")
    sync_runs = one_to_many("SyncRun", "integration_id")
    conflicts = one_to_many("SyncConflict", "integration_id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol
    __table_args__ = (
        belongs("site", *SITE),
        belongs("sector", *SITE, "sync_sector_id", ondelete="SET NULL"),
        UniqueConstraint(*SITE, "name"),
        UniqueConstraint(*SITE, "id", name="uq_integration_identity"),
        index("integration", "account_id", "id"),
        index("integration", "account_id", "site_id", "created_at", "id"),
    )


class ConnectionCheck(AccountRow):
    """What a stage of the newest connection test found; `position` is its place in the test, from 0."""

    __tablename__ = "connection_check"
    site_id: Mapped[UUID]
    integration_id: Mapped[UUID]
    position: Mapped[int]
    stage: Mapped[CheckStage] = term(CheckStage)
    is_ok: Mapped[bool]
    ms: Mapped[int]
    found: Mapped[str]
    cure: Mapped[str] = mapped_column(server_default="")

    __table_args__ = (
        belongs("integration", *SITE, "integration_id"),
        UniqueConstraint("account_id", "integration_id", "position"),
    )


class RemoteEntity(AccountRow):
    """A picture or term at a destination: `key` is the picture's SHA-256, or the term's type and folded name.

    Without a `remote_id` it was sent at `sent_at`, and no answer has come: it is looked for before it is sent again.
    """

    __tablename__ = "remote_entity"
    site_id: Mapped[UUID]
    integration_id: Mapped[UUID]
    entity: Mapped[RemoteEntityKind] = term(RemoteEntityKind)
    key: Mapped[str]
    remote_id: Mapped[Line | None]
    remote_url: Mapped[str | None]
    sent_at: Mapped[datetime] = mapped_column(server_default=func.now())
    lookups: Mapped[int] = mapped_column(server_default="0")
    job_item_id: Mapped[UUID | None]

    __table_args__ = (
        belongs("integration", *SITE, "integration_id"),
        UniqueConstraint("account_id", "integration_id", "entity", "key"),
    )
