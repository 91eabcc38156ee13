-- Audit events. An event is inserted in the transaction of its change, into a small table with one index,
-- so writers pay little and never wait.
CREATE TABLE audit_pending (
  business_id bigint NOT NULL,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  api_key_id text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  subject_kind text COLLATE "C" NOT NULL,
  -- A keyed hash of the subject's id: that of erased_ids if the subject can be deleted.
  subject_hash text COLLATE "C" NOT NULL,
  -- The id; NULL after deletion, or if it is a phone number.
  subject_id text COLLATE "C",
  -- JSON without content, numbers or names; NULL: none.
  details text,
  CONSTRAINT audit_pending_pkey PRIMARY KEY (business_id, seq)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- Events are moved here within seconds and chained by hashes without gaps. Rows never change, except that
-- subject_id may be cleared.
CREATE TABLE audit_entries (
  business_id bigint NOT NULL,
  chain_no bigint NOT NULL,
  at timestamptz NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  api_key_id text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  subject_kind text COLLATE "C" NOT NULL,
  subject_hash text COLLATE "C" NOT NULL,
  subject_id text COLLATE "C",
  details text,
  -- SHA-256 of the event and the previous hash (access/audit/chain.ts).
  hash bytea NOT NULL,
  CONSTRAINT audit_entries_pkey PRIMARY KEY (business_id, chain_no)
);
CREATE INDEX audit_entries_by_time ON audit_entries (business_id, at, chain_no);
CREATE INDEX audit_entries_by_subject ON audit_entries (business_id, subject_hash, at, chain_no);
CREATE INDEX audit_entries_by_user ON audit_entries (business_id, user_id, at, chain_no);
CREATE INDEX audit_entries_by_key ON audit_entries (business_id, api_key_id, at, chain_no);
CREATE INDEX audit_entries_by_action ON audit_entries (business_id, action, at, chain_no);

-- Signed positions of the chain: the last of each hour.
CREATE TABLE audit_heads (
  business_id bigint NOT NULL,
  hour timestamptz NOT NULL,
  chain_no bigint NOT NULL,
  hash bytea NOT NULL,
  at timestamptz NOT NULL,
  signature text NOT NULL,
  CONSTRAINT audit_heads_pkey PRIMARY KEY (business_id, hour)
);
CREATE INDEX audit_heads_by_number ON audit_heads (business_id, chain_no);

-- Whether reads of content are audited too.
ALTER TABLE businesses ADD COLUMN is_read_logged boolean NOT NULL DEFAULT false;
