CREATE TABLE plan (
  id UUID DEFAULT uuidv7() NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  price_cents INTEGER DEFAULT '0' NOT NULL,
  is_active BOOLEAN DEFAULT true NOT NULL,
  max_users INTEGER,
  max_sites INTEGER,
  max_keywords INTEGER,
  max_clusters INTEGER,
  max_content_ideas INTEGER,
  max_ai_requests_per_month INTEGER,
  max_words_per_month INTEGER,
  max_images_per_month INTEGER,
  credits_per_month INTEGER DEFAULT '0' NOT NULL,
  included_credits INTEGER,
  sign_up_credits INTEGER DEFAULT '0' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_plan PRIMARY KEY (id),
  CONSTRAINT uq_plan_slug UNIQUE (slug)
);

CREATE TABLE industry (
  id UUID DEFAULT uuidv7() NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  description TEXT DEFAULT '' NOT NULL,
  is_active BOOLEAN DEFAULT true NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_industry PRIMARY KEY (id),
  CONSTRAINT uq_industry_slug UNIQUE (slug)
);

CREATE TABLE account (
  id UUID DEFAULT uuidv7() NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  owner_id UUID,
  plan_id UUID NOT NULL,
  status TEXT DEFAULT 'TRIAL' NOT NULL,
  archived_at TIMESTAMP WITH TIME ZONE,
  version INTEGER DEFAULT '1' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_account PRIMARY KEY (id),
  CONSTRAINT uq_account_slug UNIQUE (slug),
  CONSTRAINT fk_account_plan_id FOREIGN KEY(plan_id) REFERENCES plan (id),
  CONSTRAINT ck_account_status CHECK (status in ('ACTIVE', 'TRIAL', 'SUSPENDED', 'CANCELLED'))
);

CREATE TABLE industry_sector (
  id UUID DEFAULT uuidv7() NOT NULL,
  industry_id UUID NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  description TEXT DEFAULT '' NOT NULL,
  is_active BOOLEAN DEFAULT true NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_industry_sector PRIMARY KEY (id),
  CONSTRAINT uq_industry_sector_industry_id_slug UNIQUE (industry_id, slug),
  CONSTRAINT fk_industry_sector_industry_id FOREIGN KEY(industry_id) REFERENCES industry (id) ON DELETE CASCADE
);

CREATE TABLE app_user (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  email TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  first_name TEXT DEFAULT '' NOT NULL,
  last_name TEXT DEFAULT '' NOT NULL,
  role TEXT NOT NULL,
  is_active BOOLEAN DEFAULT true NOT NULL,
  email_verified_at TIMESTAMP WITH TIME ZONE,
  last_sign_in_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_app_user PRIMARY KEY (id),
  CONSTRAINT uq_app_user_email UNIQUE (email),
  CONSTRAINT ck_app_user_email_lower CHECK (email = lower(email)),
  CONSTRAINT uq_app_user_identity UNIQUE (account_id, id),
  CONSTRAINT fk_app_user_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT ck_app_user_role CHECK (role in ('DEVELOPER', 'OWNER', 'ADMIN', 'EDITOR', 'VIEWER', 'SYSTEM_BOT'))
);

CREATE INDEX ix_app_user_account_id_created_at_id ON app_user (account_id, created_at, id);

CREATE TABLE idempotency_key (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  operation TEXT NOT NULL,
  key TEXT NOT NULL,
  input_hash BYTEA NOT NULL,
  result_id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_idempotency_key PRIMARY KEY (id),
  CONSTRAINT uq_idempotency_key_account_id_operation_key UNIQUE (account_id, operation, key),
  CONSTRAINT fk_idempotency_key_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE
);

CREATE TABLE audit_event (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  actor_id UUID,
  request_id TEXT,
  operation TEXT NOT NULL,
  action TEXT NOT NULL,
  entity TEXT NOT NULL,
  entity_id UUID,
  before JSONB,
  after JSONB,
  count INTEGER DEFAULT '1' NOT NULL,
  ids UUID[],
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_audit_event PRIMARY KEY (id),
  CONSTRAINT fk_audit_event_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT ck_audit_event_operation CHECK (operation in ('INSERT', 'UPDATE', 'DELETE', 'EVENT'))
);

CREATE INDEX ix_audit_event_account_id_created_at_id ON audit_event (account_id, created_at, id);

CREATE INDEX ix_audit_event_account_id_entity_entity_id_id ON audit_event (account_id, entity, entity_id, id);

CREATE TABLE credit_balance (
  account_id UUID NOT NULL,
  balance INTEGER DEFAULT '0' NOT NULL,
  held INTEGER DEFAULT '0' NOT NULL,
  CONSTRAINT pk_credit_balance PRIMARY KEY (account_id),
  CONSTRAINT ck_credit_balance_covered CHECK (balance >= 0 and held >= 0),
  CONSTRAINT fk_credit_balance_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE
);

CREATE TABLE site (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  domain TEXT,
  industry_id UUID,
  is_active BOOLEAN DEFAULT true NOT NULL,
  status TEXT DEFAULT 'ACTIVE' NOT NULL,
  wp_url TEXT,
  wp_username TEXT,
  wp_app_password BYTEA,
  version INTEGER DEFAULT '1' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_site PRIMARY KEY (id),
  CONSTRAINT uq_site_account_id_slug UNIQUE (account_id, slug),
  CONSTRAINT uq_site_identity UNIQUE (account_id, id),
  CONSTRAINT fk_site_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT fk_site_industry_id FOREIGN KEY(industry_id) REFERENCES industry (id),
  CONSTRAINT ck_site_status CHECK (status in ('ACTIVE', 'INACTIVE', 'ARCHIVED'))
);

CREATE INDEX ix_site_account_id_created_at_id ON site (account_id, created_at, id);

CREATE INDEX ix_site_account_id_name_id ON site (account_id, name, id);

CREATE TABLE user_session (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  user_id UUID NOT NULL,
  user_agent TEXT DEFAULT '' NOT NULL,
  ip TEXT DEFAULT '' NOT NULL,
  last_used_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  revoked_at TIMESTAMP WITH TIME ZONE,
  revoked_reason TEXT,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_user_session PRIMARY KEY (id),
  CONSTRAINT fk_user_session_account_id_user_id FOREIGN KEY(account_id, user_id) REFERENCES app_user (account_id, id) ON DELETE CASCADE,
  CONSTRAINT uq_user_session_identity UNIQUE (account_id, id),
  CONSTRAINT fk_user_session_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE
);

CREATE INDEX ix_user_session_account_id_user_id_created_at_id ON user_session (account_id, user_id, created_at, id);

CREATE TABLE sector (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  site_id UUID NOT NULL,
  industry_sector_id UUID,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  description TEXT DEFAULT '' NOT NULL,
  is_active BOOLEAN DEFAULT true NOT NULL,
  status TEXT DEFAULT 'ACTIVE' NOT NULL,
  version INTEGER DEFAULT '1' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_sector PRIMARY KEY (id),
  CONSTRAINT fk_sector_account_id_site_id FOREIGN KEY(account_id, site_id) REFERENCES site (account_id, id) ON DELETE CASCADE,
  CONSTRAINT uq_sector_account_id_site_id_slug UNIQUE (account_id, site_id, slug),
  CONSTRAINT uq_sector_identity UNIQUE (account_id, site_id, id),
  CONSTRAINT fk_sector_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT fk_sector_industry_sector_id FOREIGN KEY(industry_sector_id) REFERENCES industry_sector (id),
  CONSTRAINT ck_sector_status CHECK (status in ('ACTIVE', 'INACTIVE', 'ARCHIVED'))
);

CREATE INDEX ix_sector_account_id_site_id_created_at_id ON sector (account_id, site_id, created_at, id);

CREATE TABLE site_user_access (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  site_id UUID NOT NULL,
  user_id UUID NOT NULL,
  granted_by_id UUID,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_site_user_access PRIMARY KEY (id),
  CONSTRAINT fk_site_user_access_account_id_site_id FOREIGN KEY(account_id, site_id) REFERENCES site (account_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_site_user_access_account_id_user_id FOREIGN KEY(account_id, user_id) REFERENCES app_user (account_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_site_user_access_account_id_granted_by_id FOREIGN KEY(account_id, granted_by_id) REFERENCES app_user (account_id, id) ON DELETE SET NULL (granted_by_id),
  CONSTRAINT uq_site_user_access_account_id_user_id_site_id UNIQUE (account_id, user_id, site_id),
  CONSTRAINT fk_site_user_access_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE
);

CREATE INDEX ix_site_user_access_account_id_site_id_user_id ON site_user_access (account_id, site_id, user_id);

CREATE TABLE refresh_token (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  session_id UUID NOT NULL,
  token_hash BYTEA NOT NULL,
  used_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_refresh_token PRIMARY KEY (id),
  CONSTRAINT fk_refresh_token_account_id_session_id FOREIGN KEY(account_id, session_id) REFERENCES user_session (account_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_refresh_token_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT uq_refresh_token_token_hash UNIQUE (token_hash)
);

CREATE INDEX ix_refresh_token_account_id_session_id ON refresh_token (account_id, session_id);

CREATE TABLE job (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  site_id UUID,
  sector_id UUID,
  user_id UUID,
  kind TEXT NOT NULL,
  params JSONB DEFAULT '{}' NOT NULL,
  status TEXT DEFAULT 'QUEUED' NOT NULL,
  phase TEXT DEFAULT '' NOT NULL,
  message TEXT DEFAULT '' NOT NULL,
  done INTEGER DEFAULT '0' NOT NULL,
  total INTEGER DEFAULT '0' NOT NULL,
  version BIGINT DEFAULT '1' NOT NULL,
  credits_held INTEGER DEFAULT '0' NOT NULL,
  credits_spent INTEGER DEFAULT '0' NOT NULL,
  error TEXT,
  cancel_requested_at TIMESTAMP WITH TIME ZONE,
  started_at TIMESTAMP WITH TIME ZONE,
  finished_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_job PRIMARY KEY (id),
  CONSTRAINT fk_job_account_id_site_id FOREIGN KEY(account_id, site_id) REFERENCES site (account_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_job_account_id_site_id_sector_id FOREIGN KEY(account_id, site_id, sector_id) REFERENCES sector (account_id, site_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_job_account_id_user_id FOREIGN KEY(account_id, user_id) REFERENCES app_user (account_id, id) ON DELETE SET NULL (user_id),
  CONSTRAINT uq_job_identity UNIQUE (account_id, id),
  CONSTRAINT ck_job_credits CHECK (credits_held >= 0 and credits_spent >= 0),
  CONSTRAINT fk_job_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT ck_job_kind CHECK (kind in ('IMPORT_KEYWORDS', 'CLUSTER_KEYWORDS', 'GENERATE_IDEAS', 'GENERATE_CONTENT')),
  CONSTRAINT ck_job_status CHECK (status in ('QUEUED', 'RUNNING', 'SUCCEEDED', 'PARTIAL', 'FAILED', 'CANCELLED'))
);

CREATE INDEX ix_job_account_id_sector_id_created_at_id ON job (account_id, sector_id, created_at, id);

CREATE INDEX ix_job_account_id_site_id_created_at_id ON job (account_id, site_id, created_at, id);

CREATE INDEX ix_job_account_id_created_at_id ON job (account_id, created_at, id);

CREATE TABLE cluster (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  site_id UUID NOT NULL,
  sector_id UUID NOT NULL,
  name TEXT NOT NULL,
  description TEXT DEFAULT '' NOT NULL,
  status TEXT DEFAULT 'ACTIVE' NOT NULL,
  keywords_count INTEGER DEFAULT '0' NOT NULL,
  volume BIGINT DEFAULT '0' NOT NULL,
  ideas_count INTEGER DEFAULT '0' NOT NULL,
  version INTEGER DEFAULT '1' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_cluster PRIMARY KEY (id),
  CONSTRAINT fk_cluster_account_id_site_id_sector_id FOREIGN KEY(account_id, site_id, sector_id) REFERENCES sector (account_id, site_id, id) ON DELETE CASCADE,
  CONSTRAINT uq_cluster_identity UNIQUE (account_id, site_id, sector_id, id),
  CONSTRAINT fk_cluster_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT ck_cluster_status CHECK (status in ('ACTIVE', 'ARCHIVED'))
);

CREATE INDEX ix_cluster_account_id_sector_id_volume_id ON cluster (account_id, sector_id, volume, id);

CREATE INDEX ix_cluster_account_id_sector_id_created_at_id ON cluster (account_id, sector_id, created_at, id);

CREATE INDEX ix_cluster_account_id_site_id_volume_id ON cluster (account_id, site_id, volume, id);

CREATE INDEX ix_cluster_account_id_sector_id_keywords_count_id ON cluster (account_id, sector_id, keywords_count, id);

CREATE INDEX ix_cluster_account_id_volume_id ON cluster (account_id, volume, id);

CREATE TABLE credit_transaction (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  transaction_type TEXT NOT NULL,
  amount INTEGER NOT NULL,
  balance_after INTEGER NOT NULL,
  description TEXT DEFAULT '' NOT NULL,
  key TEXT NOT NULL,
  user_id UUID,
  job_id UUID,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_credit_transaction PRIMARY KEY (id),
  CONSTRAINT uq_credit_transaction_account_id_key UNIQUE (account_id, key),
  CONSTRAINT fk_credit_transaction_account_id_user_id FOREIGN KEY(account_id, user_id) REFERENCES app_user (account_id, id) ON DELETE SET NULL (user_id),
  CONSTRAINT fk_credit_transaction_account_id_job_id FOREIGN KEY(account_id, job_id) REFERENCES job (account_id, id) ON DELETE SET NULL (job_id),
  CONSTRAINT fk_credit_transaction_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT ck_credit_transaction_transaction_type CHECK (transaction_type in ('PURCHASE', 'USAGE', 'REFUND', 'ADJUSTMENT'))
);

CREATE INDEX ix_credit_transaction_account_id_created_at_id ON credit_transaction (account_id, created_at, id);

CREATE TABLE credit_hold (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  job_id UUID NOT NULL,
  amount INTEGER NOT NULL,
  spent INTEGER DEFAULT '0' NOT NULL,
  released INTEGER DEFAULT '0' NOT NULL,
  status TEXT DEFAULT 'OPEN' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_credit_hold PRIMARY KEY (id),
  CONSTRAINT fk_credit_hold_account_id_job_id FOREIGN KEY(account_id, job_id) REFERENCES job (account_id, id) ON DELETE CASCADE,
  CONSTRAINT uq_credit_hold_account_id_job_id UNIQUE (account_id, job_id),
  CONSTRAINT ck_credit_hold_within CHECK (spent >= 0 and released >= 0 and spent + released <= amount),
  CONSTRAINT fk_credit_hold_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT ck_credit_hold_status CHECK (status in ('OPEN', 'CLOSED'))
);

CREATE TABLE job_item (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  site_id UUID,
  job_id UUID NOT NULL,
  position INTEGER NOT NULL,
  subject_id UUID,
  queue TEXT NOT NULL,
  weight INTEGER DEFAULT '1' NOT NULL,
  status TEXT DEFAULT 'QUEUED' NOT NULL,
  attempts INTEGER DEFAULT '0' NOT NULL,
  credits_estimate INTEGER DEFAULT '0' NOT NULL,
  credits_spent INTEGER DEFAULT '0' NOT NULL,
  lease_token UUID,
  lease_until TIMESTAMP WITH TIME ZONE,
  available_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  deadline_at TIMESTAMP WITH TIME ZONE,
  error TEXT,
  started_at TIMESTAMP WITH TIME ZONE,
  finished_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_job_item PRIMARY KEY (id),
  CONSTRAINT fk_job_item_account_id_job_id FOREIGN KEY(account_id, job_id) REFERENCES job (account_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_job_item_account_id_site_id FOREIGN KEY(account_id, site_id) REFERENCES site (account_id, id) ON DELETE CASCADE,
  CONSTRAINT uq_job_item_account_id_job_id_position UNIQUE (account_id, job_id, position),
  CONSTRAINT uq_job_item_identity UNIQUE (account_id, id),
  CONSTRAINT fk_job_item_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT ck_job_item_status CHECK (status in ('QUEUED', 'RUNNING', 'WAITING', 'APPLIED', 'FAILED', 'CANCELLED'))
);

CREATE INDEX ix_job_item_account_id_queue_available_at ON job_item (account_id, queue, available_at) WHERE status in ('QUEUED', 'RUNNING', 'WAITING');

CREATE TABLE keyword (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  site_id UUID NOT NULL,
  sector_id UUID NOT NULL,
  cluster_id UUID,
  keyword TEXT NOT NULL,
  key TEXT NOT NULL,
  country TEXT,
  language TEXT,
  volume INTEGER,
  difficulty INTEGER,
  intent TEXT[] DEFAULT '{}' NOT NULL,
  is_branded BOOLEAN,
  is_local BOOLEAN,
  cpc_micros BIGINT,
  currency TEXT,
  competition INTEGER,
  parent_topic TEXT,
  serp_features TEXT[] DEFAULT '{}' NOT NULL,
  clicks INTEGER,
  impressions INTEGER,
  position_hundredths INTEGER,
  status TEXT DEFAULT 'NEW' NOT NULL,
  source TEXT,
  version INTEGER DEFAULT '1' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_keyword PRIMARY KEY (id),
  CONSTRAINT fk_keyword_account_id_site_id_sector_id FOREIGN KEY(account_id, site_id, sector_id) REFERENCES sector (account_id, site_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_keyword_account_id_site_id_sector_id_cluster_id FOREIGN KEY(account_id, site_id, sector_id, cluster_id) REFERENCES cluster (account_id, site_id, sector_id, id) ON DELETE SET NULL (cluster_id),
  CONSTRAINT uq_keyword_market UNIQUE NULLS NOT DISTINCT (account_id, sector_id, key, country, language),
  CONSTRAINT ck_keyword_keyword_length CHECK (length(keyword) between 1 and 255),
  CONSTRAINT ck_keyword_difficulty_range CHECK (difficulty between 0 and 100),
  CONSTRAINT ck_keyword_volume_range CHECK (volume >= 0),
  CONSTRAINT fk_keyword_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT ck_keyword_intent CHECK (intent <@ array['INFORMATIONAL', 'NAVIGATIONAL', 'COMMERCIAL', 'TRANSACTIONAL']),
  CONSTRAINT ck_keyword_status CHECK (status in ('NEW', 'CLUSTERED', 'ARCHIVED')),
  CONSTRAINT ck_keyword_source CHECK (source in ('AHREFS_KEYWORDS', 'SEMRUSH_KEYWORD_MAGIC', 'SEMRUSH_ORGANIC_POSITIONS', 'SEMRUSH_API', 'GOOGLE_KEYWORD_PLANNER', 'GOOGLE_SEARCH_CONSOLE', 'MOZ_LIST', 'MANGOOLS', 'UBERSUGGEST', 'GENERIC'))
);

CREATE INDEX ix_keyword_account_id_cluster_id_volume_id ON keyword (account_id, cluster_id, volume, id);

CREATE INDEX ix_keyword_account_id_sector_id_volume_id ON keyword (account_id, sector_id, volume, id);

CREATE TABLE content_idea (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  site_id UUID NOT NULL,
  sector_id UUID NOT NULL,
  cluster_id UUID,
  idea_title TEXT NOT NULL,
  description TEXT DEFAULT '' NOT NULL,
  content_type TEXT DEFAULT 'POST' NOT NULL,
  content_structure TEXT DEFAULT 'ARTICLE' NOT NULL,
  target_keywords TEXT[] DEFAULT '{}' NOT NULL,
  estimated_word_count INTEGER DEFAULT 1000 NOT NULL,
  status TEXT DEFAULT 'NEW' NOT NULL,
  job_item_id UUID,
  version INTEGER DEFAULT '1' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_content_idea PRIMARY KEY (id),
  CONSTRAINT fk_content_idea_account_id_site_id_sector_id FOREIGN KEY(account_id, site_id, sector_id) REFERENCES sector (account_id, site_id, id) ON DELETE CASCADE,
  CONSTRAINT uq_content_idea_identity UNIQUE (account_id, site_id, sector_id, id),
  CONSTRAINT fk_content_idea_account_id_site_id_sector_id_cluster_id FOREIGN KEY(account_id, site_id, sector_id, cluster_id) REFERENCES cluster (account_id, site_id, sector_id, id) ON DELETE SET NULL (cluster_id),
  CONSTRAINT fk_content_idea_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT ck_content_idea_content_type CHECK (content_type in ('POST', 'PAGE', 'PRODUCT', 'TAXONOMY')),
  CONSTRAINT ck_content_idea_content_structure CHECK (content_structure in ('ARTICLE', 'GUIDE', 'COMPARISON', 'REVIEW', 'LISTICLE', 'LANDING_PAGE', 'BUSINESS_PAGE', 'SERVICE_PAGE', 'CLUSTER_HUB', 'PRODUCT_PAGE', 'CATEGORY_ARCHIVE', 'TAG_ARCHIVE', 'ATTRIBUTE_ARCHIVE')),
  CONSTRAINT ck_content_idea_status CHECK (status in ('NEW', 'SCHEDULED', 'DONE', 'REJECTED'))
);

CREATE INDEX ix_content_idea_account_id_sector_id_created_at_id ON content_idea (account_id, sector_id, created_at, id);

CREATE INDEX ix_content_idea_account_id_cluster_id_created_at_id ON content_idea (account_id, cluster_id, created_at, id);

CREATE TABLE credit_usage_log (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  operation_type TEXT NOT NULL,
  credits_used INTEGER NOT NULL,
  cost_micros BIGINT DEFAULT '0' NOT NULL,
  details JSONB DEFAULT '{}' NOT NULL,
  job_item_id UUID NOT NULL,
  site_id UUID,
  user_id UUID,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_credit_usage_log PRIMARY KEY (id),
  CONSTRAINT uq_credit_usage_log_account_id_job_item_id UNIQUE (account_id, job_item_id),
  CONSTRAINT fk_credit_usage_log_account_id_job_item_id FOREIGN KEY(account_id, job_item_id) REFERENCES job_item (account_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_credit_usage_log_account_id_site_id FOREIGN KEY(account_id, site_id) REFERENCES site (account_id, id) ON DELETE SET NULL (site_id),
  CONSTRAINT fk_credit_usage_log_account_id_user_id FOREIGN KEY(account_id, user_id) REFERENCES app_user (account_id, id) ON DELETE SET NULL (user_id),
  CONSTRAINT fk_credit_usage_log_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE
);

CREATE INDEX ix_credit_usage_log_account_id_created_at_id ON credit_usage_log (account_id, created_at, id);

CREATE TABLE ai_call (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  site_id UUID,
  job_item_id UUID NOT NULL,
  function TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  prompt_version INTEGER,
  status TEXT DEFAULT 'RUNNING' NOT NULL,
  input_tokens INTEGER DEFAULT '0' NOT NULL,
  output_tokens INTEGER DEFAULT '0' NOT NULL,
  cost_micros BIGINT DEFAULT '0' NOT NULL,
  latency_ms INTEGER,
  finish_reason TEXT,
  error TEXT,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_ai_call PRIMARY KEY (id),
  CONSTRAINT fk_ai_call_account_id_job_item_id FOREIGN KEY(account_id, job_item_id) REFERENCES job_item (account_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_ai_call_account_id_site_id FOREIGN KEY(account_id, site_id) REFERENCES site (account_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_ai_call_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT ck_ai_call_status CHECK (status in ('RUNNING', 'SUCCEEDED', 'FAILED'))
);

CREATE INDEX ix_ai_call_account_id_job_item_id_created_at_id ON ai_call (account_id, job_item_id, created_at, id);

CREATE TABLE task (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  site_id UUID NOT NULL,
  sector_id UUID NOT NULL,
  cluster_id UUID,
  idea_id UUID,
  title TEXT NOT NULL,
  description TEXT DEFAULT '' NOT NULL,
  keywords TEXT[] DEFAULT '{}' NOT NULL,
  content_type TEXT DEFAULT 'POST' NOT NULL,
  content_structure TEXT DEFAULT 'ARTICLE' NOT NULL,
  word_count INTEGER DEFAULT '1000' NOT NULL,
  status TEXT DEFAULT 'DRAFT' NOT NULL,
  version INTEGER DEFAULT '1' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_task PRIMARY KEY (id),
  CONSTRAINT fk_task_account_id_site_id_sector_id FOREIGN KEY(account_id, site_id, sector_id) REFERENCES sector (account_id, site_id, id) ON DELETE CASCADE,
  CONSTRAINT uq_task_identity UNIQUE (account_id, site_id, sector_id, id),
  CONSTRAINT fk_task_account_id_site_id_sector_id_cluster_id FOREIGN KEY(account_id, site_id, sector_id, cluster_id) REFERENCES cluster (account_id, site_id, sector_id, id) ON DELETE SET NULL (cluster_id),
  CONSTRAINT fk_task_account_id_site_id_sector_id_idea_id FOREIGN KEY(account_id, site_id, sector_id, idea_id) REFERENCES content_idea (account_id, site_id, sector_id, id) ON DELETE SET NULL (idea_id),
  CONSTRAINT uq_task_account_id_idea_id UNIQUE (account_id, idea_id),
  CONSTRAINT fk_task_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT ck_task_content_type CHECK (content_type in ('POST', 'PAGE', 'PRODUCT', 'TAXONOMY')),
  CONSTRAINT ck_task_content_structure CHECK (content_structure in ('ARTICLE', 'GUIDE', 'COMPARISON', 'REVIEW', 'LISTICLE', 'LANDING_PAGE', 'BUSINESS_PAGE', 'SERVICE_PAGE', 'CLUSTER_HUB', 'PRODUCT_PAGE', 'CATEGORY_ARCHIVE', 'TAG_ARCHIVE', 'ATTRIBUTE_ARCHIVE')),
  CONSTRAINT ck_task_status CHECK (status in ('DRAFT', 'QUEUED', 'IN_PROGRESS', 'REVIEW', 'APPROVED', 'SCHEDULED', 'PUBLISHED', 'ARCHIVED'))
);

CREATE INDEX ix_task_account_id_sector_id_created_at_id ON task (account_id, sector_id, created_at, id);

CREATE INDEX ix_task_account_id_idea_id_created_at_id ON task (account_id, idea_id, created_at, id);

CREATE INDEX ix_task_account_id_cluster_id_created_at_id ON task (account_id, cluster_id, created_at, id);

CREATE TABLE content (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  site_id UUID NOT NULL,
  sector_id UUID NOT NULL,
  task_id UUID,
  cluster_id UUID,
  title TEXT NOT NULL,
  slug TEXT NOT NULL,
  html_content TEXT NOT NULL,
  excerpt TEXT DEFAULT '' NOT NULL,
  word_count INTEGER DEFAULT '0' NOT NULL,
  content_type TEXT DEFAULT 'POST' NOT NULL,
  content_structure TEXT DEFAULT 'ARTICLE' NOT NULL,
  status TEXT DEFAULT 'DRAFT' NOT NULL,
  origin TEXT NOT NULL,
  wp_post_id INTEGER,
  meta_title TEXT,
  meta_description TEXT,
  primary_keyword TEXT,
  secondary_keywords TEXT[] DEFAULT '{}' NOT NULL,
  version INTEGER DEFAULT '1' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_content PRIMARY KEY (id),
  CONSTRAINT fk_content_account_id_site_id_sector_id FOREIGN KEY(account_id, site_id, sector_id) REFERENCES sector (account_id, site_id, id) ON DELETE CASCADE,
  CONSTRAINT uq_content_identity UNIQUE (account_id, site_id, sector_id, id),
  CONSTRAINT fk_content_account_id_site_id_sector_id_task_id FOREIGN KEY(account_id, site_id, sector_id, task_id) REFERENCES task (account_id, site_id, sector_id, id) ON DELETE RESTRICT,
  CONSTRAINT fk_content_account_id_site_id_sector_id_cluster_id FOREIGN KEY(account_id, site_id, sector_id, cluster_id) REFERENCES cluster (account_id, site_id, sector_id, id) ON DELETE SET NULL (cluster_id),
  CONSTRAINT uq_content_account_id_task_id UNIQUE (account_id, task_id),
  CONSTRAINT uq_content_account_id_site_id_slug UNIQUE (account_id, site_id, slug),
  CONSTRAINT fk_content_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT ck_content_content_type CHECK (content_type in ('POST', 'PAGE', 'PRODUCT', 'TAXONOMY')),
  CONSTRAINT ck_content_content_structure CHECK (content_structure in ('ARTICLE', 'GUIDE', 'COMPARISON', 'REVIEW', 'LISTICLE', 'LANDING_PAGE', 'BUSINESS_PAGE', 'SERVICE_PAGE', 'CLUSTER_HUB', 'PRODUCT_PAGE', 'CATEGORY_ARCHIVE', 'TAG_ARCHIVE', 'ATTRIBUTE_ARCHIVE')),
  CONSTRAINT ck_content_status CHECK (status in ('DRAFT', 'REVIEW', 'APPROVED', 'PUBLISHED')),
  CONSTRAINT ck_content_origin CHECK (origin in ('AI', 'OFFLINE_DRAFT', 'HUMAN', 'IMPORTED'))
);

CREATE INDEX ix_content_account_id_sector_id_created_at_id ON content (account_id, sector_id, created_at, id);

ALTER TABLE account ADD CONSTRAINT fk_account_id_owner_id FOREIGN KEY(id, owner_id) REFERENCES app_user (account_id, id) ON DELETE SET NULL (owner_id);
