CREATE TABLE invitation (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  email TEXT NOT NULL,
  role TEXT NOT NULL,
  site_ids UUID[] DEFAULT '{}' NOT NULL,
  invited_by_id UUID,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  accepted_at TIMESTAMP WITH TIME ZONE,
  revoked_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_invitation PRIMARY KEY (id),
  CONSTRAINT ck_invitation_email_lower CHECK (email = lower(email)),
  CONSTRAINT fk_invitation_account_id_invited_by_id FOREIGN KEY(account_id, invited_by_id) REFERENCES app_user (account_id, id) ON DELETE SET NULL (invited_by_id),
  CONSTRAINT fk_invitation_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT ck_invitation_role CHECK (role in ('DEVELOPER', 'OWNER', 'ADMIN', 'EDITOR', 'VIEWER', 'SYSTEM_BOT'))
);
CREATE INDEX ix_invitation_account_id_created_at_id ON invitation (account_id, created_at, id);
CREATE UNIQUE INDEX ix_invitation_account_id_email ON invitation (account_id, email) WHERE accepted_at is null and revoked_at is null;

CREATE TABLE api_key (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  user_id UUID NOT NULL,
  session_id UUID NOT NULL,
  name TEXT NOT NULL,
  prefix TEXT NOT NULL,
  token_hash BYTEA NOT NULL,
  permissions TEXT[] DEFAULT '{}' NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE,
  last_used_at TIMESTAMP WITH TIME ZONE,
  revoked_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_api_key PRIMARY KEY (id),
  CONSTRAINT fk_api_key_account_id_user_id FOREIGN KEY(account_id, user_id) REFERENCES app_user (account_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_api_key_account_id_session_id FOREIGN KEY(account_id, session_id) REFERENCES user_session (account_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_api_key_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
  CONSTRAINT uq_api_key_token_hash UNIQUE (token_hash),
  CONSTRAINT ck_api_key_permissions CHECK (permissions <@ array['READ', 'PLAN', 'WRITE', 'PUBLISH', 'MANAGE_SITES', 'MANAGE_USERS', 'MANAGE_ACCOUNT', 'VIEW_BILLING', 'STAFF'])
);
CREATE INDEX ix_api_key_account_id_created_at_id ON api_key (account_id, created_at, id);

