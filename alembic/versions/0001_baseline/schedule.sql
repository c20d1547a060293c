-- What is done by the clock.

-- A task of the platform itself: who has its row locked runs it.
create table schedule (
  name text not null,
  next_at timestamptz not null,
  last_at timestamptz,
  last_error text,

  constraint pk_schedule primary key (name)
);
grant select, insert, update on schedule to igny8_worker;

-- What has ended long enough ago goes, of all accounts.
create function purge_expired() returns table (what text, number bigint)
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  with sessions as (
    delete from user_session where least(expires_at, coalesce(revoked_at, expires_at)) < now() - interval '30 days'
    returning 1),
  tokens as (
    delete from refresh_token where used_at < now() - interval '30 days' returning 1),
  keys as (
    delete from idempotency_key where created_at < now() - interval '1 day' returning 1),
  syncs as (
    delete from sync_run where created_at < now() - interval '90 days' returning 1)
  select 'sessions', count(*) from sessions union all
  select 'refresh tokens', count(*) from tokens union all
  select 'idempotency keys', count(*) from keys union all
  select 'synchronisations', count(*) from syncs
$$;
grant execute on function purge_expired to igny8_worker;

-- What was archived or cancelled long enough ago goes. Contents first: tasks are kept for them.
create function purge_archived() returns table (what text, number bigint)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  gone_sites bigint;
  gone_accounts bigint;
begin
  delete from content c using site s where s.id = c.site_id and s.archived_at < now() - interval '30 days';
  delete from site where archived_at < now() - interval '30 days';
  get diagnostics gone_sites = row_count;
  delete from content c using account a
   where a.id = c.account_id and a.status = 'CANCELLED' and a.archived_at < now() - interval '90 days';
  delete from account where status = 'CANCELLED' and archived_at < now() - interval '90 days';
  get diagnostics gone_accounts = row_count;
  return query values ('sites', gone_sites), ('accounts', gone_accounts);
end $$;
grant execute on function purge_archived to igny8_worker;
