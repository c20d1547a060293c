"""What an account sets for its AI work: prompts, author profiles, strategies, providers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from persistence.models.base import AccountRow, Base, Json, Line, belongs, growing_term, index, many_to_one, term
from persistence.terms import IntegrationType, PromptType


class Prompt(AccountRow):
    """One version of an account's own prompt; at most one of a type is active, else the default serves."""

    __tablename__ = "ai_prompt"
    prompt_type: Mapped[PromptType] = growing_term(PromptType, "prompt_type")
    function_name: Mapped[Line | None]
    prompt_value: Mapped[str]
    system_value: Mapped[str]
    number: Mapped[int]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    user_id: Mapped[UUID | None]

    user = many_to_one("User", "user_id")

    __table_args__ = (
        belongs("app_user", "account_id", "user_id", ondelete="SET NULL"),
        UniqueConstraint("account_id", "prompt_type", "number"),
        index("ai_prompt", "account_id", "prompt_type", unique=True, postgresql_where=text("is_active")),
        index("ai_prompt", "account_id", "created_at", "id"),
    )


class AuthorProfile(AccountRow):
    """In whose voice articles are written."""

    __tablename__ = "author_profile"
    name: Mapped[Line]
    description: Mapped[str] = mapped_column(server_default="")
    tone: Mapped[Line] = mapped_column(server_default="")
    language: Mapped[Line] = mapped_column(server_default="")
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol
    __table_args__ = (
        UniqueConstraint("account_id", "name"),
        UniqueConstraint("account_id", "id", name="uq_author_profile_identity"),
        index("author_profile", "account_id", "created_at", "id"),
    )


class Strategy(AccountRow):
    """How content of a sector, or of all, is to be made: instructions per prompt, sections per structure."""

    __tablename__ = "strategy"
    site_id: Mapped[UUID | None]
    sector_id: Mapped[UUID | None]
    name: Mapped[Line]
    description: Mapped[str] = mapped_column(server_default="")
    prompt_types: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"))
    section_logic: Mapped[dict[str, list[str]]] = mapped_column(JSONB, server_default=text("'{}'"))
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    version: Mapped[int] = mapped_column(server_default="1")

    site = many_to_one("Site", "site_id")
    sector = many_to_one("Sector", "sector_id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol
    __table_args__ = (
        belongs("site", "account_id", "site_id"),
        belongs("sector", "account_id", "site_id", "sector_id"),
        UniqueConstraint("account_id", "name"),
        index("strategy", "account_id", "created_at", "id"),
        index("strategy", "account_id", "sector_id", "created_at", "id"),
    )


class AiSettings(AccountRow):
    """A provider as an account uses it; its key is encrypted and never shown."""

    __tablename__ = "integration_settings"
    integration_type: Mapped[IntegrationType] = term(IntegrationType)
    config: Mapped[Json] = mapped_column(server_default=text("'{}'"))
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol
    __table_args__ = (UniqueConstraint("account_id", "integration_type"),)

    def option(self, name: str) -> Any:
        return self.config.get(name)


class SystemSettings(Base):
    """The platform's own, in one row: everybody reads them, staff changes them."""

    __tablename__ = "system_settings"
    single: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    sign_ups_open: Mapped[bool] = mapped_column(server_default=text("true"))
    sign_up_by_letter: Mapped[bool | None]  # null: in production
    sign_up_plan_slug: Mapped[str] = mapped_column(server_default="trial")
    support_email: Mapped[str | None]
    notice: Mapped[str | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())

    __table_args__ = (CheckConstraint(text("single"), name="single"),)
