"""Credits: an append-only ledger beside a balance under one row lock. Integers only."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from persistence.models.base import AccountRow, Base, BigInt, Json, Line, belongs, index, many_to_one, term
from persistence.terms import CreditHoldStatus, CreditTransactionType


class CreditBalance(Base):
    """The one row that spending locks; sum(ledger) = balance + held."""

    __tablename__ = "credit_balance"
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    balance: Mapped[int] = mapped_column(server_default="0")
    held: Mapped[int] = mapped_column(server_default="0")

    __table_args__ = (CheckConstraint("balance >= 0 and held >= 0", name="covered"),)


class StoredFile(AccountRow):
    """A file that is kept, under its id as key; until `kept_until` nothing names it yet."""

    __tablename__ = "stored_file"
    bytes: Mapped[BigInt]
    kept_until: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("bytes >= 0", name="size"),
        index("stored_file", "account_id", "bytes"),
        index("stored_file", "account_id", "kept_until", postgresql_where=text("kept_until is not null")),
    )


class CreditTransaction(AccountRow):
    """A leg of the ledger; `key` makes it happen once."""

    __tablename__ = "credit_transaction"
    transaction_type: Mapped[CreditTransactionType] = term(CreditTransactionType)
    amount: Mapped[int]
    balance_after: Mapped[int]
    description: Mapped[str] = mapped_column(server_default="")
    key: Mapped[str]
    user_id: Mapped[UUID | None]
    job_id: Mapped[UUID | None]

    job = many_to_one("Job", "job_id")
    user = many_to_one("User", "user_id")

    __table_args__ = (
        UniqueConstraint("account_id", "key"),
        belongs("app_user", "account_id", "user_id", ondelete="SET NULL"),
        belongs("job", "account_id", "job_id", ondelete="SET NULL"),
        index("credit_transaction", "account_id", "created_at", "id"),
    )


class CreditHold(AccountRow):
    """Credits set aside for a job: amount = spent + released + what is still held."""

    __tablename__ = "credit_hold"
    job_id: Mapped[UUID]
    amount: Mapped[int]
    spent: Mapped[int] = mapped_column(server_default="0")
    released: Mapped[int] = mapped_column(server_default="0")
    status: Mapped[CreditHoldStatus] = term(CreditHoldStatus, CreditHoldStatus.OPEN)

    __table_args__ = (
        belongs("job", "account_id", "job_id"),
        UniqueConstraint("account_id", "job_id"),
        CheckConstraint("spent >= 0 and released >= 0 and spent + released <= amount", name="within"),
    )


class CreditUsageLog(AccountRow):
    __tablename__ = "credit_usage_log"
    operation_type: Mapped[Line]
    credits_used: Mapped[int]
    cost_micros: Mapped[BigInt | None]
    details: Mapped[Json] = mapped_column(server_default=text("'{}'"))
    job_item_id: Mapped[UUID]
    site_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]

    site = many_to_one("Site", "site_id")
    user = many_to_one("User", "user_id")

    __table_args__ = (
        UniqueConstraint("account_id", "job_item_id"),
        belongs("job_item", "account_id", "job_item_id"),
        belongs("site", "account_id", "site_id", ondelete="SET NULL"),
        belongs("app_user", "account_id", "user_id", ondelete="SET NULL"),
        index("credit_usage_log", "account_id", "created_at", "id"),
    )
