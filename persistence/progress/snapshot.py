"""What listeners are told of a job: the one list of it, which SQL, JSON and the SDL take theirs from."""

from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any
from uuid import UUID

from persistence.models import Job
from persistence.terms import ENDED


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The scalars of a job after a commit, called as the columns are; a kind may be one of a newer release."""

    id: UUID
    account_id: UUID
    site_id: UUID | None
    kind: str
    status: str
    phase: str
    message: str
    done: int
    total: int
    error: str | None
    credits_held: int
    credits_spent: int
    version: int

    @property
    def has_ended(self) -> bool:
        return self.status in ENDED


FIELDS = tuple(each.name for each in fields(Snapshot))
IDS = tuple(each.name for each in fields(Snapshot) if each.type in (UUID, UUID | None))
_values = attrgetter(*FIELDS)


def snapshot(job: Job) -> Snapshot:
    return Snapshot(*_values(job))


def snapshot_from(job: dict[str, Any]) -> Snapshot:
    """From JSON, with ids as text; what another release says of it beside is nothing here."""
    return Snapshot(**{**job, **{name: UUID(job[name]) for name in IDS if job[name]}})


def snapshot_of(row: tuple[Any, ...]) -> Snapshot:
    """From FIELDS as columns."""
    return Snapshot(*row)
