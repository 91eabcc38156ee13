-- Who may use what: users, businesses, API keys, and the leases under which nodes remember them.

CREATE TABLE users (
  user_id text COLLATE "C" CONSTRAINT users_pkey PRIMARY KEY,
  email text NOT NULL,
  name text NOT NULL,
  is_admin boolean NOT NULL DEFAULT false,
  is_disabled boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX users_email_unique ON users (lower(email));

-- Numbers for businesses whose maker names none; those that are taken are skipped.
CREATE SEQUENCE business_numbers AS bigint MAXVALUE 9007199254740991;

CREATE TABLE businesses (
  business_id bigint CONSTRAINT businesses_pkey PRIMARY KEY,
  name text NOT NULL,
  owner_user_id text COLLATE "C" CONSTRAINT businesses_owner_exists REFERENCES users,
  is_disabled boolean NOT NULL DEFAULT false,
  is_editing_enabled boolean NOT NULL DEFAULT true,
  -- NULL: kept for good.
  transcript_days integer,
  recording_days integer,
  -- An IANA name. NULL: UTC.
  time_zone text,
  created_at timestamptz NOT NULL,
  -- What a JSON number can carry exactly.
  CONSTRAINT businesses_id_range CHECK (business_id BETWEEN 1 AND 9007199254740991),
  CONSTRAINT businesses_days_range CHECK (transcript_days >= 0 AND recording_days >= 0)
);

CREATE TABLE business_members (
  business_id bigint CONSTRAINT business_members_business_exists REFERENCES businesses,
  user_id text COLLATE "C" CONSTRAINT business_members_user_exists REFERENCES users,
  CONSTRAINT business_members_pkey PRIMARY KEY (business_id, user_id)
);

CREATE TABLE api_keys (
  api_key_id text COLLATE "C" CONSTRAINT api_keys_pkey PRIMARY KEY,
  -- SHA-256; the key itself is never stored.
  key_hash bytea NOT NULL CONSTRAINT api_keys_hash_unique UNIQUE,
  user_id text COLLATE "C" NOT NULL CONSTRAINT api_keys_user_exists REFERENCES users,
  name text NOT NULL,
  -- NULL: all businesses of the user. Empty: none.
  business_ids bigint[],
  -- NULL: Full on every module.
  permissions jsonb,
  expires_at timestamptz,
  revoked_at timestamptz,
  is_bootstrap boolean NOT NULL DEFAULT false,
  -- A bootstrap key that stopped working because the setting got another value, not because somebody
  -- revoked it: it works again when the setting gets its value again.
  is_replaced boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL,
  CONSTRAINT api_keys_hash_length CHECK (octet_length(key_hash) = 32)
);
CREATE UNIQUE INDEX api_keys_one_live_bootstrap ON api_keys (is_bootstrap)
  WHERE is_bootstrap AND revoked_at IS NULL;

-- The number of the last change of access. Its row is also the lock under which changes run.
CREATE TABLE access_state (
  is_only_row boolean DEFAULT true CONSTRAINT access_state_pkey PRIMARY KEY,
  epoch bigint NOT NULL,
  CONSTRAINT access_state_one_row CHECK (is_only_row)
);
INSERT INTO access_state (epoch) VALUES (0);

-- Which node may use what it remembers until when, and which change it has heard of. Losing the
-- rows in a crash of the database is safe: the crash cuts the connections that leases stand on.
CREATE UNLOGGED TABLE nodes (
  node_id text COLLATE "C" CONSTRAINT nodes_pkey PRIMARY KEY,
  lease_expires_at timestamptz NOT NULL,
  seen_epoch bigint NOT NULL
);
