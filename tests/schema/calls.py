"""Calls of root fields, built from the schema: what a later field takes is found out, or named as unknown."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any
from uuid import uuid4

from graphql import (
    DirectiveNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    ObjectTypeDefinitionNode,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
    parse,
    visit,
)
from strawberry.types.base import StrawberryObjectDefinition
from websockets.exceptions import ConnectionClosed

from domain.access import Permission
from domain.errors import camel
from persistence.graph.model import FilterKind
from schema import build_schema
from schema.graph.entity import REGISTRY
from schema.mutation import ENTITY
from tests.client import Api, Json, receive, send
from tests.waiting import ended

SILENT = 3.0  # seconds

SCHEMA = build_schema()
CORE = SCHEMA._schema
Path = tuple[str, ...]
Ids = Callable[[str | None], str]  # an id of an entity; of any where it is None
_numbers = count(1)


@dataclass(frozen=True)
class Slot:
    """Where a call takes an id: `entity` is None where any will do."""

    path: Path
    entity: str | None


@dataclass
class Call:
    """One operation; `files` are the paths of what is uploaded."""

    kind: str
    name: str
    document: str
    variables: dict[str, Any]
    files: list[str] = field(default_factory=list)


def root_fields(kind: str) -> dict[str, GraphQLField]:
    root = CORE.get_root_type(OperationType(kind))
    assert root
    return dict(root.fields)


ROOTS = [(kind, name) for kind in ("query", "mutation", "subscription") for name in root_fields(kind)]


def printed() -> Iterator[tuple[str, str, DirectiveNode]]:
    """(type, field, directive) as the SDL has them; those of a type itself under no field."""
    for kind in parse(SCHEMA.as_str()).definitions:
        if isinstance(kind, ObjectTypeDefinitionNode):
            yield from ((kind.name.value, "", directive) for directive in kind.directives or ())
            for member in kind.fields or ():
                yield from ((kind.name.value, member.name.value, each) for each in member.directives or ())


@cache
def required() -> dict[tuple[str, str], Permission]:
    """What the SDL says that (type, field) needs; under no field, what the type does wherever it is selected."""
    return {
        (kind, name): Permission(directive.arguments[0].value.value)  # type: ignore[attr-defined]
        for kind, name, directive in printed()
        if directive.name.value == "requires"
    }


def needed(call: "Call") -> set[Permission]:
    """All that the SDL says that selecting what the call selects takes."""
    found, every, info = set(), required(), TypeInfo(CORE)

    class Selected(Visitor):
        def enter_field(self, *_: object) -> None:
            parent, declared = info.get_parent_type(), info.get_field_def()
            assert parent
            assert declared
            name = next((n for n, each in getattr(parent, "fields", {}).items() if each is declared), "__typename")
            for key in ((parent.name, name), (get_named_type(declared.type).name, "")):
                if key in every:
                    found.add(every[key])

    visit(parse(call.document), TypeInfoVisitor(info, Selected()))
    return found


def unknown(entity: str | None) -> str:
    """The id of a row that is not there."""
    return REGISTRY.graph.entities[entity or "Job"].encode(uuid4())


# Which entity an id is of


def _declared_ids() -> dict[Path, str]:
    """(input type, field) and (root type, field, argument) → the entity whose ids it takes."""
    found: dict[Path, str] = {}
    for kind in SCHEMA.schema_converter.type_map.values():
        definition = kind.definition
        if not isinstance(definition, StrawberryObjectDefinition):
            continue
        for member in definition.fields:
            name = member.graphql_name or camel(member.python_name)
            if entity := member.metadata.get(ENTITY):
                found[definition.name, name] = entity
            for argument in member.arguments:
                if entity := argument.metadata.get(ENTITY):
                    found[definition.name, name, argument.graphql_name or camel(argument.python_name)] = entity
    for name, entity in REGISTRY.graph.entities.items():
        for given, condition in entity.filters.items():
            if condition.kind in (FilterKind.IDENTITY, FilterKind.MEMBER):
                found[f"{name}Filter", given] = REGISTRY.graph.prefixes[condition.prefix].name
    return found


IDS = _declared_ids()


def slots(kind: str, name: str) -> list[Slot]:
    """Every place of a root field's arguments that takes an id."""
    declared = root_fields(kind)[name]
    answered = get_named_type(declared.type).name
    fallback = answered if answered in REGISTRY.graph.entities and kind == "query" else None
    found = []
    for argument, given in declared.args.items():
        entity = IDS.get((kind.capitalize(), name, argument), fallback)
        found += list(_slots(given.type, (argument,), entity, ()))
    return found


def filter_slots(given: Any) -> list[Slot]:
    return list(_slots(given, (), None, ()))


def _slots(given: Any, path: Path, entity: str | None, above: tuple[str, ...]) -> Iterator[Slot]:
    kind = get_named_type(given)
    if kind.name == "ID":
        yield Slot(path, entity)
    if isinstance(kind, GraphQLInputObjectType) and above.count(kind.name) < 2:  # once within and, or, not
        for name, member in kind.fields.items():
            yield from _slots(member.type, (*path, name), IDS.get((kind.name, name)), (*above, kind.name))


# Values


@dataclass
class Filling:
    """Fills what is required, and what leads to `slot`, where `foreign` is put."""

    own: Ids
    slot: Path = ()
    foreign: Any = None
    files: list[str] = field(default_factory=list)

    def arguments(self, kind: str, name: str) -> dict[str, Any]:
        return {
            argument: self.value(given.type, (argument,), IDS.get((kind.capitalize(), name, argument)))
            for argument, given in root_fields(kind)[name].args.items()
            if is_required_argument(given) or self.slot[:1] == (argument,)
        }

    def value(self, given: Any, path: Path, entity: str | None = None) -> Any:
        kind = get_nullable_type(given)
        if is_list_type(kind):
            one = self.value(kind.of_type, path, entity)
            return [self.own(entity), one] if path == self.slot and entity else [one]
        if isinstance(kind, GraphQLInputObjectType):
            return {name: self.value(kind.fields[name].type, (*path, name), IDS.get((kind.name, name)))
                    for name in self._members(kind, path)}  # fmt: skip
        if isinstance(kind, GraphQLEnumType):
            return next(iter(kind.values))
        if kind.name == "ID":
            return self.foreign if path == self.slot else self.own(entity)
        if kind.name == "Upload":
            self.files.append(".".join(("variables", *path)))
            return None
        return plausible(kind.name, path)

    def _members(self, kind: GraphQLInputObjectType, path: Path) -> list[str]:
        leading = [name for name in kind.fields if self.slot[: len(path) + 1] == (*path, name)]
        if kind.extensions["strawberry-definition"].is_one_of:
            return leading or [next(iter(kind.fields))]
        return [name for name, member in kind.fields.items() if is_required_input_field(member) or name in leading]


def plausible(scalar: str, path: Path) -> Any:
    """A value that a field of that name may have; a KeyError for a scalar that nobody has thought of."""
    name, number = path[-1], next(_numbers)
    if scalar == "String":
        return f"plausible{number}@example.com" if "email" in name.lower() else f"Plausible words {number}"
    return {"Int": 1, "BigInt": 1, "Boolean": True, "Float": 1.0, "Decimal": "1", "JSON": {},
            "DateTime": "2026-01-31T08:30:00.000Z"}[scalar]  # fmt: skip


# Documents


def build(kind: str, name: str, filling: Filling) -> Call:
    declared = root_fields(kind)[name]
    given = filling.arguments(kind, name)
    typed = ", ".join(f"${a}: {declared.args[a].type}" for a in given)
    passed = ", ".join(f"{a}: ${a}" for a in given)
    head = f"{kind}({typed})" if given else kind
    called = f"{name}({passed})" if given else name
    return Call(kind, name, f"{head} {{ {called} {selection(declared.type)} }}", given, filling.files)


def selection(type: Any, depth: int = 0) -> str:
    """All scalars, and of what is below the ids."""
    kind = get_named_type(type)
    if is_leaf_type(kind):
        return ""
    if depth and "id" in kind.fields:
        return "{ id }"
    parts = []
    for name, member in kind.fields.items():
        leads = not is_leaf_type(get_named_type(member.type))
        if any(map(is_required_argument, member.args.values())) or (leads and (member.args or depth > 2)):
            continue
        parts.append(f"{name} {selection(member.type, depth + 1)}".strip())
    return f"{{ __typename {' '.join(parts)} }}"


async def answer(api: Api, call: Call) -> Json:
    """The response; of a subscription the first, or none when it says nothing within SILENT of another's answer."""
    if call.kind == "subscription":
        return await first(api, call)
    if call.files:
        (path,) = call.files
        return await api.upload(call.document, "some.csv", b"Keyword,Volume\nsome,1\n", path, **call.variables)
    return await api.answer(call.document, **call.variables)


async def first(api: Api, call: Call) -> Json:
    payload = {"query": call.document, "variables": call.variables}
    try:
        async with api.socket() as socket:
            await send(socket, {"id": "1", "type": "subscribe", "payload": payload})
            await send(socket, {"id": "2", "type": "subscribe", "payload": {"query": "{ viewer { role } }"}})
            while (message := await ended(receive(socket)))["id"] == "2":
                if message["type"] in ("complete", "error"):
                    message = await asyncio.wait_for(receive(socket), SILENT)
                    break
    except TimeoutError:
        return {"data": None}
    except ConnectionClosed as closed:
        code = "UNAUTHENTICATED" if closed.rcvd and closed.rcvd.code == 4403 else f"CLOSED: {closed.rcvd}"
        return {"errors": [{"extensions": {"code": code}}]}
    if message["type"] == "error":
        return {"errors": message["payload"]}
    found: Json = message["payload"]
    return found
