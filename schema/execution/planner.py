"""An operation → its plan: what it asks of its caller, the one statement of its roots, the read-backs of the rest.

Nothing has executed when a plan is made; a forbidden field refuses the operation as a whole.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableDefinitionNode,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
)

from domain.access import Permission
from persistence.graph.compiler import ById, ByIds, Every, Listed, Own, Plan, Root, Several, compile_plan
from persistence.graph.model import Entity, Graph
from persistence.graph.selection import Argument, BadArgument, Bound, Selected, Variables
from schema.execution.cost import Cost, cost_of_roots
from schema.execution.document_limits import CACHED_DOCUMENTS, cacheable
from schema.execution.plan_cache import Decisions, Tree
from schema.execution.selection import Selection
from schema.graph.roots import RootSpec

IDS = "#ids"  # the variable of a read-back; no GraphQL name begins so
MAX_NODES = 100
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Requirement:
    """`permission` None: anybody who is signed in."""

    permission: Permission | None
    path: Path


@dataclass(slots=True)
class Leaves:
    """A subscription that asks for scalars alone: (key, name) of each; `kept`: the last value's text, for all who ask
    the same.
    """

    key: str
    fields: tuple[tuple[str, str], ...]
    kept: tuple[object, str] = (None, "")


@dataclass(slots=True)
class OperationPlan:
    """`roots` answers the root fields that are graph data; `whole` when there are no others.

    `people`: the first field that no API key may select.
    """

    requirements: list[Requirement] = field(default_factory=list)
    people: Path | None = None
    roots: Plan | None = None
    whole: bool = False
    readbacks: dict[Path, Plan] = field(default_factory=dict)
    prepare: bool = True
    cost: Cost = field(default_factory=Cost)
    leads: tuple[bytes, ...] = ()  # what stands before each root's text in the answer
    leaves: Leaves | None = None


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """A document that was validated, with the plans of one of its operations."""

    tree: Tree[OperationPlan]
    definitions: tuple[VariableDefinitionNode, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the schema knows of its fields, by (type, field) name; `entities`: of types, and of connections, by name.

    `guarded`: mutations that guess or hash.
    """

    roots: dict[str, RootSpec]
    permissions: dict[tuple[str, str], Permission]
    entities: dict[str, Permission]
    public: frozenset[tuple[str, str]]
    people: frozenset[tuple[str, str]]
    guarded: frozenset[str] = frozenset()
    closed: bool = False


class Planner:
    """Plans operations, and keeps the plans."""

    def __init__(self, schema: GraphQLSchema, graph: Graph, rules: Rules, documents: int = CACHED_DOCUMENTS) -> None:
        self.schema, self.graph, self.rules, self.documents = schema, graph, rules, documents
        self.trees: OrderedDict[tuple[str, str | None], Tree[OperationPlan]] = OrderedDict()
        self.made = 0
        self.documents_known: OrderedDict[tuple[str, str | None], KnownDocument] = OrderedDict()

    def plan(self, query: str, name: str | None, document: DocumentNode, variables: Variables) -> OperationPlan:
        """Raises BadArgument."""
        tree = self._tree((query, name)) if cacheable(query) else Tree(bound=0)
        if found := tree.find(variables):
            return found
        decisions = Decisions(variables)
        made = _Planning(self, document, name, decisions).plan()
        self.made += 1
        made.prepare = tree.put(decisions.trail, made)
        return made

    def remember(self, query: str, name: str | None, asked: str | None, document: DocumentNode) -> None:
        """That a document is valid, under the operation's name as the client gave it."""
        if cacheable(query) and (query, asked) not in self.documents_known:
            definitions = _operation(document, name).variable_definitions or ()
            self.documents_known[query, asked] = KnownDocument(self._tree((query, name)), tuple(definitions))
            if len(self.documents_known) > self.documents:
                self.documents_known.popitem(last=False)

    def known(self, query: object, asked: object) -> KnownDocument | None:
        try:
            return self.documents_known.get((query, asked))  # type: ignore[arg-type]
        except TypeError:  # a client may send anything in place of text
            return None

    def _tree(self, key: tuple[str, str | None]) -> Tree[OperationPlan]:
        tree = self.trees.setdefault(key, Tree())
        self.trees.move_to_end(key)
        if len(self.trees) > self.documents:
            self.trees.popitem(last=False)
        return tree


class _Planning:
    def __init__(self, planner: Planner, document: DocumentNode, name: str | None, decisions: Decisions) -> None:
        self.planner, self.decisions = planner, decisions
        fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self.operation = _operation(document, name)
        self.selection = Selection(planner.schema, fragments, decisions)
        self.made = OperationPlan()
        self.below_public = False

    def plan(self) -> OperationPlan:
        kind = self.planner.schema.get_root_type(self.operation.operation)
        assert kind
        fields = self.selection.fields(kind, [self.operation.selection_set])
        self._refuse_several([nodes[0].name.value for nodes in fields.values()])
        roots: list[tuple[Selected, Root]] = []
        for key, nodes in fields.items():
            self._require(kind, nodes[0].name.value, (key,), root=True)
            spec = self.planner.rules.roots.get(nodes[0].name.value) if kind.name == "Query" else None
            if spec:
                roots.append(self._root(kind, key, nodes, spec))
            else:
                self._plain(kind, key, nodes, (key,))
                if kind.name == "Subscription":
                    self.made.leaves = self._leaves(kind, key, nodes)
        self.made.roots = compile_plan(self.planner.graph, roots) if roots else None
        self.made.cost.add(cost_of_roots(self.planner.graph, roots))
        self.made.whole = len(roots) == len(fields) > 0
        self.made.leads = tuple(
            f'{"," if n else ""}"{selected.key}":'.encode() for n, (selected, _) in enumerate(roots)
        )
        return self.made

    def _refuse_several(self, names: list[str]) -> None:
        """Else who may send an operation could try a hundred passwords with it."""
        guarded = [name for name in names if name in self.planner.rules.guarded]
        if len(guarded) > 1:
            raise BadArgument(
                f"An operation may have one of {', '.join(dict.fromkeys(guarded))}: send {len(guarded)} operations."
            )

    def _require(self, kind: GraphQLObjectType, name: str, path: Path, *, root: bool = False) -> None:
        rules = self.planner.rules
        permission = rules.permissions.get((kind.name, name))
        if root:
            self.below_public = (kind.name, name) in rules.public
            if (kind.name, name) in rules.people:
                self.made.people = self.made.people or path
        open_to_all = self.below_public or name == "__typename"
        signed_in = root and not open_to_all and (rules.closed or not name.startswith("__"))
        if permission or signed_in:
            self._note(permission, path)

    def _note(self, permission: Permission | None, path: Path) -> None:
        """Once each: who has not got it is told of the first field that needs it.

        What somebody is shown who has just signed in they may read: every role may.
        """
        noted = self.made.requirements
        known = any(requirement.permission is permission for requirement in noted)
        if not known and not (self.below_public and permission is Permission.READ):
            noted.append(Requirement(permission, path))

    def _root(self, kind: GraphQLObjectType, key: str, nodes: list[FieldNode], spec: RootSpec) -> tuple[Selected, Root]:
        if spec.kind in ("node", "nodes"):
            return self._node(kind, key, nodes, many=spec.kind == "nodes")
        assert spec.entity
        selected = self._graph(self.selection.selected(kind, key, nodes), kind, (key,))
        match spec.kind:
            case "own":
                return selected, Own(spec.entity)
            case "listed":
                return selected, Listed(spec.entity)
            case "every":
                return selected, Every(spec.entity, spec.column)
        return selected, _by_id(spec.entity, _value(selected.arguments, "id"))

    def _node(self, kind: GraphQLObjectType, key: str, nodes: list[FieldNode], *, many: bool) -> tuple[Selected, Root]:
        """The kind of each id is part of the plan's key, so that what is selected on it is known."""
        get = _value(self.selection.values(kind, nodes), "ids" if many else "id")
        prefixes = self.decisions.ask(lambda v: tuple(map(self._prefix, get(v) if many else [get(v)])))
        if len(prefixes) > MAX_NODES:
            raise BadArgument(f"ids may hold at most {MAX_NODES}.", "ids")
        found = [self._one_node(key, nodes, p, _nth(get, n) if many else get) for n, p in enumerate(prefixes)]
        if many:
            return Selected(key, "nodes"), Several(tuple(found))
        return found[0] or (Selected(key, "node"), None)

    def _prefix(self, id: object) -> str:
        entity = self.planner.graph.of_id(id)
        return entity.prefix if entity else ""

    def _one_node(
        self, key: str, nodes: list[FieldNode], prefix: str, get: Callable[[Variables], Any]
    ) -> tuple[Selected, ById] | None:
        if not prefix:
            return None
        entity = self.planner.graph.prefixes[prefix]
        kind = self.planner.schema.type_map[entity.name]
        assert isinstance(kind, GraphQLObjectType)
        selected = Selected(key, "node", {}, self.selection.below(kind, nodes))
        self._permissions(selected, kind, (key,))
        return selected, _by_id(entity, get)

    def _graph(self, selected: Selected, parent: GraphQLObjectType, path: Path) -> Selected:
        kind: Any = get_named_type(parent.fields[selected.name].type)
        self._permissions(selected, kind, path)
        return selected

    def _permissions(self, selected: Selected, kind: Any, path: Path) -> None:
        if needed := self.planner.rules.entities.get(kind.name):
            self._note(needed, path)
        for below in selected.selections:
            if below.name != "__typename":
                self._require(kind, below.name, (*path, below.key))
                self._permissions(below, get_named_type(kind.fields[below.name].type), (*path, below.key))

    def _plain(self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode], path: Path) -> None:
        """A field that Python resolves: the entities below it are read back by the ids it gives."""
        name = nodes[0].name.value
        if name.startswith("__"):
            return
        declared = parent.fields[name]
        kind = get_named_type(declared.type)
        if not is_object_type(kind):
            return
        if entity := self.planner.graph.entities.get(kind.name):
            self._readback(entity, kind, key, nodes, path, many=is_list_type(get_nullable_type(declared.type)))
            return
        self.made.cost.objects += 1
        for below, fields in self.selection.fields(kind, [n.selection_set for n in nodes]).items():
            self._require(kind, fields[0].name.value, (*path, below))
            self._plain(kind, below, fields, (*path, below))

    def _leaves(self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Leaves | None:
        kind = get_named_type(parent.fields[nodes[0].name.value].type)
        assert is_object_type(kind)
        found = self.selection.fields(kind, [n.selection_set for n in nodes])
        names = {below: fields[0].name.value for below, fields in found.items()}
        plain = all(
            name == "__typename" or is_leaf_type(get_named_type(kind.fields[name].type)) for name in names.values()
        )
        return Leaves(key, tuple(names.items())) if plain else None

    def _readback(
        self, entity: Entity, kind: GraphQLObjectType, key: str, nodes: list[FieldNode], path: Path, *, many: bool
    ) -> None:
        selected = Selected(key, key, {}, self.selection.below(kind, nodes))
        self._permissions(selected, kind, path)
        root = ByIds(entity, lambda v: v[IDS]) if many else ById(entity, lambda v: v[IDS][0])
        self.made.readbacks[path] = compile_plan(self.planner.graph, [(selected, root)])
        self.made.cost.add(cost_of_roots(self.planner.graph, [(selected, root)]))


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    found = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    return next(d for d in found if name is None or (d.name and d.name.value == name))


def _by_id(entity: Entity, get: Callable[[Variables], Any]) -> ById:
    def decode(variables: Variables) -> UUID | None:
        return entity.decode(get(variables))

    return ById(entity, decode)


def _value(arguments: dict[str, Argument], name: str) -> Callable[[Variables], Any]:
    argument = arguments[name]
    assert isinstance(argument, Bound)
    return argument.get


def _nth(get: Callable[[Variables], Any], n: int) -> Callable[[Variables], Any]:
    return lambda v: get(v)[n]
