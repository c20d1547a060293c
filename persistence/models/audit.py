"""Who did what."""

from typing import Any
from uuid import UUID

from sqlalchemy import Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from persistence.models.base import AccountRow, Line, index, many_to_one, term
from persistence.terms import AuditOperation


class AuditEvent(AccountRow):
    """Append-only. A bulk write is one row: its count, filter and up to 1,000 ids."""

    __tablename__ = "audit_event"
    actor_id: Mapped[UUID | None]
    request_id: Mapped[Line | None]
    operation: Mapped[AuditOperation] = term(AuditOperation)
    action: Mapped[Line]
    entity: Mapped[Line]
    entity_id: Mapped[UUID | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    count: Mapped[int] = mapped_column(server_default="1")
    ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid()))

    actor = many_to_one("User", "actor_id")

    __table_args__ = (
        index("audit_event", "account_id", "created_at", "id"),
        index("audit_event", "account_id", "entity", "entity_id", "id"),
    )
