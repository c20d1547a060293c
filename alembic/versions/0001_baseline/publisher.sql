-- When contents come out, and what is published where.

-- When a site's contents come out; each site has one, from its first moment on. Who counts what comes out on a day, or
-- gives times, has it locked.
create table publishing_calendar (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  time_zone text not null default 'UTC',
  max_per_day integer,
  paused_at timestamptz,
  paused_by_id uuid,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_publishing_calendar primary key (id),
  constraint uq_publishing_calendar_account_id_site_id unique (account_id, site_id),
  constraint uq_publishing_calendar_identity unique (account_id, site_id, id),
  constraint fk_publishing_calendar_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_publishing_calendar_account_id_paused_by_id foreign key (account_id, paused_by_id)
    references app_user (account_id, id) on delete set null (paused_by_id),
  constraint fk_publishing_calendar_account_id_site_id foreign key (account_id, site_id)
    references site (account_id, id) on delete cascade,
  constraint ck_publishing_calendar_max_per_day check (max_per_day between 1 and 1000)
);
alter table publishing_calendar enable row level security, force row level security;
create policy tenant on publishing_calendar to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on publishing_calendar to igny8_owner using (true);
grant select, insert, update, delete on publishing_calendar to igny8_api, igny8_worker;

create function give_calendars() returns trigger language plpgsql as $$
begin
  insert into publishing_calendar (account_id, site_id) select account_id, id from new_rows;
  return null;
end $$;
grant execute on function give_calendars to igny8_api, igny8_worker;
create trigger site_calendar after insert on site
  referencing new table as new_rows for each statement execute function give_calendars();

-- A time of the week at which something may come out; its minute counts from Monday 00:00 on the calendar's clocks.
create table publishing_slot (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  calendar_id uuid not null,
  day text not null,
  minute integer not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_publishing_slot primary key (id),
  constraint uq_publishing_slot_account_id_calendar_id_minute unique (account_id, calendar_id, minute),
  constraint fk_publishing_slot_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_publishing_slot_account_id_site_id_calendar_id foreign key (account_id, site_id, calendar_id)
    references publishing_calendar (account_id, site_id, id) on delete cascade,
  constraint ck_publishing_slot_day check (day in (
    'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY')),
  constraint ck_publishing_slot_minute check (minute between 0 and 10079)
);
alter table publishing_slot enable row level security, force row level security;
create policy tenant on publishing_slot to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on publishing_slot to igny8_owner using (true);
grant select, insert, update, delete on publishing_slot to igny8_api, igny8_worker;

-- A content at a destination: what is wanted, and what was last known to be there.
create table publication (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  sector_id uuid not null,
  content_id uuid not null,
  integration_id uuid not null,
  entity text not null,
  marker text not null,
  wanted_status text not null,
  status text,
  publish_at timestamptz,
  told_at timestamptz,
  looked_at timestamptz,
  published_at timestamptz,
  remote_id text,
  url text,
  slug text,
  revision integer,
  sent text,
  base jsonb not null default '{}',
  modified_at timestamptz,
  is_stale boolean not null default false,
  is_held boolean not null default false,
  error text,
  unknown_since timestamptz,
  lookups integer not null default 0,
  bytes bigint not null default 0,
  job_item_id uuid,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_publication primary key (id),
  constraint uq_publication_account_id_content_id_integration_id unique (account_id, content_id, integration_id),
  constraint uq_publication_account_id_integration_id_marker unique (account_id, integration_id, marker),
  constraint uq_publication_account_id_integration_id_remote_id unique (account_id, integration_id, remote_id),
  constraint uq_publication_identity unique (account_id, site_id, sector_id, id),
  constraint fk_publication_account_id_site_id_integration_id foreign key (account_id, site_id, integration_id)
    references integration (account_id, site_id, id) on delete cascade,
  constraint fk_publication_account_id_site_id_sector_id foreign key (account_id, site_id, sector_id)
    references sector (account_id, site_id, id) on delete cascade,
  constraint fk_publication_account_id_site_id_sector_id_content_id
    foreign key (account_id, site_id, sector_id, content_id)
    references content (account_id, site_id, sector_id, id) on delete cascade,
  constraint ck_publication_entity check (entity in ('POST', 'PAGE', 'TERM', 'MEDIA')),
  constraint ck_publication_status check (status in ('DRAFT', 'SCHEDULED', 'PUBLISHED', 'TRASHED')),
  constraint ck_publication_wanted_status check (wanted_status in ('DRAFT', 'SCHEDULED', 'PUBLISHED', 'TRASHED'))
);
create index ix_publication_account_id_id on publication (account_id, id);
create index ix_publication_account_id_integration_id_published_at_id
  on publication (account_id, integration_id, published_at, id);
create index ix_publication_account_id_publish_at on publication (account_id, publish_at) where status = 'SCHEDULED';
create index ix_publication_account_id_sector_id_id on publication (account_id, sector_id, id);
create index ix_publication_account_id_site_id_id on publication (account_id, site_id, id);
create index ix_publication_account_id_site_id_publish_at_id on publication (account_id, site_id, publish_at, id);
create index ix_publication_account_id_site_id_published_at_id on publication (account_id, site_id, published_at, id);
alter table publication enable row level security, force row level security;
create policy tenant on publication to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on publication to igny8_owner using (true);
grant select, insert, update, delete on publication to igny8_api, igny8_worker;

-- A content to which a publication links, as it was last sent: to where, and null without a link.
create table publication_link (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  sector_id uuid not null,
  integration_id uuid not null,
  publication_id uuid not null,
  target_content_id uuid not null,
  resolved_url text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_publication_link primary key (id),
  constraint uq_publication_link_account_id_publication_id_target_content_id
    unique (account_id, publication_id, target_content_id),
  constraint fk_publication_link_account_id_site_id_integration_id foreign key (account_id, site_id, integration_id)
    references integration (account_id, site_id, id) on delete cascade,
  constraint fk_publication_link_account_id_site_id_sector_id foreign key (account_id, site_id, sector_id)
    references sector (account_id, site_id, id) on delete cascade,
  constraint fk_publication_link_account_id_site_id_sector_id_publication_id
    foreign key (account_id, site_id, sector_id, publication_id)
    references publication (account_id, site_id, sector_id, id) on delete cascade
);
create index ix_publication_link_account_id_id on publication_link (account_id, id);
create index ix_publication_link_account_id_integration_id_target_content_id
  on publication_link (account_id, integration_id, target_content_id);
create index ix_publication_link_account_id_sector_id_id on publication_link (account_id, sector_id, id);
create index ix_publication_link_account_id_site_id_id on publication_link (account_id, site_id, id);
alter table publication_link enable row level security, force row level security;
create policy tenant on publication_link to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on publication_link to igny8_owner using (true);
grant select, insert, update, delete on publication_link to igny8_api, igny8_worker;

-- What links to a page is to be sent again when the page comes, goes or moves, whoever changes or deletes it.
create function tell_linking() returns trigger language plpgsql as $$
declare
  stale uuid[];
begin
  if tg_op = 'DELETE' then
    stale := array(
      select l.publication_id from old_rows o
        join publication_link l on l.account_id = o.account_id and l.integration_id = o.integration_id
                               and l.target_content_id = o.content_id
       where l.resolved_url is not null);
  else
    stale := array(
      select l.publication_id from new_rows n
        join old_rows o on o.id = n.id and (o.status, o.url) is distinct from (n.status, n.url)
        join publication_link l on l.account_id = n.account_id and l.integration_id = n.integration_id
                               and l.target_content_id = n.content_id
       where l.resolved_url is distinct from case when n.status = 'PUBLISHED' then n.url end);
  end if;
  if cardinality(stale) > 0 then
    update publication set is_stale = true, version = version + 1, updated_at = now()
     where id = any (stale) and not is_stale and status in ('DRAFT', 'SCHEDULED', 'PUBLISHED');
  end if;
  return null;
end $$;
grant execute on function tell_linking to igny8_api, igny8_worker;
create trigger publication_links_update after update on publication
  referencing old table as old_rows new table as new_rows for each statement execute function tell_linking();
create trigger publication_links_delete after delete on publication
  referencing old table as old_rows for each statement execute function tell_linking();

-- One attempt at a destination: written before the call, ended after it. Append-only, but for its end.
create table publishing_record (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  sector_id uuid not null,
  content_id uuid not null,
  integration_id uuid not null,
  publication_id uuid not null,
  job_item_id uuid,
  revision integer not null,
  attempt integer not null,
  action text not null,
  outcome text not null default 'UNDER_WAY',
  remote_id text,
  url text,
  fields jsonb not null default '{}',
  error text,
  code text,
  ended_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_publishing_record primary key (id),
  constraint fk_publishing_record_account_id_site_id_integration_id foreign key (account_id, site_id, integration_id)
    references integration (account_id, site_id, id) on delete cascade,
  constraint fk_publishing_record_account_id_site_id_sector_id foreign key (account_id, site_id, sector_id)
    references sector (account_id, site_id, id) on delete cascade,
  constraint fk_publishing_record_account_id_site_id_sector_id_content_id
    foreign key (account_id, site_id, sector_id, content_id)
    references content (account_id, site_id, sector_id, id) on delete cascade,
  constraint fk_publishing_record_account_id_site_id_sector_id_publi_74f4
    foreign key (account_id, site_id, sector_id, publication_id)
    references publication (account_id, site_id, sector_id, id) on delete cascade,
  constraint ck_publishing_record_action check (action in (
    'CREATE', 'UPDATE', 'ADOPT', 'SCHEDULE', 'HOLD', 'REVERT', 'TRASH')),
  constraint ck_publishing_record_outcome check (outcome in ('UNDER_WAY', 'DONE', 'FAILED', 'LOST'))
);
create index ix_publishing_record_account_id_content_id_created_at_id
  on publishing_record (account_id, content_id, created_at, id);
create index ix_publishing_record_account_id_id on publishing_record (account_id, id);
create index ix_publishing_record_account_id_integration_id_created_at_id
  on publishing_record (account_id, integration_id, created_at, id);
create index ix_publishing_record_account_id_publication_id_created_at_id
  on publishing_record (account_id, publication_id, created_at, id);
create index ix_publishing_record_account_id_sector_id_id on publishing_record (account_id, sector_id, id);
create index ix_publishing_record_account_id_site_id_id on publishing_record (account_id, site_id, id);
alter table publishing_record enable row level security, force row level security;
create policy tenant on publishing_record to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on publishing_record to igny8_owner using (true);
grant select, insert,
  update (action, outcome, remote_id, url, fields, error, code, ended_at, updated_at)
  on publishing_record to igny8_api, igny8_worker;

-- Whether pages that lie in our own folder are still somebody's is asked for all accounts at once.
create function known_markers(p_account uuid, p_integration uuid, p_markers text[]) returns setof text
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select marker from publication
   where account_id = p_account and integration_id = p_integration and marker = any (p_markers)
$$;
grant execute on function known_markers to igny8_worker;

-- The clock belongs to no account: what a date has come for is read back a minute after it, ten minutes after it, and
-- then once an hour, while it waits; nothing while publishing is paused.
create function publications_due(p_most int)
returns table (account_id uuid, site_id uuid, integration_id uuid, content_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select p.account_id, p.site_id, p.integration_id, p.content_id
    from publication p
    join account a on a.id = p.account_id
    join site s on s.account_id = p.account_id and s.id = p.site_id
    join publishing_calendar c on c.account_id = p.account_id and c.site_id = p.site_id
   where p.status = 'SCHEDULED' and p.publish_at < now() - interval '1 minute'
     and (p.looked_at is null or p.looked_at < now() - interval '1 hour'
          or (p.looked_at < p.publish_at + interval '10 minutes' and p.publish_at < now() - interval '10 minutes'))
     and a.status in ('ACTIVE', 'TRIAL') and s.archived_at is null and c.paused_at is null
     and not exists (select from job_item i where i.id = p.job_item_id and i.status in ('QUEUED', 'RUNNING', 'WAITING'))
   order by p.publish_at, p.id limit p_most
$$;
grant execute on function publications_due to igny8_worker;
