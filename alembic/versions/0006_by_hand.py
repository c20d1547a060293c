"""Planning by hand: how promising a keyword is, what a plan allows and how much of it is used."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TENANT_TABLES: dict[str, str | None] = {}

# Computed when it is read: an import pays nothing for it.
OPPORTUNITY = """
alter table keyword add opportunity integer generated always as (
  case when volume is null then null else round(
    least(100, 20 * log(volume::float8 + 1)) * (1 - coalesce(difficulty, 50) / 125.0)
    * (case when intent && array['TRANSACTIONAL', 'COMMERCIAL'] then 1.0 else 0.85 end))::integer end) virtual;
"""

USAGE = """
create index ix_ai_call_account_id_created_at on ai_call (account_id, created_at);

create view account_limit with (security_invoker = true) as
select a.id as account_id, k.key, usage_of(k.key) as used,
       case k.key when 'USERS' then p.max_users when 'SITES' then p.max_sites when 'KEYWORDS' then p.max_keywords
                  when 'CLUSTERS' then p.max_clusters when 'CONTENT_IDEAS' then p.max_content_ideas
                  when 'AI_REQUESTS' then p.max_ai_requests_per_month when 'WORDS' then p.max_words_per_month
                  when 'IMAGES' then p.max_images_per_month
                  when 'CREDITS' then nullif(coalesce(p.included_credits, p.credits_per_month), 0) end as "limit",
       case when k.monthly then date_trunc('month', now(), 'UTC') + interval '1 month' end as resets_at
  from account a join plan p on p.id = a.plan_id
 cross join (values ('USERS', false), ('SITES', false), ('KEYWORDS', false), ('CLUSTERS', false),
                    ('CONTENT_IDEAS', false), ('AI_REQUESTS', true), ('WORDS', true), ('IMAGES', true),
                    ('CREDITS', true)) k(key, monthly);

revoke execute on function usage_of(text) from public;
grant execute on function usage_of(text) to igny8_api, igny8_worker;
grant select on account_limit to igny8_api, igny8_worker;
"""


RESULTS = """
alter table idempotency_key alter result_id type uuid[] using array[result_id];
alter table idempotency_key rename result_id to result_ids;
"""
BACK = """
delete from idempotency_key where cardinality(result_ids) = 0;
alter table idempotency_key alter result_ids type uuid using result_ids[1];
alter table idempotency_key rename result_ids to result_id;
"""


def upgrade() -> None:
    run(RESULTS)
    run(OPPORTUNITY)
    run((Path(__file__).parent / "0006_usage.sql").read_text())
    run(USAGE)


def downgrade() -> None:
    run(BACK)
    run("drop view account_limit")
    run("drop function usage_of(text)")
    run("drop index ix_ai_call_account_id_created_at")
    run("alter table keyword drop column opportunity")


def run(sql: str) -> None:
    """As it stands: colons and percent signs in SQL are no bind parameters here."""
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
