-- Access: users, businesses, API keys, and the leases of nodes on cached permissions.

CREATE TABLE users (
  user_id text COLLATE "C" CONSTRAINT users_pkey PRIMARY KEY,
  email text NOT NULL,
  name text NOT NULL,
  is_admin boolean NOT NULL DEFAULT false,
  is_disabled boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX users_email_unique ON users (lower(email));

-- Default ids of new businesses; ids in use are skipped.
CREATE SEQUENCE business_numbers AS bigint MAXVALUE 9007199254740991;

CREATE TABLE businesses (
  business_id bigint CONSTRAINT businesses_pkey PRIMARY KEY,
  name text NOT NULL,
  owner_user_id text COLLATE "C" CONSTRAINT businesses_owner_exists REFERENCES users,
  is_disabled boolean NOT NULL DEFAULT false,
  is_editing_enabled boolean NOT NULL DEFAULT true,
  -- NULL: kept forever.
  transcript_days integer,
  recording_days integer,
  -- IANA name. NULL: UTC.
  time_zone text,
  created_at timestamptz NOT NULL,
  -- The range that JSON numbers represent exactly.
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
  -- A bootstrap key that stopped working because the setting changed, not because it was revoked. It works
  -- again if the setting returns to its value.
  is_replaced boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL,
  CONSTRAINT api_keys_hash_length CHECK (octet_length(key_hash) = 32)
);
CREATE UNIQUE INDEX api_keys_one_live_bootstrap ON api_keys (is_bootstrap)
  WHERE is_bootstrap AND revoked_at IS NULL;

-- The number of the last access change. Changes lock its row.
CREATE TABLE access_state (
  is_only_row boolean DEFAULT true CONSTRAINT access_state_pkey PRIMARY KEY,
  epoch bigint NOT NULL,
  CONSTRAINT access_state_one_row CHECK (is_only_row)
);
INSERT INTO access_state (epoch) VALUES (0);

-- Until when each node may use cached permissions, and the last access change it has seen. Losing these
-- rows in a database crash is safe: the crash also cuts the connections on which leases depend.
CREATE UNLOGGED TABLE nodes (
  node_id text COLLATE "C" CONSTRAINT nodes_pkey PRIMARY KEY,
  lease_expires_at timestamptz NOT NULL,
  seen_epoch bigint NOT NULL
);
