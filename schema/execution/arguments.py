"""GraphQL arguments → what the compiler reads: scalars bound, shapes decided."""

import base64
from collections.abc import Callable
from typing import Any

import orjson
from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
)
from graphql.utilities import coerce_input_literal

from persistence.graph.selection import Argument, BadArgument, Bound
from schema.execution.plan_cache import Decisions, Variables

CURSORS = ("after", "before")
Get = Callable[[Variables], Any]


def read_arguments(node: FieldNode, arguments: dict[str, GraphQLArgument], decisions: Decisions) -> dict[str, Argument]:
    """An argument that is not given, or whose variable is not, is absent; null is None."""
    given = {a.name.value: a.value for a in node.arguments or ()}
    found: dict[str, Argument] = {}
    for name, declared in arguments.items():
        value = given.get(name)
        if value is None or _absent(value, decisions):
            continue
        found[name] = read = _read(value, declared.type, decisions)
        if name in CURSORS and isinstance(read, Bound):
            decisions.ask(_cursor_shape(read.get))
    return found


def _absent(value: ValueNode, decisions: Decisions) -> bool:
    if not isinstance(value, VariableNode):
        return False
    name = value.name.value
    return not decisions.ask(lambda v: name in v)


def _read(node: ValueNode, type: GraphQLInputType, decisions: Decisions) -> Argument:
    if isinstance(node, VariableNode):
        name = node.name.value
        # A nullable variable may stand here when one of the two has a default; null then passes validation.
        if isinstance(type, GraphQLNonNull) and decisions.ask(lambda v: v.get(name) is None):
            raise BadArgument(f"${name} must not be null.", name)
        return _shape(lambda v: v.get(name), type, decisions)
    if isinstance(node, NullValueNode):
        return None
    plain = get_nullable_type(type)
    if isinstance(plain, GraphQLList):
        return _read_list(node, plain.of_type, decisions)
    if isinstance(plain, GraphQLInputObjectType):
        assert isinstance(node, ObjectValueNode)
        fields = {f.name.value: f.value for f in node.fields or ()}
        return {
            name: _read(value, plain.fields[name].type, decisions)
            for name, value in fields.items()
            if not _absent(value, decisions)
        }
    constant = coerce_input_literal(node, type)
    return Bound(lambda _: constant, constant)


def _read_list(node: ValueNode, item: GraphQLInputType, decisions: Decisions) -> Argument:
    nodes = node.values if isinstance(node, ListValueNode) else (node,)
    parts = [_read(n, item, decisions) for n in nodes]
    if not _is_leaf(item):
        return [part for part in parts if part is not None]
    bound = [part for part in parts if isinstance(part, Bound)]
    return Bound(lambda v: [b.get(v) for b in bound], [b.now for b in bound])


def _shape(get: Get, type: GraphQLInputType, decisions: Decisions) -> Argument:
    """The shape of a variable's value, or of a part of it."""
    if not isinstance(type, GraphQLNonNull) and decisions.ask(lambda v: get(v) is None):
        return None
    plain = get_nullable_type(type)
    if is_list_type(plain) and not _is_leaf(plain.of_type):
        length = decisions.ask(lambda v: len(get(v)))
        return [_shape(_item(get, n), plain.of_type, decisions) for n in range(length)]
    if isinstance(plain, GraphQLInputObjectType):
        names = decisions.ask(lambda v: tuple(sorted(get(v))))
        return {name: _shape(_item(get, name), plain.fields[name].type, decisions) for name in names}
    if isinstance(plain, GraphQLEnumType):
        decisions.ask(get)
    return Bound(get, get(decisions.variables))


def _item(get: Get, key: Any) -> Get:
    return lambda v: get(v)[key]


def _is_leaf(type: GraphQLInputType) -> bool:
    plain = get_nullable_type(type)
    return is_leaf_type(plain) or (is_list_type(plain) and _is_leaf(plain.of_type))


def _cursor_shape(get: Get) -> Get:
    """Which of a cursor's values are null: part of the plan. What is no cursor is refused when it is bound."""

    def shape(variables: Variables) -> Any:
        try:
            return tuple(value is None for value in orjson.loads(base64.b64decode(str(get(variables)))))
        except (ValueError, TypeError):
            return None

    return shape
