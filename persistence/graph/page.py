"""One page of a list: keyset conditions and ranges.

Nulls come last in either direction and id breaks ties in the direction of the last order column. A page over one
nullable column is two ranges in sequence, not-null by row comparison and null by id, so that one index
(account, parent, column, id) serves both directions; an OR of the two would scan.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from persistence.graph.cursor import Direction, read_cursor
from persistence.graph.model import Entity
from persistence.graph.selection import Bound, Parameters, Variables


@dataclass(frozen=True, slots=True)
class Edge:
    """A cursor as SQL parameters: one per order column (None where the value is null), then the id."""

    columns: list[str | None]
    id: str


class Keyset:
    def __init__(self, entity: Entity, directions: Sequence[Direction], parameters: Parameters) -> None:
        self.entity, self.directions, self.parameters = entity, directions, parameters
        self.id_descending = directions[-1].descending if directions else False

    def edge(self, argument: Bound, name: str) -> Edge:
        """Which values are null is part of the plan's key; the rest is bound."""
        now = read_cursor(argument.now, self.entity.name, self.directions, name)
        given = argument.get  # not the argument: the plan would keep this request's cursor

        def part(position: int) -> Any:
            def get(variables: Variables) -> Any:
                return read_cursor(given(variables), self.entity.name, self.directions, name)[position]

            return get

        columns = [
            None if now[n] is None else self.parameters.add(part(n), d.order.type)
            for n, d in enumerate(self.directions)
        ]
        return Edge(columns, self.parameters.add(part(len(self.directions)), "uuid"))

    def beyond(self, alias: str, edge: Edge, *, backward: bool, inclusive: bool = False) -> str:
        """Rows strictly after the edge in the list's order, or before it; `inclusive` counts the edge's own row."""
        sign = "<" if self.id_descending is not backward else ">"
        sql = f"{alias}.id {sign}{'=' if inclusive else ''} {edge.id}"
        for direction, value in reversed(list(zip(self.directions, edge.columns, strict=True))):
            column = f"{alias}.{direction.order.column}"
            strict = self._strict(column, value, direction, backward)
            tie = f"{column} is null" if value is None else f"{column} = {value}"
            sql = f"({strict} or ({tie} and {sql}))"
        return sql

    @staticmethod
    def _strict(column: str, value: str | None, direction: Direction, backward: bool) -> str:
        if value is None:
            return f"{column} is not null" if backward else "false"
        sign = "<" if direction.descending is not backward else ">"
        nulls = f" or {column} is null" if direction.order.nullable and not backward else ""
        return f"({column} {sign} {value}{nulls})"

    def order_by(self, alias: str, *, backward: bool) -> str:
        parts = []
        for d in self.directions:
            nulls = "" if not d.order.nullable else " nulls first" if backward else " nulls last"
            parts.append(f"{alias}.{d.order.column} {_way(d.descending is not backward)}{nulls}")
        return ", ".join([*parts, f"{alias}.id {_way(self.id_descending is not backward)}"])

    def rows(self, columns: list[str], where: list[str], edge: Edge | None, limit: str, *, backward: bool) -> str:
        """A sub-select of at most `limit` rows in the scan's order, the alias inside being `r`."""
        if len(self.directions) == 1 and self.directions[0].order.nullable:
            ranges = self._ranges(edge, backward=backward)
            parts = [f"({self._scan(columns, [*where, *conditions], order, limit)})" for conditions, order in ranges]
            return parts[0] if len(parts) == 1 else " union all ".join(parts) + f" limit {limit}"
        conditions = [self._ahead(edge, backward=backward)] if edge else []
        return self._scan(columns, [*where, *conditions], self.order_by("r", backward=backward), limit)

    def _scan(self, columns: list[str], where: list[str], order: str, limit: str) -> str:
        condition = " and ".join(where) or "true"
        selected = ", ".join(f"r.{column}" for column in columns)
        return f"select {selected} from {self.entity.table} r where {condition} order by {order} limit {limit}"

    def _ahead(self, edge: Edge, *, backward: bool) -> str:
        """A row comparison where all columns go one way and none is null: an index condition as it stands."""
        ways = {d.descending for d in self.directions} | {self.id_descending}
        if len(ways) > 1 or any(d.order.nullable for d in self.directions):
            return self.beyond("r", edge, backward=backward)
        columns = ", ".join([*(f"r.{d.order.column}" for d in self.directions), "r.id"])
        values = ", ".join([*(c for c in edge.columns if c), edge.id])
        return f"({columns}) {'<' if self.id_descending is not backward else '>'} ({values})"

    def _ranges(self, edge: Edge | None, *, backward: bool) -> list[tuple[list[str], str]]:
        (direction,) = self.directions
        column = f"r.{direction.order.column}"
        descending = direction.descending is not backward
        sign, way = ("<" if descending else ">"), _way(descending)
        value = edge.columns[0] if edge else None
        valued: list[str] | None = [f"{column} is not null"]
        empty: list[str] | None = [f"{column} is null"]
        if edge and value is not None:
            valued = [f"({column}, r.id) {sign} ({value}, {edge.id})"]
            empty = None if backward else empty
        elif edge:
            empty = [f"{column} is null", f"r.id {sign} {edge.id}"]
            valued = valued if backward else None
        ranges = [(valued, f"{column} {way}, r.id {way}"), (empty, f"r.id {way}")]
        return [(c, order) for c, order in (reversed(ranges) if backward else ranges) if c is not None]


def _way(descending: bool) -> str:
    return "desc" if descending else "asc"
