"""Ending an item in one statement: counts kept with the job, indexes that do not grow with the work, four functions."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TENANT_TABLES: dict[str, str | None] = {}

COLUMNS = """
alter table job add open_items integer not null default 0, add ended_weight integer not null default 0;
update job set open_items = counted.open_items, ended_weight = counted.ended_weight
  from (select job_id, count(*) filter (where status in ('QUEUED', 'RUNNING', 'WAITING')) as open_items,
               coalesce(sum(weight) filter (where status not in ('QUEUED', 'RUNNING', 'WAITING')), 0) as ended_weight
          from job_item group by job_id) counted
 where counted.job_id = job.id;
"""

INDEXES = """
drop index ix_job_item_account_id_queue_available_at;
create index ix_job_item_account_id_queue_available_at_id on job_item (account_id, queue, available_at, id)
  where status in ('QUEUED', 'RUNNING', 'WAITING');
create index ix_job_item_account_id_queue_lease_until on job_item (account_id, queue, lease_until)
  where status = 'RUNNING';
create index ix_job_account_id on job (account_id) where finished_at is null;
"""

# The first two run with the rights of who calls them, and lock in the order item, job, credit row.
FUNCTIONS = """
create function end_job(p_job uuid) returns void language plpgsql as $$
declare
  owner uuid;
  counted record;
  rest int;
begin
  select j.account_id into strict owner from job j where j.id = p_job;
  select count(*) as items, count(*) filter (where i.status = 'APPLIED') as applied,
         coalesce(bool_or(i.status = 'CANCELLED'), false) as cancelled
    into counted from job_item i where i.account_id = owner and i.job_id = p_job;
  update credit_hold h set status = 'CLOSED', released = h.amount - h.spent, updated_at = now()
   where h.job_id = p_job returning new.released - old.released into rest;
  update job j
     set status = case when counted.applied = counted.items then 'SUCCEEDED' when counted.cancelled then 'CANCELLED'
                       when counted.applied > 0 then 'PARTIAL' else 'FAILED' end,
         finished_at = now(), phase = 'done', done = j.ended_weight, credits_held = j.credits_held - coalesce(rest, 0),
         updated_at = now()
   where j.id = p_job;
  if rest > 0 then
    update credit_balance b set held = b.held - rest, balance = b.balance + rest where b.account_id = owner;
  end if;
end $$;

create function end_item(p_item uuid, p_status text, p_error text, p_charged int, p_cost_micros bigint, p_details jsonb,
                         p_message text)
returns table (ended job, more boolean) language plpgsql as $$
declare
  item job_item;
  job_row job;
  back int;
  left_over int;
begin
  update job_item i
     set status = p_status, error = p_error, credits_spent = p_charged, finished_at = now(), lease_until = null,
         updated_at = now()
   where i.id = p_item returning i.* into strict item;
  back := item.credits_estimate - p_charged;
  update job j
     set open_items = j.open_items - 1, ended_weight = j.ended_weight + item.weight,
         done = least(j.total, greatest(j.done, j.ended_weight + item.weight)),
         credits_held = j.credits_held - item.credits_estimate, credits_spent = j.credits_spent + p_charged,
         message = coalesce(nullif(p_message, ''), j.message), error = coalesce(p_error, j.error),
         version = j.version + 1, updated_at = now()
   where j.id = item.job_id returning j.* into strict job_row;
  if p_status = 'APPLIED' then
    insert into credit_usage_log (account_id, operation_type, credits_used, cost_micros, details, job_item_id, site_id,
                                  user_id)
    values (item.account_id, job_row.kind, p_charged, p_cost_micros, p_details, item.id, job_row.site_id,
            job_row.user_id);
  end if;
  if item.credits_estimate > 0 then
    update credit_hold h set spent = h.spent + p_charged, released = h.released + back, updated_at = now()
     where h.job_id = item.job_id;
    update credit_balance b set held = b.held - item.credits_estimate, balance = b.balance + back
     where b.account_id = item.account_id returning b.balance + b.held into strict left_over;
    if p_charged > 0 then
      insert into credit_transaction (account_id, transaction_type, amount, balance_after, description, key, user_id,
                                      job_id)
      values (item.account_id, 'USAGE', -p_charged, left_over, job_row.kind, 'item:' || item.id, job_row.user_id,
              job_row.id);
    end if;
  end if;
  if job_row.open_items = 0 then
    perform end_job(job_row.id);
    select j.* into strict job_row from job j where j.id = job_row.id;
  end if;
  return query
  select job_row, exists (select from job_item i where i.account_id = item.account_id and i.queue = item.queue
                             and i.status in ('QUEUED', 'WAITING') and i.available_at <= now());
end $$;

-- What waits and runs in all accounts together, for operators: numbers alone.
create function work_in_hand() returns table (queue text, status text, items bigint, oldest_seconds double precision)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select i.queue, i.status, count(*),
         greatest(0, extract(epoch from now() - min(case i.status when 'RUNNING' then i.started_at
                                                                  else i.available_at end)))::double precision
    from job_item i where i.status in ('QUEUED', 'RUNNING', 'WAITING') group by i.queue, i.status
$$;

-- What each of these sessions sees of the job beside it, by the rules of enter() and of the policies on job; n counts the
-- pairs from 1. A session that has ended, or has another role, sees nothing.
create function followed(p_sessions uuid[], p_roles text[], p_jobs uuid[]) returns table (n bigint, seen job)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select p.n, j
    from unnest(p_sessions, p_roles, p_jobs) with ordinality p (session_id, role, job_id, n)
    join user_session s on s.id = p.session_id and s.revoked_at is null and s.expires_at > now()
    join app_user u on u.id = s.user_id and u.is_active and u.role = p.role
    join account a on a.id = s.account_id and a.status <> 'CANCELLED'
    join job j on j.id = p.job_id and j.account_id = s.account_id
   where u.role not in ('EDITOR', 'VIEWER')
      or exists (select from site_user_access x where x.user_id = s.user_id and x.site_id = j.site_id)
$$;

revoke execute on function followed(uuid[], text[], uuid[]), work_in_hand(), end_job(uuid), end_item(uuid, text, text, int, bigint, jsonb, text)
  from public;
grant execute on function followed(uuid[], text[], uuid[]) to igny8_api;
grant execute on function work_in_hand() to igny8_api, igny8_worker;
grant execute on function end_job(uuid) to igny8_api, igny8_worker;
grant execute on function end_item(uuid, text, text, int, bigint, jsonb, text) to igny8_worker;
"""

DOWN = """
drop function followed(uuid[], text[], uuid[]);
drop function work_in_hand();
drop function end_item(uuid, text, text, int, bigint, jsonb, text);
drop function end_job(uuid);
drop index ix_job_account_id;
drop index ix_job_item_account_id_queue_lease_until;
drop index ix_job_item_account_id_queue_available_at_id;
create index ix_job_item_account_id_queue_available_at on job_item (account_id, queue, available_at)
  where status in ('QUEUED', 'RUNNING', 'WAITING');
alter table job drop open_items, drop ended_weight;
"""


def upgrade() -> None:
    for script in (COLUMNS, INDEXES, FUNCTIONS):
        op.get_bind().exec_driver_sql(script)


def downgrade() -> None:
    op.get_bind().exec_driver_sql(DOWN)
