-- Tombstones: keyed hashes of deleted ids, because an id may be a phone number.
CREATE TABLE erased_ids (
  business_id bigint NOT NULL,
  id_hash text COLLATE "C" NOT NULL,
  erased_at timestamptz NOT NULL,
  CONSTRAINT erased_ids_pkey PRIMARY KEY (business_id, id_hash)
);
-- Earlier releases kept the id in an empty row; these are converted to hashes.
CREATE INDEX conversations_to_forget ON conversations (business_id, id) WHERE erased_at IS NOT NULL;

-- Erasures of persons. The encrypted identity of the person is deleted when the erasure is complete.
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
  -- When the rows were deleted; their blobs are deleted afterwards.
  erased_at timestamptz,
  blob_keys text[] COLLATE "C",
  completed_at timestamptz,
  counts text,
  -- SHA-256 in hex of a random salt and each erased id.
  salt text COLLATE "C",
  items text,
  -- Holds that blocked it, as JSON.
  holds text,
  certificate text,
  CONSTRAINT erasures_pkey PRIMARY KEY (business_id, id),
  CONSTRAINT erasures_status CHECK (status IN ('Running', 'Completed', 'Blocked'))
);
