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

MAX_DEPTH, MAX_ALIASES, MAX_FIELDS, MAX_DIRECTIVES = 16, 100, 2000, 200


class Size(NamedTuple):
    """Levels of fields that have selections, aliases, fields; introspection is not counted."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0
    directives: int = 0


class Sizes:
    """A fragment is measured once: to walk it at each spread takes a time exponential in the document's length."""

    def __init__(self, document: DocumentNode) -> None:
        self.fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self.known: dict[str, Size] = {}

    def of(self, selections: SelectionSetNode) -> Size:
        parts = [self._part(node) for node in selections.selections]
        depth = max((p.depth for p in parts), default=0)
        return Size(depth, *(sum(p[n] for p in parts) for n in (1, 2, 3)))

    def _part(self, node: SelectionNode) -> Size:
        if isinstance(node, FieldNode):
            return self._field(node)
        if isinstance(node, InlineFragmentNode):
            below = self.of(node.selection_set)
        else:
            assert isinstance(node, FragmentSpreadNode)
            below = self._fragment(node.name.value)
        return below._replace(directives=below.directives + len(node.directives or ()))

    def _field(self, node: FieldNode) -> Size:
        alias, directives = 1 if node.alias else 0, len(node.directives or ())
        if not node.selection_set or node.name.value.startswith("__"):
            return Size(0, alias, 1, directives)
        below = self.of(node.selection_set)
        return Size(below.depth + 1, below.aliases + alias, below.fields + 1, below.directives + directives)

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
        limits = (MAX_DEPTH, MAX_ALIASES, MAX_FIELDS, MAX_DIRECTIVES)
        for name, found, most in zip(size._fields, size, limits, strict=True):
            if found > most:
                what = "levels" if name == "depth" else name
                self.report_error(GraphQLError(f"The operation has {found} {what}; {most} are allowed.", node))
