"""Searches of a sector with 100,000 keywords: the product's statements beside what one would write first."""

import random
import statistics
import time
from typing import Any

import psycopg
from graphql import parse

from schema import build_schema
from tests.benchmarks.reads.data import WORDS, Caller

ROWS, TIMES = 100_000, 7
DOCUMENT = """query S($f: KeywordFilter!) {
  keywords(first: 50, filter: $f, orderBy: [{field: VOLUME, direction: DESC}]) {
    totalCount nodes { id keyword volume } } }"""
BY_HAND = """select count(*) over (), id, keyword, volume from keyword where sector_id = $1::uuid and {}
             order by volume desc, id desc limit 50"""
FORMS = {
    "substring": ("search", "keyword ilike '%' || $2::text || '%'"),
    "full text": ("fullText", "to_tsvector('english', keyword) @@ websearch_to_tsquery('english', $2::text)"),
}
SEARCHES = {"of many": "garden", "of few": "word77", "of none": "unheard"}


def search(url: str, caller: Caller) -> str:
    """A table of medians, in milliseconds."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        _fill(connection, caller)
    planner = build_schema().planner
    lines = [f"\nA page of 50 and totalCount, of {ROWS:,} keywords of a sector{'':6}ours ms{'by hand':>10}{'ratio':>8}"]
    with psycopg.connect(url, options="-c role=igny8_api -c timezone=UTC -c jit=off") as connection:
        connection.execute("select enter(%s, 'OWNER', false, '')", [caller.session])
        cursor = psycopg.RawCursor(connection)
        for form, (name, condition) in FORMS.items():
            for kind, text in SEARCHES.items():
                given = {"f": {"sectorId": f"sec_{caller.sector}", name: text}}
                plan = planner.plan(DOCUMENT, "S", parse(DOCUMENT), given).roots
                assert plan
                ours = _median(cursor, plan.sql, plan.values(given))
                theirs = _median(cursor, BY_HAND.format(condition), [caller.sector, text])
                lines.append(f"  {form:10} {kind:42}{ours:13.1f}{theirs:10.1f}{theirs / ours:8.2f}")
    return "\n".join(lines)


def _fill(connection: psycopg.Connection[Any], caller: Caller) -> None:
    chance = random.Random(1)
    words = [*WORDS, *(f"word{n}" for n in range(3000))]
    columns = "account_id, site_id, sector_id, keyword, key, volume, status, intent"
    with connection.cursor().copy(f"copy keyword ({columns}) from stdin".encode()) as copy:
        for number in range(ROWS):
            keyword = " ".join(chance.choice(words) for _ in range(chance.randint(2, 5)))
            place = (caller.account, caller.site, caller.sector)
            copy.write_row((*map(str, place), keyword, f"{keyword} {number}", chance.randint(0, 50_000), "NEW", "{}"))
    connection.execute("vacuum analyze keyword")


def _median(cursor: psycopg.RawCursor[Any], sql: str, values: list[Any]) -> float:
    took = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        cursor.execute(sql, values, prepare=True)
        cursor.fetchall()
        took.append(time.perf_counter() - begun)
    return statistics.median(took) * 1000
