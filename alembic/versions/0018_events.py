"""Events: what happens, for those who act on it or are told of it; who sees which site is said in one place."""

import re
from pathlib import Path

from alembic import op
from persistence.postgres.policies import tenant_policies

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent
TENANT_TABLES: dict[str, str | None] = {"event": "site_id"}
BEFORE = {
    "enter": "0001_house_functions.sql",
    "end_job": "0005_engine.py",
    "followed": "0005_engine.py",
    "ended_sessions": "0015_networks.py",
}


def upgrade() -> None:
    run((HERE / "0018_events.sql").read_text())
    for statement in tenant_policies("event", site="site_id"):
        run(statement)


def downgrade() -> None:
    for function, file in BEFORE.items():
        found = re.search(rf"create function {function}\(.*?\n(end )?\$\$;", (HERE / file).read_text(), re.S)
        assert found
        run(found[0].replace("create function", "create or replace function", 1))
    run(
        "drop function forget_events(int), site_events_since(uuid[], text[], uuid[], text[], int), "
        "sees(text, uuid), tell(jsonb); drop view signed_in, site_event; drop table event, event_kind"
    )


def run(sql: str) -> None:
    """As it stands: colons and percent signs in SQL are no bind parameters here."""
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
