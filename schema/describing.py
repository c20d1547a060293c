"""Descriptions in the SDL from the docstrings that stand beside the code, so that neither is written twice."""

from inspect import cleandoc

import strawberry
from strawberry.types.base import get_object_definition
from strawberry.types.enum import StrawberryEnumDefinition


def describe(schema: strawberry.Schema) -> None:
    """Fills in what has none of its own: types from their classes, fields from their resolvers."""
    for name, kind in schema.schema_converter.type_map.items():
        core = schema._schema.type_map.get(name)
        if core is None or isinstance(kind.definition, StrawberryEnumDefinition):
            continue
        origin = getattr(kind.definition, "origin", None)
        core.description = core.description or _docstring(origin)
        definition = get_object_definition(origin)
        for field in definition.fields if definition else ():
            shown = getattr(core, "fields", {}).get(schema.config.name_converter.get_graphql_name(field))
            resolver = getattr(field, "base_resolver", None)
            if shown is not None and resolver is not None and not shown.description:
                shown.description = _docstring(resolver.wrapped_func)


def _docstring(thing: object) -> str | None:
    """Not the one that dataclasses write themselves: their signature."""
    text = cleandoc(getattr(thing, "__doc__", None) or "")
    return None if not text or text.startswith(f"{getattr(thing, '__name__', '')}(") else text
