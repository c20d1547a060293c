"""People: invitations, API keys, letters; sessions are their users' own; staff."""

from pathlib import Path

from alembic import op
from persistence.postgres.policies import tenant_policies

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent
TENANT_TABLES: dict[str, str | None] = {"invitation": None, "api_key": None}
KINDS = (
    "IMPORT_KEYWORDS", "CLUSTER_KEYWORDS", "NAME_CLUSTERS", "CLASSIFY_INTENT", "GENERATE_IDEAS", "GENERATE_CONTENT",
    "GENERATE_IMAGE_PROMPTS", "GENERATE_IMAGES",
)
BACK = """
drop policy everybody on plan; drop policy staff on plan; drop policy owner on plan;
alter table plan disable row level security;
revoke insert, update on plan from igny8_api;
drop function is_staff(); drop function revoke_api_keys(uuid[]); drop function end_access(uuid); drop function find_api_key(bytea); drop function find_accounts(uuid, text, int);
drop function enter_staff(uuid, uuid, text); drop function enter_address(uuid, text);
drop function enter_invited(uuid);
drop policy tenant on user_session;
create policy tenant on user_session to igny8_api, igny8_worker using (
  account_id = (select nullif(current_setting('igny8.account', true), '')::uuid));
drop table api_key;
drop table invitation cascade;
alter table user_session drop column is_api_key;
drop function purge_archived();
alter table site drop column archived_at;
delete from job where kind = 'SEND_MAIL';
"""


def upgrade() -> None:
    run((HERE / "0008_people_tables.sql").read_text())
    run((HERE / "0008_people.sql").read_text())
    for table in TENANT_TABLES:
        for statement in tenant_policies(table):
            run(statement)
        run(f"grant select, insert, update, delete on {table} to igny8_api, igny8_worker")
    allow_kinds(*KINDS, "SEND_MAIL")


def downgrade() -> None:
    run((HERE / "0006_usage.sql").read_text())
    run(BACK)
    allow_kinds(*KINDS)


def allow_kinds(*kinds: str) -> None:
    run("alter table job drop constraint ck_job_kind")
    run(f"alter table job add constraint ck_job_kind check (kind in {kinds})")


def run(sql: str) -> None:
    """As it stands: colons and percent signs in SQL are no bind parameters here."""
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
