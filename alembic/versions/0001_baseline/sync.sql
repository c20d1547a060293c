-- What was changed at destinations, and when they were looked at.

-- One look at all that is at a destination; kept for 90 days.
create table sync_run (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  integration_id uuid not null,
  job_item_id uuid,
  outcome text not null default 'UNDER_WAY',
  listed integer not null default 0,
  imported integer not null default 0,
  updated integer not null default 0,
  pushed integer not null default 0,
  conflicting integer not null default 0,
  gone integer not null default 0,
  skipped integer not null default 0,
  error text,
  ended_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_sync_run primary key (id),
  constraint uq_sync_run_account_id_integration_id_job_item_id unique (account_id, integration_id, job_item_id),
  constraint fk_sync_run_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_sync_run_account_id_site_id_integration_id foreign key (account_id, site_id, integration_id)
    references integration (account_id, site_id, id) on delete cascade,
  constraint ck_sync_run_outcome check (outcome in ('UNDER_WAY', 'DONE', 'FAILED'))
);
create index ix_sync_run_account_id_integration_id_created_at_id
  on sync_run (account_id, integration_id, created_at, id);
alter table sync_run enable row level security, force row level security;
create policy tenant on sync_run to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on sync_run to igny8_owner using (true);
grant select, insert, update on sync_run to igny8_api, igny8_worker;

-- A field that was changed here and there since both said the same.
create table sync_conflict (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  sector_id uuid not null,
  content_id uuid not null,
  integration_id uuid not null,
  publication_id uuid not null,
  field text not null,
  ours text not null,
  theirs text not null,
  base text,
  theirs_hash text not null,
  status text not null default 'OPEN',
  user_id uuid,
  resolved_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_sync_conflict primary key (id),
  constraint uq_sync_conflict_identity unique (account_id, site_id, sector_id, id),
  constraint fk_sync_conflict_account_id_site_id_sector_id foreign key (account_id, site_id, sector_id)
    references sector (account_id, site_id, id) on delete cascade,
  constraint fk_sync_conflict_account_id_site_id_sector_id_content_id
    foreign key (account_id, site_id, sector_id, content_id)
    references content (account_id, site_id, sector_id, id) on delete cascade,
  constraint fk_sync_conflict_account_id_site_id_sector_id_publication_id
    foreign key (account_id, site_id, sector_id, publication_id)
    references publication (account_id, site_id, sector_id, id) on delete cascade,
  constraint fk_sync_conflict_account_id_site_id_integration_id foreign key (account_id, site_id, integration_id)
    references integration (account_id, site_id, id) on delete cascade,
  constraint fk_sync_conflict_account_id_user_id foreign key (account_id, user_id)
    references app_user (account_id, id) on delete set null (user_id),
  constraint ck_sync_conflict_field check (field in (
    'TITLE', 'HTML', 'EXCERPT', 'SLUG', 'META_TITLE', 'META_DESCRIPTION', 'PRIMARY_KEYWORD', 'CATEGORIES', 'TAGS')),
  constraint ck_sync_conflict_status check (status in ('OPEN', 'OURS', 'THEIRS', 'OBSOLETE'))
);
create index ix_sync_conflict_account_id_id on sync_conflict (account_id, id);
create index ix_sync_conflict_account_id_content_id_id on sync_conflict (account_id, content_id, id);
create index ix_sync_conflict_account_id_publication_id_id on sync_conflict (account_id, publication_id, id);
create index ix_sync_conflict_account_id_sector_id_id on sync_conflict (account_id, sector_id, id);
create index ix_sync_conflict_account_id_site_id_id on sync_conflict (account_id, site_id, id);
create index ix_sync_conflict_account_id_site_id_created_at_id on sync_conflict (account_id, site_id, created_at, id);
-- One open at a time.
create unique index uq_sync_conflict_open on sync_conflict (account_id, publication_id, field) where status = 'OPEN';
alter table sync_conflict enable row level security, force row level security;
create policy tenant on sync_conflict to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on sync_conflict to igny8_owner using (true);
grant select, insert, update on sync_conflict to igny8_api, igny8_worker;

-- Destinations whose next look has come, of which none is under way.
create function syncs_due(p_most int)
returns table (account_id uuid, site_id uuid, integration_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select i.account_id, i.site_id, i.id
    from integration i
    join account a on a.id = i.account_id
    join site s on s.account_id = i.account_id and s.id = i.site_id
    left join lateral (select r.created_at from sync_run r
                        where r.account_id = i.account_id and r.integration_id = i.id
                        order by r.created_at desc, r.id desc limit 1) last on true
   where i.sync_minutes is not null
     and coalesce(last.created_at, i.created_at) <= now() - make_interval(mins => i.sync_minutes)
     and a.status in ('ACTIVE', 'TRIAL') and s.archived_at is null
     and not exists (select from job_item t join job j on j.id = t.job_id
                      where t.account_id = i.account_id and t.subject_id = i.id and j.kind = 'SYNC_INTEGRATION'
                        and t.status in ('QUEUED', 'RUNNING', 'WAITING'))
   order by last.created_at nulls first, i.id limit p_most
$$;
grant execute on function syncs_due to igny8_worker;
