-- What happens, for those who act on it or are told of it: one row for each thing that is done, one for a bulk of each
-- site. `ids`: up to 1,000 of the rows that a bulk was about, or the subjects of a job's items. `cause`: the job that
-- brought it about, null for a person's act. `transaction` and `horizon` say when it became visible, which neither id
-- nor created_at does (persistence/queries/events.py): the transaction that made it, and the oldest that had not ended
-- then.
create table event_kind (name text not null, constraint pk_event_kind primary key (name));
create table event (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid,
  kind text not null,
  subject_type text not null,
  subject_id uuid,
  ids uuid[],
  count integer not null default 1,
  actor_id uuid,
  cause uuid,
  request_id text,
  payload jsonb not null default '{}',
  transaction xid8 not null default pg_current_xact_id(),
  horizon xid8 not null default pg_snapshot_xmin(pg_current_snapshot()),
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint pk_event primary key (id),
  constraint fk_event_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_event_account_id_site_id foreign key (account_id, site_id) references site (account_id, id)
    on delete cascade,
  constraint fk_event_kind foreign key (kind) references event_kind (name)
);
create index ix_event_account_id_site_id_id on event (account_id, site_id, id);
create index ix_event_account_id_transaction_id on event (account_id, transaction, id);

-- What is told of a site to all who see it. What a job was about are rows of another kind than the job.
create view site_event with (security_invoker = true) as
select e.id, e.account_id, e.site_id, e.kind, e.subject_type, e.subject_id,
       case when e.subject_type <> 'Job' then e.ids end as ids, e.count, e.actor_id, e.cause as job_id, e.request_id,
       e.payload, e.created_at, e.updated_at
  from event e where e.site_id is not null;

-- The only way in: of the scope's account and, where nothing else is said, by who acts in it.
create function tell(p_events jsonb) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  insert into event (account_id, site_id, kind, subject_type, subject_id, ids, count, actor_id, cause, request_id,
                     payload)
  select nullif(current_setting('igny8.account', true), '')::uuid, e.site_id, e.kind, e.subject_type, e.subject_id,
         e.ids, e.count,
         coalesce(e.actor_id, nullif(current_setting('igny8.actor', true), '')::uuid,
                  (select j.user_id from job j where j.id = scope.cause)),
         scope.cause, e.request_id, e.payload
    from jsonb_to_recordset(p_events) as e (site_id uuid, kind text, subject_type text, subject_id uuid, ids uuid[],
                                            count int, actor_id uuid, request_id text, payload jsonb),
         (select nullif(current_setting('igny8.cause', true), '')::uuid as cause) scope
$$;

-- Every job ends here, whatever ends it.
create or replace function end_job(p_job uuid) returns void language plpgsql as $$
declare
  owner uuid;
  counted record;
  rest int;
  job_row job;
begin
  select j.account_id into strict owner from job j where j.id = p_job;
  select count(*) as items, count(*) filter (where i.status = 'APPLIED') as applied,
         count(*) filter (where i.status = 'FAILED') as failed,
         coalesce(bool_or(i.status = 'CANCELLED'), false) as cancelled,
         (array_agg(i.subject_id order by i.position) filter (where i.subject_id is not null))[:1000] as subjects
    into counted from job_item i where i.account_id = owner and i.job_id = p_job;
  update credit_hold h set status = 'CLOSED', released = h.amount - h.spent, updated_at = now()
   where h.job_id = p_job returning new.released - old.released into rest;
  update job j
     set status = case when counted.applied = counted.items then 'SUCCEEDED' when counted.cancelled then 'CANCELLED'
                       when counted.applied > 0 then 'PARTIAL' else 'FAILED' end,
         finished_at = now(), phase = 'done', done = j.ended_weight, credits_held = j.credits_held - coalesce(rest, 0),
         updated_at = now()
   where j.id = p_job returning j.* into strict job_row;
  if rest > 0 then
    update credit_balance b set held = b.held - rest, balance = b.balance + rest where b.account_id = owner;
  end if;
  perform tell(jsonb_build_array(jsonb_build_object(
    'site_id', job_row.site_id, 'kind', 'JOB_' || job_row.status, 'subject_type', 'Job', 'subject_id', p_job,
    'ids', to_jsonb(counted.subjects), 'count', counted.items,
    'payload', jsonb_build_object(
      'kind', job_row.kind, 'status', job_row.status, 'message', left(job_row.message, 1000),
      'error', left(job_row.error, 1000), 'items', counted.items, 'applied', counted.applied,
      'failed', counted.failed, 'creditsSpent', job_row.credits_spent))));
end $$;

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

create or replace function enter(p_session uuid, p_role text, p_write boolean, p_request text) returns void
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

create or replace function followed(p_sessions uuid[], p_roles text[], p_jobs uuid[])
returns table (n bigint, seen job)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select p.n, j
    from unnest(p_sessions, p_roles, p_jobs) with ordinality p (session_id, role, job_id, n)
    join signed_in s on s.session_id = p.session_id and s.role = p.role and s.status <> 'CANCELLED'
    join job j on j.id = p.job_id and j.account_id = s.account_id
   where sees(s.sites, j.site_id)
$$;

create or replace function ended_sessions(p_sessions uuid[], p_roles text[]) returns setof bigint
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select p.n
    from unnest(p_sessions, p_roles) with ordinality p (session_id, role, n)
    left join signed_in s on s.session_id = p.session_id and s.role = p.role and s.status <> 'CANCELLED'
   where s.session_id is null
$$;

-- Of (session, role, site, moment): which of them, counted from 1, see their site, and of each site that one of them
-- sees what has come to be visible since its moment, at most so many; and which moment it is now. A moment is a
-- snapshot as text; null asks for nothing but the present one.
create function site_events_since(p_sessions uuid[], p_roles text[], p_sites uuid[], p_since text[], p_most int)
returns table (seen bigint[], events json, moment text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with seeing as materialized (
    select p.n, t.account_id, t.id as site_id, p.since::pg_snapshot as since
      from unnest(p_sessions, p_roles, p_sites, p_since) with ordinality p (session_id, role, site_id, since, n)
      join signed_in s on s.session_id = p.session_id and s.role = p.role and s.status <> 'CANCELLED'
      join site t on t.id = p.site_id and t.account_id = s.account_id
     where sees(s.sites, t.id)),
  found as (
    select e.*
      from (select distinct account_id, site_id, since::text from seeing where since is not null) w,
           lateral (select v.*, x.transaction
                      from event x join site_event v on v.id = x.id
                     where x.account_id = w.account_id and x.site_id = w.site_id
                       and x.transaction >= pg_snapshot_xmin(w.since::pg_snapshot)
                       and not pg_visible_in_snapshot(x.transaction, w.since::pg_snapshot)
                       and pg_visible_in_snapshot(x.transaction, pg_current_snapshot())
                     order by x.transaction, x.id limit p_most) e)
  select array(select n from seeing order by n),
         (select coalesce(json_agg(f order by f.transaction, f.id), '[]') from found f),
         pg_current_snapshot()::text
$$;

-- Those of thirty days are kept. By id, which begins with its time; so many at once.
create function forget_events(p_most int) returns bigint
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  with old as (select id from event where id < uuidv7(interval '-30 days') order by id limit p_most),
       gone as (delete from event e using old where e.id = old.id returning 1)
  select count(*) from gone
$$;

grant select on event, site_event to igny8_api, igny8_worker;
grant select on event_kind to igny8_api, igny8_worker;
revoke execute on function tell(jsonb), sees(text, uuid), site_events_since(uuid[], text[], uuid[], text[], int),
  forget_events(int) from public;
grant execute on function tell(jsonb) to igny8_api, igny8_worker;
grant execute on function site_events_since(uuid[], text[], uuid[], text[], int) to igny8_api;
grant execute on function forget_events(int) to igny8_worker;
