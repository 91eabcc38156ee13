-- Recordings of a conversation: one blob per participant, and one for '_mixed'.
CREATE TABLE recordings (
  business_id bigint NOT NULL,
  conversation_id text COLLATE "C" NOT NULL,
  participant_id text COLLATE "C" NOT NULL,
  blob_key text COLLATE "C" NOT NULL,
  content_type text NOT NULL,
  bytes bigint NOT NULL,
  sha256 bytea NOT NULL,
  duration_ms bigint,
  uploaded_at timestamptz NOT NULL,
  PRIMARY KEY (business_id, conversation_id, participant_id)
);

-- Blobs that no recording claims: unfinished uploads, and released blobs (`released`). A key is registered
-- before its blob is written and until the blob is removed, so a sweep finds everything that a crash
-- leaves.
CREATE TABLE unclaimed_blobs (
  business_id bigint NOT NULL,
  blob_key text COLLATE "C" NOT NULL,
  since timestamptz NOT NULL,
  released boolean NOT NULL DEFAULT false,
  PRIMARY KEY (business_id, blob_key)
);
