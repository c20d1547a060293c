-- How the platform is set up, and how an account wants its texts and pictures made.

-- The platform's own, in one row: everybody reads them, staff changes them.
create table system_settings (
  single boolean not null default true,
  sign_ups_open boolean not null default true,
  sign_up_by_letter boolean,  -- null: in production alone
  sign_up_plan_slug text not null default 'trial',
  support_email text,
  notice text,
  updated_at timestamptz not null default now(),

  constraint pk_system_settings primary key (single),
  constraint ck_system_settings_single check (single)
);
alter table system_settings enable row level security;
create policy everybody on system_settings for select using (true);
create policy staff on system_settings for update to igny8_api using (is_staff()) with check (is_staff());
create policy owner on system_settings to igny8_owner using (true);
grant select, update on system_settings to igny8_api;
grant select on system_settings to igny8_worker;
insert into system_settings default values;

-- In whose voice articles are written.
create table author_profile (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  name text not null,
  description text not null default '',
  tone text not null default '',
  language text not null default '',
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_author_profile primary key (id),
  constraint uq_author_profile_account_id_name unique (account_id, name),
  constraint uq_author_profile_identity unique (account_id, id),
  constraint fk_author_profile_account_id foreign key (account_id) references account (id) on delete cascade
);
create index ix_author_profile_account_id_created_at_id on author_profile (account_id, created_at, id);
alter table author_profile enable row level security, force row level security;
create policy tenant on author_profile to igny8_api, igny8_worker using (account_id = :account);
create policy owner on author_profile to igny8_owner using (true);
grant select, insert, update, delete on author_profile to igny8_api, igny8_worker;

-- What an account writes by default: another key of an account to what comes after it.
alter table account add constraint fk_account_id_default_author_profile_id foreign key (id, default_author_profile_id)
  references author_profile (account_id, id) on delete set null (default_author_profile_id);

-- How content of a sector, or of all, is to be made: instructions per prompt, sections per structure. Those of no site
-- are seen by all users of the account.
create table strategy (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid,
  sector_id uuid,
  name text not null,
  description text not null default '',
  prompt_types jsonb not null default '{}',
  section_logic jsonb not null default '{}',
  is_active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_strategy primary key (id),
  constraint uq_strategy_account_id_name unique (account_id, name),
  constraint fk_strategy_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_strategy_account_id_site_id foreign key (account_id, site_id)
    references site (account_id, id) on delete cascade,
  constraint fk_strategy_account_id_site_id_sector_id foreign key (account_id, site_id, sector_id)
    references sector (account_id, site_id, id) on delete cascade
);
create index ix_strategy_account_id_created_at_id on strategy (account_id, created_at, id);
create index ix_strategy_account_id_sector_id_created_at_id on strategy (account_id, sector_id, created_at, id);
alter table strategy enable row level security, force row level security;
create policy tenant on strategy to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites) or site_id is null));
create policy owner on strategy to igny8_owner using (true);
grant select, insert, update, delete on strategy to igny8_api, igny8_worker;

-- Types of prompts, as rows that `igny8 migrate` fills in: a new one needs no revision.
create table prompt_type (
  name text not null,

  constraint pk_prompt_type primary key (name)
);

-- One version of an account's own prompt; at most one of a type is active, else the default serves.
create table ai_prompt (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  prompt_type text not null,
  function_name text,
  prompt_value text not null,
  system_value text not null,
  number integer not null,
  is_active boolean not null default true,
  user_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_ai_prompt primary key (id),
  constraint uq_ai_prompt_account_id_prompt_type_number unique (account_id, prompt_type, number),
  constraint fk_ai_prompt_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_ai_prompt_prompt_type foreign key (prompt_type) references prompt_type (name),
  constraint fk_ai_prompt_account_id_user_id foreign key (account_id, user_id)
    references app_user (account_id, id) on delete set null (user_id)
);
create index ix_ai_prompt_account_id_created_at_id on ai_prompt (account_id, created_at, id);
create unique index ix_ai_prompt_account_id_prompt_type on ai_prompt (account_id, prompt_type) where is_active;
alter table ai_prompt enable row level security, force row level security;
create policy tenant on ai_prompt to igny8_api, igny8_worker using (account_id = :account);
create policy owner on ai_prompt to igny8_owner using (true);
grant select, insert, update, delete on ai_prompt to igny8_api, igny8_worker;

-- A provider as an account uses it; its key is encrypted and never shown.
create table integration_settings (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  integration_type text not null,
  config jsonb not null default '{}',
  secret bytea,
  is_active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_integration_settings primary key (id),
  constraint uq_integration_settings_account_id_integration_type unique (account_id, integration_type),
  constraint fk_integration_settings_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint ck_integration_settings_integration_type check (integration_type in (
    'OPENAI', 'RUNWARE', 'IMAGE_GENERATION'))
);
alter table integration_settings enable row level security, force row level security;
create policy tenant on integration_settings to igny8_api, igny8_worker using (account_id = :account);
create policy owner on integration_settings to igny8_owner using (true);
grant select, insert, update, delete on integration_settings to igny8_api, igny8_worker;
