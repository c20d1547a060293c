"""From clusters to finished articles: prompts, profiles, strategies, providers; revisions and images."""

from pathlib import Path

from alembic import op
from persistence.postgres.policies import tenant_policies

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent
EARLIER_KINDS = ("IMPORT_KEYWORDS", "CLUSTER_KEYWORDS", "GENERATE_IDEAS", "GENERATE_CONTENT")
LATER_KINDS = ("NAME_CLUSTERS", "CLASSIFY_INTENT", "GENERATE_IMAGE_PROMPTS", "GENERATE_IMAGES")
# table: column that names the site, None where rows belong to the account as a whole
TENANT_TABLES: dict[str, str | None] = {
    "ai_prompt": None,
    "author_profile": None,
    "integration_settings": None,
    "content_revision": "site_id",
    "image": "site_id",
}
APPEND_ONLY = ("content_revision",)

# Whether a file is still needed is asked for all accounts at once, by the worker that tidies up.
KNOWN_BLOBS = """
create function known_blobs(p_keys text[]) returns setof text
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select blob_key from image where blob_key = any (p_keys)
  union
  select params ->> 'blob' from job where params ->> 'blob' = any (p_keys)
$$;
revoke execute on function known_blobs(text[]) from public;
grant execute on function known_blobs(text[]) to igny8_worker;
"""


def upgrade() -> None:
    run((HERE / "0002_articles_tables.sql").read_text())
    allow_kinds(*EARLIER_KINDS[:2], *LATER_KINDS[:2], *EARLIER_KINDS[2:], *LATER_KINDS[2:])
    statements = tenant_policies("strategy", site="site_id", shared=True)
    statements.append("grant select, insert, update, delete on strategy to igny8_api, igny8_worker")
    for table, site in TENANT_TABLES.items():
        statements += tenant_policies(table, site=site)
        verbs = "select, insert" if table in APPEND_ONLY else "select, insert, update, delete"
        statements.append(f"grant {verbs} on {table} to igny8_api, igny8_worker")
    for statement in [*statements, KNOWN_BLOBS]:
        run(statement)


def downgrade() -> None:
    run("drop function known_blobs(text[])")
    run("alter table content drop column author_profile_id")
    run("alter table ai_call drop column problems")
    run("alter table job_item drop column failures")
    for table in ("image", "content_revision", "integration_settings", "strategy", "author_profile", "ai_prompt"):
        run(f"drop table {table}")
    for table in ("cluster", "keyword", "content_idea", "task", "content"):
        for column in ("", "site_id_", "sector_id_"):
            run(f"drop index ix_{table}_account_id_{column}id")
    run(f"delete from job where kind in {LATER_KINDS}")
    allow_kinds(*EARLIER_KINDS)


def allow_kinds(*kinds: str) -> None:
    run("alter table job drop constraint ck_job_kind")
    run(f"alter table job add constraint ck_job_kind check (kind in {kinds})")


def run(sql: str) -> None:
    """As it stands: colons and percent signs in SQL are no bind parameters here."""
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
