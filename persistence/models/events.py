"""What happens: for those who act on it, and those who are told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from persistence.models.base import (
    AccountRow,
    Json,
    Line,
    TermType,
    View,
    belongs,
    growing_term,
    index,
    many_to_one,
)
from persistence.terms import EventKind


class TransactionId(UserDefinedType[str]):
    """xid8: which transaction, of all that this server has had."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


ischema_names["xid8"] = TransactionId  # else SQLAlchemy would not know it in a database's own catalogue


class Told:
    """What is said of something that has happened."""

    subject_type: Mapped[Line]
    subject_id: Mapped[UUID | None]
    ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid()))
    count: Mapped[int] = mapped_column(server_default="1")
    actor_id: Mapped[UUID | None]
    request_id: Mapped[Line | None]
    payload: Mapped[Json] = mapped_column(server_default=text("'{}'"))


class Event(Told, AccountRow):
    """Append-only, and made by the function `tell` alone; kept for thirty days."""

    __tablename__ = "event"
    site_id: Mapped[UUID | None]
    kind: Mapped[EventKind] = growing_term(EventKind, "event_kind")
    cause: Mapped[UUID | None]
    transaction: Mapped[str] = mapped_column(TransactionId(), server_default=text("pg_current_xact_id()"))
    horizon: Mapped[str] = mapped_column(
        TransactionId(), server_default=text("pg_snapshot_xmin(pg_current_snapshot())")
    )

    __table_args__ = (
        belongs("site", "account_id", "site_id"),
        index("event", "account_id", "site_id", "id"),
        index("event", "account_id", "transaction", "id"),
    )


class SiteEvent(Told, View):
    """Those of a site, as all are told who see it."""

    __tablename__ = "site_event"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    site_id: Mapped[UUID]
    kind: Mapped[EventKind] = mapped_column(TermType(EventKind))
    job_id: Mapped[UUID | None]
    created_at: Mapped[datetime]

    site = many_to_one("Site", "site_id")
    actor = many_to_one("User", "actor_id")
    job = many_to_one("Job", "job_id")
