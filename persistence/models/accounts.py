"""Tenants, their people and sessions, plans."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, LargeBinary, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from persistence.base import AccountRow, BigInt, Row, TermType, View, belongs, index, term, term_list
from persistence.terms import AccountStatus, LimitKey, Permission, Role

if TYPE_CHECKING:
    from persistence.models.audit import AuditEvent
    from persistence.models.billing import CreditBalance, CreditTransaction, CreditUsageLog
    from persistence.models.jobs import Job
    from persistence.models.sites import Site, SiteUserAccess
    from persistence.models.system import AuthorProfile


class Plan(Row):
    """What an account may use; a NULL limit is none."""

    __tablename__ = "plan"
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
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
    credits_per_month: Mapped[int] = mapped_column(server_default="0")
    included_credits: Mapped[int | None]
    sign_up_credits: Mapped[int] = mapped_column(server_default="0")


class AccountLimit(View):
    """What the plan allows an account, and what is used of it, whoever asks."""

    __tablename__ = "account_limit"
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[LimitKey] = mapped_column(TermType(LimitKey), primary_key=True)
    used: Mapped[BigInt]
    limit: Mapped[int | None]
    resets_at: Mapped[datetime | None]


class Account(Row):
    __tablename__ = "account"
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    owner_id: Mapped[UUID | None]
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    status: Mapped[AccountStatus] = term(AccountStatus, AccountStatus.TRIAL)
    archived_at: Mapped[datetime | None]
    default_country: Mapped[str | None]
    default_language: Mapped[str | None]
    default_word_count: Mapped[int] = mapped_column(server_default="1000")
    default_author_profile_id: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(server_default="1")

    plan: Mapped[Plan] = relationship(lazy="raise")
    owner: Mapped["User | None"] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(Account.owner_id) == User.id"
    )
    default_author_profile: Mapped["AuthorProfile | None"] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(Account.default_author_profile_id) == AuthorProfile.id"
    )
    credits: Mapped["CreditBalance"] = relationship(lazy="raise", viewonly=True)
    users: Mapped[list["User"]] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(User.account_id) == Account.id"
    )
    limits: Mapped[list[AccountLimit]] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(AccountLimit.account_id) == Account.id"
    )
    invitations: Mapped[list["Invitation"]] = relationship(lazy="raise", viewonly=True)
    api_keys: Mapped[list["ApiKey"]] = relationship(lazy="raise", viewonly=True)
    sites: Mapped[list["Site"]] = relationship(lazy="raise", viewonly=True)
    jobs: Mapped[list["Job"]] = relationship(lazy="raise", viewonly=True)
    credit_transactions: Mapped[list["CreditTransaction"]] = relationship(lazy="raise", viewonly=True)
    credit_usage_logs: Mapped[list["CreditUsageLog"]] = relationship(lazy="raise", viewonly=True)
    audit_events: Mapped[list["AuditEvent"]] = relationship(lazy="raise", viewonly=True)

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
    email: Mapped[str]
    password_hash: Mapped[str]
    first_name: Mapped[str] = mapped_column(server_default="")
    last_name: Mapped[str] = mapped_column(server_default="")
    role: Mapped[Role] = term(Role)
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    email_verified_at: Mapped[datetime | None]
    last_sign_in_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(User.account_id) == Account.id"
    )
    site_access: Mapped[list["SiteUserAccess"]] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(SiteUserAccess.user_id) == User.id"
    )

    __table_args__ = (
        UniqueConstraint("email"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        UniqueConstraint("account_id", "id", name="uq_app_user_identity"),
        index("app_user", "account_id", "created_at", "id"),
    )


class Invitation(AccountRow):
    """Somebody is asked to join; open until it is accepted, revoked or has expired."""

    __tablename__ = "invitation"
    email: Mapped[str]
    role: Mapped[Role] = term(Role)
    site_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default=text("'{}'"))
    invited_by_id: Mapped[UUID | None]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    invited_by: Mapped[User | None] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(Invitation.invited_by_id) == User.id"
    )

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
    name: Mapped[str]
    prefix: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    permissions: Mapped[list[Permission]] = term_list(Permission)
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise", viewonly=True, primaryjoin="foreign(ApiKey.user_id) == User.id")

    __table_args__ = (
        belongs("app_user", "account_id", "user_id"),
        belongs("user_session", "account_id", "session_id"),
        index("api_key", "account_id", "created_at", "id"),
    )


class Session(AccountRow):
    """A sign-in; its refresh tokens are one family, revoked together."""

    __tablename__ = "user_session"
    user_id: Mapped[UUID]
    user_agent: Mapped[str] = mapped_column(server_default="")
    ip: Mapped[str] = mapped_column(server_default="")
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None]
    is_api_key: Mapped[bool] = mapped_column(server_default=text("false"))

    user: Mapped[User] = relationship(lazy="raise", viewonly=True, primaryjoin="foreign(Session.user_id) == User.id")

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
