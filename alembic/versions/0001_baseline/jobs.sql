-- Background work, its items, and the calls of providers that these make. Workers find work of every account, by the
-- policies named `worker`; what they do then runs in the job's scope.

-- Kinds of work, as rows that `igny8 migrate` fills in: a new one needs no revision.
create table job_kind (
  name text not null,

  constraint pk_job_kind primary key (name)
);

-- Background work: the row is the truth and its own outbox. What was used and paid for in a sector outlives it.
create table job (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid,
  sector_id uuid,
  user_id uuid,
  kind text not null,
  params jsonb not null default '{}',
  status text not null default 'QUEUED',
  phase text not null default '',
  message text not null default '',
  done integer not null default 0,
  total integer not null default 0,
  open_items integer not null default 0,
  ended_weight integer not null default 0,
  version bigint not null default 1,
  credits_held integer not null default 0,
  credits_spent integer not null default 0,
  error text,
  cancel_requested_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_job primary key (id),
  constraint uq_job_identity unique (account_id, id),
  constraint fk_job_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_job_kind foreign key (kind) references job_kind (name),
  constraint fk_job_account_id_site_id foreign key (account_id, site_id)
    references site (account_id, id) on delete cascade,
  constraint fk_job_account_id_user_id foreign key (account_id, user_id)
    references app_user (account_id, id) on delete set null (user_id),
  constraint fk_job_account_id_site_id_sector_id foreign key (account_id, site_id, sector_id)
    references sector (account_id, site_id, id) on delete set null (sector_id),
  constraint ck_job_credits check (credits_held >= 0 and credits_spent >= 0),
  constraint ck_job_status check (status in ('QUEUED', 'RUNNING', 'SUCCEEDED', 'PARTIAL', 'FAILED', 'CANCELLED'))
);
create index ix_job_account_id on job (account_id) where finished_at is null;
create index ix_job_account_id_created_at_id on job (account_id, created_at, id);
create index ix_job_account_id_sector_id_created_at_id on job (account_id, sector_id, created_at, id);
create index ix_job_account_id_site_id_created_at_id on job (account_id, site_id, created_at, id);
alter table job enable row level security, force row level security;
create policy tenant on job to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy worker on job to igny8_worker using (true);
create policy owner on job to igny8_owner using (true);
grant select, insert, update, delete on job to igny8_api, igny8_worker;

-- One unit of paid or visible work, claimed under a lease.
create table job_item (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid,
  job_id uuid not null,
  position integer not null,
  subject_id uuid,
  queue text not null,
  weight integer not null default 1,
  status text not null default 'QUEUED',
  attempts integer not null default 0,
  failures integer not null default 0,
  credits_estimate integer not null default 0,
  credits_spent integer not null default 0,
  lease_token uuid,
  lease_until timestamptz,
  available_at timestamptz not null default now(),
  deadline_at timestamptz,
  error text,
  started_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_job_item primary key (id),
  constraint uq_job_item_account_id_job_id_position unique (account_id, job_id, position),
  constraint uq_job_item_identity unique (account_id, id),
  constraint fk_job_item_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_job_item_account_id_job_id foreign key (account_id, job_id)
    references job (account_id, id) on delete cascade,
  constraint fk_job_item_account_id_site_id foreign key (account_id, site_id)
    references site (account_id, id) on delete cascade,
  constraint ck_job_item_status check (status in ('QUEUED', 'RUNNING', 'WAITING', 'APPLIED', 'FAILED', 'CANCELLED'))
);
create index ix_job_item_account_id_queue_available_at_id on job_item (account_id, queue, available_at, id)
  where status in ('QUEUED', 'RUNNING', 'WAITING');
create index ix_job_item_account_id_queue_lease_until on job_item (account_id, queue, lease_until)
  where status = 'RUNNING';
alter table job_item enable row level security, force row level security;
create policy tenant on job_item to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy worker on job_item to igny8_worker using (true);
create policy owner on job_item to igny8_owner using (true);
grant select, insert, update, delete on job_item to igny8_api, igny8_worker;

-- One attempt at a provider. Money in millionths of a US dollar; null where nobody knows.
create table ai_call (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid,
  job_item_id uuid not null,
  function text not null,
  provider text not null,
  model text not null,
  prompt_version integer,
  status text not null default 'RUNNING',
  input_tokens integer not null default 0,
  output_tokens integer not null default 0,
  cost_micros bigint,
  latency_ms integer,
  finish_reason text,
  error text,
  problems text[] not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_ai_call primary key (id),
  constraint fk_ai_call_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_ai_call_account_id_job_item_id foreign key (account_id, job_item_id)
    references job_item (account_id, id) on delete cascade,
  constraint fk_ai_call_account_id_site_id foreign key (account_id, site_id)
    references site (account_id, id) on delete cascade,
  constraint ck_ai_call_status check (status in ('RUNNING', 'SUCCEEDED', 'FAILED'))
);
create index ix_ai_call_account_id_created_at on ai_call (account_id, created_at);
create index ix_ai_call_account_id_job_item_id_created_at_id on ai_call (account_id, job_item_id, created_at, id);
alter table ai_call enable row level security, force row level security;
create policy tenant on ai_call to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on ai_call to igny8_owner using (true);
grant select, insert, update, delete on ai_call to igny8_api, igny8_worker;

-- A job whose last item has ended: its status, and what is still held for it goes back. With the rights of who calls
-- it, as end_item() is; both lock in the order item, job, credit row.
create function end_job(p_job uuid) returns void language plpgsql as $$
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
grant execute on function end_job to igny8_api, igny8_worker;

-- An item ends in one statement: its job's counts, what it cost, what goes back of what was held. `more`: whether the
-- account has another that could be claimed now.
create function end_item(p_item uuid, p_status text, p_error text, p_charged int, p_cost_micros bigint, p_details jsonb,
                         p_message text)
returns table (ended job, more boolean) language plpgsql as $$
declare
  item job_item;
  job_row job;
  back int;
  left_over int;
begin
  update job_item i
     set status = p_status, error = p_error, credits_spent = p_charged, finished_at = now(), lease_until = null,
         updated_at = now()
   where i.id = p_item returning i.* into strict item;
  back := item.credits_estimate - p_charged;
  update job j
     set open_items = j.open_items - 1, ended_weight = j.ended_weight + item.weight,
         done = least(j.total, greatest(j.done, j.ended_weight + item.weight)),
         credits_held = j.credits_held - item.credits_estimate, credits_spent = j.credits_spent + p_charged,
         message = coalesce(nullif(p_message, ''), j.message), error = coalesce(p_error, j.error),
         version = j.version + 1, updated_at = now()
   where j.id = item.job_id returning j.* into strict job_row;
  if p_status = 'APPLIED' then
    insert into credit_usage_log (account_id, operation_type, credits_used, cost_micros, details, job_item_id, site_id,
                                  user_id)
    values (item.account_id, job_row.kind, p_charged, p_cost_micros, p_details, item.id, job_row.site_id,
            job_row.user_id);
  end if;
  if item.credits_estimate > 0 then
    update credit_hold h set spent = h.spent + p_charged, released = h.released + back, updated_at = now()
     where h.job_id = item.job_id;
    update credit_balance b set held = b.held - item.credits_estimate, balance = b.balance + back
     where b.account_id = item.account_id returning b.balance + b.held into strict left_over;
    if p_charged > 0 then
      insert into credit_transaction (account_id, transaction_type, amount, balance_after, description, key, user_id,
                                      job_id)
      values (item.account_id, 'USAGE', -p_charged, left_over, job_row.kind, 'item:' || item.id, job_row.user_id,
              job_row.id);
    end if;
  end if;
  if job_row.open_items = 0 then
    perform end_job(job_row.id);
    select j.* into strict job_row from job j where j.id = job_row.id;
  end if;
  return query
  select job_row, exists (select from job_item i where i.account_id = item.account_id and i.queue = item.queue
                             and i.status in ('QUEUED', 'WAITING') and i.available_at <= now());
end $$;
grant execute on function end_item to igny8_worker;

-- What waits and runs in all accounts together, for operators: numbers alone.
create function work_in_hand() returns table (queue text, status text, items bigint, oldest_seconds double precision)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select i.queue, i.status, count(*),
         greatest(0, extract(epoch from now() - min(case i.status when 'RUNNING' then i.started_at
                                                                  else i.available_at end)))::double precision
    from job_item i where i.status in ('QUEUED', 'RUNNING', 'WAITING') group by i.queue, i.status
$$;
grant execute on function work_in_hand to igny8_api, igny8_worker;

-- What each of these sessions sees of the job beside it, by the rules of enter() and of the policies on job; n counts
-- the pairs from 1. A session that has ended, or has another role, sees nothing.
create function followed(p_sessions uuid[], p_roles text[], p_jobs uuid[])
returns table (n bigint, seen job)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select p.n, j
    from unnest(p_sessions, p_roles, p_jobs) with ordinality p (session_id, role, job_id, n)
    join signed_in s on s.session_id = p.session_id and s.role = p.role and s.status <> 'CANCELLED'
    join job j on j.id = p.job_id and j.account_id = s.account_id
   where sees(s.sites, j.site_id)
$$;
grant execute on function followed to igny8_api;
