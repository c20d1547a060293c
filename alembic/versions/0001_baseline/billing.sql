-- Credits, what they were used for, and what a plan allows.

-- The one row that spending locks; sum(ledger) = balance + held.
create table credit_balance (
  account_id uuid not null,
  balance integer not null default 0,
  held integer not null default 0,

  constraint pk_credit_balance primary key (account_id),
  constraint fk_credit_balance_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint ck_credit_balance_covered check (balance >= 0 and held >= 0)
);
alter table credit_balance enable row level security, force row level security;
create policy tenant on credit_balance to igny8_api, igny8_worker using (account_id = :account);
create policy owner on credit_balance to igny8_owner using (true);
grant select, insert, update, delete on credit_balance to igny8_api, igny8_worker;

-- Credits set aside for a job: amount = spent + released + what is still held.
create table credit_hold (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  job_id uuid not null,
  amount integer not null,
  spent integer not null default 0,
  released integer not null default 0,
  status text not null default 'OPEN',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_credit_hold primary key (id),
  constraint uq_credit_hold_account_id_job_id unique (account_id, job_id),
  constraint fk_credit_hold_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_credit_hold_account_id_job_id foreign key (account_id, job_id)
    references job (account_id, id) on delete cascade,
  constraint ck_credit_hold_within check (spent >= 0 and released >= 0 and spent + released <= amount),
  constraint ck_credit_hold_status check (status in ('OPEN', 'CLOSED'))
);
alter table credit_hold enable row level security, force row level security;
create policy tenant on credit_hold to igny8_api, igny8_worker using (account_id = :account);
create policy owner on credit_hold to igny8_owner using (true);
grant select, insert, update, delete on credit_hold to igny8_api, igny8_worker;

-- A leg of the ledger; `key` makes it happen once. Append-only.
create table credit_transaction (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  transaction_type text not null,
  amount integer not null,
  balance_after integer not null,
  description text not null default '',
  key text not null,
  user_id uuid,
  job_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_credit_transaction primary key (id),
  constraint uq_credit_transaction_account_id_key unique (account_id, key),
  constraint fk_credit_transaction_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_credit_transaction_account_id_job_id foreign key (account_id, job_id)
    references job (account_id, id) on delete set null (job_id),
  constraint fk_credit_transaction_account_id_user_id foreign key (account_id, user_id)
    references app_user (account_id, id) on delete set null (user_id),
  constraint ck_credit_transaction_transaction_type check (transaction_type in (
    'PURCHASE', 'USAGE', 'REFUND', 'ADJUSTMENT'))
);
create index ix_credit_transaction_account_id_created_at_id on credit_transaction (account_id, created_at, id);
alter table credit_transaction enable row level security, force row level security;
create policy tenant on credit_transaction to igny8_api, igny8_worker using (account_id = :account);
create policy owner on credit_transaction to igny8_owner using (true);
grant select, insert on credit_transaction to igny8_api, igny8_worker;

-- What an item was paid for; a null cost is one that nobody knows. Append-only; seen by all who see the account's
-- bills, since it outlives its site.
create table credit_usage_log (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  operation_type text not null,
  credits_used integer not null,
  cost_micros bigint,
  details jsonb not null default '{}',
  job_item_id uuid not null,
  site_id uuid,
  user_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_credit_usage_log primary key (id),
  constraint uq_credit_usage_log_account_id_job_item_id unique (account_id, job_item_id),
  constraint fk_credit_usage_log_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_credit_usage_log_account_id_job_item_id foreign key (account_id, job_item_id)
    references job_item (account_id, id) on delete cascade,
  constraint fk_credit_usage_log_account_id_site_id foreign key (account_id, site_id)
    references site (account_id, id) on delete set null (site_id),
  constraint fk_credit_usage_log_account_id_user_id foreign key (account_id, user_id)
    references app_user (account_id, id) on delete set null (user_id)
);
create index ix_credit_usage_log_account_id_created_at_id on credit_usage_log (account_id, created_at, id);
alter table credit_usage_log enable row level security, force row level security;
create policy tenant on credit_usage_log to igny8_api, igny8_worker using (account_id = :account);
create policy owner on credit_usage_log to igny8_owner using (true);
grant select, insert on credit_usage_log to igny8_api, igny8_worker;

-- A file that is kept: its id is its key. Who is about to store one writes it down first, until `kept_until`; what comes
-- to name it keeps it, with null. What nobody has kept in time goes, the row and the file.
create table stored_file (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  bytes bigint not null,
  kept_until timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_stored_file primary key (id),
  constraint fk_stored_file_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint ck_stored_file_size check (bytes >= 0)
);
create index ix_stored_file_account_id_bytes on stored_file (account_id, bytes);
create index ix_stored_file_account_id_kept_until on stored_file (account_id, kept_until) where kept_until is not null;
alter table stored_file enable row level security, force row level security;
create policy tenant on stored_file to igny8_api, igny8_worker using (account_id = :account);
create policy owner on stored_file to igny8_owner using (true);
grant select, insert, update, delete on stored_file to igny8_api, igny8_worker;

-- Those of the keys that are of no use any more, and all that nobody has kept in time: their rows go, their keys are told.
create function forget_files(p_keys uuid[]) returns setof uuid
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  delete from stored_file where id = any (p_keys) or (kept_until is not null and kept_until < now()) returning id
$$;
grant execute on function forget_files to igny8_worker;

-- Whoever asks, what counts is the account's: an editor sees some of its sites only. What is archived counts for
-- nothing while it is; open invitations are seats that are taken.
create function usage_of(p_key text) returns bigint
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  owner uuid := nullif(current_setting('igny8.account', true), '')::uuid;
  month timestamptz := date_trunc('month', now(), 'UTC');
  archived uuid[] := array(select id from site where account_id = owner and status = 'ARCHIVED');
begin
  return case p_key
    when 'USERS' then (select count(*) from app_user where account_id = owner and is_active)
                    + (select count(*) from invitation where account_id = owner and accepted_at is null
                          and revoked_at is null and expires_at > now())
    when 'SITES' then (select count(*) from site where account_id = owner and status <> 'ARCHIVED')
    when 'KEYWORDS' then (select count(*) from keyword where account_id = owner and site_id <> all (archived))
    when 'CLUSTERS' then (select count(*) from cluster where account_id = owner and site_id <> all (archived))
    when 'CONTENT_IDEAS' then (select count(*) from content_idea
                                where account_id = owner and site_id <> all (archived))
                            + (select coalesce(sum((j.params ->> 'count')::int), 0) from job_item i
                                 join job j on j.id = i.job_id
                                where i.account_id = owner and i.status in ('QUEUED', 'RUNNING', 'WAITING')
                                  and j.kind = 'GENERATE_IDEAS')
    -- What open items will use counts as used; a credit is a hundred words.
    when 'AI_REQUESTS' then (select count(*) from ai_call where account_id = owner and created_at >= month)
                          + (select count(*) from job_item where account_id = owner and queue = 'text'
                                and status in ('QUEUED', 'WAITING'))
    when 'WORDS' then (select coalesce(sum((details ->> 'words')::bigint), 0) from credit_usage_log
                        where account_id = owner and created_at >= month and operation_type = 'GENERATE_CONTENT')
                    + (select coalesce(sum(i.credits_estimate), 0) * 100 from job_item i join job j on j.id = i.job_id
                        where i.account_id = owner and i.status in ('QUEUED', 'RUNNING', 'WAITING')
                          and j.kind = 'GENERATE_CONTENT')
    when 'IMAGES' then (select count(*) from credit_usage_log where account_id = owner and created_at >= month
                           and operation_type in ('GENERATE_IMAGES', 'TEST_IMAGE'))
                     + (select count(*) from job_item where account_id = owner and queue = 'images'
                           and status in ('QUEUED', 'RUNNING', 'WAITING'))
    -- A picture to be drawn counts for four million bytes until its file is there.
    when 'STORAGE' then (select coalesce(sum(bytes), 0) from stored_file where account_id = owner)
                      - (select coalesce(sum(bytes), 0) from image
                          where account_id = owner and site_id = any (archived) and blob_key is not null)
                      + (select coalesce(sum(bytes), 0) from publication
                          where account_id = owner and site_id <> all (archived))
                      + (select count(*) from job_item where account_id = owner and queue = 'images'
                            and status in ('QUEUED', 'RUNNING', 'WAITING')) * 4000000
    when 'CREDITS' then (select coalesce(sum(credits_used), 0) from credit_usage_log
                          where account_id = owner and created_at >= month)
  end;
end $$;
grant execute on function usage_of to igny8_api, igny8_worker;

-- What the plan allows an account, and what is used of it; a null limit is none.
create view account_limit with (security_invoker = true) as
select a.id as account_id, k.key, usage_of(k.key) as used,
       case k.key when 'USERS' then p.max_users when 'SITES' then p.max_sites when 'KEYWORDS' then p.max_keywords
                  when 'CLUSTERS' then p.max_clusters when 'CONTENT_IDEAS' then p.max_content_ideas
                  when 'AI_REQUESTS' then p.max_ai_requests_per_month when 'WORDS' then p.max_words_per_month
                  when 'IMAGES' then p.max_images_per_month when 'STORAGE' then p.max_storage_bytes
                  when 'CREDITS' then nullif(coalesce(p.included_credits, p.credits_per_month), 0) end as "limit",
       case when k.monthly then date_trunc('month', now(), 'UTC') + interval '1 month' end as resets_at
  from account a join plan p on p.id = a.plan_id
 cross join (values ('USERS', false), ('SITES', false), ('KEYWORDS', false), ('CLUSTERS', false),
                    ('CONTENT_IDEAS', false), ('AI_REQUESTS', true), ('WORDS', true), ('IMAGES', true),
                    ('STORAGE', false), ('CREDITS', true)) k(key, monthly);
grant select on account_limit to igny8_api, igny8_worker;

-- The clock belongs to no account: it looks at all that have not had this month's credits, which `key` names.
create function accounts_due_credits(p_key text, p_most int) returns table (account_id uuid, credits int, plan text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select a.id, coalesce(p.included_credits, p.credits_per_month), p.name
    from account a join plan p on p.id = a.plan_id
   where a.status = 'ACTIVE' and coalesce(p.included_credits, p.credits_per_month) > 0
     and not exists (select from credit_transaction t where t.account_id = a.id and t.key = p_key)
   order by a.id limit p_most
$$;
grant execute on function accounts_due_credits to igny8_worker;
