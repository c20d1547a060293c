-- Where contents are published to, and what is there already.

-- A destination of a site; its secret is encrypted.
create table integration (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  kind text not null,
  name text not null,
  url text,
  config jsonb not null default '{}',
  secret bytea,
  status text not null default 'UNTESTED',
  error text,
  capabilities jsonb not null default '{}',
  checked_at timestamptz,
  sync_minutes integer,
  sync_sector_id uuid,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_integration primary key (id),
  constraint uq_integration_account_id_site_id_name unique (account_id, site_id, name),
  constraint uq_integration_identity unique (account_id, site_id, id),
  constraint fk_integration_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_integration_account_id_site_id foreign key (account_id, site_id)
    references site (account_id, id) on delete cascade,
  constraint fk_integration_account_id_site_id_sync_sector_id foreign key (account_id, site_id, sync_sector_id)
    references sector (account_id, site_id, id) on delete set null (sync_sector_id),
  constraint ck_integration_kind check (kind in ('WORDPRESS', 'GHOST', 'WEBHOOK', 'FOLDER', 'S3')),
  constraint ck_integration_status check (status in ('UNTESTED', 'CONNECTED', 'FAILED'))
);
create index ix_integration_account_id_id on integration (account_id, id);
create index ix_integration_account_id_site_id_created_at_id on integration (account_id, site_id, created_at, id);
alter table integration enable row level security, force row level security;
create policy tenant on integration to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on integration to igny8_owner using (true);
grant select, insert, update, delete on integration to igny8_api, igny8_worker;

-- What the stages of the newest connection test found.
create table connection_check (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  integration_id uuid not null,
  position integer not null,
  stage text not null,
  is_ok boolean not null,
  ms integer not null,
  found text not null,
  cure text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_connection_check primary key (id),
  constraint uq_connection_check_account_id_integration_id_position unique (account_id, integration_id, position),
  constraint fk_connection_check_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_connection_check_account_id_site_id_integration_id foreign key (account_id, site_id, integration_id)
    references integration (account_id, site_id, id) on delete cascade,
  constraint ck_connection_check_stage check (stage in (
    'ADDRESS', 'TLS', 'API', 'SIGN_IN', 'CREDENTIALS', 'CAPABILITIES', 'MEDIA', 'SEO_META'))
);
alter table connection_check enable row level security, force row level security;
create policy tenant on connection_check to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on connection_check to igny8_owner using (true);
grant select, insert, update, delete on connection_check to igny8_api, igny8_worker;

-- Pictures and terms at a destination, each there once. Without a remote_id it was sent and no answer has come.
create table remote_entity (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  integration_id uuid not null,
  entity text not null,
  key text not null,
  remote_id text,
  remote_url text,
  sent_at timestamptz not null default now(),
  lookups integer not null default 0,
  job_item_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_remote_entity primary key (id),
  constraint uq_remote_entity_account_id_integration_id_entity_key unique (account_id, integration_id, entity, key),
  constraint fk_remote_entity_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_remote_entity_account_id_site_id_integration_id foreign key (account_id, site_id, integration_id)
    references integration (account_id, site_id, id) on delete cascade,
  constraint ck_remote_entity_entity check (entity in ('POST', 'PAGE', 'TERM', 'MEDIA'))
);
alter table remote_entity enable row level security, force row level security;
create policy tenant on remote_entity to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on remote_entity to igny8_owner using (true);
grant select, insert, update, delete on remote_entity to igny8_api, igny8_worker;
