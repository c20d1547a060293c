"""How many bytes the long texts of an answer are together: SQL over the same rows that reads none of them.

`octet_length` of a text stands in its header, also where its value lies apart from the row.
"""

from collections.abc import Iterable

from persistence.graph.model import Graph, Member, ToEvery, ToMany, ToOne, Value
from persistence.graph.selection import Selected

LONGEST = 16_000_000  # bytes of long texts in one answer
ROOM = "#room"  # the variable of how many there may still be; no GraphQL name begins so


class Long:
    """Which selections hold a long text. The others are not asked about."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def within(self, name: str, selections: Iterable[Selected]) -> bool:
        """Of an entity, by its name."""
        fields = self.graph.entities[name].fields
        return any(self.is_long(fields.get(selected.name), selected) for selected in selections)

    def is_long(self, member: Member | None, selected: Selected) -> bool:
        match member:
            case Value(length=length):
                return length is not None
            case ToOne(target) | ToEvery(target):
                return self.within(target, selected.selections)
            case ToMany(target):
                return self.in_connection(target, selected)
        return False

    def in_connection(self, name: str, selected: Selected) -> bool:
        return any(self.within(name, node.selections) for node in nodes_of(selected))


def nodes_of(connection: Selected) -> list[Selected]:
    """Its `nodes`, and the `node` of its edges: each is in the answer."""
    found = [part for part in connection.selections if part.name == "nodes"]
    edges = [part for part in connection.selections if part.name == "edges"]
    return [*found, *(below for edge in edges for below in edge.selections if below.name == "node")]


def total(parts: Iterable[str]) -> str:
    return " + ".join(parts)


def guarded(columns: list[str], sizes: list[str], room: str) -> str:
    """Of the select list of an answer: first the size, and nothing else is computed where there is no room for it."""
    shown = ", ".join(f"(case when m.size <= {room} then {column} end)::text" for column in columns)
    return f"with m as materialized (select {total(sizes)} as size) select m.size::text, {shown} from m"
