"""Archived sites take nothing, and count for nothing: one rule at the door, and use that leaves them out."""

import re
from pathlib import Path

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TENANT_TABLES: dict[str, str | None] = {}
HERE = Path(__file__).parent

# Which of an archived site's sectors were in use: those that nobody had taken out of use by hand before.
SECTORS = """
alter table sector add archived_at timestamp with time zone;
update sector s set archived_at = coalesce(t.archived_at, now())
  from site t
 where t.id = s.site_id and t.status = 'ARCHIVED' and not s.is_active and coalesce((
         select e.after ->> 'is_active' from audit_event e
          where e.account_id = s.account_id and e.entity_id = s.id and e.action = 'updateSector'
            and jsonb_exists(e.after, 'is_active')
          order by e.created_at desc, e.id desc limit 1), 'true') = 'true';
"""
# Work that still waits there ends when it is next looked at, and what it held is given back.
JOBS = """
update job j set cancel_requested_at = now()
  from site t
 where t.id = j.site_id and t.status = 'ARCHIVED' and j.finished_at is null and j.cancel_requested_at is null
"""


def upgrade() -> None:
    for script in (SECTORS, JOBS, (HERE / "0016_archived.sql").read_text()):
        run(script)


def downgrade() -> None:
    run("drop function refuse_archived(jsonb)")
    run("drop function site_turn(uuid)")
    found = re.search(r"create or replace function usage_of.*?end \$\$;", (HERE / "0008_people.sql").read_text(), re.S)
    assert found
    run(found[0])
    run("alter table sector drop column archived_at")


def run(sql: str) -> None:
    """As it stands: colons and percent signs in SQL are no bind parameters here."""
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
