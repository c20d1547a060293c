-- Append-only. A bulk write is one row: its count, filter and up to 1,000 ids.
create table audit_event (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  actor_id uuid,
  request_id text,
  operation text not null,
  action text not null,
  entity text not null,
  entity_id uuid,
  before jsonb,
  after jsonb,
  count integer not null default 1,
  ids uuid[],
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_audit_event primary key (id),
  constraint fk_audit_event_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint ck_audit_event_operation check (operation in ('INSERT', 'UPDATE', 'DELETE', 'EVENT'))
);
create index ix_audit_event_account_id_created_at_id on audit_event (account_id, created_at, id);
create index ix_audit_event_account_id_entity_entity_id_id on audit_event (account_id, entity, entity_id, id);
alter table audit_event enable row level security, force row level security;
create policy tenant on audit_event to igny8_api, igny8_worker using (account_id = :account);
create policy owner on audit_event to igny8_owner using (true);
grant select, insert on audit_event to igny8_api, igny8_worker;
