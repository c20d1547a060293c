-- What is to be written, what was written, its pictures, and what it is filed under.

-- Something to be written; background work is Job.
create table task (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  sector_id uuid not null,
  cluster_id uuid,
  idea_id uuid,
  title text not null,
  description text not null default '',
  keywords text[] not null default '{}',
  content_type text not null default 'POST',
  content_structure text not null default 'ARTICLE',
  word_count integer not null default 1000,
  status text not null default 'DRAFT',
  assignee_id uuid,
  due_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_task primary key (id),
  constraint uq_task_account_id_idea_id unique (account_id, idea_id),
  constraint uq_task_identity unique (account_id, site_id, sector_id, id),
  constraint fk_task_account_id_assignee_id foreign key (account_id, assignee_id)
    references app_user (account_id, id) on delete set null (assignee_id),
  constraint fk_task_account_id_site_id_sector_id foreign key (account_id, site_id, sector_id)
    references sector (account_id, site_id, id) on delete cascade,
  constraint fk_task_account_id_site_id_sector_id_cluster_id foreign key (account_id, site_id, sector_id, cluster_id)
    references cluster (account_id, site_id, sector_id, id) on delete set null (cluster_id),
  constraint fk_task_account_id_site_id_sector_id_idea_id foreign key (account_id, site_id, sector_id, idea_id)
    references content_idea (account_id, site_id, sector_id, id) on delete set null (idea_id),
  constraint ck_task_content_type check (content_type in ('POST', 'PAGE', 'PRODUCT', 'TAXONOMY')),
  constraint ck_task_content_structure check (content_structure in (
    'ARTICLE', 'GUIDE', 'COMPARISON', 'REVIEW', 'LISTICLE', 'LANDING_PAGE', 'BUSINESS_PAGE', 'SERVICE_PAGE',
    'CLUSTER_HUB', 'PRODUCT_PAGE', 'CATEGORY_ARCHIVE', 'TAG_ARCHIVE', 'ATTRIBUTE_ARCHIVE')),
  constraint ck_task_status check (status in (
    'DRAFT', 'QUEUED', 'IN_PROGRESS', 'REVIEW', 'APPROVED', 'SCHEDULED', 'PUBLISHED', 'ARCHIVED'))
);
create index ix_task_account_id_assignee_id_due_at_id on task (account_id, assignee_id, due_at, id);
create index ix_task_account_id_cluster_id_created_at_id on task (account_id, cluster_id, created_at, id);
create index ix_task_account_id_id on task (account_id, id);
create index ix_task_account_id_idea_id_created_at_id on task (account_id, idea_id, created_at, id);
create index ix_task_account_id_sector_id_created_at_id on task (account_id, sector_id, created_at, id);
create index ix_task_account_id_sector_id_id on task (account_id, sector_id, id);
create index ix_task_account_id_site_id_id on task (account_id, site_id, id);
alter table task enable row level security, force row level security;
create policy tenant on task to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on task to igny8_owner using (true);
grant select, insert, update, delete on task to igny8_api, igny8_worker;

-- An article or page: sanitised HTML and what search engines read of it.
create table content (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  sector_id uuid not null,
  task_id uuid,
  cluster_id uuid,
  title text not null,
  slug text not null,
  html_content text not null,
  excerpt text not null default '',
  word_count integer not null default 0,
  content_type text not null default 'POST',
  content_structure text not null default 'ARTICLE',
  status text not null default 'DRAFT',
  origin text not null,
  published_at timestamptz,  -- and where, of what is live somewhere: as its publications say, or who set it by hand
  published_url text,
  live_at uuid[] not null default '{}',  -- integrations
  meta_title text,
  meta_description text,
  primary_keyword text,
  secondary_keywords text[] not null default '{}',
  author_profile_id uuid,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_content primary key (id),
  constraint uq_content_account_id_site_id_slug unique (account_id, site_id, slug),
  constraint uq_content_account_id_task_id unique (account_id, task_id),
  constraint uq_content_identity unique (account_id, site_id, sector_id, id),
  constraint fk_content_account_id_author_profile_id foreign key (account_id, author_profile_id)
    references author_profile (account_id, id) on delete set null (author_profile_id),
  constraint fk_content_account_id_site_id_sector_id foreign key (account_id, site_id, sector_id)
    references sector (account_id, site_id, id) on delete cascade,
  constraint fk_content_account_id_site_id_sector_id_cluster_id
    foreign key (account_id, site_id, sector_id, cluster_id)
    references cluster (account_id, site_id, sector_id, id) on delete set null (cluster_id),
  constraint fk_content_account_id_site_id_sector_id_task_id foreign key (account_id, site_id, sector_id, task_id)
    references task (account_id, site_id, sector_id, id) on delete restrict,
  constraint ck_content_content_type check (content_type in ('POST', 'PAGE', 'PRODUCT', 'TAXONOMY')),
  constraint ck_content_content_structure check (content_structure in (
    'ARTICLE', 'GUIDE', 'COMPARISON', 'REVIEW', 'LISTICLE', 'LANDING_PAGE', 'BUSINESS_PAGE', 'SERVICE_PAGE',
    'CLUSTER_HUB', 'PRODUCT_PAGE', 'CATEGORY_ARCHIVE', 'TAG_ARCHIVE', 'ATTRIBUTE_ARCHIVE')),
  constraint ck_content_status check (status in ('DRAFT', 'REVIEW', 'APPROVED', 'PUBLISHED')),
  constraint ck_content_origin check (origin in ('AI', 'OFFLINE_DRAFT', 'HUMAN', 'IMPORTED'))
);
create index ix_content_account_id_cluster_id_created_at_id on content (account_id, cluster_id, created_at, id);
create index ix_content_account_id_id on content (account_id, id);
create index ix_content_account_id_sector_id_created_at_id on content (account_id, sector_id, created_at, id);
create index ix_content_account_id_sector_id_id on content (account_id, sector_id, id);
create index ix_content_account_id_site_id_id on content (account_id, site_id, id);
create index ix_content_account_id_site_id_published_at_id on content (account_id, site_id, published_at, id);
create index ix_content_account_id_site_id_primary_keyword on content (account_id, site_id, lower(primary_keyword));
alter table content enable row level security, force row level security;
create policy tenant on content to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on content to igny8_owner using (true);
grant select, insert, update, delete on content to igny8_api, igny8_worker;

-- What a content said after a change: written, rewritten, edited. Append-only.
create table content_revision (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  sector_id uuid not null,
  content_id uuid not null,
  number integer not null,
  reason text not null default '',
  origin text not null,
  title text not null,
  html_content text not null,
  word_count integer not null default 0,
  meta_title text,
  meta_description text,
  primary_keyword text,
  secondary_keywords text[] not null default '{}',
  user_id uuid,
  job_item_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_content_revision primary key (id),
  constraint uq_content_revision_account_id_content_id_number unique (account_id, content_id, number),
  constraint fk_content_revision_account_id_user_id foreign key (account_id, user_id)
    references app_user (account_id, id) on delete set null (user_id),
  constraint fk_content_revision_account_id_site_id_sector_id foreign key (account_id, site_id, sector_id)
    references sector (account_id, site_id, id) on delete cascade,
  constraint fk_content_revision_account_id_site_id_sector_id_content_id
    foreign key (account_id, site_id, sector_id, content_id)
    references content (account_id, site_id, sector_id, id) on delete cascade,
  constraint ck_content_revision_origin check (origin in ('AI', 'OFFLINE_DRAFT', 'HUMAN', 'IMPORTED'))
);
create index ix_content_revision_account_id_content_id_created_at_id
  on content_revision (account_id, content_id, created_at, id);
alter table content_revision enable row level security, force row level security;
create policy tenant on content_revision to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on content_revision to igny8_owner using (true);
grant select, insert on content_revision to igny8_api, igny8_worker;

-- A picture of a content: first a prompt, then a file under `blob_key`.
create table image (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  sector_id uuid not null,
  task_id uuid,
  content_id uuid,
  image_type text not null,
  position integer not null default 0,
  prompt text not null,
  alt_text text not null default '',
  status text not null default 'PROMPTED',
  blob_key text,
  mime_type text,
  width integer,
  height integer,
  bytes integer,
  sha256 text,
  origin text,
  error text,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_image primary key (id),
  constraint fk_image_account_id_site_id_sector_id foreign key (account_id, site_id, sector_id)
    references sector (account_id, site_id, id) on delete cascade,
  constraint fk_image_account_id_site_id_sector_id_content_id foreign key (account_id, site_id, sector_id, content_id)
    references content (account_id, site_id, sector_id, id) on delete set null (content_id),
  constraint fk_image_account_id_site_id_sector_id_task_id foreign key (account_id, site_id, sector_id, task_id)
    references task (account_id, site_id, sector_id, id) on delete set null (task_id),
  constraint ck_image_ready_has_file check (status <> 'READY' or blob_key is not null),
  constraint ck_image_image_type check (image_type in ('FEATURED', 'IN_ARTICLE', 'DESKTOP', 'MOBILE')),
  constraint ck_image_status check (status in ('PROMPTED', 'QUEUED', 'READY', 'FAILED')),
  constraint ck_image_origin check (origin in ('AI', 'OFFLINE_DRAFT', 'HUMAN', 'IMPORTED'))
);
create index ix_image_account_id_content_id_position_id on image (account_id, content_id, position, id);
create index ix_image_account_id_id on image (account_id, id);
create index ix_image_account_id_sector_id_created_at_id on image (account_id, sector_id, created_at, id);
create index ix_image_account_id_sector_id_id on image (account_id, sector_id, id);
create index ix_image_account_id_site_id_id on image (account_id, site_id, id);
alter table image enable row level security, force row level security;
create policy tenant on image to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on image to igny8_owner using (true);
grant select, insert, update, delete on image to igny8_api, igny8_worker;

-- A category, tag or attribute of a site.
create table taxonomy (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  parent_id uuid,
  taxonomy_type text not null,
  name text not null,
  slug text not null,
  description text not null default '',
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_taxonomy primary key (id),
  constraint uq_taxonomy_account_id_site_id_taxonomy_type_slug unique (account_id, site_id, taxonomy_type, slug),
  constraint uq_taxonomy_identity unique (account_id, site_id, id),
  constraint fk_taxonomy_account_id foreign key (account_id) references account (id) on delete cascade,
  constraint fk_taxonomy_account_id_site_id foreign key (account_id, site_id)
    references site (account_id, id) on delete cascade,
  constraint fk_taxonomy_account_id_site_id_parent_id foreign key (account_id, site_id, parent_id)
    references taxonomy (account_id, site_id, id) on delete set null (parent_id),
  constraint ck_taxonomy_taxonomy_type check (taxonomy_type in ('CATEGORY', 'TAG', 'ATTRIBUTE'))
);
create index ix_taxonomy_account_id_id on taxonomy (account_id, id);
create index ix_taxonomy_account_id_site_id_name_id on taxonomy (account_id, site_id, name, id);
alter table taxonomy enable row level security, force row level security;
create policy tenant on taxonomy to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on taxonomy to igny8_owner using (true);
grant select, insert, update, delete on taxonomy to igny8_api, igny8_worker;

-- A content is in a taxonomy.
create table content_taxonomy_map (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  sector_id uuid not null,
  content_id uuid not null,
  taxonomy_id uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_content_taxonomy_map primary key (id),
  constraint uq_content_taxonomy_map_account_id_content_id_taxonomy_id unique (account_id, content_id, taxonomy_id),
  constraint fk_content_taxonomy_map_account_id_site_id_sector_id foreign key (account_id, site_id, sector_id)
    references sector (account_id, site_id, id) on delete cascade,
  constraint fk_content_taxonomy_map_account_id_site_id_taxonomy_id foreign key (account_id, site_id, taxonomy_id)
    references taxonomy (account_id, site_id, id) on delete cascade,
  constraint fk_content_taxonomy_map_account_id_site_id_sector_id_content_id
    foreign key (account_id, site_id, sector_id, content_id)
    references content (account_id, site_id, sector_id, id) on delete cascade
);
create index ix_content_taxonomy_map_account_id_content_id_id on content_taxonomy_map (account_id, content_id, id);
create index ix_content_taxonomy_map_account_id_taxonomy_id_id on content_taxonomy_map (account_id, taxonomy_id, id);
alter table content_taxonomy_map enable row level security, force row level security;
create policy tenant on content_taxonomy_map to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on content_taxonomy_map to igny8_owner using (true);
grant select, insert, update, delete on content_taxonomy_map to igny8_api, igny8_worker;

-- A content speaks of a cluster, besides the one that it was written for.
create table content_cluster_map (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  sector_id uuid not null,
  content_id uuid not null,
  cluster_id uuid not null,
  role text not null default 'SUPPORTING',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_content_cluster_map primary key (id),
  constraint uq_content_cluster_map_account_id_content_id_cluster_id unique (account_id, content_id, cluster_id),
  constraint fk_content_cluster_map_account_id_site_id_sector_id foreign key (account_id, site_id, sector_id)
    references sector (account_id, site_id, id) on delete cascade,
  constraint fk_content_cluster_map_account_id_site_id_sector_id_cluster_id
    foreign key (account_id, site_id, sector_id, cluster_id)
    references cluster (account_id, site_id, sector_id, id) on delete cascade,
  constraint fk_content_cluster_map_account_id_site_id_sector_id_content_id
    foreign key (account_id, site_id, sector_id, content_id)
    references content (account_id, site_id, sector_id, id) on delete cascade,
  constraint ck_content_cluster_map_role check (role in ('HUB', 'SUPPORTING'))
);
create index ix_content_cluster_map_account_id_cluster_id_id on content_cluster_map (account_id, cluster_id, id);
create index ix_content_cluster_map_account_id_content_id_id on content_cluster_map (account_id, content_id, id);
alter table content_cluster_map enable row level security, force row level security;
create policy tenant on content_cluster_map to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on content_cluster_map to igny8_owner using (true);
grant select, insert, update, delete on content_cluster_map to igny8_api, igny8_worker;

-- A property of a content: a name and a value.
create table content_attribute_map (
  id uuid not null default uuidv7(),
  account_id uuid not null,
  site_id uuid not null,
  sector_id uuid not null,
  content_id uuid not null,
  name text not null,
  value text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint pk_content_attribute_map primary key (id),
  constraint uq_content_attribute_map_account_id_content_id_name unique (account_id, content_id, name),
  constraint fk_content_attribute_map_account_id_site_id_sector_id foreign key (account_id, site_id, sector_id)
    references sector (account_id, site_id, id) on delete cascade,
  constraint fk_content_attribute_map_account_id_site_id_sector_id_c_c0db
    foreign key (account_id, site_id, sector_id, content_id)
    references content (account_id, site_id, sector_id, id) on delete cascade
);
create index ix_content_attribute_map_account_id_content_id_id on content_attribute_map (account_id, content_id, id);
alter table content_attribute_map enable row level security, force row level security;
create policy tenant on content_attribute_map to igny8_api, igny8_worker
  using (account_id = :account and (:all_sites or site_id = any (:sites)));
create policy owner on content_attribute_map to igny8_owner using (true);
grant select, insert, update, delete on content_attribute_map to igny8_api, igny8_worker;

-- A picture's file is kept while the picture names it, and no longer, however the picture goes.
create function keep_picture() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' and old.blob_key is not null then
    delete from stored_file where id = old.blob_key::uuid;
  end if;
  if tg_op <> 'DELETE' and new.blob_key is not null then
    insert into stored_file (id, account_id, bytes) values (new.blob_key::uuid, new.account_id, coalesce(new.bytes, 0))
    on conflict (id) do update set kept_until = null, bytes = excluded.bytes;
  end if;
  return null;
end $$;
create trigger keep_picture after insert or delete on image for each row execute function keep_picture();
create trigger keep_other_picture after update of blob_key on image for each row
  when (old.blob_key is distinct from new.blob_key) execute function keep_picture();

-- Whether a file is still needed is asked for all accounts at once, by the worker that tidies up.
create function known_blobs(p_keys text[]) returns setof text
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select replace(id::text, '-', '') from stored_file where id = any (p_keys::uuid[])
  union
  select blob_key from image where blob_key = any (p_keys)
  union
  select params ->> 'blob' from job where params ->> 'blob' = any (p_keys)
$$;
grant execute on function known_blobs to igny8_worker;
