"""Random valid queries over the SDL, with values that the rows hold."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
)

from tests.graph.reference import KINDS, SEARCHED, Entity, Reference, snake, target_of, written_id

LISTS = (
    *("sites", "sectors", "keywords", "clusters", "ideas", "tasks", "contents", "images", "jobs"),
    *("authorProfiles", "strategies"),
)
ROOT_KINDS = ["Site", "Sector", "Keyword", "Cluster", "Idea", "Task", "Content", "Image", "Job", "Strategy"]
Orders = tuple[tuple[str, str], ...]
Cursors = Callable[[str, Orders], list[str]]


@dataclass
class Scope:
    """What one object of the answer already has: fields with arguments must not meet under one key."""

    taken: set[str] = field(default_factory=set)
    below: "dict[str, Scope]" = field(default_factory=dict)


class Generator:
    """`cursors` gives some of a kind's cursors in an order; `permitted` says whether the caller may select a field."""

    def __init__(self, reference: Reference, seed: int, cursors: Cursors, permitted: Callable[[GraphQLField], bool]):
        self.reference, self.schema, self.cursors, self.permitted = reference, reference.schema, cursors, permitted
        self.random = random.Random(seed)
        self.variables: dict[str, Any] = {}
        self.optional: dict[str, list[Any]] = {}
        self.definitions: list[str] = []
        self.fragments: list[str] = []
        self.names = 0
        self.aliases = 0

    def query(self) -> str:
        query = self.schema.query_type
        assert query
        scope = Scope()
        fields = [self.root(query, scope) for _ in range(self.random.choice([1, 1, 2, 3]))]
        if self.chance(0.2):
            fields.insert(self.random.randrange(len(fields) + 1), "__typename")
        if self.chance(0.1):
            fields.append("viewer { role permissions user { id email } account { name } }")
        defined = f"({', '.join(self.definitions)})" if self.definitions else ""
        return "\n".join([f"query Q{defined} {{ {' '.join(fields)} }}", *self.fragments])

    def varied(self) -> dict[str, Any]:
        """Other values for the same document: booleans turned, nullable ones null or absent."""
        found = dict(self.variables)
        for name, value in self.variables.items():
            if isinstance(value, bool):
                found[name] = self.chance(0.5)
        for name, values in self.optional.items():
            if self.chance(0.5):
                continue
            found.pop(name, None)
            if self.chance(0.7):
                found[name] = self.random.choice(values)
        return found

    def chance(self, odds: float) -> bool:
        return self.random.random() < odds

    def fresh(self, letter: str) -> str:
        self.names += 1
        return f"{letter}{self.names}"

    # Fields

    def root(self, query: GraphQLObjectType, scope: Scope) -> str:
        name = self.random.choice(
            [*LISTS, *LISTS, *LISTS, "node", "nodes", "site", "keyword", "task", "job", "account"]
        )
        declared = query.fields[name]
        if name == "account":
            return self.object(query, name, declared, Scope(), 5, alias=True)
        if name in LISTS:
            return self.connection(query, name, declared, scope, 5)
        if name in ("node", "nodes"):
            return self.node(name, declared)
        arguments = f"(id: {self.value(declared.args['id'].type, self.some_id())})"
        body = self.selections(get_named_type(declared.type), Scope(), 4)
        return f"{self.fresh('a')}: {name}{arguments} {{ {body} }}"

    def node(self, name: str, declared: GraphQLField) -> str:
        if name == "node":
            arguments = f"(id: {self.value(declared.args['id'].type, self.some_id())})"
        else:
            ids = [self.some_id() for _ in range(self.random.choice([0, 1, 3, 5]))]
            arguments = f"(ids: {self.value(declared.args['ids'].type, ids)})"
        parts = ["__typename"] if self.chance(0.7) else ["id"]
        for kind in self.random.sample(ROOT_KINDS, 3):
            body = self.selections(self.schema.type_map[kind], Scope(), 2, alias=True)
            parts.append(self.fragment(kind, body))
        if self.chance(0.5):
            parts.insert(0, self.fragment("Node", "id __typename"))
        return f"{self.fresh('a')}: {name}{arguments} {{ {' '.join(parts)} }}"

    def selections(self, kind: Any, scope: Scope, depth: int, *, alias: bool = False) -> str:
        assert isinstance(kind, GraphQLObjectType)
        names = [n for n, f in kind.fields.items() if self.permitted(f)]
        parts = []
        for name in self.random.sample(names, min(len(names), self.random.choice([2, 3, 5]))):
            declared = kind.fields[name]
            target = get_named_type(declared.type)
            if is_leaf_type(target):
                key = f"{self.fresh('a')}: " if alias or self.spare_alias() else ""
                parts.append(f"{key}{name}{self.directive()}")
            elif target.name.endswith("Connection"):
                if depth > 0:
                    parts.append(self.connection(kind, name, declared, scope, depth - 1, alias=alias))
            elif depth > 0:
                parts.append(self.object(kind, name, declared, scope, depth - 1, alias=alias))
        if not parts or self.chance(0.2):
            parts.append("__typename")
        if self.chance(0.25):
            cut = self.random.randrange(len(parts))
            parts[cut:] = [self.fragment(kind.name, " ".join(parts[cut:]))]
        if self.chance(0.1):
            condition = "Node" if "id" in kind.fields else kind.name
            parts.append(self.fragment(condition, "__typename"))
        return " ".join(parts)

    def spare_alias(self) -> bool:
        self.aliases += self.chance(0.15)
        return self.aliases > 0 and self.chance(0.15) and self.aliases < 30

    def object(
        self, kind: GraphQLObjectType, name: str, declared: GraphQLField, scope: Scope, depth: int, *, alias: bool
    ) -> str:
        key, inner = name, Scope()
        if alias or self.chance(0.1):
            key = f"{self.fresh('a')}: {name}"
        else:
            inner = scope.below.setdefault(name, inner)
        body = self.selections(get_named_type(declared.type), inner, depth)
        again = ""
        if key == name and self.chance(0.1):
            again = f" {name} {{ {self.selections(get_named_type(declared.type), inner, 0)} }}"
        return f"{key}{self.directive()} {{ {body} }}{again}"

    def fragment(self, kind: str, body: str) -> str:
        if self.chance(0.5):
            return f"... on {kind}{self.directive()} {{ {body} }}"
        name = self.fresh("F")
        self.fragments.append(f"fragment {name} on {kind} {{ {body} }}")
        return f"...{name}{self.directive()}" + (f" ...{name}" if self.chance(0.2) else "")

    def directive(self) -> str:
        if not self.chance(0.1):
            return ""
        word = self.random.choice(["skip", "include"])
        return f" @{word}(if: {self.value(GraphQLNonNull(self.schema.type_map['Boolean']), self.chance(0.5))})"

    # Connections

    def connection(
        self,
        kind: GraphQLObjectType,
        name: str,
        declared: GraphQLField,
        scope: Scope,
        depth: int,
        *,
        alias: bool = False,
    ) -> str:
        if alias or name in scope.taken or self.chance(0.3):
            key = f"{self.fresh('a')}: {name}"
        else:
            key = name
            scope.taken.add(name)
        target = get_named_type(declared.type)
        assert isinstance(target, GraphQLObjectType)
        entity = target.name.removesuffix("Connection")
        arguments = self.arguments(entity, declared, top=depth == 5)
        row = self.schema.type_map[entity]
        parts = []
        inner = Scope()
        if self.chance(0.75):
            parts.append(f"nodes {{ {self.selections(row, inner, depth - 1)} }}")
        if self.chance(0.4):
            node = f"node {{ {self.selections(row, Scope(), depth - 2)} }}"
            parts.append(f"edges {{ {self.random.choice(['cursor ', '__typename ', ''])}{node} }}")
        if self.chance(0.4):
            page = ["hasNextPage", "hasPreviousPage", "startCursor", "endCursor", "__typename"]
            parts.append(f"pageInfo {{ {' '.join(self.random.sample(page, self.random.randint(1, 5)))} }}")
        if self.chance(0.4):
            parts.append(f"totalCount{self.directive()}")
        if not parts or self.chance(0.1):
            parts.append("__typename")
        self.random.shuffle(parts)
        return f"{key}{arguments} {{ {' '.join(parts)} }}"

    def arguments(self, kind: str, declared: GraphQLField, *, top: bool) -> str:
        given: list[str] = []
        orders = self.orders(kind, declared)
        if orders is not None:
            value = [{"field": f, "direction": d} for f, d in orders]
            given.append(f"orderBy: {self.value(GraphQLNonNull(declared.args['orderBy'].type), value)}")
        elif "orderBy" in declared.args and self.chance(0.1):
            given.append(f"orderBy: {self.null_or_absent(str(declared.args['orderBy'].type))}")
        backward = self.chance(0.3)
        if not top or self.chance(0.8):
            size = self.random.choice([1, 2, 7, 50] if top else [1, 2, 3])
            # Sizes and orders are never varied: 20 rows at each of five levels are three million, and a cursor is of
            # one order.
            given.append(f"{'last' if backward else 'first'}: {self.value(GraphQLNonNull(self.int), size)}")
            if self.chance(0.1):
                given.append(f"{'first' if backward else 'last'}: {self.null_or_absent('Int')}")
        for name in ("after", "before"):
            found = self.cursors(kind, orders or ())
            if found and self.chance(0.2):
                cursor = self.random.choice(found)
                given.append(f"{name}: {self.value(declared.args[name].type, cursor, [None, *found])}")
            elif self.chance(0.05):
                given.append(f"{name}: {self.null_or_absent('String')}")
        if "filter" in declared.args and self.chance(0.5):
            type = declared.args["filter"].type
            given.append(f"filter: {self.value(type, self.filter(kind, get_named_type(type), 2))}")
        self.random.shuffle(given)
        return f"({', '.join(given)})" if given else ""

    @property
    def int(self) -> Any:
        return self.schema.type_map["Int"]

    def orders(self, kind: str, declared: GraphQLField) -> Orders | None:
        if "orderBy" not in declared.args or self.chance(0.3):
            return None
        order = get_named_type(declared.args["orderBy"].type)
        assert isinstance(order, GraphQLInputObjectType)
        fields = get_named_type(order.fields["field"].type)
        assert isinstance(fields, GraphQLEnumType)
        count = min(self.random.choice([0, 1, 1, 1, 2, 2]), len(fields.values))
        return tuple((f, self.random.choice(["ASC", "DESC"])) for f in self.random.sample(list(fields.values), count))

    # Filters

    def filter(self, kind: str, type: Any, depth: int) -> dict[str, Any]:
        assert isinstance(type, GraphQLInputObjectType)
        names = [n for n in type.fields if depth > 0 or n not in ("and", "or", "not")]
        return {
            name: self.part(kind, name, type, depth)
            for name in self.random.sample(names, min(len(names), self.random.choice([0, 1, 1, 2, 3])))
        }

    def part(self, kind: str, name: str, type: GraphQLInputObjectType, depth: int) -> Any:
        declared = get_named_type(type.fields[name].type)
        if self.chance(0.08):
            return None
        if name in ("and", "or"):
            return [self.filter(kind, type, depth - 1) for _ in range(self.random.choice([0, 1, 2, 2, 3]))]
        if name == "not":
            return self.filter(kind, type, depth - 1)
        if name == "search":
            text = str(self.cell(kind, SEARCHED[kind]))
            start = self.random.randrange(len(text) or 1)
            mixed = " ".join(self.random.sample(text.split(), len(text.split())))
            quoted = [f'"{text}"', f'{mixed} "', f'{text}"{mixed}']
            return self.random.choice([text[start : start + 4], text, mixed.upper(), *quoted, *"%_\\é ", "NO SUCH"])
        if name == "fullText":
            text = str(self.cell(kind, SEARCHED[kind]))
            some = " ".join(self.random.sample(text.split(), min(2, len(text.split()))))
            forms = [text, some, f"{some}s", f'"{text}"', f"{some} -seo", f"{some} or guides", "", "-", "NO SUCH"]
            return self.random.choice(forms)
        if (kind, name) == ("Content", "integrationId"):
            ids = [f"intg_{id}" for id in self.cell(kind, "live_at")]
            return self.random.choice([*ids, *ids, None, "nothing"])
        if name.endswith("Id"):
            id = self.cell(kind, snake(name))
            prefix = KINDS[target_of(name)][1]
            return None if id is None else self.random.choice([f"{prefix}_{id}"] * 3 + ["nothing", f"zz_{id}"])
        if declared.name == "Boolean":
            return self.chance(0.5)
        assert isinstance(declared, GraphQLInputObjectType)
        return {
            operator: self.operand(kind, name, declared.fields[operator].type)
            for operator in self.random.sample(list(declared.fields), self.random.choice([0, 1, 1, 2]))
        }

    def operand(self, kind: str, name: str, type: Any) -> Any:
        if self.chance(0.08):
            return None
        if is_list_type(get_nullable_type(type)):
            terms = get_named_type(type)
            if terms.name == "String":
                return [
                    str(self.cell(kind, snake(name))),
                    *self.random.sample(["o", "e", "é"], self.random.choice([0, 1])),
                ]
            assert isinstance(terms, GraphQLEnumType)
            held = self.cell(kind, snake(name))
            some = held if isinstance(held, list) else [held] if held else []
            return [*some, *self.random.sample(list(terms.values), self.random.choice([0, 0, 1, 2]))]
        cell = self.cell(kind, snake(name))
        if get_named_type(type).name == "DateTime":
            cell = cell or datetime(2026, 1, 31, 8, 30, tzinfo=UTC)
            zone = self.random.choice([UTC, timezone(timedelta(hours=5, minutes=30))])
            try:
                return cell.astimezone(zone).isoformat()
            except OverflowError:
                return cell.isoformat()
        return min(2**31 - 1, (cell or 0) + self.random.choice([-1, 0, 0, 1]))

    def cell(self, kind: str, column: str) -> Any:
        rows = self.reference.tables[kind]
        return self.random.choice(rows)[column] if rows else None

    def some_id(self) -> str:
        kind = self.random.choice(ROOT_KINDS)
        row = self.random.choice(self.reference.tables[kind] or [{"id": "nothing"}])
        known = written_id(Entity(kind, row))
        unknown = "kw_00000000-0000-4000-8000-000000000000"
        return self.random.choice([known] * 6 + [unknown, "kw_", "", "nonsense", f"zz_{row['id']}", str(row["id"])])

    # Values: a literal, a variable, or a literal with variables inside

    def null_or_absent(self, type: str) -> str:
        if self.chance(0.5):
            return "null"
        name = self.fresh("v")
        self.definitions.append(f"${name}: {type}")
        return f"${name}"

    def value(self, type: GraphQLInputType, value: Any, others: list[Any] | None = None) -> str:
        """`others`: what its variable may hold as well."""
        if self.chance(0.35):
            name = self.fresh("v")
            if value is not None and self.chance(0.2):
                self.definitions.append(f"${name}: {type} = {self.literal(get_nullable_type(type), value, plain=True)}")
                return f"${name}"
            self.definitions.append(f"${name}: {type}")
            self.variables[name] = value
            if others:
                self.optional[name] = others
            elif not isinstance(type, GraphQLNonNull):
                self.optional[name] = [None, value]
            return f"${name}"
        return self.literal(type, value)

    def literal(self, type: Any, value: Any, *, plain: bool = False) -> str:
        type = get_nullable_type(type)
        if value is None:
            return "null"
        inner = self.literal_of if plain else self.value
        if isinstance(type, GraphQLList):
            if len(value) == 1 and self.chance(0.2):
                return self.literal(type.of_type, value[0], plain=plain)
            return f"[{', '.join(inner(type.of_type, v) for v in value)}]"
        if isinstance(type, GraphQLInputObjectType):
            return f"{{{', '.join(f'{k}: {inner(type.fields[k].type, v)}' for k, v in value.items())}}}"
        return str(value) if isinstance(type, GraphQLEnumType) else json.dumps(value, ensure_ascii=False)

    def literal_of(self, type: Any, value: Any) -> str:
        return self.literal(type, value, plain=True)
