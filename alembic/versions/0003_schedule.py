"""What is done by the clock: monthly credits, purges."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TENANT_TABLES: dict[str, str | None] = {}

# The clock belongs to no account: these two look at all of them, and are for workers alone.
FUNCTIONS = """
create function accounts_due_credits(p_key text, p_most int) returns table (account_id uuid, credits int, plan text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select a.id, coalesce(p.included_credits, p.credits_per_month), p.name
    from account a join plan p on p.id = a.plan_id
   where a.status = 'ACTIVE' and coalesce(p.included_credits, p.credits_per_month) > 0
     and not exists (select from credit_transaction t where t.account_id = a.id and t.key = p_key)
   order by a.id limit p_most
$$;

create function purge_expired() returns table (what text, number bigint)
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  with sessions as (
    delete from user_session where least(expires_at, coalesce(revoked_at, expires_at)) < now() - interval '30 days'
    returning 1),
  tokens as (
    delete from refresh_token where used_at < now() - interval '30 days' returning 1),
  keys as (
    delete from idempotency_key where created_at < now() - interval '1 day' returning 1)
  select 'sessions', count(*) from sessions union all
  select 'refresh tokens', count(*) from tokens union all
  select 'idempotency keys', count(*) from keys
$$;

revoke execute on function accounts_due_credits(text, int), purge_expired() from public;
grant execute on function accounts_due_credits(text, int), purge_expired() to igny8_worker;
"""


def upgrade() -> None:
    run(
        "create table schedule (name text not null, next_at timestamp with time zone not null, "
        "last_at timestamp with time zone, last_error text, constraint pk_schedule primary key (name))"
    )
    run("grant select, insert, update on schedule to igny8_worker")
    run(FUNCTIONS)


def downgrade() -> None:
    run("drop function accounts_due_credits(text, int)")
    run("drop function purge_expired()")
    run("drop table schedule")


def run(sql: str) -> None:
    """As it stands: colons and percent signs in SQL are no bind parameters here."""
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
