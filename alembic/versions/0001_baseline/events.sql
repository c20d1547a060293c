create table event_kind (name text not null, constraint pk_event_kind primary key (name));
grant select on event_kind to igny8_api, igny8_worker;

-- What happens, for those who act on it or are told of it: one row for each thing that is done, one for a bulk of each
-- site. `ids`: up to 1,000 of the rows that a bulk was about, or the subjects of a job's items. `cause`: the job that
-- brought it about, null for a person's act. `transaction` and `horizon` say when it became visible, which neither id
-- nor created_at does (persistence/queries/events.py): the transaction that made it, and the oldest that had not ended
-- then.
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
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_event primary key (id),
  constraint fk_event_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_event_account_id_site_id foreign key (account_id, site_id) references site (account_id, id)
    on delete cascade,
  constraint fk_event_kind foreign key (kind) references event_kind (name)
);
create index ix_event_account_id_site_id_id on event (account_id, site_id, id);
create index ix_event_account_id_transaction_id on event (account_id, transaction, id);
alter table event enable row level security, force row level security;
create policy tenant on event to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any(:sites)));
create policy owner on event to igny8_owner using (true);
grant select on event to igny8_api, igny8_worker;

-- What is told of a site to all who see it. What a job was about are rows of another kind than the job.
create view site_event with (security_invoker = true) as
select e.id, e.account_id, e.site_id, e.kind, e.subject_type, e.subject_id,
       case when e.subject_type <> 'Job' then e.ids end as ids, e.count, e.actor_id, e.cause as job_id, e.request_id,
       e.payload, e.created_at, e.updated_at
  from event e where e.site_id is not null;
grant select on site_event to igny8_api, igny8_worker;

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
grant execute on function tell to igny8_api, igny8_worker;

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
grant execute on function site_events_since to igny8_api;

-- Those of thirty days are kept. By id, which begins with its time; so many at once.
create function forget_events(p_most int) returns bigint
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  with old as (select id from event where id < uuidv7(interval '-30 days') order by id limit p_most),
       gone as (delete from event e using old where e.id = old.id returning 1)
  select count(*) from gone
$$;
grant execute on function forget_events to igny8_worker;
