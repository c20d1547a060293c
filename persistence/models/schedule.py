"""What is done by the clock."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from persistence.models.base import Base


class Schedule(Base):
    """A task of the platform itself: who has its row locked runs it."""

    __tablename__ = "schedule"
    name: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]
    last_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
