"""What PostgreSQL does for the benchmark's questions: its scans meet no row of another account."""

from tests.benchmarks.reads.data import callers, fill
from tests.benchmarks.reads.plans import explain, strangers
from tests.benchmarks.reads.queries import OURS, variables
from tests.conftest import Place


def test_no_plan_reads_rows_of_another_account(place: Place) -> None:
    fill(place.database_url, 12)
    for caller in callers(place.database_url, 3):
        asked = {query: variables(query, caller, prefixed=True) for query in OURS}
        assert explain(place.database_url, caller, asked) == []


def test_such_a_read_would_be_seen() -> None:
    scan = {"Node Type": "Index Scan", "Relation Name": "keyword", "Index Cond": "(volume > 5)"}
    filtered = {**scan, "Filter": "(account_id = (InitPlan 1).col1)", "Rows Removed by Filter": 7}
    assert strangers({"Node Type": "Limit", "Plans": [filtered]})
    assert strangers({"Node Type": "Seq Scan", "Relation Name": "cluster"})
    assert not strangers({**filtered, "Index Cond": "(account_id = (InitPlan 1).col1)"})
    assert not strangers({**filtered, "Rows Removed by Filter": 0})
