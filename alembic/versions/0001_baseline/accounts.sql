-- Tenants, their people and what these sign in with. Row-level security keeps tenants apart: `tenant` is the rule for
-- all requests and jobs, `owner` lets migrations, dumps and security-definer functions see every row, since FORCE binds
-- the owner too. What `:account`, `:all_sites` and `:sites` stand for is in persistence/postgres/policies.py.

-- Whether staff of ours acts: who changes the catalogue. Policies below ask it, and its own body one of the tables
-- below.
set local check_function_bodies = off;
create function is_staff() returns boolean language sql stable as $$
  select exists (select from app_user where id = nullif(current_setting('igny8.actor', true), '')::uuid
                    and role = 'DEVELOPER' and is_active)
$$;
grant execute on function is_staff to igny8_api;
set local check_function_bodies = on;

-- What an account may use; a null limit is none. Everybody reads plans, staff changes them.
create table plan (
  id uuid not null default uuidv7(),
  name text not null,
  slug text not null,
  price_cents integer not null default 0,
  is_active boolean not null default true,
  max_users integer,
  max_sites integer,
  max_keywords integer,
  max_clusters integer,
  max_content_ideas integer,
  max_ai_requests_per_month integer,
  max_words_per_month integer,
  max_images_per_month integer,
  max_storage_bytes bigint,
  credits_per_month integer not null default 0,
  included_credits integer,
  sign_up_credits integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_plan primary key (id),
  constraint uq_plan_slug unique (slug)
);
alter table plan enable row level security;
create policy everybody on plan for select using (true);
create policy staff on plan to igny8_api using (is_staff()) with check (is_staff());
create policy owner on plan to igny8_owner using (true);
grant select, insert, update on plan to igny8_api;
grant select on plan to igny8_worker;

-- A tenant: whatever it has refers to it, and goes with it.
create table account (
  id uuid not null default uuidv7(),
  name text not null,
  slug text not null,
  owner_id uuid,
  plan_id uuid not null,
  status text not null default 'TRIAL',
  archived_at timestamptz,
  default_country text,
  default_language text,
  default_word_count integer not null default 1000,
  default_author_profile_id uuid,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_account primary key (id),
  constraint uq_account_slug unique (slug),
  constraint fk_account_plan_id foreign key (plan_id) references plan (id),
  constraint ck_account_status check (status in ('ACTIVE', 'TRIAL', 'SUSPENDED', 'CANCELLED'))
);
alter table account enable row level security, force row level security;
create policy tenant on account to igny8_api, igny8_worker using (id = :account);
create policy owner on account to igny8_owner using (true);
grant select, insert, update on account to igny8_api, igny8_worker;

-- Somebody who signs in, of one account, with one role in it.
create table app_user (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  email text not null,
  password_hash text not null,
  first_name text not null default '',
  last_name text not null default '',
  role text not null,
  is_active boolean not null default true,
  email_verified_at timestamptz,
  last_sign_in_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_app_user primary key (id),
  constraint uq_app_user_email unique (email),
  constraint uq_app_user_identity unique (account_id, id),
  constraint fk_app_user_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint ck_app_user_email_lower check (email = lower(email)),
  constraint ck_app_user_role check (role in ('DEVELOPER', 'OWNER', 'ADMIN', 'EDITOR', 'VIEWER', 'SYSTEM_BOT'))
);
create index ix_app_user_account_id_created_at_id on app_user (account_id, created_at, id);
alter table app_user enable row level security, force row level security;
create policy tenant on app_user to igny8_api, igny8_worker using (account_id = :account);
create policy owner on app_user to igny8_owner using (true);
grant select, insert, update, delete on app_user to igny8_api, igny8_worker;

-- An account comes before its users, so that its key to one of them comes after both.
alter table account add constraint fk_account_id_owner_id foreign key (id, owner_id)
  references app_user (account_id, id) on delete set null (owner_id);

-- Somebody is asked to join; open until it is accepted, revoked or has expired.
create table invitation (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  email text not null,
  role text not null,
  site_ids uuid[] not null default '{}',
  invited_by_id uuid,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_invitation primary key (id),
  constraint fk_invitation_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_invitation_account_id_invited_by_id foreign key (account_id, invited_by_id)
    references app_user (account_id, id) on delete set null (invited_by_id),
  constraint ck_invitation_email_lower check (email = lower(email)),
  constraint ck_invitation_role check (role in ('DEVELOPER', 'OWNER', 'ADMIN', 'EDITOR', 'VIEWER', 'SYSTEM_BOT'))
);
create index ix_invitation_account_id_created_at_id on invitation (account_id, created_at, id);
create unique index ix_invitation_account_id_email on invitation (account_id, email)
  where accepted_at is null and revoked_at is null;
alter table invitation enable row level security, force row level security;
create policy tenant on invitation to igny8_api, igny8_worker using (account_id = :account);
create policy owner on invitation to igny8_owner using (true);
grant select, insert, update, delete on invitation to igny8_api, igny8_worker;

-- A sign-in; its refresh tokens are one family, revoked together. It is its user's own affair: nobody else of the
-- account sees it.
create table user_session (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  user_id uuid not null,
  user_agent text not null default '',
  ip text not null default '',
  last_used_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  revoked_reason text,
  is_api_key boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_user_session primary key (id),
  constraint uq_user_session_identity unique (account_id, id),
  constraint fk_user_session_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_user_session_account_id_user_id foreign key (account_id, user_id)
    references app_user (account_id, id) on delete cascade
);
create index ix_user_session_account_id_user_id_created_at_id on user_session (account_id, user_id, created_at, id);
alter table user_session enable row level security, force row level security;
create policy tenant on user_session to igny8_api, igny8_worker
  using (account_id = :account and user_id = (select nullif(current_setting('igny8.actor', true), '')::uuid));
create policy owner on user_session to igny8_owner using (true);
grant select, insert, update, delete on user_session to igny8_api, igny8_worker;

-- A program's way in, in its maker's name: a session that does not rotate. Its text is kept as a hash.
create table api_key (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  user_id uuid not null,
  session_id uuid not null,
  name text not null,
  prefix text not null,
  token_hash bytea not null,
  permissions text[] not null default '{}',
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_api_key primary key (id),
  constraint uq_api_key_token_hash unique (token_hash),
  constraint fk_api_key_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_api_key_account_id_session_id foreign key (account_id, session_id)
    references user_session (account_id, id) on delete cascade,
  constraint fk_api_key_account_id_user_id foreign key (account_id, user_id)
    references app_user (account_id, id) on delete cascade,
  constraint ck_api_key_permissions check (permissions <@ array[
    'READ', 'PLAN', 'WRITE', 'PUBLISH', 'MANAGE_SITES', 'MANAGE_USERS', 'MANAGE_ACCOUNT', 'VIEW_BILLING', 'STAFF'])
);
create index ix_api_key_account_id_created_at_id on api_key (account_id, created_at, id);
alter table api_key enable row level security, force row level security;
create policy tenant on api_key to igny8_api, igny8_worker using (account_id = :account);
create policy owner on api_key to igny8_owner using (true);
grant select, insert, update, delete on api_key to igny8_api, igny8_worker;

-- One refresh token, by the SHA-256 of its random text; used once, with a short grace.
create table refresh_token (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  session_id uuid not null,
  token_hash bytea not null,
  used_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_refresh_token primary key (id),
  constraint uq_refresh_token_token_hash unique (token_hash),
  constraint fk_refresh_token_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_refresh_token_account_id_session_id foreign key (account_id, session_id)
    references user_session (account_id, id) on delete cascade
);
create index ix_refresh_token_account_id_session_id on refresh_token (account_id, session_id);
alter table refresh_token enable row level security, force row level security;
create policy tenant on refresh_token to igny8_api, igny8_worker using (account_id = :account);
create policy owner on refresh_token to igny8_owner using (true);
grant select, insert, update, delete on refresh_token to igny8_api, igny8_worker;

-- What a creating or charging mutation made under a client's key: ids, never the response.
create table idempotency_key (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  operation text not null,
  key text not null,
  input_hash bytea not null,
  result_ids uuid[] not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_idempotency_key primary key (id),
  constraint uq_idempotency_key_account_id_operation_key unique (account_id, operation, key),
  constraint fk_idempotency_key_account_id foreign key (account_id) references account (id) on delete cascade
);
alter table idempotency_key enable row level security, force row level security;
create policy tenant on idempotency_key to igny8_api, igny8_worker using (account_id = :account);
create policy owner on idempotency_key to igny8_owner using (true);
grant select, insert, update, delete on idempotency_key to igny8_api, igny8_worker;

-- Staff looks for an account by a part of its name, or of an address in it.
create function find_accounts(p_session uuid, p_search text, p_most int)
returns table (id uuid, name text, slug text, status text, plan text, balance int, users bigint, created_at timestamptz)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform enter_staff(p_session, null, '');
  return query
  select a.id, a.name, a.slug, a.status, p.name, b.balance,
         (select count(*) from app_user u where u.account_id = a.id), a.created_at
    from account a join plan p on p.id = a.plan_id left join credit_balance b on b.account_id = a.id
   where a.name ilike p_search or a.slug ilike p_search
      or exists (select from app_user u where u.account_id = a.id and u.email ilike p_search)
   order by a.id desc limit p_most;
  perform set_config('igny8.actor', '', true);
end $$;
grant execute on function find_accounts to igny8_api;
