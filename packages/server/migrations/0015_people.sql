-- People: roles in a business, sign-in and invitations.

-- Existing members had keys with Full, so they become owners.
ALTER TABLE business_members ADD COLUMN role text COLLATE "C" NOT NULL DEFAULT 'Owner'
  CONSTRAINT business_members_role CHECK (role IN ('Viewer', 'Agent', 'Admin', 'Owner'));
ALTER TABLE business_members ALTER COLUMN role DROP DEFAULT;
-- NULL: from before there were roles.
ALTER TABLE business_members ADD COLUMN added_at timestamptz;
CREATE INDEX business_members_by_user ON business_members (user_id, business_id);
CREATE INDEX businesses_by_owner ON businesses (owner_user_id, business_id)
  WHERE owner_user_id IS NOT NULL;
CREATE INDEX api_keys_by_business ON api_keys USING gin (business_ids);

-- Signed-in users; a cookie holds the token.
CREATE TABLE sessions (
  session_id text COLLATE "C" CONSTRAINT sessions_pkey PRIMARY KEY,
  user_id text COLLATE "C" NOT NULL CONSTRAINT sessions_user_exists REFERENCES users,
  -- SHA-256.
  token_hash bytea NOT NULL CONSTRAINT sessions_token_unique UNIQUE,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT sessions_token_length CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- Sign-in methods of a user: a password ('credential', with the user id as subject), or an OpenID Connect
-- identity ('oidc', with issuer and subject).
CREATE TABLE accounts (
  account_id text COLLATE "C" CONSTRAINT accounts_pkey PRIMARY KEY,
  user_id text COLLATE "C" NOT NULL CONSTRAINT accounts_user_exists REFERENCES users,
  provider text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  -- Argon2id in PHC format.
  password_hash text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT accounts_subject_unique UNIQUE (provider, subject),
  CONSTRAINT accounts_password CHECK ((provider = 'credential') = (password_hash IS NOT NULL))
);
CREATE INDEX accounts_by_user ON accounts (user_id);

-- Invitations to a business, by a single-use link.
CREATE TABLE invitations (
  business_id bigint NOT NULL CONSTRAINT invitations_business_exists REFERENCES businesses,
  invitation_id text COLLATE "C" NOT NULL,
  email text NOT NULL,
  role text COLLATE "C" NOT NULL,
  -- SHA-256; only the link contains the token.
  token_hash bytea NOT NULL CONSTRAINT invitations_token_unique UNIQUE,
  invited_by text COLLATE "C" NOT NULL,
  expires_at timestamptz NOT NULL,
  accepted_at timestamptz,
  created_at timestamptz NOT NULL,
  CONSTRAINT invitations_pkey PRIMARY KEY (business_id, invitation_id),
  CONSTRAINT invitations_role CHECK (role IN ('Viewer', 'Agent', 'Admin', 'Owner')),
  CONSTRAINT invitations_token_length CHECK (octet_length(token_hash) = 32)
);
CREATE UNIQUE INDEX invitations_email_unique ON invitations (business_id, lower(email));
CREATE INDEX invitations_by_email ON invitations (lower(email));

-- Single-use links to set a password: for the first admin, and after a forgotten password.
CREATE TABLE sign_in_links (
  token_hash bytea CONSTRAINT sign_in_links_pkey PRIMARY KEY,
  user_id text COLLATE "C" NOT NULL CONSTRAINT sign_in_links_user_exists REFERENCES users,
  -- NULL: valid until used.
  expires_at timestamptz,
  used_at timestamptz,
  created_at timestamptz NOT NULL,
  CONSTRAINT sign_in_links_token_length CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX sign_in_links_by_user ON sign_in_links (user_id, created_at);

-- Consecutive failed sign-ins, by a keyed hash of the e-mail address.
CREATE TABLE sign_in_failures (
  email_hash text COLLATE "C" CONSTRAINT sign_in_failures_pkey PRIMARY KEY,
  failures integer NOT NULL,
  failed_at timestamptz NOT NULL,
  -- NULL: not locked.
  locked_until timestamptz
);
CREATE INDEX sign_in_failures_by_time ON sign_in_failures (failed_at);
