"""Binds GraphQL types to row classes: a field of an entity is a column, an SQL expression or an edge.

Names, types and nullability come from the mapped attribute of the same name. `@entity` only notes the class;
`bind` makes the Strawberry types and the compiler's Graph of all of them, so that they may refer to each other freely.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar, cast, get_args
from uuid import UUID

import strawberry
from sqlalchemy import Column, Table, inspect
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import ColumnProperty
from sqlalchemy.sql import FromClause
from sqlalchemy.types import BigInteger, Boolean, Integer, Text, Uuid
from strawberry.types.base import get_object_definition

from domain.access import Permission
from domain.errors import camel
from persistence.graph.model import Entity, Filter, FilterKind, Graph, Member, Order, ToEvery, ToMany, ToOne, Value
from persistence.graph.scalars import LENGTHS, Scalar
from persistence.models.base import Base, Edge, LineType, TermType
from schema.graph.connection import connection_arguments, connection_type
from schema.graph.fields import GraphField, Requires
from schema.graph.filters import filter_input, order_input
from schema.graph.scalars import BigInt

C = TypeVar("C", bound=type)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Folded:
    """Where a text is kept as searches compare it, and how it was folded."""

    column: str
    fold: Callable[[str], str] | None


@dataclass(frozen=True, slots=True)
class Part:
    """One line of an entity's body, until it is bound."""

    kind: str
    description: str | None = None
    filter: bool = False
    order: bool = False
    search: "bool | Folded" = False
    words: str | None = None
    requires: Permission | None = None
    sql: Callable[[str], str] | None = None
    type: Any = None
    every: str | None = None
    among: "tuple[str, str, str] | None" = None


@dataclass(slots=True)
class Binding:
    """An entity class on its way: its row class, its id prefix, its parts."""

    cls: type
    row: type[Base]
    prefix: str
    parts: dict[str, Part]
    requires: Permission
    export: tuple[str, ...] = ()
    connection: type | None = None
    filter: type | None = None
    order: type | None = None
    entity: Entity | None = None


@dataclass(slots=True)
class Registry:
    """All entities of a schema."""

    bindings: dict[str, Binding] = field(default_factory=dict)
    graph: Graph = field(default_factory=Graph)
    bound: bool = False

    def of_row(self, name: str) -> Binding:
        return next(b for b in self.bindings.values() if b.row.__name__ == name)

    def of_type(self, cls: object) -> Binding | None:
        return next((b for b in self.bindings.values() if b.cls is cls), None)


REGISTRY = Registry()


@strawberry.interface(description="Anything that has an id of its own.")
class Node:
    id: strawberry.ID


def column(
    description: str | None = None,
    *,
    filter: bool = False,
    order: bool = False,
    search: bool | Folded = False,
    words: str | None = None,
    requires: Permission | None = None,
) -> Any:
    """The mapped column of the same name; `words`: the column of its words for full-text search, in `language`."""
    return Part("column", description, filter, order, search, words, requires)


def expression(sql: Callable[[str], str], type: Any, description: str | None = None) -> Any:
    """A value that SQL computes from the row at an alias; `type` is a Python type, `X | None` where it may be null."""
    return Part("expression", description, sql=sql, type=type)


def relation(
    description: str | None = None,
    *,
    filter: bool = False,
    requires: Permission | None = None,
    among: tuple[str, str, str] | None = None,
) -> Any:
    """The edge of the same name: one entity, or a connection. `among`: a filter's name, the entity whose ids it takes,
    and the column that holds those of a row.
    """
    return Part("relation", description, filter, requires=requires, among=among)


def every(column: str, description: str | None = None) -> Any:
    """The edge of the same name as a plain list in the order of `column`, where there are always few."""
    return Part("relation", description, every=column)


def entity(
    row: type[Base], *, prefix: str = "", requires: Permission = Permission.READ, export: str = ""
) -> Callable[[C], C]:
    """An entity with a prefix has an id and is a Node. `requires`: to select anything of it, wherever it stands.

    `export`: the columns of its lists as files, by GraphQL's names; `cluster.name` is another entity's.
    """

    def note(cls: C) -> C:
        parts = {name: part for name, part in vars(cls).items() if isinstance(part, Part)}
        REGISTRY.bindings[cls.__name__] = Binding(cls, row, prefix, parts, requires, tuple(export.split()))
        return cls

    return note


@dataclass(frozen=True, slots=True)
class Ref:
    """An entity by its id, or several: read back when its fields are asked for."""

    ids: tuple[UUID, ...]
    many: bool = False


def ref(kind: type[T], id: UUID) -> T:
    """For a payload's field of the type `kind`."""
    return cast(T, Ref((id,)))


def refs(kind: type[T], ids: list[UUID]) -> list[T]:
    return cast(list[T], Ref(tuple(ids), many=True))


def encoded(kind: type, ids: list[UUID]) -> list[strawberry.ID]:
    """As clients see them."""
    binding = REGISTRY.of_type(kind)
    assert binding
    assert binding.entity
    return [strawberry.ID(binding.entity.encode(id)) for id in ids]


def decoded(kind: type, id: object) -> UUID | None:
    """None for what is no id of this kind."""
    binding = REGISTRY.of_type(kind)
    assert binding
    assert binding.entity
    return binding.entity.decode(id)


def bind() -> Registry:
    """Makes every noted class a Strawberry type; later calls change nothing."""
    if not REGISTRY.bound:
        for binding in REGISTRY.bindings.values():
            binding.entity = Entity(binding.cls.__name__, binding.prefix, _table(binding))
            binding.connection = connection_type(binding.cls)
            REGISTRY.graph.add(binding.entity)
        for binding in REGISTRY.bindings.values():
            _fill(binding)
            binding.filter = filter_input(binding.entity, _terms(binding), _said(binding)) if binding.entity else None
            binding.order = order_input(binding.entity, _said(binding)) if binding.entity else None
        for binding in REGISTRY.bindings.values():
            _make(binding)
        REGISTRY.bound = True
    return REGISTRY


def entity_permissions(registry: Registry) -> dict[str, Permission]:
    """What it takes to select anything of a type: of entities, and of their connections."""
    of = {name: binding.requires for name, binding in registry.bindings.items()}
    return {**of, **{f"{name}Connection": permission for name, permission in of.items()}}


def _table(binding: Binding) -> str:
    return str(inspect(binding.row).local_table.name)  # type: ignore[attr-defined]


def _fill(binding: Binding) -> None:
    assert binding.entity
    if binding.prefix:
        binding.parts = {"id": Part("column"), **binding.parts}
    for name, part in binding.parts.items():
        member, _ = _member(binding, name, part)
        binding.entity.fields[camel(name)] = member
        _filter(binding.entity, binding, name, part, member)


def _filter(entity: Entity, binding: Binding, name: str, part: Part, member: Member) -> None:
    if isinstance(member, ToOne) and part.filter:
        prefix = REGISTRY.bindings[member.target].prefix
        entity.filters[camel(name) + "Id"] = Filter(FilterKind.IDENTITY, member.local, prefix)
    if part.among:
        named, target, held = part.among
        entity.filters[named] = Filter(FilterKind.MEMBER, held, REGISTRY.bindings[target].prefix)
    if part.kind != "column":
        return
    column = _column(binding, name)
    if part.search:
        folded = part.search if isinstance(part.search, Folded) else Folded(column.name, None)
        entity.filters["search"] = Filter(FilterKind.SEARCH, folded.column, fold=folded.fold)
    if part.words:
        fold = part.search.fold if isinstance(part.search, Folded) else None
        entity.filters["fullText"] = Filter(FilterKind.FULL_TEXT, part.words, fold=fold, language="language")
    if part.filter:
        entity.filters[camel(name)] = Filter(_filter_kind(column), column.name)
    if part.order:
        entity.orders[column.name.upper()] = Order(column.name, _sql_type(column), bool(column.nullable))


def _terms(binding: Binding) -> dict[str, type]:
    """The enum of each filter over a closed set."""
    found = {}
    for name, part in binding.parts.items():
        if part.kind == "column" and part.filter:
            column = _column(binding, name)
            kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
            if isinstance(kind, TermType):
                found[camel(name)] = kind.terms
    return found


def _said(binding: Binding) -> dict[str, str]:
    """What its fields say of themselves, by GraphQL name."""
    return {camel(name): part.description for name, part in binding.parts.items() if part.description}


def _column(binding: Binding, name: str) -> Column[Any]:
    prop = inspect(binding.row).attrs[name]
    assert isinstance(prop, ColumnProperty), f"{binding.cls.__name__}.{name} is no column"
    return cast(Column[Any], prop.columns[0])


def _member(binding: Binding, name: str, part: Part) -> tuple[Member, Any]:
    """What the compiler makes of a part, and its Python type for Strawberry."""
    if part.kind == "expression":
        nullable = type(None) in get_args(part.type)
        plain = next((t for t in get_args(part.type) if t is not type(None)), part.type)
        sql = part.sql
        assert sql
        scalar = EXPRESSIONS[plain]
        length = (lambda alias: LENGTHS[scalar].format(sql(alias))) if scalar is Scalar.TEXTS else None
        return Value(sql, scalar, nullable, length=length), part.type
    if part.kind == "column":
        column = _column(binding, name)
        scalar, plain = _scalar(column)
        length = _length(f"{{}}.{column.name}", scalar) if not isinstance(column.type, LineType) else None
        member = Value(lambda a: f"{a}.{column.name}", scalar, bool(column.nullable), binding.prefix, length)
        return member, plain | None if column.nullable else plain
    return _relation(binding, name, part)


def _length(sql: str, scalar: Scalar) -> Callable[[str], str] | None:
    """Of what has no bound, `sql` being of an alias."""
    return (lambda alias: LENGTHS[scalar].format(sql.format(alias))) if scalar in LENGTHS else None


def as_columns(kind: type, names: Iterable[str]) -> Callable[[C], C]:
    """Gives a type fields of its own that are called, typed and described as these columns of an entity."""
    binding = REGISTRY.of_type(kind)
    assert binding

    def fill(cls: C) -> C:
        known = dict(cls.__annotations__)
        for name in names:
            _, known[name] = _member(binding, name, binding.parts[name])
            setattr(cls, name, strawberry.field(description=binding.parts[name].description))
        cls.__annotations__ = known
        return cls

    return fill


def _relation(binding: Binding, name: str, part: Part) -> tuple[Member, Any]:
    edge = getattr(binding.row, name)
    assert isinstance(edge, Edge), f"{binding.cls.__name__}.{name} is no edge"
    local, remote, target = edge.local, edge.remote, REGISTRY.of_row(edge.target)
    title = target.cls.__name__
    if part.every:
        return ToEvery(title, local, remote, part.every), list[target.cls]  # type: ignore[name-defined]
    if edge.many:
        return ToMany(title, local, remote), target.connection
    owned = local == "id"
    nullable = (owned and bool(target.prefix)) or bool(inspect(binding.row).local_table.c[local].nullable)
    together = remote == "id" and (not nullable or _of_one_site(inspect(binding.row).local_table, local))
    return ToOne(title, local, remote, nullable, together), (target.cls | None if nullable else target.cls)


def _of_one_site(table: FromClause, column: str) -> bool:
    """Whether what the column refers to is of the row's own site: row-level security then shows both or none."""
    assert isinstance(table, Table)
    return any(
        column in constraint.column_keys and "site_id" in constraint.column_keys
        for constraint in table.foreign_key_constraints
    )


def _scalar(column: Column[Any]) -> tuple[Scalar, Any]:
    match column.type:
        case TermType():
            return Scalar.TERM, column.type.terms
        case ARRAY() if isinstance(column.type.item_type, TermType):
            return Scalar.TERMS, list[column.type.item_type.terms]  # type: ignore[name-defined]
        case ARRAY():
            return Scalar.TEXTS, list[str]
        case Uuid():
            return Scalar.ID, strawberry.ID
        case BigInteger():
            return Scalar.BIG_INTEGER, BigInt
        case Integer():
            return Scalar.INTEGER, int
        case Boolean():
            return Scalar.BOOLEAN, bool
        case TIMESTAMP():
            return Scalar.INSTANT, column.type.python_type
        case JSONB():
            return Scalar.JSON, strawberry.scalars.JSON
        case Text():
            return Scalar.TEXT, str
    raise TypeError(f"no scalar for {column.table}.{column.name}: {column.type}")


EXPRESSIONS: dict[Any, Scalar] = {
    str: Scalar.TEXT,
    strawberry.ID: Scalar.TEXT,
    list[strawberry.ID]: Scalar.TEXTS,
    int: Scalar.INTEGER,
    bool: Scalar.BOOLEAN,
    BigInt: Scalar.BIG_INTEGER,
    Decimal: Scalar.DECIMAL,
}


def _filter_kind(column: Column[Any]) -> FilterKind:
    match column.type:
        case TermType():
            return FilterKind.TERM
        case ARRAY():
            return FilterKind.TERMS
        case Integer():
            return FilterKind.INTEGER
        case Boolean():
            return FilterKind.FLAG
        case TIMESTAMP():
            return FilterKind.INSTANT
        case Text():
            return FilterKind.WORD
    raise TypeError(f"no filter for {column.table}.{column.name}")


def _sql_type(column: Column[Any]) -> str:
    match column.type:
        case BigInteger():
            return "bigint"
        case Integer():
            return "integer"
        case TIMESTAMP():
            return "timestamptz"
    return "text"


def _make(binding: Binding) -> None:
    """Turns the noted class into a Strawberry type in place."""
    cls, description = binding.cls, (binding.cls.__doc__ or "").strip() or None
    annotations: dict[str, Any] = {}
    for name, part in binding.parts.items():
        member, annotation = _member(binding, name, part)
        annotations[name] = annotation
        arguments = []
        if isinstance(member, ToMany):
            target = REGISTRY.bindings[member.target]
            arguments = connection_arguments(target.filter, target.order)
        setattr(cls, name, GraphField(part.description, arguments, part.requires))
    cls.__annotations__ = annotations
    directives = [Requires(permission=binding.requires)]
    strawberry.type(cls, name=cls.__name__, description=description, directives=directives)
    if binding.prefix:
        get_object_definition(cls, strict=True).interfaces.append(get_object_definition(Node, strict=True))
