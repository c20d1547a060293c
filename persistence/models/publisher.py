"""What is published where, and the record of how it came there."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from persistence.models.base import (
    SECTOR,
    AccountRow,
    BigInt,
    Line,
    SectorRow,
    belongs,
    in_order,
    index,
    many_to_one,
    one_to_many,
    sector_keys,
    term,
)
from persistence.terms import PublishingAction, PublishingOutcome, RemoteEntityKind, RemoteStatus, Weekday


class PublishingCalendar(AccountRow):
    """When a site's contents come out. A trigger makes it with the site, so that whoever counts or plans has a row to
    lock: before tasks, contents and publications.
    """

    __tablename__ = "publishing_calendar"
    site_id: Mapped[UUID]
    time_zone: Mapped[Line] = mapped_column(server_default="UTC")
    max_per_day: Mapped[int | None]
    paused_at: Mapped[datetime | None]
    paused_by_id: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(server_default="1")

    site = many_to_one("Site", "site_id")
    slots = one_to_many("PublishingSlot", "calendar_id")
    paused_by = many_to_one("User", "paused_by_id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol
    __table_args__ = (
        belongs("site", "account_id", "site_id"),
        belongs("app_user", "account_id", "paused_by_id", ondelete="SET NULL"),
        UniqueConstraint("account_id", "site_id"),
        UniqueConstraint("account_id", "site_id", "id", name="uq_publishing_calendar_identity"),
        CheckConstraint(text("max_per_day between 1 and 1000"), name="max_per_day"),
    )


class PublishingSlot(AccountRow):
    """A time of the week at which something may come out; `minute` counts from Monday 00:00."""

    __tablename__ = "publishing_slot"
    site_id: Mapped[UUID]
    calendar_id: Mapped[UUID]
    day: Mapped[Weekday] = term(Weekday)
    minute: Mapped[int]

    __table_args__ = (
        belongs("publishing_calendar", "account_id", "site_id", "calendar_id"),
        UniqueConstraint("account_id", "calendar_id", "minute"),
        CheckConstraint(text("minute between 0 and 10079"), name="minute"),
    )


class Publication(SectorRow):
    """A content at an integration: what is wanted, and what was last known to be there.

    `marker` names it there. `status` is null while nothing of it is. `sent` is the hash of what was last put, so that
    what is the same is not put again. `base`: of each SyncField the hashes of what it said here and there, when both
    were last the same. `is_held`: while publishing is paused it is a draft there, instead of waiting for its date.
    `unknown_since`: it was sent to be created, and no answer has come; it is looked for `lookups` times before it is
    sent again. `bytes`: what it takes of the account's STORAGE, from before it is written. `job_item_id` is who works
    on it, so that there is one at a time.
    """

    __tablename__ = "publication"
    content_id: Mapped[UUID]
    integration_id: Mapped[UUID]
    entity: Mapped[RemoteEntityKind] = term(RemoteEntityKind)
    marker: Mapped[Line]
    wanted_status: Mapped[RemoteStatus] = term(RemoteStatus)
    status: Mapped[RemoteStatus | None] = term(RemoteStatus)
    publish_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]  # the date that it has there, while it waits for one
    looked_at: Mapped[datetime | None]  # when it was last read back because of its date
    published_at: Mapped[datetime | None]
    remote_id: Mapped[Line | None]
    url: Mapped[str | None]
    slug: Mapped[str | None]
    revision: Mapped[int | None]
    sent: Mapped[str | None]
    base: Mapped[dict[str, list[str]]] = mapped_column(JSONB, server_default=text("'{}'"))
    modified_at: Mapped[datetime | None]  # there, by its own clock
    is_stale: Mapped[bool] = mapped_column(server_default=text("false"))
    is_held: Mapped[bool] = mapped_column(server_default=text("false"))
    error: Mapped[str | None]
    unknown_since: Mapped[datetime | None]
    lookups: Mapped[int] = mapped_column(server_default="0")
    bytes: Mapped[BigInt] = mapped_column(server_default="0")
    job_item_id: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(server_default="1")

    content = many_to_one("Content", "content_id")
    integration = many_to_one("Integration", "integration_id")
    records = one_to_many("PublishingRecord", "publication_id")

    conflicts = one_to_many("SyncConflict", "publication_id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol
    __table_args__ = (
        *sector_keys("publication"),
        *in_order("publication"),
        belongs("content", *SECTOR, "content_id"),
        belongs("integration", "account_id", "site_id", "integration_id"),
        UniqueConstraint("account_id", "content_id", "integration_id"),
        UniqueConstraint("account_id", "integration_id", "marker"),
        UniqueConstraint("account_id", "integration_id", "remote_id"),
        index("publication", "account_id", "integration_id", "published_at", "id"),
        index("publication", "account_id", "site_id", "published_at", "id"),
        index("publication", "account_id", "site_id", "publish_at", "id"),
        index("publication", "account_id", "publish_at", postgresql_where=text("status = 'SCHEDULED'")),
    )


class PublishingRecord(SectorRow):
    """One attempt at a destination: written before the call, ended after it. Append-only."""

    __tablename__ = "publishing_record"
    content_id: Mapped[UUID]
    integration_id: Mapped[UUID]
    publication_id: Mapped[UUID]
    job_item_id: Mapped[UUID | None]
    revision: Mapped[int]
    attempt: Mapped[int]
    action: Mapped[PublishingAction] = term(PublishingAction)
    outcome: Mapped[PublishingOutcome] = term(PublishingOutcome, PublishingOutcome.UNDER_WAY)
    remote_id: Mapped[Line | None]
    url: Mapped[str | None]
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    error: Mapped[str | None]
    code: Mapped[Line | None]
    ended_at: Mapped[datetime | None]

    content = many_to_one("Content", "content_id")
    integration = many_to_one("Integration", "integration_id")
    publication = many_to_one("Publication", "publication_id")

    __table_args__ = (
        belongs("sector", *SECTOR),
        *in_order("publishing_record"),
        belongs("content", *SECTOR, "content_id"),
        belongs("integration", "account_id", "site_id", "integration_id"),
        belongs("publication", *SECTOR, "publication_id"),
        index("publishing_record", "account_id", "content_id", "created_at", "id"),
        index("publishing_record", "account_id", "integration_id", "created_at", "id"),
        index("publishing_record", "account_id", "publication_id", "created_at", "id"),
    )


class PublicationLink(SectorRow):
    """A content to which a publication links, as it was last sent: to where, and null without a link."""

    __tablename__ = "publication_link"
    integration_id: Mapped[UUID]
    publication_id: Mapped[UUID]
    target_content_id: Mapped[UUID]  # not a key: what linked to it outlives it
    resolved_url: Mapped[str | None]

    __table_args__ = (
        belongs("sector", *SECTOR),
        *in_order("publication_link"),
        belongs("integration", "account_id", "site_id", "integration_id"),
        belongs("publication", *SECTOR, "publication_id"),
        UniqueConstraint("account_id", "publication_id", "target_content_id"),
        index("publication_link", "account_id", "integration_id", "target_content_id"),
    )
