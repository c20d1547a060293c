-- Functions through which a transaction gets its scope, and those that answer before an account is known.
-- Every one marked "security definer" is on the list in tests/architecture; none may be added without it.

create function enter(p_session uuid, p_role text, p_write boolean, p_request text) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  s record;
begin
  select us.account_id, us.user_id, u.role, a.status,
         us.revoked_at is null and us.expires_at > now() and u.is_active as alive
    into s
    from user_session us
    join app_user u on u.id = us.user_id
    join account a on a.id = us.account_id
   where us.id = p_session;
  if not found or not s.alive or s.role <> p_role then
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
          set_config('igny8.sites', case
            when s.role in ('EDITOR', 'VIEWER') then coalesce(
              (select string_agg(x.site_id::text, ',') from site_user_access x where x.user_id = s.user_id), '')
            else '*' end, true);
end $$;

create function leave() returns void language sql as $$
  select set_config('igny8.account', '', true), set_config('igny8.actor', '', true), set_config('igny8.sites', '', true)
$$;

create function enter_job(p_account uuid, p_user uuid) returns void language sql as $$
  select set_config('igny8.account', p_account::text, true), set_config('igny8.sites', '*', true),
         set_config('igny8.actor', coalesce(p_user::text, ''), true)
$$;

create function enter_system(p_reason text) returns void language sql as $$
  select set_config('igny8.account', '', true), set_config('igny8.sites', '', true),
         set_config('igny8.actor', '', true), set_config('igny8.reason', p_reason, true)
$$;

create function enter_new(p_account uuid) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if exists (select from account where id = p_account) then
    raise exception 'the account exists' using errcode = 'IG401';
  end if;
  perform set_config('igny8.account', p_account::text, true), set_config('igny8.sites', '*', true),
          set_config('igny8.actor', '', true);
end $$;

create function find_user(p_email text)
returns table (user_id uuid, account_id uuid, password_hash text, role text, is_active boolean, status text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select u.id, u.account_id, u.password_hash, u.role, u.is_active, a.status
    from app_user u join account a on a.id = u.account_id where u.email = lower(p_email)
$$;

create function open_session(p_user uuid, p_token bytea, p_agent text, p_ip text, p_days int) returns uuid
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  opened uuid;
  owner uuid;
begin
  update app_user set last_sign_in_at = now() where id = p_user and is_active returning account_id into owner;
  if not found then
    raise exception 'no such user' using errcode = 'IG401';
  end if;
  insert into user_session (account_id, user_id, user_agent, ip, last_used_at, expires_at)
  values (owner, p_user, p_agent, p_ip, now(), now() + make_interval(days => p_days)) returning id into opened;
  insert into refresh_token (account_id, session_id, token_hash) values (owner, opened, p_token);
  return opened;
end $$;

-- outcome: ROTATED, UNKNOWN, REUSED (the whole family is revoked), ENDED
create function rotate_refresh_token(p_token bytea, p_new bytea, p_grace interval)
returns table (outcome text, session_id uuid, user_id uuid, account_id uuid, role text)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  t record;
begin
  select r.id, r.used_at, s.id as session_id, s.account_id, s.user_id, u.role,
         s.revoked_at is null and s.expires_at > now() and u.is_active and a.status <> 'CANCELLED' as alive
    into t
    from refresh_token r
    join user_session s on s.id = r.session_id
    join app_user u on u.id = s.user_id
    join account a on a.id = s.account_id
   where r.token_hash = p_token
     for update of r, s;
  if not found then
    return query select 'UNKNOWN', null::uuid, null::uuid, null::uuid, null::text;
    return;
  end if;
  if t.alive and t.used_at < now() - p_grace then
    update user_session x set revoked_at = now(), revoked_reason = 'REFRESH_TOKEN_REUSED' where x.id = t.session_id;
    return query select 'REUSED', t.session_id, t.user_id, t.account_id, t.role;
    return;
  end if;
  if not t.alive then
    return query select 'ENDED', t.session_id, t.user_id, t.account_id, t.role;
    return;
  end if;
  update refresh_token x set used_at = coalesce(x.used_at, now()) where x.id = t.id;
  update user_session x set last_used_at = now() where x.id = t.session_id;
  insert into refresh_token (account_id, session_id, token_hash) values (t.account_id, t.session_id, p_new);
  return query select 'ROTATED', t.session_id, t.user_id, t.account_id, t.role;
end $$;

-- Counts that lists are ordered by. Statement-level, by differences: row locks make them add up under concurrency.
create function count_cluster_keywords() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    perform add_to_clusters(array(select (cluster_id, 1, coalesce(volume, 0), 0)::cluster_delta from new_rows
                                   where cluster_id is not null));
  elsif tg_op = 'DELETE' then
    perform add_to_clusters(array(select (cluster_id, -1, -coalesce(volume, 0), 0)::cluster_delta from old_rows
                                   where cluster_id is not null));
  else
    perform add_to_clusters(array(
      select (cluster_id, 1, coalesce(volume, 0), 0)::cluster_delta from new_rows where cluster_id is not null
      union all
      select (cluster_id, -1, -coalesce(volume, 0), 0)::cluster_delta from old_rows where cluster_id is not null));
  end if;
  return null;
end $$;

create function count_cluster_ideas() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    perform add_to_clusters(array(select (cluster_id, 0, 0, 1)::cluster_delta from new_rows
                                   where cluster_id is not null));
  elsif tg_op = 'DELETE' then
    perform add_to_clusters(array(select (cluster_id, 0, 0, -1)::cluster_delta from old_rows
                                   where cluster_id is not null));
  else
    perform add_to_clusters(array(
      select (cluster_id, 0, 0, 1)::cluster_delta from new_rows where cluster_id is not null
      union all
      select (cluster_id, 0, 0, -1)::cluster_delta from old_rows where cluster_id is not null));
  end if;
  return null;
end $$;

create type cluster_delta as (cluster_id uuid, keywords int, volume bigint, ideas int);

create function add_to_clusters(deltas cluster_delta[]) returns void language sql as $$
  with d as (
    select cluster_id, sum(keywords)::int as keywords, sum(volume)::bigint as volume, sum(ideas)::int as ideas
      from unnest(deltas) group by cluster_id
    having sum(keywords) <> 0 or sum(volume) <> 0 or sum(ideas) <> 0),
  locked as materialized (select c.id from cluster c where c.id in (select cluster_id from d) order by c.id for no key update)
  update cluster c
     set keywords_count = c.keywords_count + d.keywords, volume = c.volume + d.volume,
         ideas_count = c.ideas_count + d.ideas
    from d, locked where c.id = d.cluster_id and locked.id = c.id
$$;

create trigger keyword_counts_insert after insert on keyword
  referencing new table as new_rows for each statement execute function count_cluster_keywords();
create trigger keyword_counts_update after update on keyword
  referencing old table as old_rows new table as new_rows for each statement execute function count_cluster_keywords();
create trigger keyword_counts_delete after delete on keyword
  referencing old table as old_rows for each statement execute function count_cluster_keywords();
create trigger idea_counts_insert after insert on content_idea
  referencing new table as new_rows for each statement execute function count_cluster_ideas();
create trigger idea_counts_update after update on content_idea
  referencing old table as old_rows new table as new_rows for each statement execute function count_cluster_ideas();
create trigger idea_counts_delete after delete on content_idea
  referencing old table as old_rows for each statement execute function count_cluster_ideas();

revoke execute on all functions in schema public from public;
grant execute on function enter(uuid, text, boolean, text), leave(), enter_system(text), enter_new(uuid),
  find_user(text), open_session(uuid, bytea, text, text, int), rotate_refresh_token(bytea, bytea, interval)
  to igny8_api;
grant execute on function enter_job(uuid, uuid), enter_system(text), leave() to igny8_worker;
grant execute on function add_to_clusters(cluster_delta[]), count_cluster_keywords(), count_cluster_ideas()
  to igny8_api, igny8_worker;
