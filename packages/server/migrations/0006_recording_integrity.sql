-- Claims are looked up by blob key.
CREATE INDEX recordings_by_blob ON recordings (business_id, blob_key);

-- Progress of jobs that walk over all data in steps. Contains no tenant data.
CREATE TABLE walks (
  name text PRIMARY KEY,
  started_at timestamptz NOT NULL,
  -- Depends on the walk; null at the start.
  position text,
  is_done boolean NOT NULL
);

-- Identifies this database to a recording store, which belongs to one database only. A single row.
CREATE TABLE installation (
  id uuid NOT NULL
);
INSERT INTO installation VALUES (gen_random_uuid());
