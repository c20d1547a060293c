"""What an operation asks for, in objects of its answer: derived from the plan, list sizes multiply.

A list without a size of its own counts as a page. What is spent in the end are the objects that came, or their bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from domain.errors import DomainError
from persistence.graph.compiler import DEFAULT_PAGE, MAX_PAGE, Several
from persistence.graph.compiler import Root as GraphRoot
from persistence.graph.model import Entity, Graph, ToEvery, ToMany, ToOne
from persistence.graph.selection import Bound, Selected, Variables
from persistence.redis.query_budget import Balance
from persistence.terms import ErrorCode

CEILING = 50_000  # objects that one operation may ask for
OBJECT_BYTES = 500  # twice what most have: where objects are longer, their bytes are paid for
OBJECT_FIELDS = 40  # more than any entity has: the same field under many names is not for nothing
WINDOWS, WINDOW_BYTES = 8, 2048
KEPT_BYTES = 10  # that are kept for an account until later cost as much as an object
Size = Callable[[Variables], int]


@dataclass(slots=True)
class Cost:
    """So many objects, and for each part its cost times the size of its list."""

    objects: int = 0
    parts: list[tuple[Size, "Cost"]] = field(default_factory=list)

    def of(self, variables: Variables) -> int:
        return self.objects + sum(size(variables) * part.of(variables) for size, part in self.parts)

    def add(self, other: "Cost") -> None:
        self.objects += other.objects
        self.parts += other.parts


def cost_of_roots(graph: Graph, roots: list[tuple[Selected, GraphRoot]]) -> Cost:
    total = Cost()
    for selected, root in roots:
        match root:
            case None:
                total.objects += 1
            case Several(several):
                total.add(cost_of_roots(graph, [each for each in several if each]))
            case _:
                total.add(_of_root(graph, selected, root))
    return total


def _of_root(graph: Graph, selected: Selected, root: GraphRoot) -> Cost:
    assert root
    assert not isinstance(root, Several)
    name = type(root).__name__
    if name == "Listed":
        return _of_connection(graph, root.entity, selected)
    one = _of_object(graph, root.entity, selected.selections)
    return Cost(0, [(_page, one)]) if name in ("Every", "ByIds") else one


def _of_object(graph: Graph, entity: Entity, selections: list[Selected]) -> Cost:
    cost = Cost(1 + len(selections) // OBJECT_FIELDS)
    for selected in selections:
        match entity.fields.get(selected.name):
            case ToOne(target):
                cost.add(_of_object(graph, graph.entities[target], selected.selections))
            case ToEvery(target):
                cost.parts.append((_page, _of_object(graph, graph.entities[target], selected.selections)))
            case ToMany(target):
                cost.add(_of_connection(graph, graph.entities[target], selected))
    return cost


def _of_connection(graph: Graph, entity: Entity, selected: Selected) -> Cost:
    cost, size = Cost(1), _size(selected)
    for part in selected.selections:
        match part.name:
            case "nodes":
                cost.parts.append((size, _of_object(graph, entity, part.selections)))
            case "edges":
                edge = Cost(1)
                for below in part.selections:
                    if below.name == "node":
                        edge.add(_of_object(graph, entity, below.selections))
                cost.parts.append((size, edge))
            case "pageInfo" | "totalCount":
                cost.objects += 1
    return cost


def _size(selected: Selected) -> Size:
    given = selected.arguments.get("first") or selected.arguments.get("last")
    if not isinstance(given, Bound):
        return _page
    get = given.get

    def size(variables: Variables) -> int:
        value = get(variables)
        return min(value, MAX_PAGE) if isinstance(value, int) else DEFAULT_PAGE

    return size


def _page(variables: Variables) -> int:
    return DEFAULT_PAGE


def check_ceiling(cost: int) -> None:
    if cost > CEILING:
        raise DomainError(
            ErrorCode.LIMIT_REACHED,
            f"This asks for up to {cost:,} objects and {CEILING:,} are allowed. Ask for smaller pages, or less deep.",
        )


def check_balance(cost: int, balance: Balance) -> None:
    if balance.wait:
        raise DomainError(
            ErrorCode.RATE_LIMITED,
            f"This needs {cost:,} of the account's query budget and {balance.available:,} are there. "
            f"Wait {balance.wait:.1f} seconds, or ask for less.",
        )


def keeping(size: int) -> int:
    """The cost of keeping so many bytes."""
    return 1 + size // KEPT_BYTES


def spent(requested: int, objects: int, sent: int) -> int:
    """The objects that came, at least one where any was asked for, and one for so many bytes."""
    return max(min(requested, max(objects, 1)), sent // OBJECT_BYTES)


def counted(texts: tuple[bytes, ...], requested: int) -> int:
    """Objects in the answer's text. A brace inside a value counts too; never more than was asked for.

    Of a long text parts are counted, evenly spread: to count all would be a sixth of what an answer of 350 kB costs.
    """
    return min(requested, sum(_objects(text) for text in texts))


def _objects(text: bytes) -> int:
    size = len(text)
    if size <= WINDOWS * WINDOW_BYTES:
        return text.count(b"{")
    step = (size - WINDOW_BYTES) // (WINDOWS - 1)
    seen = sum(text.count(b"{", at, at + WINDOW_BYTES) for at in range(0, step * WINDOWS, step))
    return seen * size // (WINDOWS * WINDOW_BYTES)
