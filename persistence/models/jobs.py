"""Background work: the row is the truth and its own outbox."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from persistence.models.base import (
    AccountRow,
    BigInt,
    Json,
    Line,
    Texts,
    belongs,
    growing_term,
    index,
    many_to_one,
    one_to_many,
    term,
)
from persistence.terms import AiCallStatus, JobItemStatus, JobKind, JobStatus


class Job(AccountRow):
    __tablename__ = "job"
    site_id: Mapped[UUID | None]
    sector_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    kind: Mapped[JobKind] = growing_term(JobKind, "job_kind")
    params: Mapped[Json] = mapped_column(server_default=text("'{}'"))
    status: Mapped[JobStatus] = term(JobStatus, JobStatus.QUEUED)
    phase: Mapped[Line] = mapped_column(server_default="")
    message: Mapped[str] = mapped_column(server_default="")
    done: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int] = mapped_column(server_default="0")
    open_items: Mapped[int] = mapped_column(server_default="0")
    ended_weight: Mapped[int] = mapped_column(server_default="0")
    version: Mapped[BigInt] = mapped_column(server_default="1")
    credits_held: Mapped[int] = mapped_column(server_default="0")
    credits_spent: Mapped[int] = mapped_column(server_default="0")
    error: Mapped[str | None]
    cancel_requested_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    site = many_to_one("Site", "site_id")
    sector = many_to_one("Sector", "sector_id")
    user = many_to_one("User", "user_id")
    items = one_to_many("JobItem", "job_id")

    __table_args__ = (
        belongs("site", "account_id", "site_id"),
        belongs("sector", "account_id", "site_id", "sector_id", ondelete="SET NULL"),
        belongs("app_user", "account_id", "user_id", ondelete="SET NULL"),
        UniqueConstraint("account_id", "id", name="uq_job_identity"),
        CheckConstraint("credits_held >= 0 and credits_spent >= 0", name="credits"),
        index("job", "account_id", "created_at", "id"),
        index("job", "account_id", "site_id", "created_at", "id"),
        index("job", "account_id", "sector_id", "created_at", "id"),
        index("job", "account_id", postgresql_where=text("finished_at is null")),
    )


class JobItem(AccountRow):
    """One unit of paid or visible work, claimed under a lease."""

    __tablename__ = "job_item"
    site_id: Mapped[UUID | None]
    job_id: Mapped[UUID]
    position: Mapped[int]
    subject_id: Mapped[UUID | None]
    queue: Mapped[str]
    weight: Mapped[int] = mapped_column(server_default="1")
    status: Mapped[JobItemStatus] = term(JobItemStatus, JobItemStatus.QUEUED)
    attempts: Mapped[int] = mapped_column(server_default="0")
    failures: Mapped[int] = mapped_column(server_default="0")
    credits_estimate: Mapped[int] = mapped_column(server_default="0")
    credits_spent: Mapped[int] = mapped_column(server_default="0")
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    available_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    deadline_at: Mapped[datetime | None]
    error: Mapped[str | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    job = many_to_one("Job", "job_id")
    calls = one_to_many("AiCall", "job_item_id")

    __table_args__ = (
        belongs("job", "account_id", "job_id"),
        belongs("site", "account_id", "site_id"),
        UniqueConstraint("account_id", "job_id", "position"),
        UniqueConstraint("account_id", "id", name="uq_job_item_identity"),
        index(
            "job_item",
            "account_id",
            "queue",
            "available_at",
            "id",
            postgresql_where=text("status in ('QUEUED', 'RUNNING', 'WAITING')"),
        ),
        index("job_item", "account_id", "queue", "lease_until", postgresql_where=text("status = 'RUNNING'")),
    )


class AiCall(AccountRow):
    """One attempt at a provider. Money in millionths of a US dollar; null where nobody knows."""

    __tablename__ = "ai_call"
    site_id: Mapped[UUID | None]
    job_item_id: Mapped[UUID]
    function: Mapped[Line]
    provider: Mapped[Line]
    model: Mapped[Line]
    prompt_version: Mapped[int | None]
    status: Mapped[AiCallStatus] = term(AiCallStatus, AiCallStatus.RUNNING)
    input_tokens: Mapped[int] = mapped_column(server_default="0")
    output_tokens: Mapped[int] = mapped_column(server_default="0")
    cost_micros: Mapped[BigInt | None]
    latency_ms: Mapped[int | None]
    finish_reason: Mapped[str | None]
    error: Mapped[str | None]
    problems: Mapped[Texts]

    item = many_to_one("JobItem", "job_item_id")

    __table_args__ = (
        belongs("job_item", "account_id", "job_item_id"),
        belongs("site", "account_id", "site_id"),
        index("ai_call", "account_id", "job_item_id", "created_at", "id"),
        index("ai_call", "account_id", "created_at"),
    )
