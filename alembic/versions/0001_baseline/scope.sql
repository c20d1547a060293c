-- How a transaction gets its scope, which row-level security compares rows with: account, actor, sites. Every function
-- that is security definer is on the list of tests/persistence/test_catalog.py; none may be added without it.

-- Who sees which site, the one place that says it: the sessions that stand, and the sites that each sees, as ids with
-- commas between, or * for all of the account and what belongs to none. For functions of the owner alone.
create view signed_in as
select s.id as session_id, s.account_id, s.user_id, u.role, a.status,
       case when u.role in ('EDITOR', 'VIEWER')
            then coalesce((select string_agg(x.site_id::text, ',') from site_user_access x where x.user_id = u.id), '')
            else '*' end as sites
  from user_session s
  join app_user u on u.id = s.user_id
  join account a on a.id = s.account_id
 where s.revoked_at is null and s.expires_at > now() and u.is_active;

create function sees(p_sites text, p_site uuid) returns boolean language sql immutable as $$
  select p_sites = '*' or p_site = any (string_to_array(nullif(p_sites, ''), ',')::uuid[])
$$;

-- A request of a session that still is what its token says. Editors and viewers see the sites that they were given.
create function enter(p_session uuid, p_role text, p_write boolean, p_request text) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  s record;
begin
  select account_id, user_id, role, status, sites into s from signed_in where session_id = p_session;
  if not found or s.role <> p_role then
    raise exception 'the session has ended' using errcode = 'IG401';
  end if;
  if s.status = 'CANCELLED' then
    raise exception 'the account is cancelled' using errcode = 'IG403';
  end if;
  if p_write and s.status = 'SUSPENDED' then
    raise exception 'the account is suspended and may only read' using errcode = 'IG402';
  end if;
  perform set_config('igny8.account', s.account_id::text, true),
          set_config('igny8.actor', s.user_id::text, true),
          set_config('igny8.request', p_request, true),
          set_config('igny8.sites', s.sites, true);
end $$;
grant execute on function enter to igny8_api;

-- The rest of a transaction is nobody's.
create function leave() returns void language sql as $$
  select set_config('igny8.account', '', true), set_config('igny8.actor', '', true), set_config('igny8.sites', '', true)
$$;
grant execute on function leave to igny8_api, igny8_worker;

-- A job works in the name of the user who started it, and sees all sites of the account.
create function enter_job(p_account uuid, p_user uuid) returns void language sql as $$
  select set_config('igny8.account', p_account::text, true), set_config('igny8.sites', '*', true),
         set_config('igny8.actor', coalesce(p_user::text, ''), true)
$$;
grant execute on function enter_job to igny8_worker;

-- No account at all; why, is a setting of the transaction.
create function enter_system(p_reason text) returns void language sql as $$
  select set_config('igny8.account', '', true), set_config('igny8.sites', '', true),
         set_config('igny8.actor', '', true), set_config('igny8.reason', p_reason, true)
$$;
grant execute on function enter_system to igny8_api, igny8_worker;

-- Who signs up makes the account that the rows are of: it must not be there yet.
create function enter_new(p_account uuid) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if exists (select from account where id = p_account) then
    raise exception 'the account exists' using errcode = 'IG401';
  end if;
  perform set_config('igny8.account', p_account::text, true), set_config('igny8.sites', '*', true),
          set_config('igny8.actor', '', true);
end $$;
grant execute on function enter_new to igny8_api;

-- Who was invited is nobody's user yet; an invitation that is not open leads to no account.
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
grant execute on function enter_invited to igny8_api;

-- Who opens a link from a letter, while the address is still the user's.
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
grant execute on function enter_address to igny8_api;

-- Staff works in somebody else's account, under its own name.
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
grant execute on function enter_staff to igny8_api;
