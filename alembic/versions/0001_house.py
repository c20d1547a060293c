"""The house: tenants, planning, writing, jobs, credits."""

import json
from pathlib import Path

from alembic import op
from persistence.postgres.policies import all_rows_for_worker, tenant_policies

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

HERE = Path(__file__).parent
# table: column that names the site, None where rows belong to the account as a whole
TENANT_TABLES: dict[str, str | None] = {
    "app_user": None,
    "user_session": None,
    "refresh_token": None,
    "idempotency_key": None,
    "site_user_access": "site_id",
    "credit_balance": None,
    "credit_transaction": None,
    "credit_hold": None,
    "credit_usage_log": None,
    "audit_event": None,
    "site": "id",
    "sector": "site_id",
    "cluster": "site_id",
    "keyword": "site_id",
    "content_idea": "site_id",
    "task": "site_id",
    "content": "site_id",
    "job": "site_id",
    "job_item": "site_id",
    "ai_call": "site_id",
}
APPEND_ONLY = ("credit_transaction", "credit_usage_log", "audit_event")
CATALOGUE = ("plan", "industry", "industry_sector")


def upgrade() -> None:
    run((HERE / "0001_house_tables.sql").read_text())
    run((HERE / "0001_house_functions.sql").read_text())
    statements = tenant_policies("account", column="id")
    for table, site in TENANT_TABLES.items():
        statements += tenant_policies(table, site=site)
        verbs = "select, insert" if table in APPEND_ONLY else "select, insert, update, delete"
        statements.append(f"grant {verbs} on {table} to igny8_api, igny8_worker")
    statements += [all_rows_for_worker("job"), all_rows_for_worker("job_item")]
    statements.append("grant select, insert, update on account to igny8_api, igny8_worker")
    statements += [f"grant select on {table} to igny8_api, igny8_worker" for table in CATALOGUE]
    for statement in statements:
        run(statement)
    seed()


def downgrade() -> None:
    run("alter table account drop constraint fk_account_id_owner_id")
    for table in (
        "ai_call content credit_usage_log job_item credit_hold credit_transaction job task content_idea keyword cluster "
        "site_user_access sector site industry_sector industry audit_event idempotency_key refresh_token user_session "
        "credit_balance app_user account plan"
    ).split():
        run(f"drop table {table}")
    for function in (
        "enter(uuid, text, boolean, text)", "leave()", "enter_job(uuid, uuid)", "enter_system(text)", "enter_new(uuid)",
        "find_user(text)", "open_session(uuid, bytea, text, text, int)",
        "rotate_refresh_token(bytea, bytea, interval)", "count_cluster_keywords()", "count_cluster_ideas()",
        "add_to_clusters(cluster_delta[])",
    ):
        run(f"drop function {function}")
    run("drop type cluster_delta")


def run(sql: str) -> None:
    """As it stands: colons and percent signs in SQL are no bind parameters here."""
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))


def seed() -> None:
    catalogue = json.loads((HERE / "0001_house_catalogue.json").read_text())
    for plan in catalogue["plans"]:
        run(insert("plan", plan))
    for industry in catalogue["industries"]:
        run(insert("industry", {"name": industry["name"], "slug": slug(industry["name"])}))
        for name in industry["sectors"]:
            run(
                "insert into industry_sector (industry_id, name, slug) select id, "
                f"{literal(name)}, {literal(slug(name))} from industry where slug = {literal(slug(industry['name']))}"
            )


def insert(table: str, row: dict[str, object]) -> str:
    return f"insert into {table} ({', '.join(row)}) values ({', '.join(map(literal, row.values()))})"


def literal(value: object) -> str:
    if value is None:
        return "null"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def slug(name: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())
