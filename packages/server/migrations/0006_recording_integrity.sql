-- Whether a blob has a claim is asked by its key.
CREATE INDEX recordings_by_blob ON recordings (business_id, blob_key);

-- How far a job has come that goes over everything there is, a bit at a time. No tenant's data.
CREATE TABLE walks (
  name text PRIMARY KEY,
  started_at timestamptz NOT NULL,
  -- In terms of what is walked over; null at the beginning.
  position text,
  is_done boolean NOT NULL
);

-- Names this database to a store of recordings, which belongs to one database only. A single row.
CREATE TABLE installation (
  id uuid NOT NULL
);
INSERT INTO installation VALUES (gen_random_uuid());
