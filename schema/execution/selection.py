"""GraphQL AST → plain selections: fragments, aliases, @skip/@include and arguments are resolved here."""

from collections.abc import Iterable
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_object_type,
)
from graphql.language import DirectiveNode

from persistence.graph.selection import Argument, Selected
from schema.execution.arguments import read_arguments
from schema.execution.plan_cache import Decisions

Fields = dict[str, list[FieldNode]]


class Selection:
    """Reads the selections of one operation."""

    def __init__(
        self, schema: GraphQLSchema, fragments: dict[str, FragmentDefinitionNode], decisions: Decisions
    ) -> None:
        self.schema, self.fragments, self.decisions = schema, fragments, decisions

    def fields(self, parent: GraphQLObjectType, sets: Iterable[SelectionSetNode | None]) -> Fields:
        """The fields selected on `parent`, by response key in the order of their first mention."""
        found: Fields = {}
        spread: set[str] = set()
        for selections in sets:
            if selections:
                self._collect(parent, selections, found, spread)
        return found

    def _collect(
        self, parent: GraphQLObjectType, selections: SelectionSetNode, found: Fields, spread: set[str]
    ) -> None:
        """A fragment counts once however often it is spread: walking it each time is exponential."""
        for node in selections.selections:
            if not self._included(node.directives):
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                found.setdefault(key, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition is None or self._applies(parent, node.type_condition.name.value):
                    self._collect(parent, node.selection_set, found, spread)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                spread.add(node.name.value)
                fragment = self.fragments[node.name.value]
                if self._applies(parent, fragment.type_condition.name.value):
                    self._collect(parent, fragment.selection_set, found, spread)

    def _applies(self, parent: GraphQLObjectType, condition: str) -> bool:
        if condition == parent.name:
            return True
        kind = self.schema.type_map[condition]
        return isinstance(kind, GraphQLInterfaceType) and kind in parent.interfaces

    def _included(self, directives: Iterable[DirectiveNode] | None) -> bool:
        for directive in directives or ():
            name = directive.name.value
            if name in ("skip", "include") and self._flag(directive) is (name == "skip"):
                return False
        return True

    def _flag(self, directive: DirectiveNode) -> bool:
        (argument,) = directive.arguments or ()
        value = argument.value
        if isinstance(value, VariableNode):
            name = value.name.value
            return bool(self.decisions.ask(lambda v: bool(v.get(name))))
        return bool(getattr(value, "value", False))

    def selected(self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Selected:
        """One field with all that is selected below it, where every type below is an object type."""
        name = nodes[0].name.value
        if name == "__typename":
            return Selected(key, name)
        declared = parent.fields[name]
        below: Any = get_named_type(declared.type)
        return Selected(
            key, name, self.values(parent, nodes), self.below(below, nodes) if is_object_type(below) else []
        )

    def values(self, parent: GraphQLObjectType, nodes: list[FieldNode]) -> dict[str, Argument]:
        """The arguments of a field."""
        return read_arguments(nodes[0], parent.fields[nodes[0].name.value].args, self.decisions)

    def below(self, kind: GraphQLObjectType, nodes: list[FieldNode]) -> list[Selected]:
        fields = self.fields(kind, [n.selection_set for n in nodes])
        return [self.selected(kind, key, below) for key, below in fields.items()]
