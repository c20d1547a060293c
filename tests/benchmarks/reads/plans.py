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


def explain(url: str, caller: Caller, variables: dict[str, dict[str, Any]]) -> list[str]:
    """Writes a plan for each question; what is wrong with them."""
    planner = build_schema().planner
    FOLDER.mkdir(exist_ok=True)
    wrong = []
    with psycopg.connect(url, options="-c role=igny8_api -c timezone=UTC -c jit=off") as connection:
        connection.execute("select enter(%s, 'OWNER', false, '')", [caller.session])
        for name, document in OURS.items():
            given = _coerced(planner, document, name, variables[name])
            plan = planner.plan(document, name, parse(document), given).roots
            assert plan
            text = _explained(connection, plan.sql, plan.values(given), "text")
            (FOLDER / f"{name}.txt").write_text("\n".join(row[0] for row in text) + "\n")
            (tree,) = _explained(connection, plan.sql, plan.values(given), "json")[0][0]
            wrong += [f"{name}: {problem}" for problem in _strangers(tree["Plan"])]
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


def _strangers(node: dict[str, Any]) -> list[str]:
    """Scans that met rows of others and threw them away."""
    found = []
    condition, removed = str(node.get("Filter", "")), node.get("Rows Removed by Filter", 0)
    if "Relation Name" in node and "account_id" in condition and removed and "status" not in condition:
        found.append(f"{node['Node Type']} on {node['Relation Name']} throws {removed} rows away: {condition}")
    if node["Node Type"] == "Seq Scan" and node.get("Relation Name") not in ("account", "site", None):
        found.append(f"sequential scan of {node['Relation Name']}")
    for below in node.get("Plans", []):
        found += _strangers(below)
    return found
