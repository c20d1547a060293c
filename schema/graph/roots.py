"""Fields of Query that are graph data: one entity, a connection, a short list."""

from dataclasses import dataclass
from typing import Any

import strawberry

from domain import names
from domain.access import Permission
from persistence.graph.model import Entity
from schema.graph.connection import connection_arguments
from schema.graph.entity import Node, Registry
from schema.graph.fields import RootField, argument


@dataclass(frozen=True, slots=True)
class RootPart:
    kind: str
    cls: type | None = None
    description: str | None = None
    requires: Permission | None = None


@dataclass(frozen=True, slots=True)
class RootSpec:
    """How a root field of Query is answered: own, by id, listed, every, node or nodes."""

    kind: str
    entity: Entity | None = None
    column: str = "name"


def own(cls: type, description: str | None = None) -> RootPart:
    """The one row that the caller's scope shows."""
    return RootPart("own", cls, description)


def by_id(cls: type, requires: Permission | None = None) -> RootPart:
    return RootPart("by_id", cls, f"One {names.one(cls.__name__)}; null for what is not there, or not yours.", requires)


def listed(cls: type, requires: Permission | None = None) -> RootPart:
    """All that the caller may see."""
    return RootPart("listed", cls, f"All {names.many(cls.__name__)} that the caller may see.", requires)


def every(cls: type) -> RootPart:
    return RootPart("every", cls, f"All {names.many(cls.__name__)} of the catalogue.")


NODES: dict[str, RootPart] = {
    "node": RootPart("node", description="Anything by its id; null for what is not there, or not yours."),
    "nodes": RootPart("nodes", description="In the order of the ids, at most 100."),
}


def query_type(parts: dict[str, RootPart], registry: Registry, plain: tuple[type, ...]) -> type:
    """Query: `parts` by their names, and the fields of `plain`."""
    annotations, body = {}, {}
    for name, part in parts.items():
        annotations[name], arguments = _signature(part, registry)
        body[name] = RootField(part.description, arguments, part.requires)
    doc = "Reads. Fields of the graph are answered by one statement, at any depth."
    return strawberry.type(type("Query", plain, {"__annotations__": annotations, "__doc__": doc, **body}))


def _signature(part: RootPart, registry: Registry) -> tuple[Any, list[Any]]:
    if part.kind == "node":
        return Node | None, [argument("id", strawberry.ID, "Of anything that has one.", optional=False)]
    if part.kind == "nodes":
        return list[Node | None], [argument("ids", list[strawberry.ID], "Of anything, mixed.", optional=False)]
    binding = registry.of_type(part.cls)
    assert binding
    match part.kind:
        case "listed":
            return binding.connection, connection_arguments(binding.filter, binding.order)
        case "every":
            return list[binding.cls], []  # type: ignore[name-defined]
        case "by_id":
            said = f"The id of {names.with_article(binding.cls.__name__)}."
            return binding.cls | None, [argument("id", strawberry.ID, said, optional=False)]
    return binding.cls, []


def root_specs(parts: dict[str, RootPart], registry: Registry) -> dict[str, RootSpec]:
    """What the planner knows of them, by GraphQL name."""
    found = {}
    for name, part in parts.items():
        binding = registry.of_type(part.cls)
        found[name] = RootSpec(part.kind, binding.entity if binding else None)
    return found
