"""Who writes a task and by when; what a content is filed under."""

from pathlib import Path

from alembic import op
from persistence.postgres.policies import tenant_policies

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# table: column that names the site
TENANT_TABLES: dict[str, str | None] = {
    "taxonomy": "site_id",
    "content_taxonomy_map": "site_id",
    "content_cluster_map": "site_id",
    "content_attribute_map": "site_id",
}
TASKS = """
alter table task add assignee_id uuid, add due_at timestamp with time zone;
alter table task add constraint fk_task_account_id_assignee_id foreign key (account_id, assignee_id)
  references app_user (account_id, id) on delete set null (assignee_id);
create index ix_task_account_id_assignee_id_due_at_id on task (account_id, assignee_id, due_at, id);
create index ix_content_account_id_cluster_id_created_at_id on content (account_id, cluster_id, created_at, id);
create index ix_content_account_id_site_id_primary_keyword on content (account_id, site_id, lower(primary_keyword));
"""


def upgrade() -> None:
    run(TASKS)
    run((Path(__file__).parent / "0007_editorial_tables.sql").read_text())
    for table, site in TENANT_TABLES.items():
        for statement in tenant_policies(table, site=site):
            run(statement)
        run(f"grant select, insert, update, delete on {table} to igny8_api, igny8_worker")


def downgrade() -> None:
    for table in reversed(TENANT_TABLES):
        run(f"drop table {table}")
    run("drop index ix_content_account_id_site_id_primary_keyword")
    run("drop index ix_content_account_id_cluster_id_created_at_id")
    run("drop index ix_task_account_id_assignee_id_due_at_id")
    run("alter table task drop column assignee_id, drop column due_at")


def run(sql: str) -> None:
    """As it stands: colons and percent signs in SQL are no bind parameters here."""
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
