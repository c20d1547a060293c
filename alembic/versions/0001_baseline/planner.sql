-- Keywords, the clusters they are grouped in, and the ideas made of those. A sector's rows refer to their account
-- through their sector: one foreign key less to check for each row of an import. The indexes that end in an id alone
-- are for lists that nobody has ordered.

-- One page's worth of keywords. The counts are kept by a trigger.
create table cluster (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  sector_id uuid not null,
  name text not null,
  description text not null default '',
  status text not null default 'ACTIVE',
  keywords_count integer not null default 0,
  volume bigint not null default 0,
  ideas_count integer not null default 0,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_cluster primary key (id),
  constraint uq_cluster_identity unique (account_id, site_id, sector_id, id),
  constraint fk_cluster_account_id_site_id_sector_id foreign key (account_id, site_id, sector_id)
    references sector (account_id, site_id, id) on delete cascade,
  constraint ck_cluster_status check (status in ('ACTIVE', 'ARCHIVED'))
);
create index ix_cluster_account_id_id on cluster (account_id, id);
create index ix_cluster_account_id_sector_id_created_at_id on cluster (account_id, sector_id, created_at, id);
create index ix_cluster_account_id_sector_id_id on cluster (account_id, sector_id, id);
create index ix_cluster_account_id_sector_id_keywords_count_id on cluster (account_id, sector_id, keywords_count, id);
create index ix_cluster_account_id_sector_id_volume_id on cluster (account_id, sector_id, volume, id);
create index ix_cluster_account_id_site_id_id on cluster (account_id, site_id, id);
create index ix_cluster_account_id_site_id_volume_id on cluster (account_id, site_id, volume, id);
create index ix_cluster_account_id_volume_id on cluster (account_id, volume, id);
alter table cluster enable row level security, force row level security;
create policy tenant on cluster to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on cluster to igny8_owner using (true);
grant select, insert, update, delete on cluster to igny8_api, igny8_worker;

-- A search term of a market. `key` is its identity: the text after Unicode, case and space folding. `opportunity` is
-- computed when it is read: an import pays nothing for it. A keyword of no cluster, as all are when they are imported,
-- is in none of the indexes of clusters.
create table keyword (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  sector_id uuid not null,
  cluster_id uuid,
  keyword text not null,
  key text not null,
  country text,
  language text,
  volume integer,
  difficulty integer,
  intent text[] not null default '{}',
  is_branded boolean,
  is_local boolean,
  cpc_micros bigint,
  currency text,
  competition integer,
  parent_topic text,
  serp_features text[] not null default '{}',
  clicks integer,
  impressions integer,
  position_hundredths integer,
  status text not null default 'NEW',
  source text,
  opportunity integer generated always as (
    case when volume is null then null else round(
      least(100, 20 * log(volume::float8 + 1)) * (1 - coalesce(difficulty, 50) / 125.0)
      * (case when intent && array['TRANSACTIONAL', 'COMMERCIAL'] then 1.0 else 0.85 end))::integer end) virtual,
  words tsvector generated always as (keyword_words(key, language)) stored,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_keyword primary key (id),
  constraint uq_keyword_market unique nulls not distinct (account_id, sector_id, key, country, language),
  constraint fk_keyword_account_id_site_id_sector_id foreign key (account_id, site_id, sector_id)
    references sector (account_id, site_id, id) on delete cascade,
  constraint fk_keyword_account_id_site_id_sector_id_cluster_id
    foreign key (account_id, site_id, sector_id, cluster_id)
    references cluster (account_id, site_id, sector_id, id) on delete set null (cluster_id),
  constraint ck_keyword_keyword_length check (length(keyword) between 1 and 255),
  constraint ck_keyword_difficulty_range check (difficulty between 0 and 100),
  constraint ck_keyword_volume_range check (volume >= 0),
  constraint ck_keyword_intent check (intent <@ array['INFORMATIONAL', 'NAVIGATIONAL', 'COMMERCIAL', 'TRANSACTIONAL']),
  constraint ck_keyword_status check (status in ('NEW', 'CLUSTERED', 'ARCHIVED')),
  constraint ck_keyword_source check (source in (
    'AHREFS_KEYWORDS', 'SEMRUSH_KEYWORD_MAGIC', 'SEMRUSH_ORGANIC_POSITIONS', 'SEMRUSH_API', 'GOOGLE_KEYWORD_PLANNER',
    'GOOGLE_SEARCH_CONSOLE', 'MOZ_LIST', 'MANGOOLS', 'UBERSUGGEST', 'GENERIC'))
);
create index ix_keyword_account_id_cluster_id_id on keyword (account_id, cluster_id, id) where cluster_id is not null;
create index ix_keyword_account_id_cluster_id_volume_id on keyword (account_id, cluster_id, volume, id)
  where cluster_id is not null;
create index ix_keyword_account_id_id on keyword (account_id, id);
create index ix_keyword_account_id_sector_id_id on keyword (account_id, sector_id, id);
create index ix_keyword_account_id_sector_id_volume_id on keyword (account_id, sector_id, volume, id);
create index ix_keyword_account_id_site_id_id on keyword (account_id, site_id, id);
alter table keyword enable row level security, force row level security;
create policy tenant on keyword to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on keyword to igny8_owner using (true);
grant select, insert, update, delete on keyword to igny8_api, igny8_worker;

-- Something that could be written for a cluster; a task comes of it once.
create table content_idea (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  sector_id uuid not null,
  cluster_id uuid,
  idea_title text not null,
  description text not null default '',
  content_type text not null default 'POST',
  content_structure text not null default 'ARTICLE',
  target_keywords text[] not null default '{}',
  estimated_word_count integer not null default 1000,
  status text not null default 'NEW',
  job_item_id uuid,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_content_idea primary key (id),
  constraint uq_content_idea_identity unique (account_id, site_id, sector_id, id),
  constraint fk_content_idea_account_id_site_id_sector_id foreign key (account_id, site_id, sector_id)
    references sector (account_id, site_id, id) on delete cascade,
  constraint fk_content_idea_account_id_site_id_sector_id_cluster_id
    foreign key (account_id, site_id, sector_id, cluster_id)
    references cluster (account_id, site_id, sector_id, id) on delete set null (cluster_id),
  constraint ck_content_idea_content_type check (content_type in ('POST', 'PAGE', 'PRODUCT', 'TAXONOMY')),
  constraint ck_content_idea_content_structure check (content_structure in (
    'ARTICLE', 'GUIDE', 'COMPARISON', 'REVIEW', 'LISTICLE', 'LANDING_PAGE', 'BUSINESS_PAGE', 'SERVICE_PAGE',
    'CLUSTER_HUB', 'PRODUCT_PAGE', 'CATEGORY_ARCHIVE', 'TAG_ARCHIVE', 'ATTRIBUTE_ARCHIVE')),
  constraint ck_content_idea_status check (status in ('NEW', 'SCHEDULED', 'DONE', 'REJECTED'))
);
create index ix_content_idea_account_id_cluster_id_created_at_id
  on content_idea (account_id, cluster_id, created_at, id);
create index ix_content_idea_account_id_cluster_id_id on content_idea (account_id, cluster_id, id);
create index ix_content_idea_account_id_id on content_idea (account_id, id);
create index ix_content_idea_account_id_sector_id_created_at_id on content_idea (account_id, sector_id, created_at, id);
create index ix_content_idea_account_id_sector_id_id on content_idea (account_id, sector_id, id);
create index ix_content_idea_account_id_site_id_id on content_idea (account_id, site_id, id);
alter table content_idea enable row level security, force row level security;
create policy tenant on content_idea to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on content_idea to igny8_owner using (true);
grant select, insert, update, delete on content_idea to igny8_api, igny8_worker;

-- Counts that lists are ordered by are kept with the clusters. They change by what a statement changes, in the order of
-- ids: row locks make them add up, and nobody waits in a circle.
create type cluster_delta as (cluster_id uuid, keywords int, volume bigint, ideas int);

create function add_to_clusters(deltas cluster_delta[]) returns void language sql as $$
  with d as (
    select cluster_id, sum(keywords)::int as keywords, sum(volume)::bigint as volume, sum(ideas)::int as ideas
      from unnest(deltas) group by cluster_id
    having sum(keywords) <> 0 or sum(volume) <> 0 or sum(ideas) <> 0),
  locked as materialized (
    select c.id from cluster c where c.id in (select cluster_id from d) order by c.id for no key update)
  update cluster c
     set keywords_count = c.keywords_count + d.keywords, volume = c.volume + d.volume,
         ideas_count = c.ideas_count + d.ideas
    from d, locked where c.id = d.cluster_id and locked.id = c.id
$$;
grant execute on function add_to_clusters to igny8_api, igny8_worker;

create function count_cluster_keywords() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    perform add_to_clusters(array(select (cluster_id, 1, coalesce(volume, 0), 0)::cluster_delta from new_rows
                                   where cluster_id is not null));
  elsif tg_op = 'DELETE' then
    perform add_to_clusters(array(select (cluster_id, -1, -coalesce(volume, 0), 0)::cluster_delta from old_rows
                                   where cluster_id is not null));
  else
    perform add_to_clusters(array(
      select (cluster_id, 1, coalesce(volume, 0), 0)::cluster_delta from new_rows where cluster_id is not null
      union all
      select (cluster_id, -1, -coalesce(volume, 0), 0)::cluster_delta from old_rows where cluster_id is not null));
  end if;
  return null;
end $$;
grant execute on function count_cluster_keywords to igny8_api, igny8_worker;
create trigger keyword_counts_insert after insert on keyword
  referencing new table as new_rows for each statement execute function count_cluster_keywords();
create trigger keyword_counts_update after update on keyword
  referencing old table as old_rows new table as new_rows for each statement execute function count_cluster_keywords();
create trigger keyword_counts_delete after delete on keyword
  referencing old table as old_rows for each statement execute function count_cluster_keywords();

create function count_cluster_ideas() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    perform add_to_clusters(array(select (cluster_id, 0, 0, 1)::cluster_delta from new_rows
                                   where cluster_id is not null));
  elsif tg_op = 'DELETE' then
    perform add_to_clusters(array(select (cluster_id, 0, 0, -1)::cluster_delta from old_rows
                                   where cluster_id is not null));
  else
    perform add_to_clusters(array(
      select (cluster_id, 0, 0, 1)::cluster_delta from new_rows where cluster_id is not null
      union all
      select (cluster_id, 0, 0, -1)::cluster_delta from old_rows where cluster_id is not null));
  end if;
  return null;
end $$;
grant execute on function count_cluster_ideas to igny8_api, igny8_worker;
create trigger idea_counts_insert after insert on content_idea
  referencing new table as new_rows for each statement execute function count_cluster_ideas();
create trigger idea_counts_update after update on content_idea
  referencing old table as old_rows new table as new_rows for each statement execute function count_cluster_ideas();
create trigger idea_counts_delete after delete on content_idea
  referencing old table as old_rows for each statement execute function count_cluster_ideas();
