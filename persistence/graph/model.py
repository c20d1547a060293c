"""The graph as the compiler sees it: entities with their columns, expressions, relations, filters and orders.

Built once from the GraphQL types by schema/graph/entity.py; names are GraphQL's, columns SQL's.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from uuid import UUID

from persistence.graph.scalars import Scalar


@dataclass(frozen=True, slots=True)
class Value:
    """A field whose value is one SQL expression over the entity's alias; `length`: its bytes, where it may be long."""

    sql: Callable[[str], str]
    scalar: Scalar
    nullable: bool
    prefix: str = ""
    length: Callable[[str], str] | None = None


@dataclass(frozen=True, slots=True)
class ToOne:
    """`together`: who sees this row sees the other, so that its id can be told from `local` alone."""

    target: str
    local: str
    remote: str
    nullable: bool
    together: bool = False


@dataclass(frozen=True, slots=True)
class ToMany:
    """A connection; `remote` of the target equals `local` of this entity."""

    target: str
    local: str
    remote: str


@dataclass(frozen=True, slots=True)
class ToEvery:
    """A plain list of all rows, for the few that are always few; in the order of `column`."""

    target: str
    local: str
    remote: str
    column: str


Member = Value | ToOne | ToMany | ToEvery


class FilterKind(Enum):
    SEARCH = "search"
    FULL_TEXT = "full text"
    TERM = "term"
    TERMS = "terms"
    INTEGER = "integer"
    INSTANT = "instant"
    IDENTITY = "identity"
    MEMBER = "member"
    FLAG = "flag"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Filter:
    """`fold`: for a search of a column that keeps texts folded, what is searched for is folded as they are.

    `language`: the column that tells in which language the words of a full text stand.
    """

    kind: FilterKind
    column: str
    prefix: str = ""
    fold: Callable[[str], str] | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    column: str
    type: str
    nullable: bool


@dataclass(slots=True)
class Entity:
    """`order` and `filters` are keyed by GraphQL name (enum value, input field)."""

    name: str
    prefix: str
    table: str
    fields: dict[str, Member] = field(default_factory=dict)
    filters: dict[str, Filter] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)

    def encode(self, id: UUID) -> str:
        return f"{self.prefix}_{id}"

    def decode(self, text: object) -> UUID | None:
        """None for anything that is not an id of this entity: it finds nothing, as an unknown one does."""
        return decode_id(self.prefix, text)


def decode_id(prefix: str, text: object) -> UUID | None:
    head, _, tail = str(text).partition("_")
    if head != prefix or len(tail) != 36:
        return None
    try:
        return UUID(tail)
    except ValueError:
        return None


@dataclass(slots=True)
class Graph:
    """All entities, by GraphQL type name and by id prefix."""

    entities: dict[str, Entity] = field(default_factory=dict)
    prefixes: dict[str, Entity] = field(default_factory=dict)

    def add(self, entity: Entity) -> None:
        self.entities[entity.name] = entity
        if entity.prefix:
            assert entity.prefix not in self.prefixes, f"two entities with the prefix {entity.prefix}"
            self.prefixes[entity.prefix] = entity

    def of_id(self, text: object) -> Entity | None:
        return self.prefixes.get(str(text).partition("_")[0])
