"""Tenants, their people and sessions, plans."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, LargeBinary, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from persistence.models.base import (
    AccountRow,
    BigInt,
    Line,
    Row,
    TermType,
    View,
    belongs,
    index,
    many_to_one,
    one_to_many,
    one_to_one,
    term,
    term_list,
)
from persistence.terms import AccountStatus, LimitKey, Permission, Role


class Plan(Row):
    """What an account may use; a NULL limit is none."""

    __tablename__ = "plan"
    name: Mapped[Line]
    slug: Mapped[Line] = mapped_column(unique=True)
    price_cents: Mapped[int] = mapped_column(server_default="0")
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    max_users: Mapped[int | None]
    max_sites: Mapped[int | None]
    max_keywords: Mapped[int | None]
    max_clusters: Mapped[int | None]
    max_content_ideas: Mapped[int | None]
    max_ai_requests_per_month: Mapped[int | None]
    max_words_per_month: Mapped[int | None]
    max_images_per_month: Mapped[int | None]
    max_storage_bytes: Mapped[BigInt | None]
    credits_per_month: Mapped[int] = mapped_column(server_default="0")
    included_credits: Mapped[int | None]
    sign_up_credits: Mapped[int] = mapped_column(server_default="0")


class AccountLimit(View):
    """What the plan allows an account, and what is used of it, whoever asks."""

    __tablename__ = "account_limit"
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[LimitKey] = mapped_column(TermType(LimitKey), primary_key=True)
    used: Mapped[BigInt]
    limit: Mapped[BigInt | None]
    resets_at: Mapped[datetime | None]


class Account(Row):
    __tablename__ = "account"
    name: Mapped[Line]
    slug: Mapped[Line] = mapped_column(unique=True)
    owner_id: Mapped[UUID | None]
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    status: Mapped[AccountStatus] = term(AccountStatus, AccountStatus.TRIAL)
    archived_at: Mapped[datetime | None]
    default_country: Mapped[Line | None]
    default_language: Mapped[Line | None]
    default_word_count: Mapped[int] = mapped_column(server_default="1000")
    default_author_profile_id: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(server_default="1")

    plan = many_to_one("Plan", "plan_id")
    owner = many_to_one("User", "owner_id")
    default_author_profile = many_to_one("AuthorProfile", "default_author_profile_id")
    credits = one_to_one("CreditBalance", "account_id")
    users = one_to_many("User", "account_id")
    limits = one_to_many("AccountLimit", "account_id")
    invitations = one_to_many("Invitation", "account_id")
    api_keys = one_to_many("ApiKey", "account_id")
    sites = one_to_many("Site", "account_id")
    jobs = one_to_many("Job", "account_id")
    credit_transactions = one_to_many("CreditTransaction", "account_id")
    credit_usage_logs = one_to_many("CreditUsageLog", "account_id")
    audit_events = one_to_many("AuditEvent", "account_id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol
    __table_args__ = (
        ForeignKeyConstraint(
            ["id", "owner_id"], ["app_user.account_id", "app_user.id"], ondelete="SET NULL (owner_id)", use_alter=True
        ),
        ForeignKeyConstraint(
            ["id", "default_author_profile_id"],
            ["author_profile.account_id", "author_profile.id"],
            ondelete="SET NULL (default_author_profile_id)",
            use_alter=True,
        ),
    )


class User(AccountRow):
    __tablename__ = "app_user"
    email: Mapped[Line]
    password_hash: Mapped[str]
    first_name: Mapped[Line] = mapped_column(server_default="")
    last_name: Mapped[Line] = mapped_column(server_default="")
    role: Mapped[Role] = term(Role)
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    email_verified_at: Mapped[datetime | None]
    last_sign_in_at: Mapped[datetime | None]

    account = many_to_one("Account", "account_id")
    site_access = one_to_many("SiteAccess", "user_id")

    __table_args__ = (
        UniqueConstraint("email"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        UniqueConstraint("account_id", "id", name="uq_app_user_identity"),
        index("app_user", "account_id", "created_at", "id"),
    )


class Invitation(AccountRow):
    """Somebody is asked to join; open until it is accepted, revoked or has expired."""

    __tablename__ = "invitation"
    email: Mapped[Line]
    role: Mapped[Role] = term(Role)
    site_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default=text("'{}'"))
    invited_by_id: Mapped[UUID | None]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    invited_by = many_to_one("User", "invited_by_id")

    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower"),
        belongs("app_user", "account_id", "invited_by_id", ondelete="SET NULL"),
        index(
            "invitation", "account_id", "email", unique=True,
            postgresql_where=text("accepted_at is null and revoked_at is null"),
        ),
        index("invitation", "account_id", "created_at", "id"),
    )  # fmt: skip


class ApiKey(AccountRow):
    """A program's way in, in its maker's name: a session that does not rotate. Its text is kept as a hash."""

    __tablename__ = "api_key"
    user_id: Mapped[UUID]
    session_id: Mapped[UUID]
    name: Mapped[Line]
    prefix: Mapped[Line]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    permissions: Mapped[list[Permission]] = term_list(Permission)
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    user = many_to_one("User", "user_id")

    __table_args__ = (
        belongs("app_user", "account_id", "user_id"),
        belongs("user_session", "account_id", "session_id"),
        index("api_key", "account_id", "created_at", "id"),
    )


class Session(AccountRow):
    """A sign-in; its refresh tokens are one family, revoked together."""

    __tablename__ = "user_session"
    user_id: Mapped[UUID]
    user_agent: Mapped[Line] = mapped_column(server_default="")
    ip: Mapped[Line] = mapped_column(server_default="")
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[Line | None]
    is_api_key: Mapped[bool] = mapped_column(server_default=text("false"))

    user = many_to_one("User", "user_id")

    __table_args__ = (
        belongs("app_user", "account_id", "user_id"),
        UniqueConstraint("account_id", "id", name="uq_user_session_identity"),
        index("user_session", "account_id", "user_id", "created_at", "id"),
    )


class RefreshToken(AccountRow):
    """One refresh token, by the SHA-256 of its random text; used once, with a short grace."""

    __tablename__ = "refresh_token"
    session_id: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    used_at: Mapped[datetime | None]

    __table_args__ = (
        belongs("user_session", "account_id", "session_id"),
        index("refresh_token", "account_id", "session_id"),
    )


class IdempotencyKey(AccountRow):
    """What a creating or charging mutation made under a client's key: ids, never the response."""

    __tablename__ = "idempotency_key"
    operation: Mapped[str]
    key: Mapped[str]
    input_hash: Mapped[bytes] = mapped_column(LargeBinary)
    result_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))

    __table_args__ = (UniqueConstraint("account_id", "operation", "key"),)
