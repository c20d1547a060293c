"""A list as a file: the same filter and order as a connection's, all rows of it, written by PostgreSQL's COPY."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from persistence.graph.cursor import Direction
from persistence.graph.filters import Filters
from persistence.graph.model import Entity, ToOne, Value
from persistence.graph.page import Keyset
from persistence.graph.scalars import Scalar, Text
from persistence.graph.selection import BadArgument, Bound, Parameters
from persistence.terms import FileFormat

MAX_ORDERS = 2
# A cell that begins so is a formula to a spreadsheet; the apostrophe makes it text.
GUARDED = r"""case when left({0}, 1) in ('=', '+', '-', '@', e'\t', e'\r') then '''' || {0} else {0} end"""
CELLS = {
    Scalar.TEXT: GUARDED,
    Scalar.TEXTS: GUARDED.replace("{0}", "array_to_string({0}, '; ')"),
    Scalar.TERMS: "array_to_string({0}, '; ')",
    Scalar.DECIMAL: "trim_scale({0})",
    Scalar.INSTANT: """to_char({0} at time zone 'UTC','YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')""",
}
# JSON text holds no control characters, so that nothing in it is quoted or doubled.
FORMS = {
    FileFormat.CSV: "(format csv, header)",
    FileFormat.JSONL: r"(format csv, quote e'\x01', delimiter e'\x02')",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the entity, or of an entity it belongs to: `path` is one name, or two."""

    path: tuple[str, ...]
    title: str


def export_sql(
    entities: Mapping[str, Entity],
    entity: Entity,
    columns: Sequence[Column],
    filter: Mapping[str, Any] | None,
    order: Sequence[Mapping[str, str]],
    form: FileFormat,
) -> tuple[str, list[Any]]:
    """A COPY with $n parameters, and their values. `filter` and `order` as JSON has them; BadArgument as in a list."""
    parameters = Parameters()
    condition = Filters(entity, parameters).condition("r", bound(dict(filter) if filter else None))
    directions = _directions(entity, order)
    joined = _Joined(entities, entity)
    body = (_csv if form is FileFormat.CSV else _jsonl)(joined, columns)
    query = (
        f"select {body} from {entity.table} r{joined.sql} where {condition} "
        f"order by {Keyset(entity, directions, parameters).order_by('r', backward=False)}"
    )
    return f"copy ({query}) to stdout {FORMS[form]}", parameters.values({})


def bound(tree: Any) -> Any:
    """Plain values as the compiler takes them."""
    if isinstance(tree, dict):
        return {name: _parts(value) if name in ("and", "or") else bound(value) for name, value in tree.items()}
    return None if tree is None else Bound(lambda _: tree, tree)


def _parts(tree: Any) -> list[Any] | None:
    return None if tree is None else [bound(each) for each in tree]


def _directions(entity: Entity, order: Sequence[Mapping[str, str]]) -> list[Direction]:
    fields = [each["field"] for each in order]
    if len(fields) > MAX_ORDERS or len(set(fields)) < len(fields):
        raise BadArgument("Order by at most two fields, each once.", "orderBy")
    return [Direction(entity.orders[each["field"]], each["direction"] == "DESC") for each in order]


class _Joined:
    """The entity, and those it belongs to that a column asks for."""

    def __init__(self, entities: Mapping[str, Entity], entity: Entity) -> None:
        self.entities, self.entity = entities, entity
        self._aliases: dict[str, str] = {}
        self.sql = ""

    def find(self, column: Column) -> tuple[Value, str]:
        """The value, and its SQL."""
        *way, name = column.path
        if not way:
            own = self.entity.fields[name]
            assert isinstance(own, Value)
            return own, own.sql("r")
        relation = self.entity.fields[way[0]]
        assert isinstance(relation, ToOne)
        target = self.entities[relation.target]
        if way[0] not in self._aliases:
            alias = self._aliases[way[0]] = f"o{len(self._aliases)}"
            self.sql += f" left join {target.table} {alias} on {alias}.{relation.remote} = r.{relation.local}"
        value = target.fields[name]
        assert isinstance(value, Value)
        return value, value.sql(self._aliases[way[0]])


def _csv(joined: _Joined, columns: Sequence[Column]) -> str:
    cells = []
    for column in columns:
        value, sql = joined.find(column)
        form = f"'{value.prefix}_'||{{0}}" if value.scalar is Scalar.ID else CELLS.get(value.scalar, "{0}")
        cells.append(f'{form.replace("{0}", sql)} as "{column.title}"')
    return ", ".join(cells)


def _jsonl(joined: _Joined, columns: Sequence[Column]) -> str:
    text = Text().constant("{")
    for n, column in enumerate(columns):
        value, sql = joined.find(column)
        text.constant(("," if n else "") + f'"{column.title}":')
        value.scalar.write(text, sql, nullable=value.nullable or len(column.path) > 1, prefix=value.prefix)
    return text.constant("}").sql
