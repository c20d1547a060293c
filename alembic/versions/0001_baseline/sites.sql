-- The catalogue of industries, sites, their sectors, and who sees which.

-- The catalogue that sites and sectors are named after. Everybody reads it, staff changes it.
create table industry (
  id uuid not null default uuidv7(),
  name text not null,
  slug text not null,
  description text not null default '',
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_industry primary key (id),
  constraint uq_industry_slug unique (slug)
);
alter table industry enable row level security;
create policy everybody on industry for select using (true);
create policy staff on industry to igny8_api using (is_staff()) with check (is_staff());
create policy owner on industry to igny8_owner using (true);
grant select, insert, update on industry to igny8_api;
grant select on industry to igny8_worker;

-- What an industry is divided into; part of the same catalogue.
create table industry_sector (
  id uuid not null default uuidv7(),
  industry_id uuid not null,
  name text not null,
  slug text not null,
  description text not null default '',
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_industry_sector primary key (id),
  constraint uq_industry_sector_industry_id_slug unique (industry_id, slug),
  constraint fk_industry_sector_industry_id foreign key (industry_id) references industry (id) on delete cascade
);
alter table industry_sector enable row level security;
create policy everybody on industry_sector for select using (true);
create policy staff on industry_sector to igny8_api using (is_staff()) with check (is_staff());
create policy owner on industry_sector to igny8_owner using (true);
grant select, insert, update on industry_sector to igny8_api;
grant select on industry_sector to igny8_worker;

-- A web site of an account.
create table site (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  name text not null,
  slug text not null,
  domain text,
  industry_id uuid,
  is_active boolean not null default true,
  status text not null default 'ACTIVE',
  archived_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_site primary key (id),
  constraint uq_site_account_id_slug unique (account_id, slug),
  constraint uq_site_identity unique (account_id, id),
  constraint fk_site_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_site_industry_id foreign key (industry_id) references industry (id),
  constraint ck_site_status check (status in ('ACTIVE', 'INACTIVE', 'ARCHIVED'))
);
create index ix_site_account_id_created_at_id on site (account_id, created_at, id);
create index ix_site_account_id_name_id on site (account_id, name, id);
alter table site enable row level security, force row level security;
create policy tenant on site to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or id = any (:sites)));
create policy owner on site to igny8_owner using (true);
grant select, insert, update, delete on site to igny8_api, igny8_worker;

-- A part of a site. Whatever is planned and written is of one, and the three keys together name it. `archived_at` marks
-- what was in use when its site was archived, and comes back with it.
create table sector (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  industry_sector_id uuid,
  name text not null,
  slug text not null,
  description text not null default '',
  is_active boolean not null default true,
  status text not null default 'ACTIVE',
  archived_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_sector primary key (id),
  constraint uq_sector_account_id_site_id_slug unique (account_id, site_id, slug),
  constraint uq_sector_identity unique (account_id, site_id, id),
  constraint fk_sector_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_sector_industry_sector_id foreign key (industry_sector_id) references industry_sector (id),
  constraint fk_sector_account_id_site_id foreign key (account_id, site_id)
    references site (account_id, id) on delete cascade,
  constraint ck_sector_status check (status in ('ACTIVE', 'INACTIVE', 'ARCHIVED'))
);
create index ix_sector_account_id_site_id_created_at_id on sector (account_id, site_id, created_at, id);
alter table sector enable row level security, force row level security;
create policy tenant on sector to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on sector to igny8_owner using (true);
grant select, insert, update, delete on sector to igny8_api, igny8_worker;

-- Lets an editor or viewer see a site; owners and admins see all.
create table site_user_access (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  user_id uuid not null,
  granted_by_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_site_user_access primary key (id),
  constraint uq_site_user_access_account_id_user_id_site_id unique (account_id, user_id, site_id),
  constraint fk_site_user_access_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_site_user_access_account_id_granted_by_id foreign key (account_id, granted_by_id)
    references app_user (account_id, id) on delete set null (granted_by_id),
  constraint fk_site_user_access_account_id_site_id foreign key (account_id, site_id)
    references site (account_id, id) on delete cascade,
  constraint fk_site_user_access_account_id_user_id foreign key (account_id, user_id)
    references app_user (account_id, id) on delete cascade
);
create index ix_site_user_access_account_id_site_id_user_id on site_user_access (account_id, site_id, user_id);
alter table site_user_access enable row level security, force row level security;
create policy tenant on site_user_access to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on site_user_access to igny8_owner using (true);
grant select, insert, update, delete on site_user_access to igny8_api, igny8_worker;

-- The number that a site goes by among advisory locks: who archives it waits for those who are about to write there.
create function site_turn(p_site uuid) returns bigint language sql immutable as $$
  select hashtextextended('site ' || p_site::text, 0)
$$;
grant execute on function site_turn to igny8_api, igny8_worker;

-- What a transaction begins with that is to do something about rows, {"table": [id, …]}: refused when one of them is of
-- an archived site, and none is archived before it has ended. With the rights of who calls it: what one may not see is
-- not looked at.
create function refuse_archived(p_named jsonb) returns void language plpgsql as $$
declare
  named record;
  belongs text;
  found uuid[];
  sites uuid[] := '{}';
  closed uuid[];
  one uuid;
begin
  for named in select * from jsonb_each(p_named) loop
    belongs := case named.key when 'site' then 'id' else 'site_id' end;
    execute format('select array_agg(distinct t.%1$I) from %2$I t where t.id = any ($1) and t.%1$I is not null',
                   belongs, named.key)
       into found using array(select e::uuid from jsonb_array_elements_text(named.value) e);
    sites := sites || coalesce(found, '{}');
  end loop;
  perform pg_advisory_xact_lock_shared(turn)
     from (select distinct site_turn(s) as turn from unnest(sites) s order by turn) turns;
  closed := array(select s.id from site s where s.id = any (sites) and s.status = 'ARCHIVED');
  if closed = '{}' then
    return;
  end if;
  for named in select * from jsonb_each(p_named) loop
    belongs := case named.key when 'site' then 'id' else 'site_id' end;
    execute format('select t.id from %I t where t.id = any ($1) and t.%I = any ($2) limit 1', named.key, belongs)
       into one using array(select e::uuid from jsonb_array_elements_text(named.value) e), closed;
    if one is not null then
      raise exception 'the site is archived' using errcode = 'IG409', detail = one::text;
    end if;
  end loop;
end $$;
grant execute on function refuse_archived to igny8_api, igny8_worker;
