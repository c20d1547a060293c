"""How mutations answer: ids converted once, expected failures as userErrors of the payload."""

from collections.abc import Awaitable, Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import get_object_definition
from strawberry.types.field import StrawberryField

from domain import names
from domain.access import Permission
from domain.errors import DomainError, camel, not_found
from domain.idempotency import all_once
from persistence.errors import PersistenceError, SiteArchived
from persistence.graph.selection import BadArgument
from persistence.models import Site
from persistence.terms import ErrorCode
from persistence.unit import Unit
from schema.errors import expected
from schema.execution.operation import Naming, current
from schema.graph.entity import REGISTRY
from schema.graph.fields import ForPeople, Requires

ENTITY = "entity"
ABSENT: Any = strawberry.UNSET
TOP_LEVEL = (ErrorCode.FORBIDDEN, ErrorCode.RATE_LIMITED, ErrorCode.INTERNAL, ErrorCode.COMMITTED)


@strawberry.type
class UserError:
    """Something that the caller can put right."""

    code: ErrorCode = strawberry.field(description="For programs.")
    message: str = strawberry.field(description="For people.")
    field: list[str] = strawberry.field(description="The path of the input it is about.")


@strawberry.type
class DeletePayload:
    deleted_ids: list[strawberry.ID] | None = strawberry.field(
        description="What is gone; null when userErrors says why nothing is.", default=None
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class RevokePayload:
    revoked_ids: list[strawberry.ID] | None = strawberry.field(
        description="What has ended, each by its id; null when userErrors says why nothing has.", default=None
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class DonePayload:
    done: bool | None = strawberry.field(
        description="true when it was; null when userErrors says why not.", default=None
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


def described(description: str, default: Any = MISSING) -> Any:
    """An input's field with what it says of itself; one without a default must be given."""
    return strawberry.field(description=description, default=default)


def id_field(entity: str, description: str, *, optional: bool = False, many: bool = False) -> Any:
    """An input's field that holds ids of an entity: UUIDs in Python."""
    kind: Any = list[strawberry.ID] if many else strawberry.ID
    if optional:
        return strawberry.field(
            graphql_type=kind | None, metadata={ENTITY: entity}, default=None, description=description
        )
    return strawberry.field(graphql_type=kind, metadata={ENTITY: entity}, description=description)


def given_id_field(entity: str, description: str) -> Any:
    """One that is absent is not null."""
    return strawberry.field(
        graphql_type=strawberry.ID | None,
        metadata={ENTITY: entity},
        default=strawberry.UNSET,
        description=description,
    )


def given(input: Any, *but: str) -> dict[str, Any]:
    """What an update's input holds, by Python name: null is None, what is absent is not there."""
    return {
        f.name: value
        for f in fields(input)
        if (value := getattr(input, f.name)) is not strawberry.UNSET and f.name not in but
    }


def id_argument(entity: str, description: str | None = None, *, many: bool = False, optional: bool = False) -> Any:
    """For `Annotated[UUID, id_argument("Job")]`; `optional`: of `UUID | None`."""
    kind: Any = list[strawberry.ID] if many else strawberry.ID
    kind = kind | None if optional else kind
    said = f"Ids of {names.many(entity)}; each counts once." if many else f"The id of {names.with_article(entity)}."
    return strawberry.argument(graphql_type=kind, metadata={ENTITY: entity}, description=description or said)


JobId = Annotated[UUID, id_argument("Job")]
SectorId = Annotated[UUID, id_argument("Sector")]


def mutation(permission: Permission, *, archived: bool = False) -> Callable[[Callable[..., Awaitable[Any]]], Any]:
    """A field of Mutation that answers with a payload. `archived`: it may be about what is in an archived site."""
    return _mutation(Requires(permission=permission), archived=archived)


def personal(permission: Permission | None = None) -> Callable[[Callable[..., Awaitable[Any]]], Any]:
    """A mutation of who signs in, never of an API key: whatever is done to sign-in, and to what only its owner may."""
    return _mutation(ForPeople(), *([Requires(permission=permission)] if permission else []))


def _mutation(*directives: object, archived: bool = False) -> Callable[[Callable[..., Awaitable[Any]]], Any]:
    return lambda resolver: strawberry.mutation(resolver, directives=directives, extensions=[Answer(archived=archived)])


def payload_field(permission: Permission, description: str) -> Callable[[Callable[..., Awaitable[Any]]], Any]:
    """A field of Query that answers as mutations do."""
    directives = [Requires(permission=permission)]
    return lambda resolver: strawberry.field(
        resolver, directives=directives, extensions=[Answer()], description=description
    )


class Answer(FieldExtension):
    """Decodes ids before the resolver, turns what it raises into userErrors.

    What the ids name is kept for the transaction that the resolver opens, which is refused where a site is archived.
    """

    def __init__(self, *, archived: bool = False) -> None:
        self.archived = archived

    def apply(self, field: StrawberryField) -> None:
        self.field = field

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: strawberry.Info, **kwargs: Any
    ) -> Any:
        named = current().named = Naming()
        try:
            for argument in self.field.arguments:
                if argument.python_name in kwargs:
                    kwargs[argument.python_name] = _decoded(argument, kwargs[argument.python_name], named)
            if self.archived:
                current().named = Naming()
            return await next_(source, info, **kwargs)
        except (DomainError, PersistenceError, BadArgument) as error:
            known = expected(error)
            if isinstance(error, SiteArchived) and known:
                known.field = named.paths[error.id]
            if (
                known is None
                or known.code in TOP_LEVEL
                or (known.code is ErrorCode.UNAUTHENTICATED and not known.field)
            ):
                raise
            return self._payload(known)

    def _payload(self, error: DomainError) -> Any:
        definition = get_object_definition(self.field.type, strict=True)
        blank = {f.python_name: None for f in definition.fields if f.python_name != "user_errors" and f.init}
        user_error = UserError(code=error.code, message=error.message, field=list(error.field))
        return definition.origin(**blank, user_errors=[user_error])


async def create_once(
    info: strawberry.Info[Any, None],
    entity: type,
    operation: str,
    input: Any,
    make: Callable[[Unit], Awaitable[list[UUID]]],
) -> list[UUID]:
    """The entities that `make` makes in one unit of work, or made before under the input's idempotencyKey."""
    bound, account_id = REGISTRY.of_type(entity), info.context.caller.account_id
    assert bound
    async with info.context.write() as unit:
        return await all_once(unit, bound.row, account_id, operation, input.idempotency_key, input, lambda: make(unit))


async def create_one_once(
    info: strawberry.Info[Any, None],
    entity: type,
    operation: str,
    input: Any,
    make: Callable[[Unit], Awaitable[UUID]],
) -> UUID:
    """As `create_once`, of what makes one."""

    async def made(unit: Unit) -> list[UUID]:
        return [await make(unit)]

    (id,) = await create_once(info, entity, operation, input, made)
    return id


def _decoded(argument: StrawberryArgument, value: Any, named: Naming) -> Any:
    if entity := argument.metadata.get(ENTITY):
        return value if value is None else _decode(entity, value, named, camel(argument.python_name))
    if is_dataclass(value):
        _decode_fields(value, named, camel(argument.python_name))
    return value


def _decode_fields(given: Any, named: Naming, *path: str) -> None:
    for field in fields(given):
        value = getattr(given, field.name)
        if isinstance(value, strawberry.Some):
            value = value.value
        if is_dataclass(value):
            _decode_fields(value, named, *path, camel(field.name))
        for n, each in enumerate(value if isinstance(value, list) else ()):
            if is_dataclass(each):
                _decode_fields(each, named, *path, camel(field.name), str(n))
        if (entity := field.metadata.get(ENTITY)) and value is not None and value is not strawberry.UNSET:
            setattr(given, field.name, _decode(entity, value, named, *path, camel(field.name)))


def _decode(entity: str, value: Any, named: Naming, *path: str) -> Any:
    if isinstance(value, list):
        return [_decode(entity, one, named, *path) for one in value]
    bound = REGISTRY.bindings[entity].entity
    assert bound
    id = bound.decode(value)
    if id is None:
        raise not_found(names.one(entity), *path)
    if entity in of_sites():
        named.add(bound.table, id, path)
    return id


@cache
def of_sites() -> frozenset[str]:
    """The entities whose rows are sites, or belong to one."""
    return frozenset(n for n, b in REGISTRY.bindings.items() if b.row is Site or "site_id" in b.row.__table__.columns)
