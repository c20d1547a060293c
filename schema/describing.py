"""Descriptions in the SDL from the docstrings that stand beside the code, so that neither is written twice."""

from inspect import cleandoc
from typing import Any

import strawberry
from strawberry.types.base import get_object_definition
from strawberry.types.enum import StrawberryEnumDefinition

from schema.glossary import KINDS, WORDS


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

    for name, core in schema._schema.type_map.items():
        if not name.startswith("__"):
            _complete(name, core)


def _complete(name: str, core: Any) -> None:
    """By the glossary what nobody has described, and by the rule that its name follows."""
    if not core.description:
        end = next((end for end in KINDS if name.endswith(end)), None)
        core.description = KINDS[end].format(_words(name.removesuffix(end), end)) if end else None
    for field_name, field in getattr(core, "fields", {}).items():
        field.description = field.description or WORDS.get(field_name)
        for argument_name, argument in getattr(field, "args", {}).items():
            argument.description = argument.description or WORDS.get(argument_name)


def _words(name: str, end: str) -> str:
    """ContentIdea as "content idea"; the mutation's own name for what it takes."""
    if end == "Input":
        return name[:1].lower() + name[1:]
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()


def _docstring(thing: object) -> str | None:
    """Not the one that dataclasses write themselves: their signature."""
    text = cleandoc(getattr(thing, "__doc__", None) or "")
    return None if not text or text.startswith(f"{getattr(thing, '__name__', '')}(") else text
