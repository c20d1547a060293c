CREATE TABLE ai_prompt (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  prompt_type TEXT NOT NULL,
  function_name TEXT,
  prompt_value TEXT NOT NULL,
  system_value TEXT NOT NULL,
  number INTEGER NOT NULL,
  is_active BOOLEAN DEFAULT true NOT NULL,
  user_id UUID,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_ai_prompt PRIMARY KEY (id),
  CONSTRAINT fk_ai_prompt_account_id_user_id FOREIGN KEY(account_id, user_id) REFERENCES app_user (account_id, id) ON DELETE SET NULL (user_id),
  CONSTRAINT uq_ai_prompt_account_id_prompt_type_number UNIQUE (account_id, prompt_type, number),
  CONSTRAINT fk_ai_prompt_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT ck_ai_prompt_prompt_type CHECK (prompt_type in ('NAME_CLUSTERS', 'CLASSIFY_INTENT', 'GENERATE_IDEAS', 'GENERATE_CONTENT', 'GENERATE_IMAGE_PROMPTS'))
);
CREATE INDEX ix_ai_prompt_account_id_created_at_id ON ai_prompt (account_id, created_at, id);
CREATE UNIQUE INDEX ix_ai_prompt_account_id_prompt_type ON ai_prompt (account_id, prompt_type) WHERE is_active;

CREATE TABLE author_profile (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  name TEXT NOT NULL,
  description TEXT DEFAULT '' NOT NULL,
  tone TEXT DEFAULT '' NOT NULL,
  language TEXT DEFAULT '' NOT NULL,
  version INTEGER DEFAULT '1' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_author_profile PRIMARY KEY (id),
  CONSTRAINT uq_author_profile_account_id_name UNIQUE (account_id, name),
  CONSTRAINT uq_author_profile_identity UNIQUE (account_id, id),
  CONSTRAINT fk_author_profile_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE
);
CREATE INDEX ix_author_profile_account_id_created_at_id ON author_profile (account_id, created_at, id);

CREATE TABLE strategy (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  site_id UUID,
  sector_id UUID,
  name TEXT NOT NULL,
  description TEXT DEFAULT '' NOT NULL,
  prompt_types JSONB DEFAULT '{}' NOT NULL,
  section_logic JSONB DEFAULT '{}' NOT NULL,
  is_active BOOLEAN DEFAULT true NOT NULL,
  version INTEGER DEFAULT '1' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_strategy PRIMARY KEY (id),
  CONSTRAINT fk_strategy_account_id_site_id FOREIGN KEY(account_id, site_id) REFERENCES site (account_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_strategy_account_id_site_id_sector_id FOREIGN KEY(account_id, site_id, sector_id) REFERENCES sector (account_id, site_id, id) ON DELETE CASCADE,
  CONSTRAINT uq_strategy_account_id_name UNIQUE (account_id, name),
  CONSTRAINT fk_strategy_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE
);
CREATE INDEX ix_strategy_account_id_created_at_id ON strategy (account_id, created_at, id);
CREATE INDEX ix_strategy_account_id_sector_id_created_at_id ON strategy (account_id, sector_id, created_at, id);

CREATE TABLE integration_settings (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  integration_type TEXT NOT NULL,
  config JSONB DEFAULT '{}' NOT NULL,
  secret BYTEA,
  is_active BOOLEAN DEFAULT true NOT NULL,
  version INTEGER DEFAULT '1' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_integration_settings PRIMARY KEY (id),
  CONSTRAINT uq_integration_settings_account_id_integration_type UNIQUE (account_id, integration_type),
  CONSTRAINT fk_integration_settings_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT ck_integration_settings_integration_type CHECK (integration_type in ('OPENAI', 'RUNWARE', 'IMAGE_GENERATION'))
);

CREATE TABLE content_revision (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  site_id UUID NOT NULL,
  sector_id UUID NOT NULL,
  content_id UUID NOT NULL,
  number INTEGER NOT NULL,
  reason TEXT DEFAULT '' NOT NULL,
  origin TEXT NOT NULL,
  title TEXT NOT NULL,
  html_content TEXT NOT NULL,
  word_count INTEGER DEFAULT '0' NOT NULL,
  meta_title TEXT,
  meta_description TEXT,
  primary_keyword TEXT,
  secondary_keywords TEXT[] DEFAULT '{}' NOT NULL,
  user_id UUID,
  job_item_id UUID,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_content_revision PRIMARY KEY (id),
  CONSTRAINT fk_content_revision_account_id_site_id_sector_id FOREIGN KEY(account_id, site_id, sector_id) REFERENCES sector (account_id, site_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_content_revision_account_id_site_id_sector_id_content_id FOREIGN KEY(account_id, site_id, sector_id, content_id) REFERENCES content (account_id, site_id, sector_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_content_revision_account_id_user_id FOREIGN KEY(account_id, user_id) REFERENCES app_user (account_id, id) ON DELETE SET NULL (user_id),
  CONSTRAINT uq_content_revision_account_id_content_id_number UNIQUE (account_id, content_id, number),
  CONSTRAINT fk_content_revision_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT ck_content_revision_origin CHECK (origin in ('AI', 'OFFLINE_DRAFT', 'HUMAN', 'IMPORTED'))
);
CREATE INDEX ix_content_revision_account_id_content_id_created_at_id ON content_revision (account_id, content_id, created_at, id);

CREATE TABLE image (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  site_id UUID NOT NULL,
  sector_id UUID NOT NULL,
  task_id UUID,
  content_id UUID,
  image_type TEXT NOT NULL,
  position INTEGER DEFAULT '0' NOT NULL,
  prompt TEXT NOT NULL,
  alt_text TEXT DEFAULT '' NOT NULL,
  status TEXT DEFAULT 'PROMPTED' NOT NULL,
  blob_key TEXT,
  mime_type TEXT,
  width INTEGER,
  height INTEGER,
  bytes INTEGER,
  origin TEXT,
  error TEXT,
  version INTEGER DEFAULT '1' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_image PRIMARY KEY (id),
  CONSTRAINT fk_image_account_id_site_id_sector_id FOREIGN KEY(account_id, site_id, sector_id) REFERENCES sector (account_id, site_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_image_account_id_site_id_sector_id_task_id FOREIGN KEY(account_id, site_id, sector_id, task_id) REFERENCES task (account_id, site_id, sector_id, id) ON DELETE SET NULL (task_id),
  CONSTRAINT fk_image_account_id_site_id_sector_id_content_id FOREIGN KEY(account_id, site_id, sector_id, content_id) REFERENCES content (account_id, site_id, sector_id, id) ON DELETE SET NULL (content_id),
  CONSTRAINT ck_image_ready_has_file CHECK (status <> 'READY' or blob_key is not null),
  CONSTRAINT fk_image_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT ck_image_image_type CHECK (image_type in ('FEATURED', 'IN_ARTICLE', 'DESKTOP', 'MOBILE')),
  CONSTRAINT ck_image_status CHECK (status in ('PROMPTED', 'QUEUED', 'READY', 'FAILED')),
  CONSTRAINT ck_image_origin CHECK (origin in ('AI', 'OFFLINE_DRAFT', 'HUMAN', 'IMPORTED'))
);
CREATE INDEX ix_image_account_id_content_id_position_id ON image (account_id, content_id, position, id);
CREATE INDEX ix_image_account_id_sector_id_created_at_id ON image (account_id, sector_id, created_at, id);
ALTER TABLE job_item ADD COLUMN failures INTEGER DEFAULT '0' NOT NULL;
ALTER TABLE ai_call ADD COLUMN problems TEXT[] DEFAULT '{}' NOT NULL;
ALTER TABLE content ADD COLUMN author_profile_id UUID;
ALTER TABLE content ADD CONSTRAINT fk_content_account_id_author_profile_id FOREIGN KEY(account_id, author_profile_id)
  REFERENCES author_profile (account_id, id) ON DELETE SET NULL (author_profile_id);
CREATE INDEX ix_cluster_account_id_id ON cluster (account_id, id);
CREATE INDEX ix_cluster_account_id_site_id_id ON cluster (account_id, site_id, id);
CREATE INDEX ix_cluster_account_id_sector_id_id ON cluster (account_id, sector_id, id);
CREATE INDEX ix_keyword_account_id_id ON keyword (account_id, id);
CREATE INDEX ix_keyword_account_id_site_id_id ON keyword (account_id, site_id, id);
CREATE INDEX ix_keyword_account_id_sector_id_id ON keyword (account_id, sector_id, id);
CREATE INDEX ix_content_idea_account_id_id ON content_idea (account_id, id);
CREATE INDEX ix_content_idea_account_id_site_id_id ON content_idea (account_id, site_id, id);
CREATE INDEX ix_content_idea_account_id_sector_id_id ON content_idea (account_id, sector_id, id);
CREATE INDEX ix_task_account_id_id ON task (account_id, id);
CREATE INDEX ix_task_account_id_site_id_id ON task (account_id, site_id, id);
CREATE INDEX ix_task_account_id_sector_id_id ON task (account_id, sector_id, id);
CREATE INDEX ix_content_account_id_id ON content (account_id, id);
CREATE INDEX ix_content_account_id_site_id_id ON content (account_id, site_id, id);
CREATE INDEX ix_content_account_id_sector_id_id ON content (account_id, sector_id, id);
CREATE INDEX ix_image_account_id_id ON image (account_id, id);
CREATE INDEX ix_image_account_id_site_id_id ON image (account_id, site_id, id);
CREATE INDEX ix_image_account_id_sector_id_id ON image (account_id, sector_id, id);
