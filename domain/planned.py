"""A job before it is made: what it would do, for whom, and what it would cost at most."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from uuid import UUID

from domain.access import Permission
from domain.errors import bad_input
from domain.functions import Function
from persistence.models.base import SectorRow
from persistence.terms import JobKind, LimitKey
from persistence.unit import Unit

W = TypeVar("W")
MAX_SUBJECTS = 500  # rows that one request to do something with them may name


@dataclass(frozen=True, slots=True)
class Work:
    """One item to be: `weight` counts towards the job's total, `credits` is the most it may cost."""

    subject_id: UUID | None
    weight: int
    credits: int


@dataclass(frozen=True, slots=True)
class Place:
    """Whose job it is, and where its results belong."""

    account_id: UUID
    user_id: UUID | None
    site_id: UUID | None
    sector_id: UUID | None


def place_of(rows: Sequence[SectorRow], user_id: UUID) -> Place:
    """Of rows that belong to a sector each; BAD_INPUT when they are of several sites."""
    if len({row.site_id for row in rows}) > 1:
        raise bad_input("Take them from one site at a time.", "input")
    sectors = {row.sector_id for row in rows}
    return Place(rows[0].account_id, user_id, rows[0].site_id, rows[0].sector_id if len(sectors) == 1 else None)


@dataclass(frozen=True, slots=True)
class Planned:
    """What `function` is to do. `uses`: how much of what a plan limits."""

    function: Function
    place: Place
    work: list[Work]
    params: dict[str, Any] = field(default_factory=dict)
    uses: dict[LimitKey, int] = field(default_factory=dict)

    @property
    def kind(self) -> JobKind:
        return self.function.kind

    @property
    def subject_ids(self) -> list[UUID]:
        return [work.subject_id for work in self.work if work.subject_id]

    @property
    def credits(self) -> int:
        return sum(work.credits for work in self.work)


class Action(Function, Protocol[W]):
    """A kind of work that people start: `wanted` is what they say of it, `permission` what they need for it."""

    @property
    def permission(self) -> Permission: ...

    @property
    def wanted(self) -> type[W]: ...

    def plan(self, unit: Unit, user_id: UUID, wanted: W) -> Awaitable[Planned]:
        """Locks what it is about. Nothing is written: it serves estimates too."""
        ...
