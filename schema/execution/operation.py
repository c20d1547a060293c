"""What one operation carries along: its plan, its variables, what the database has answered.

A WebSocket has one Strawberry context for all its operations, so this lives in a context variable: every operation
runs in a task of its own.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from graphql import GraphQLError

from domain.access import Permission
from domain.errors import too_long
from persistence.graph.measure import LONGEST
from persistence.scope import Named
from persistence.terms import ErrorCode

if TYPE_CHECKING:
    from schema.execution.planner import OperationPlan


@dataclass(frozen=True, slots=True)
class Telling:
    """A subscription's values, and the JSON of its `data` for each of them."""

    values: AsyncGenerator[Any]
    text: Callable[[Any], str]


@dataclass(slots=True)
class Naming:
    """The rows that a mutation names: ids by table, and where in its input each stands first."""

    ids: dict[str, dict[UUID, None]] = field(default_factory=dict)
    paths: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, table: str, id: UUID, path: tuple[str, ...]) -> None:
        self.ids.setdefault(table, {})[id] = None
        self.paths.setdefault(str(id), path)

    @property
    def rows(self) -> Named:
        return tuple((table, tuple(ids)) for table, ids in self.ids.items())


@dataclass(slots=True)
class Operation:
    """`payer`: the account whose query budget it spends. `telling`: what the transport is to send when the engine has
    nothing more to say. `named`: by the mutation that is being done.
    """

    plan: "OperationPlan"
    variables: dict[str, Any]
    payer: UUID | None = None
    requested: int = 0
    actual: int = 0
    sent: int = 0  # bytes
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)  # held over what is long: one after another
    telling: Telling | None = None
    named: Naming = field(default_factory=Naming)

    def take(self, size: int) -> None:
        """So many bytes more are sent; LIMIT_REACHED beyond what an answer may have."""
        self.sent += size
        if self.sent > LONGEST:
            raise too_long(self.sent, LONGEST)


def refuse_forbidden(plan: "OperationPlan", held: frozenset[Permission]) -> None:
    """One forbidden field refuses the operation."""
    for requirement in plan.requirements:
        if requirement.permission and requirement.permission not in held:
            needed, path = requirement.permission.value, requirement.path
            raise forbidden(f"{path[-1]} needs the permission {needed}.", path, permission=needed)


def forbidden(message: str, path: tuple[str, ...], **more: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": ErrorCode.FORBIDDEN.value, **more, "field": ".".join(path)})


_current: ContextVar[Operation] = ContextVar("operation")
current = _current.get
begin = _current.set


def begun() -> Operation | None:
    """None of an operation that was refused before."""
    return _current.get(None)
