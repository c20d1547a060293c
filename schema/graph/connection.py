"""Relay connections: one concrete type per entity, since clients generate code from names."""

from typing import Any

import strawberry
from strawberry.types.arguments import StrawberryArgument

from schema.graph.fields import GraphField, argument


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


def connection_type(node: type) -> type:
    """XConnection {nodes edges pageInfo totalCount} and XEdge {node cursor} for the type X."""
    edge = _type(f"{node.__name__}Edge", {"node": node, "cursor": str})
    parts = {"nodes": list[node], "edges": list[edge], "page_info": PageInfo, "total_count": int}  # type: ignore[valid-type]
    return _type(f"{node.__name__}Connection", parts)


def connection_arguments(filter: type | None, order: type | None) -> list[StrawberryArgument]:
    found = [
        argument("first", int | None, "Page size, 1 to 100; 20 when neither first nor last is given."),
        argument("after", str | None, "A cursor: what comes after it."),
        argument("last", int | None, "So many of the last rows, 1 to 100; instead of first."),
        argument("before", str | None, "A cursor: what comes before it."),
    ]
    if filter:
        found.append(argument("filter", filter | None))
    if order:
        found.append(argument("order_by", list[order] | None, "At most two; nulls last, id as tie-break."))  # type: ignore[valid-type]
    return found


def _type(name: str, annotations: dict[str, Any]) -> type:
    body = {"__annotations__": annotations, **{field: GraphField() for field in annotations}}
    return strawberry.type(type(name, (), body))
