"""Descriptions in the SDL from the docstrings that stand beside the code, so that neither is written twice."""

from inspect import cleandoc
from typing import Any

import strawberry
from graphql import GraphQLList, GraphQLObjectType, get_named_type
from strawberry.types.base import get_object_definition
from strawberry.types.enum import StrawberryEnumDefinition

from domain import names
from schema.graph.glossary import KINDS, WORDS


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
    """By the rule that a type's name follows, and by the glossary for the words that mean the same everywhere."""
    if not core.description:
        end = next((end for end in KINDS if name.endswith(end)), None)
        core.description = KINDS[end].format(**_named(name.removesuffix(end))) if end else None
    for field_name, field in getattr(core, "fields", {}).items():
        field.description = field.description or _result(name, field) or WORDS.get(field_name)
        for argument_name, argument in getattr(field, "args", {}).items():
            argument.description = argument.description or WORDS.get(argument_name)


def _named(kind: str) -> dict[str, str]:
    """What KINDS may say of it; `mutation`: whose input it is."""
    one = names.with_article(kind)
    return {"One": one[0].upper() + one[1:], "many": names.many(kind), "mutation": kind[:1].lower() + kind[1:]}


def _result(name: str, field: Any) -> str | None:
    """Of a payload's field that gives back the rows themselves."""
    kind = get_named_type(getattr(field, "type", None))
    if not name.endswith("Payload") or not isinstance(kind, GraphQLObjectType) or not kind.interfaces:
        return None
    if isinstance(field.type, GraphQLList):
        return f"The {names.many(kind.name)} after the change; null when userErrors says why nothing was done."
    return f"The {names.one(kind.name)} after the change; null when userErrors says why nothing was done."


def _docstring(thing: object) -> str | None:
    """Not the one that dataclasses write themselves: their signature."""
    text = cleandoc(getattr(thing, "__doc__", None) or "")
    return None if not text or text.startswith(f"{getattr(thing, '__name__', '')}(") else text
