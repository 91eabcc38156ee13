-- What an erasure of a person would erase; kept for a day. The subject is encrypted.
CREATE TABLE erasure_previews (
  business_id bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  subject text NOT NULL,
  requested_at timestamptz NOT NULL,
  -- null while it is running.
  completed_at timestamptz,
  -- The last conversation searched for mentions, and the number searched.
  position text COLLATE "C" NOT NULL DEFAULT '',
  done bigint NOT NULL DEFAULT 0,
  total bigint NOT NULL DEFAULT 0,
  -- JSON.
  counts text,
  mentions text NOT NULL DEFAULT '[]',
  CONSTRAINT erasure_previews_pkey PRIMARY KEY (business_id, id)
);
