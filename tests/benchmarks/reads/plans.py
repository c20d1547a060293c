"""What PostgreSQL does for each question, kept beside it: `python -m tests.benchmarks.reads --explain`.

No plan may read another tenant's rows: a scan finds its rows by an index that begins with the account, or by a key.
"""

from pathlib import Path
from typing import Any

import psycopg
from graphql import parse
from graphql.execution import get_variable_values
from psycopg.rows import TupleRow

from schema import build_schema
from tests.benchmarks.reads.data import Caller
from tests.benchmarks.reads.queries import OURS

FOLDER = Path(__file__).parent / "plans"
SMALL = ("account", "site", None)  # a page or two for all accounts of a benchmark


def explain(url: str, caller: Caller, variables: dict[str, dict[str, Any]], folder: Path | None = None) -> list[str]:
    """What is wrong with the plans; `folder`: where each is written."""
    planner = build_schema().planner
    wrong = []
    with psycopg.connect(url, options="-c role=igny8_api -c timezone=UTC -c jit=off") as connection:
        connection.execute("select enter(%s, 'OWNER', false, '')", [caller.session])
        for name, given in variables.items():
            document = OURS[name]
            given = _coerced(planner, document, name, given)
            plan = planner.plan(document, name, parse(document), given).roots
            assert plan
            if folder:
                folder.mkdir(exist_ok=True)
                text = _explained(connection, plan.sql, plan.values(given), "text")
                (folder / f"{name}.txt").write_text("\n".join(row[0] for row in text) + "\n")
            (tree,) = _explained(connection, plan.sql, plan.values(given), "json")[0][0]
            wrong += [f"{name}: {problem}" for problem in strangers(tree["Plan"])]
    return wrong


def _coerced(planner: Any, document: str, name: str, given: dict[str, Any]) -> dict[str, Any]:
    definition = parse(document).definitions[0]
    values = get_variable_values(planner.schema, definition.variable_definitions or (), given)  # type: ignore[attr-defined]
    assert not isinstance(values, list), values
    return dict(values.coerced)


def _explained(connection: psycopg.Connection[TupleRow], sql: str, values: list[Any], form: str) -> list[TupleRow]:
    cursor = psycopg.RawCursor(connection)
    cursor.execute(f"explain (analyze, buffers, timing off, summary off, format {form}) {sql}", values)
    return cursor.fetchall()


def strangers(node: dict[str, Any]) -> list[str]:
    """Scans that met rows of other accounts and threw them away."""
    found = []
    table, removed = node.get("Relation Name"), node.get("Rows Removed by Filter", 0)
    by_account = any("account_id" in str(node.get(part, "")) for part in ("Index Cond", "Recheck Cond"))
    if table not in SMALL and removed and not by_account and "account_id" in str(node.get("Filter", "")):
        found.append(f"{node['Node Type']} on {table} throws {removed} rows away: {node['Filter']}")
    if node["Node Type"] == "Seq Scan" and table not in SMALL:
        found.append(f"sequential scan of {table}")
    for below in node.get("Plans", []):
        found += strangers(below)
    return found
