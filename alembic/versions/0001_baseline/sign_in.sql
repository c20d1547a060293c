-- What is asked before an account is known, and what ends for other people's sessions, which nobody else sees.

-- The one whose password is to be compared.
create function find_user(p_email text)
returns table (user_id uuid, account_id uuid, password_hash text, role text, is_active boolean, status text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select u.id, u.account_id, u.password_hash, u.role, u.is_active, a.status
    from app_user u join account a on a.id = u.account_id where u.email = lower(p_email)
$$;
grant execute on function find_user to igny8_api;

-- A sign-in, with the first token of its family.
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
grant execute on function open_session to igny8_api;

-- A token is used once, with a short grace for answers that were lost. outcome: ROTATED, UNKNOWN, REUSED (the whole
-- family is revoked), ENDED.
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
grant execute on function rotate_refresh_token to igny8_api;

-- An API key is looked up before its account is known; its use is noted once a minute.
create function find_api_key(p_hash bytea)
returns table (session_id uuid, user_id uuid, account_id uuid, role text, permissions text[], expires_at timestamptz)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update api_key k set last_used_at = now()
   where k.token_hash = p_hash and k.revoked_at is null
     and coalesce(k.last_used_at, '-infinity') < now() - interval '1 minute';
  return query
  select k.session_id, k.user_id, k.account_id, u.role, k.permissions, k.expires_at
    from api_key k join app_user u on u.id = k.user_id
   where k.token_hash = p_hash and k.revoked_at is null and coalesce(k.expires_at, 'infinity') > now() and u.is_active;
end $$;
grant execute on function find_api_key to igny8_api;

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
grant execute on function revoke_api_keys to igny8_api;

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
grant execute on function end_access to igny8_api;

-- Where people sign in, so that who guesses from elsewhere locks nobody out. Sessions are kept a month beyond their
-- end, and nothing else is: no other record is made of where people are.
create function signed_in_from(p_email text, p_network text) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (
    select from app_user u join user_session s on s.account_id = u.account_id and s.user_id = u.id
     where u.email = lower(p_email) and not s.is_api_key and s.last_used_at > now() - interval '30 days'
       and case when pg_input_is_valid(s.ip, 'inet') and pg_input_is_valid(p_network, 'cidr')
                then s.ip::inet <<= p_network::cidr else false end)
$$;
grant execute on function signed_in_from to igny8_api;

-- Which of these sessions of open sockets have ended, or have another role; n counts them from 1.
create function ended_sessions(p_sessions uuid[], p_roles text[]) returns setof bigint
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select p.n
    from unnest(p_sessions, p_roles) with ordinality p (session_id, role, n)
    left join signed_in s on s.session_id = p.session_id and s.role = p.role and s.status <> 'CANCELLED'
   where s.session_id is null
$$;
grant execute on function ended_sessions to igny8_api;
