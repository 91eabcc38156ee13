-- The ids of what was erased: keyed hashes, since an id may be a person's number.
CREATE TABLE erased_ids (
  business_id bigint NOT NULL,
  id_hash text COLLATE "C" NOT NULL,
  erased_at timestamptz NOT NULL,
  CONSTRAINT erased_ids_pkey PRIMARY KEY (business_id, id_hash)
);
-- Earlier releases kept the id itself in a row without content; those are turned into hashes.
CREATE INDEX conversations_to_forget ON conversations (business_id, id) WHERE erased_at IS NOT NULL;

-- Erasures of persons. What names the person is there until the work is done, enciphered.
CREATE TABLE erasures (
  business_id bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  mode text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  status text COLLATE "C" NOT NULL,
  -- A keyed hash of the number or client id.
  subject_hash text COLLATE "C" NOT NULL,
  subject text,
  requested_at timestamptz NOT NULL,
  requested_by text COLLATE "C" NOT NULL,
  -- When the rows went; their blobs go then.
  erased_at timestamptz,
  blob_keys text[] COLLATE "C",
  completed_at timestamptz,
  counts text,
  -- Of a random salt and each id that went, SHA-256 in hex.
  salt text COLLATE "C",
  items text,
  -- Holds that were in the way, as JSON.
  holds text,
  certificate text,
  CONSTRAINT erasures_pkey PRIMARY KEY (business_id, id),
  CONSTRAINT erasures_status CHECK (status IN ('Running', 'Completed', 'Blocked'))
);
