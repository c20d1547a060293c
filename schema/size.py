"""How large a document is once its fragments are expanded; a rule of validation."""

from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
)

MAX_DEPTH, MAX_ALIASES, MAX_FIELDS = 16, 100, 2000


class Size(NamedTuple):
    """Levels of fields that have selections, aliases, fields; introspection is not counted."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0


class Sizes:
    """A fragment is measured once: to walk it at each spread takes a time exponential in the document's length."""

    def __init__(self, document: DocumentNode) -> None:
        self.fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self.known: dict[str, Size] = {}

    def of(self, selections: SelectionSetNode) -> Size:
        parts = [self._part(node) for node in selections.selections]
        return Size(
            max((p.depth for p in parts), default=0), sum(p.aliases for p in parts), sum(p.fields for p in parts)
        )

    def _part(self, node: SelectionNode) -> Size:
        if isinstance(node, FieldNode):
            return self._field(node)
        if isinstance(node, InlineFragmentNode):
            return self.of(node.selection_set)
        assert isinstance(node, FragmentSpreadNode)
        return self._fragment(node.name.value)

    def _field(self, node: FieldNode) -> Size:
        alias = 1 if node.alias else 0
        if not node.selection_set or node.name.value.startswith("__"):
            return Size(0, alias, 1)
        below = self.of(node.selection_set)
        return Size(below.depth + 1, below.aliases + alias, below.fields + 1)

    def _fragment(self, name: str) -> Size:
        """Nothing for one that is unknown or within itself; other rules report those."""
        if name not in self.known:
            self.known[name] = Size()
            if found := self.fragments.get(name):
                self.known[name] = self.of(found.selection_set)
        return self.known[name]


class SizeRule(ValidationRule):
    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.sizes = Sizes(context.document)

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        size = self.sizes.of(node.selection_set)
        for name, found, most in zip(size._fields, size, (MAX_DEPTH, MAX_ALIASES, MAX_FIELDS), strict=True):
            if found > most:
                what = "levels" if name == "depth" else name
                self.report_error(GraphQLError(f"The operation has {found} {what}; {most} are allowed.", node))
