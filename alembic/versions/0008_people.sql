alter table user_session add is_api_key boolean not null default false;
alter table site add archived_at timestamp with time zone;

-- What was archived or cancelled long enough ago goes, for workers alone. Contents first: tasks are kept for them.
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
revoke execute on function purge_archived() from public;
grant execute on function purge_archived() to igny8_worker;

-- A session is its user's own affair: nobody else of the account sees it.
drop policy tenant on user_session;
create policy tenant on user_session to igny8_api, igny8_worker using (
  account_id = (select nullif(current_setting('igny8.account', true), '')::uuid)
  and user_id = (select nullif(current_setting('igny8.actor', true), '')::uuid));

-- Open invitations are seats that are taken.
create or replace function usage_of(p_key text) returns bigint
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  owner uuid := nullif(current_setting('igny8.account', true), '')::uuid;
  month timestamptz := date_trunc('month', now(), 'UTC');
begin
  return case p_key
    when 'USERS' then (select count(*) from app_user where account_id = owner and is_active)
                    + (select count(*) from invitation where account_id = owner and accepted_at is null
                          and revoked_at is null and expires_at > now())
    when 'SITES' then (select count(*) from site where account_id = owner and status <> 'ARCHIVED')
    when 'KEYWORDS' then (select count(*) from keyword where account_id = owner)
    when 'CLUSTERS' then (select count(*) from cluster where account_id = owner)
    when 'CONTENT_IDEAS' then (select count(*) from content_idea where account_id = owner)
                            + (select coalesce(sum((j.params ->> 'count')::int), 0) from job_item i
                                 join job j on j.id = i.job_id
                                where i.account_id = owner and i.status in ('QUEUED', 'RUNNING', 'WAITING')
                                  and j.kind = 'GENERATE_IDEAS')
    -- What open items will use counts as used; a credit is a hundred words.
    when 'AI_REQUESTS' then (select count(*) from ai_call where account_id = owner and created_at >= month)
                          + (select count(*) from job_item where account_id = owner and queue = 'text'
                                and status in ('QUEUED', 'WAITING'))
    when 'WORDS' then (select coalesce(sum((details ->> 'words')::bigint), 0) from credit_usage_log
                        where account_id = owner and created_at >= month and operation_type = 'GENERATE_CONTENT')
                    + (select coalesce(sum(i.credits_estimate), 0) * 100 from job_item i join job j on j.id = i.job_id
                        where i.account_id = owner and i.status in ('QUEUED', 'RUNNING', 'WAITING')
                          and j.kind = 'GENERATE_CONTENT')
    when 'IMAGES' then (select count(*) from credit_usage_log where account_id = owner and created_at >= month
                           and operation_type in ('GENERATE_IMAGES', 'TEST_IMAGE'))
                     + (select count(*) from job_item where account_id = owner and queue = 'images'
                           and status in ('QUEUED', 'RUNNING', 'WAITING'))
    when 'CREDITS' then (select coalesce(sum(credits_used), 0) from credit_usage_log
                          where account_id = owner and created_at >= month)
  end;
end $$;

create function enter_invited(p_invitation uuid) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  owner uuid;
begin
  select i.account_id into owner
    from invitation i join account a on a.id = i.account_id
   where i.id = p_invitation and i.accepted_at is null and i.revoked_at is null and i.expires_at > now()
     and a.status in ('ACTIVE', 'TRIAL');
  perform set_config('igny8.account', coalesce(owner::text, ''), true), set_config('igny8.sites', '*', true),
          set_config('igny8.actor', '', true);
end $$;

create function enter_address(p_user uuid, p_email text) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  owner uuid;
begin
  select u.account_id into owner
    from app_user u join account a on a.id = u.account_id
   where u.id = p_user and u.email = lower(p_email) and u.is_active and a.status <> 'CANCELLED';
  -- All sites: the job that sends a letter belongs to none.
  perform set_config('igny8.account', coalesce(owner::text, ''), true), set_config('igny8.sites', '*', true),
          set_config('igny8.actor', case when owner is null then '' else p_user::text end, true);
end $$;

create function enter_staff(p_session uuid, p_account uuid, p_request text) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  staff uuid;
begin
  select u.id into staff
    from user_session s join app_user u on u.id = s.user_id join account a on a.id = u.account_id
   where s.id = p_session and s.revoked_at is null and s.expires_at > now() and u.is_active and u.role = 'DEVELOPER'
     and a.status <> 'CANCELLED';
  if staff is null then
    raise exception 'the session has ended' using errcode = 'IG401';
  end if;
  perform set_config('igny8.account', p_account::text, true), set_config('igny8.sites', '*', true),
          set_config('igny8.actor', staff::text, true), set_config('igny8.request', p_request, true);
end $$;

create function find_accounts(p_session uuid, p_search text, p_most int)
returns table (id uuid, name text, slug text, status text, plan text, balance int, users bigint, created_at timestamptz)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform enter_staff(p_session, null, '');
  return query
  select a.id, a.name, a.slug, a.status, p.name, b.balance,
         (select count(*) from app_user u where u.account_id = a.id), a.created_at
    from account a join plan p on p.id = a.plan_id left join credit_balance b on b.account_id = a.id
   where a.name ilike p_search or a.slug ilike p_search
      or exists (select from app_user u where u.account_id = a.id and u.email ilike p_search)
   order by a.id desc limit p_most;
  perform set_config('igny8.actor', '', true);
end $$;

-- An API key is looked up before its account is known; its use is noted once a minute.
create function find_api_key(p_hash bytea)
returns table (session_id uuid, user_id uuid, account_id uuid, role text, permissions text[], expires_at timestamptz)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update api_key k set last_used_at = now()
   where k.token_hash = p_hash and k.revoked_at is null and coalesce(k.last_used_at, '-infinity') < now() - interval '1 minute';
  return query
  select k.session_id, k.user_id, k.account_id, u.role, k.permissions, k.expires_at
    from api_key k join app_user u on u.id = k.user_id
   where k.token_hash = p_hash and k.revoked_at is null and coalesce(k.expires_at, 'infinity') > now() and u.is_active;
end $$;

-- Sessions of keys are their makers' own too; whoever manages the account ends them all the same.
create function revoke_api_keys(p_ids uuid[]) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  with revoked as (
    update api_key set revoked_at = coalesce(revoked_at, now()), updated_at = now()
     where id = any (p_ids) and account_id = nullif(current_setting('igny8.account', true), '')::uuid
    returning session_id)
  update user_session s set revoked_at = coalesce(s.revoked_at, now()), revoked_reason = 'API_KEY_REVOKED'
    from revoked where s.id = revoked.session_id
$$;

-- Who is out is out for good: what they were signed in with does not come back with them.
create function end_access(p_user uuid) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  update user_session set revoked_at = now(), revoked_reason = 'DEACTIVATED'
   where user_id = p_user and account_id = nullif(current_setting('igny8.account', true), '')::uuid
     and revoked_at is null;
  update api_key set revoked_at = now(), updated_at = now()
   where user_id = p_user and account_id = nullif(current_setting('igny8.account', true), '')::uuid
     and revoked_at is null
$$;

-- Plans are everybody's to read, and the staff's to change.
create function is_staff() returns boolean language sql stable as $$
  select exists (select from app_user where id = nullif(current_setting('igny8.actor', true), '')::uuid
                    and role = 'DEVELOPER' and is_active)
$$;
alter table plan enable row level security;
create policy everybody on plan for select using (true);
create policy staff on plan to igny8_api using (is_staff()) with check (is_staff());
create policy owner on plan to igny8_owner using (true);
grant insert, update on plan to igny8_api;

revoke execute on function enter_invited(uuid), enter_address(uuid, text), enter_staff(uuid, uuid, text),
  find_accounts(uuid, text, int), find_api_key(bytea), revoke_api_keys(uuid[]), end_access(uuid), is_staff() from public;
grant execute on function enter_invited(uuid), enter_address(uuid, text), enter_staff(uuid, uuid, text),
  find_accounts(uuid, text, int), find_api_key(bytea), revoke_api_keys(uuid[]), end_access(uuid), is_staff() to igny8_api;
