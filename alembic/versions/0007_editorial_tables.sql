CREATE TABLE taxonomy (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  site_id UUID NOT NULL,
  parent_id UUID,
  taxonomy_type TEXT NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  description TEXT DEFAULT '' NOT NULL,
  version INTEGER DEFAULT '1' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_taxonomy PRIMARY KEY (id),
  CONSTRAINT fk_taxonomy_account_id_site_id FOREIGN KEY(account_id, site_id) REFERENCES site (account_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_taxonomy_account_id_site_id_parent_id FOREIGN KEY(account_id, site_id, parent_id) REFERENCES taxonomy (account_id, site_id, id) ON DELETE SET NULL (parent_id),
  CONSTRAINT uq_taxonomy_account_id_site_id_taxonomy_type_slug UNIQUE (account_id, site_id, taxonomy_type, slug),
  CONSTRAINT uq_taxonomy_identity UNIQUE (account_id, site_id, id),
  CONSTRAINT fk_taxonomy_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT ck_taxonomy_taxonomy_type CHECK (taxonomy_type in ('CATEGORY', 'TAG', 'ATTRIBUTE'))
);
CREATE INDEX ix_taxonomy_account_id_id ON taxonomy (account_id, id);
CREATE INDEX ix_taxonomy_account_id_site_id_name_id ON taxonomy (account_id, site_id, name, id);

CREATE TABLE content_taxonomy_map (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  site_id UUID NOT NULL,
  sector_id UUID NOT NULL,
  content_id UUID NOT NULL,
  taxonomy_id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_content_taxonomy_map PRIMARY KEY (id),
  CONSTRAINT fk_content_taxonomy_map_account_id_site_id_sector_id FOREIGN KEY(account_id, site_id, sector_id) REFERENCES sector (account_id, site_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_content_taxonomy_map_account_id_site_id_sector_id_content_id FOREIGN KEY(account_id, site_id, sector_id, content_id) REFERENCES content (account_id, site_id, sector_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_content_taxonomy_map_account_id_site_id_taxonomy_id FOREIGN KEY(account_id, site_id, taxonomy_id) REFERENCES taxonomy (account_id, site_id, id) ON DELETE CASCADE,
  CONSTRAINT uq_content_taxonomy_map_account_id_content_id_taxonomy_id UNIQUE (account_id, content_id, taxonomy_id)
);
CREATE INDEX ix_content_taxonomy_map_account_id_content_id_id ON content_taxonomy_map (account_id, content_id, id);
CREATE INDEX ix_content_taxonomy_map_account_id_taxonomy_id_id ON content_taxonomy_map (account_id, taxonomy_id, id);

CREATE TABLE content_cluster_map (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  site_id UUID NOT NULL,
  sector_id UUID NOT NULL,
  content_id UUID NOT NULL,
  cluster_id UUID NOT NULL,
  role TEXT DEFAULT 'SUPPORTING' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_content_cluster_map PRIMARY KEY (id),
  CONSTRAINT fk_content_cluster_map_account_id_site_id_sector_id FOREIGN KEY(account_id, site_id, sector_id) REFERENCES sector (account_id, site_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_content_cluster_map_account_id_site_id_sector_id_content_id FOREIGN KEY(account_id, site_id, sector_id, content_id) REFERENCES content (account_id, site_id, sector_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_content_cluster_map_account_id_site_id_sector_id_cluster_id FOREIGN KEY(account_id, site_id, sector_id, cluster_id) REFERENCES cluster (account_id, site_id, sector_id, id) ON DELETE CASCADE,
  CONSTRAINT uq_content_cluster_map_account_id_content_id_cluster_id UNIQUE (account_id, content_id, cluster_id),
  CONSTRAINT ck_content_cluster_map_role CHECK (role in ('HUB', 'SUPPORTING'))
);
CREATE INDEX ix_content_cluster_map_account_id_cluster_id_id ON content_cluster_map (account_id, cluster_id, id);
CREATE INDEX ix_content_cluster_map_account_id_content_id_id ON content_cluster_map (account_id, content_id, id);

CREATE TABLE content_attribute_map (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  site_id UUID NOT NULL,
  sector_id UUID NOT NULL,
  content_id UUID NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_content_attribute_map PRIMARY KEY (id),
  CONSTRAINT fk_content_attribute_map_account_id_site_id_sector_id FOREIGN KEY(account_id, site_id, sector_id) REFERENCES sector (account_id, site_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_content_attribute_map_account_id_site_id_sector_id_c_c0db FOREIGN KEY(account_id, site_id, sector_id, content_id) REFERENCES content (account_id, site_id, sector_id, id) ON DELETE CASCADE,
  CONSTRAINT uq_content_attribute_map_account_id_content_id_name UNIQUE (account_id, content_id, name)
);
CREATE INDEX ix_content_attribute_map_account_id_content_id_id ON content_attribute_map (account_id, content_id, id);

