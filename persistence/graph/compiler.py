"""Selections → one SQL statement whose one row holds the JSON text of each root field."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from persistence.graph.cursor import Direction, cursor_sql
from persistence.graph.filters import Filters
from persistence.graph.measure import LONGEST, ROOM, Long, guarded, nodes_of, total
from persistence.graph.model import Entity, Graph, ToEvery, ToMany, ToOne, Value
from persistence.graph.page import Edge, Keyset
from persistence.graph.scalars import Scalar, Text
from persistence.graph.selection import BadArgument, Bound, Parameters, Selected, Variables

MAX_PARTS = 1000  # sub-selects of a statement; PostgreSQL plans some 2,000 a second
MAX_PAGE = 100
DEFAULT_PAGE = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """`sql` gives one row, a text per key of `keys`; `values` binds a request's variables.

    `measured`: before these it gives the bytes of the long texts among them, and nothing else where there is no room.
    """

    keys: tuple[str, ...]
    sql: str
    values: Callable[[Variables], list[Any]]
    measured: bool = False


@dataclass(frozen=True, slots=True)
class ById:
    """A root that is one entity: `get` finds its UUID (None: nothing) among the variables."""

    entity: Entity
    get: Callable[[Variables], UUID | None]


@dataclass(frozen=True, slots=True)
class Own:
    """A root that is the one row the scope shows (the caller's account)."""

    entity: Entity


@dataclass(frozen=True, slots=True)
class Listed:
    """A root that is a connection over all rows the scope shows."""

    entity: Entity


@dataclass(frozen=True, slots=True)
class Every:
    """A root that is a plain list of all rows, in the order of `column`."""

    entity: Entity
    column: str


@dataclass(frozen=True, slots=True)
class ByIds:
    """A root that is a list of one entity's rows in the order of the UUIDs that `get` finds; unknown ones are null."""

    entity: Entity
    get: Callable[[Variables], list[UUID]]


@dataclass(frozen=True, slots=True)
class Several:
    """A root that is a list of entities of any kinds, each with what is asked of its kind; null where nothing is."""

    roots: tuple[tuple[Selected, ById] | None, ...]


Root = ById | ByIds | Own | Listed | Every | Several | None


def compile_plan(graph: Graph, roots: list[tuple[Selected, Root]]) -> Plan:
    """Raises BadArgument for arguments that no statement can be made of."""
    compiler = _Compiler(graph)
    columns = [compiler.root(selected, root) for selected, root in roots]
    sizes = [size for selected, root in roots for size in compiler.sizes(selected, root)]
    if sizes:
        room = compiler.parameters.add(lambda variables: variables.get(ROOM, LONGEST), "bigint")
        sql = guarded(columns, sizes, room)
    else:
        sql = "select " + ", ".join(f"({c})::text" for c in columns)
    return Plan(tuple(s.key for s, _ in roots), sql, compiler.parameters.values, measured=bool(sizes))


class _Compiler:
    def __init__(self, graph: Graph) -> None:
        self.graph, self.parameters, self.aliases = graph, Parameters(), 0
        self.long = Long(graph)

    def alias(self) -> str:
        self.aliases += 1
        if self.aliases > MAX_PARTS:
            raise BadArgument("This asks for too much at once. Select less, or in several requests.")
        return f"t{self.aliases}"

    def root(self, selected: Selected, root: Root) -> str:
        match root:
            case None:
                return "'null'"
            case Several(roots):
                text = Text().constant("[")
                for n, each in enumerate(roots):
                    text.constant("," if n else "").expression(self.root(*each) if each else "'null'")
                return text.constant("]").sql
            case Every(entity, column):
                return self.every(entity, selected, column, lambda alias: "true")
            case ByIds(entity, get):
                return self.by_ids(entity, selected, self.parameters.add(get, "uuid[]"))
            case Listed(entity):
                return self.connection(entity, [], selected).sql
            case Own(entity):
                return self.one(entity, selected, lambda alias: "true")
            case ById(entity, get):
                id = self.parameters.add(get, "uuid")
                return self.one(entity, selected, lambda alias: f"{alias}.id = {id}")

    def sizes(self, selected: Selected, root: Root) -> list[str]:
        """How many bytes the long texts of a root are: SQL, none where it has none."""
        match root:
            case Several(roots):
                return [size for each in roots if each for size in self.sizes(*each)]
            case Listed(entity) if self.long.in_connection(entity.name, selected):
                return [_Connection(self, entity, [], selected).size()]
            case Every(entity) | Own(entity) if self.long.within(entity.name, selected.selections):
                return [self.size(entity, selected, lambda alias: "true")]
            case ById(entity, get) if self.long.within(entity.name, selected.selections):
                id = self.parameters.add(get, "uuid")
                return [self.size(entity, selected, lambda alias: f"{alias}.id = {id}")]
            case ByIds(entity, get) if self.long.within(entity.name, selected.selections):
                ids = self.parameters.add(get, "uuid[]")
                of = f"unnest({ids}) w(id) join"
                return [self.size(entity, selected, lambda alias: "true", of, "on w.id = {}.id")]
        return []

    def size(
        self, entity: Entity, selected: Selected, where: Callable[[str], str], before: str = "", after: str = ""
    ) -> str:
        """Of all rows that `where` holds of."""
        alias = self.alias()
        rows = f"{before} {entity.table} {alias} {after.format(alias)}"
        return f"coalesce((select sum({self.bytes(entity, selected, alias)}) from {rows} where {where(alias)}),0)"

    def bytes(self, entity: Entity, selected: Selected, alias: str) -> str:
        """Of one row."""
        parts = []
        for each in selected.selections:
            member = entity.fields.get(each.name)
            if not self.long.is_long(member, each):
                continue
            match member:
                case Value(length=length) if length:
                    parts.append(f"coalesce({length(alias)},0)")
                case ToOne(target, local, remote) | ToEvery(target, local, remote):
                    where = partial(_same, remote, f"{alias}.{local}")
                    parts.append(self.size(self.graph.entities[target], each, where))
                case ToMany(target, local, remote):
                    there = self.graph.entities[target]
                    parts.append(_Connection(self, there, [f"r.{remote} = {alias}.{local}"], each).size())
        return total(parts)

    def one(self, entity: Entity, selected: Selected, where: Callable[[str], str]) -> str:
        alias = self.alias()
        body = self.object(entity, selected.selections, alias).sql
        return f"coalesce((select {body} from {entity.table} {alias} where {where(alias)}),'null')"

    def every(self, entity: Entity, selected: Selected, column: str, where: Callable[[str], str]) -> str:
        alias = self.alias()
        order = f"{alias}.{column}, {alias}.id" if entity.prefix else f"{alias}.{column}"
        rows = self.object(entity, selected.selections, alias).joined(f" order by {order})")
        return f"'['||(select {rows} from {entity.table} {alias} where {where(alias)})||']'"

    def by_ids(self, entity: Entity, selected: Selected, ids: str) -> str:
        alias = self.alias()
        body = self.object(entity, selected.selections, alias).sql
        return (
            f"select '['||coalesce(string_agg(case when {alias}.id is null then 'null' else {body} end,',' "
            f"order by w.n),'')||']' from unnest({ids}) with ordinality w(id, n) "
            f"left join {entity.table} {alias} on {alias}.id = w.id"
        )

    def object(self, entity: Entity, selections: list[Selected], alias: str) -> Text:
        text = Text().constant("{")
        for n, selected in enumerate(selections):
            text.constant(("," if n else "") + f'"{selected.key}":')
            self.field(text, entity, selected, alias)
        return text.constant("}")

    def field(self, text: Text, entity: Entity, selected: Selected, alias: str) -> None:
        if selected.name == "__typename":
            text.constant(f'"{entity.name}"')
            return
        match entity.fields[selected.name]:
            case Value(sql, scalar, nullable, prefix):
                scalar.write(text, sql(alias), nullable=nullable, prefix=prefix)
            case ToOne(target, local, together=True) if _named_alone(selected):
                text.expression(self.named(self.graph.entities[target], selected, f"{alias}.{local}"))
            case ToOne(target, local, remote):
                text.expression(
                    self.one(self.graph.entities[target], selected, lambda a: f"{a}.{remote} = {alias}.{local}")
                )
            case ToEvery(target, local, remote, column):
                text.expression(
                    self.every(
                        self.graph.entities[target], selected, column, lambda a: f"{a}.{remote} = {alias}.{local}"
                    )
                )
            case ToMany(target, local, remote):
                where = [f"r.{remote} = {alias}.{local}"]
                text.join(self.connection(self.graph.entities[target], where, selected))

    @staticmethod
    def named(entity: Entity, selected: Selected, id: str) -> str:
        """An entity of which nothing is asked but its id: null where that is."""
        text = Text().constant("{")
        for n, each in enumerate(selected.selections):
            text.constant(("," if n else "") + f'"{each.key}":')
            if each.name == "id":
                Scalar.ID.write(text, id, nullable=False, prefix=entity.prefix)
            else:
                text.constant(f'"{entity.name}"')
        return f"coalesce({text.constant('}').sql},'null')"

    def connection(self, entity: Entity, where: list[str], selected: Selected) -> Text:
        return _Connection(self, entity, where, selected).text()


class _Connection:
    """One connection: its window (first/after or last/before), its filter and order, the parts that are asked for."""

    def __init__(self, compiler: _Compiler, entity: Entity, where: list[str], selected: Selected) -> None:
        self.compiler, self.entity, self.selected = compiler, entity, selected
        arguments, parts = selected.arguments, {s.name for s in selected.selections}
        self.alias = compiler.alias()
        self.paged = not parts <= {"totalCount", "__typename"}
        self.parameters = compiler.parameters if self.paged else compiler.parameters.apart()
        self.backward = arguments.get("last") is not None
        self.numbered = self.backward or "pageInfo" in parts
        self.limit = self._limit(arguments)
        self.keyset = Keyset(entity, self._directions(arguments.get("orderBy")), self.parameters)
        after, before = (self._edge(arguments, name) for name in ("after", "before"))
        filtering = compiler.parameters if "totalCount" in parts else self.parameters
        condition = Filters(entity, filtering).condition("r", arguments.get("filter"))
        self.where = [*where, *([] if condition == "true" else [condition])]
        self.ahead, self.behind = (before, after) if self.backward else (after, before)

    def _limit(self, arguments: dict[str, Any]) -> str:
        if arguments.get("first") is not None and self.backward:
            raise BadArgument("Give either first or last, not both.", "last")
        name = "last" if self.backward else "first"
        size = arguments.get(name)
        if size is None:
            return str(DEFAULT_PAGE)
        assert isinstance(size, Bound)
        page_size(size.now, name)
        return self.parameters.bound(size, "int", lambda n: page_size(n, name))

    def _edge(self, arguments: dict[str, Any], name: str) -> Edge | None:
        argument = arguments.get(name)
        return None if argument is None or argument.now is None else self.keyset.edge(argument, name)

    def _directions(self, orders: Any) -> list[Direction]:
        if not orders:
            return []
        if len(orders) > 2:
            raise BadArgument("Order by at most two fields.", "orderBy")
        names = [_word(o["field"].now) for o in orders]
        if len(set(names)) < len(names):
            raise BadArgument("Each field can be ordered by once.", "orderBy")
        ways = [o.get("direction") for o in orders]
        descending = [way is not None and _word(way.now) == "DESC" for way in ways]
        return [Direction(self.entity.orders[n], d) for n, d in zip(names, descending, strict=True)]

    def text(self) -> Text:
        """What is constant around the rows stands outside their sub-select: megabytes are then copied less often."""
        text = Text().constant("{")
        for n, selected in enumerate(self.selected.selections):
            text.constant(("," if n else "") + f'"{selected.key}":')
            self.part(text, selected)
        text.constant("}")
        if not self.paged:
            return text
        if [s.name for s in self.selected.selections] in (["nodes"], ["edges"]):
            return text.around(lambda sql: f"(select {sql} from ({self.page(sql)}) {self.alias})")
        # One row, whatever the page holds: `having` makes it so where no aggregate is selected.
        return Text().expression(f"(select {text.sql} from ({self.page(text.sql)}) {self.alias} having true)")

    def size(self) -> str:
        """How many bytes the long texts of the page are."""
        compiler, name = self.compiler, self.entity.name
        nodes = [node for node in nodes_of(self.selected) if compiler.long.within(name, node.selections)]
        one = total(compiler.bytes(self.entity, node, self.alias) for node in nodes)
        within = f" filter (where rn <= {self.limit})" if self.numbered else ""
        return f"coalesce((select sum({one}){within} from ({self.page(one)}) {self.alias}),0)"

    def page(self, used: str) -> str:
        """Rows in the scan's order; numbered, and one more than the page holds, where somebody asks for its ends.

        `used`: the SQL that reads them, since a sort carries every column that is selected.
        """
        columns = sorted(set(re.findall(rf"\b{self.alias}\.(\w+)", used)))
        where = self.where
        if self.behind:
            where = [*where, self.keyset.beyond("r", self.behind, backward=not self.backward)]
        if not self.numbered:
            return self.keyset.rows(columns, where, self.ahead, self.limit, backward=False)
        rows = self.keyset.rows(columns, where, self.ahead, f"{self.limit} + 1", backward=self.backward)
        return f"select q.*, row_number() over () as rn from ({rows}) q"

    def part(self, text: Text, selected: Selected) -> None:
        match selected.name:
            case "nodes":
                self.aggregate(text, self.compiler.object(self.entity, selected.selections, self.alias))
            case "edges":
                self.aggregate(text, self.edge(selected.selections))
            case "pageInfo":
                self.page_info(text, selected.selections)
            case "totalCount":
                where = " and ".join(self.where) or "true"
                text.expression(f"(select count(*) from {self.entity.table} r where {where})")
            case "__typename":
                text.constant(f'"{self.entity.name}Connection"')

    def aggregate(self, text: Text, item: Text) -> None:
        order = " order by rn desc" if self.backward else ""
        within = f" filter (where rn <= {self.limit})" if self.numbered else ""
        text.constant("[").expression(item.joined(f"{order}){within}")).constant("]")

    def edge(self, selections: list[Selected]) -> Text:
        text = Text().constant("{")
        for n, selected in enumerate(selections):
            text.constant(("," if n else "") + f'"{selected.key}":')
            match selected.name:
                case "node":
                    text.join(self.compiler.object(self.entity, selected.selections, self.alias))
                case "cursor":
                    text.constant('"').expression(self.cursor).constant('"')
                case _:
                    text.constant(f'"{self.entity.name}Edge"')
        return text.constant("}")

    @property
    def cursor(self) -> str:
        return cursor_sql(self.alias, self.entity.name, self.keyset.directions)

    def page_info(self, text: Text, selections: list[Selected]) -> None:
        text.constant("{")
        for n, selected in enumerate(selections):
            text.constant(("," if n else "") + f'"{selected.key}":')
            match selected.name:
                case "hasNextPage":
                    text.expression(self.more(ahead=not self.backward))
                case "hasPreviousPage":
                    text.expression(self.more(ahead=self.backward))
                case "startCursor":
                    text.expression(self.boundary(first=not self.backward))
                case "endCursor":
                    text.expression(self.boundary(first=self.backward))
                case _:
                    text.constant('"PageInfo"')
        text.constant("}")

    def more(self, *, ahead: bool) -> str:
        """Whether the scan met a row beyond the page, or rows stand at or beyond the edge it started from."""
        if ahead:
            seen = f"(count(*) > {self.limit})"
            return seen if self.behind is None else f"({seen} or {self.exists(self.behind, not self.backward)})"
        return "false" if self.ahead is None else self.exists(self.ahead, self.backward)

    def exists(self, edge: Edge, backward: bool) -> str:
        """`edge` bounds the page in the direction `backward`; is there a row on its other side, or at it?"""
        other = self.keyset.beyond("r", edge, backward=not backward, inclusive=True)
        return f"exists (select from {self.entity.table} r where {' and '.join([*self.where, other])})"

    def boundary(self, *, first: bool) -> str:
        order = "rn" if first else "rn desc"
        values = f"(array_agg({self.cursor} order by {order}) filter (where rn <= {self.limit}))[1]"
        return f"""coalesce('"'||{values}||'"','null')"""


def _same(column: str, value: str, alias: str) -> str:
    return f"{alias}.{column} = {value}"


def _named_alone(selected: Selected) -> bool:
    names = {each.name for each in selected.selections}
    return "id" in names <= {"id", "__typename"}


def page_size(value: Any, argument: str) -> int:
    if not isinstance(value, int) or not 1 <= value <= MAX_PAGE:
        raise BadArgument(f"{argument} must be from 1 to {MAX_PAGE}.", argument)
    return value


def _word(value: Any) -> str:
    """An enum's value, or a word as it stands."""
    return str(getattr(value, "value", value))
