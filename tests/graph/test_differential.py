"""Compiled answers against the reference's: equal value by value, keys in the same order."""

import random
from collections.abc import Iterator
from itertools import product
from typing import Any
from uuid import UUID

import psycopg
import pytest
from graphql import GraphQLField, get_named_type

from schema import build_schema
from tests.client import Api
from tests.graph.generator import LISTS, Generator, Orders
from tests.graph.reference import Matches, Reference, cursor_id, matcher, ordered, read_tables
from tests.graph.world import World

SDL = build_schema().as_str()


class Pool:
    """Cursors of each list in each order, taken from the product once."""

    def __init__(self, api: Api, reference: Reference) -> None:
        self.api, self.reference = api, reference
        self.found: dict[tuple[str, Orders], list[str]] = {}

    async def fill(self) -> None:
        query = self.reference.schema.query_type
        assert query
        for name in LISTS:
            kind = get_named_type(query.fields[name].type).name.removesuffix("Connection")
            for orders in every_order(query.fields[name]):
                arguments = f"first: 100, orderBy: {order_text(orders)}"
                answer = await self.api.one(f"{{ {name}({arguments}) {{ edges {{ cursor }} }} }}")
                self.found[kind, orders] = [edge["cursor"] for edge in answer["edges"]]

    def some(self, kind: str, orders: Orders) -> list[str]:
        return self.found.get((kind, orders), [])


def every_order(declared: GraphQLField, most: int = 2) -> list[Orders]:
    order: Any = get_named_type(declared.args["orderBy"].type)
    words = list(get_named_type(order.fields["field"].type).values)
    singles = [((w, d),) for w in words for d in ("ASC", "DESC")]
    pairs = [(*a, *b) for a in singles for b in singles if a[0][0] != b[0][0]] if most > 1 else []
    return [(), *singles, *pairs]


def order_text(orders: Orders) -> str:
    return "[" + ", ".join(f"{{field: {f}, direction: {d}}}" for f, d in orders) + "]"


def assert_same(got: Any, wanted: Any, path: str = "") -> None:
    if isinstance(wanted, dict):
        assert list(got) == list(wanted), path
        for key, value in wanted.items():
            assert_same(got[key], value, f"{path}.{key}")
    elif isinstance(wanted, list) and isinstance(got, list):
        assert len(got) == len(wanted), path
        for n, value in enumerate(wanted):
            assert_same(got[n], value, f"{path}[{n}]")
    elif isinstance(wanted, str) and wanted.startswith("cursor "):
        assert f"cursor {cursor_id(got)}" == wanted, path
    else:
        assert (got, type(got)) == (wanted, type(wanted) if wanted is not None else type(None)), path


@pytest.fixture(scope="module")
def matches(world: World) -> Iterator[Matches]:
    with psycopg.connect(world.place.database_url, autocommit=True) as connection:
        yield matcher(connection)


@pytest.fixture(scope="module")
def owned(world: World, matches: Matches) -> Reference:
    caller = world.identity(world.owner)
    return Reference(SDL, read_tables(world.place.database_url, caller), caller, matches)


@pytest.fixture(scope="module")
async def pool(world: World, owned: Reference) -> Pool:
    made = Pool(world.owner, owned)
    await made.fill()
    return made


@pytest.mark.parametrize("batch", range(24))
async def test_an_owners_queries(world: World, owned: Reference, pool: Pool, batch: int) -> None:
    await compare(world.owner, owned, pool, range(batch * 80, batch * 80 + 80))


async def test_an_editors_queries_within_one_site(world: World, pool: Pool, matches: Matches) -> None:
    caller = world.identity(world.editor)
    seen = Reference(SDL, read_tables(world.place.database_url, caller), caller, matches)
    assert 0 < len(seen.tables["Keyword"]) < len(pool.reference.tables["Keyword"])
    within = Pool(world.editor, seen)
    await within.fill()
    await compare(world.editor, seen, within, range(10_000, 10_080), restricted=True)


async def compare(api: Api, reference: Reference, pool: Pool, seeds: range, *, restricted: bool = False) -> None:
    def permitted(field: GraphQLField) -> bool:
        node = field.ast_node
        return not restricted or not (node and node.directives)

    for seed in seeds:
        made = Generator(reference, seed, pool.some, permitted)
        query = made.query()
        for variables in (made.variables, made.varied(), made.variables):
            wanted = reference.answer(query, variables)
            answer = await api.answer(query, **variables)
            try:
                assert "errors" not in answer, answer["errors"]
                assert_same(answer["data"], wanted)
            except AssertionError as error:
                pytest.fail(f"seed {seed}: {error}\n{query}\n{variables}")


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("size", [1, 11])
async def test_pages_hold_every_row_once_in_order(world: World, owned: Reference, name: str, size: int) -> None:
    query = owned.schema.query_type
    assert query
    declared = query.fields[name]
    kind = get_named_type(declared.type).name.removesuffix("Connection")
    for orders in every_order(declared, 1 if kind == "Keyword" or size == 1 else 2):
        if size == 1 and len(owned.tables[kind]) > 12:
            continue
        rows = ordered(owned.tables[kind], [{"field": f, "direction": d} for f, d in orders])
        wanted = [row["id"] for row in rows]
        assert await walked(world.owner, name, orders, size, backward=False) == wanted, orders
        assert await walked(world.owner, name, orders, size, backward=True) == wanted, orders


async def walked(api: Api, name: str, orders: Orders, size: int, *, backward: bool) -> list[UUID]:
    """The ids on all pages, in the list's order."""
    count, edge = ("last", "before") if backward else ("first", "after")
    more, end = ("hasPreviousPage", "startCursor") if backward else ("hasNextPage", "endCursor")
    query = (
        f"query($size: Int, $edge: String) {{ {name}({count}: $size, {edge}: $edge, orderBy: {order_text(orders)}) "
        f"{{ nodes {{ id }} pageInfo {{ {more} {end} }} }} }}"
    )
    found: list[UUID] = []
    cursor = None
    while True:
        page = await api.one(query, size=size, edge=cursor)
        ids = [UUID(node["id"].partition("_")[2]) for node in page["nodes"]]
        assert 0 < len(ids) <= size
        found = ids + found if backward else found + ids
        if not page["pageInfo"][more]:
            return found
        cursor = page["pageInfo"][end]


FILTERS: list[Any] = [
    None,
    {},
    {"search": "coffee"},
    {"volume": {"gte": 10}},
    {"fullText": "coffees"},
    {"volume": {"gte": 1, "lt": 500}},
    {"status": {"in": ["NEW"]}},
    {"status": {"notIn": ["NEW"]}, "isBranded": None},
    {"intent": {"in": ["COMMERCIAL", "NAVIGATIONAL"]}},
    {"clusterId": None},
    {"or": [{"volume": {"eq": 10}}, {"not": {"search": "a"}}]},
    {"and": [{"difficulty": {"lte": 50}}, {"or": [{"isLocal": False}, {"isBranded": True}]}]},
    {"not": {"or": []}},
    {"createdAt": {"gte": "2000-01-01T00:00:00Z"}},
]
ORDERS: list[Any] = [
    None,
    [],
    [{"field": "VOLUME", "direction": "DESC"}],
    [{"field": "KEYWORD", "direction": "ASC"}, {"field": "CLICKS", "direction": "DESC"}],
]


async def test_one_document_with_fifty_shapes_of_variables(world: World, owned: Reference) -> None:
    query = (
        "query($f: KeywordFilter, $o: [KeywordOrder!], $n: Int, $skip: Boolean!) { keywords(first: $n, filter: $f, "
        "orderBy: $o) { totalCount nodes { id keyword @skip(if: $skip) volume cluster { name } } } }"
    )
    shapes = [
        {"f": filter, "o": order, "n": n, "skip": n % 2 == 0}
        for n, (filter, order) in enumerate(product(FILTERS, ORDERS), 1)
    ]
    assert len(shapes) > 50
    chance = random.Random(3)
    for variables in chance.sample(shapes, len(shapes)) + chance.sample(shapes, len(shapes)):
        answer = await world.owner.answer(query, **variables)
        assert "errors" not in answer, (variables, answer)
        assert_same(answer["data"], owned.answer(query, variables))
