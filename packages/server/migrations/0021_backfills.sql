-- Names of the backfills (kernel/jobs/backfill.ts) that are registered, each once.
CREATE TABLE backfill_registrations (
  name text COLLATE "C" NOT NULL,
  registered_at timestamptz NOT NULL,
  CONSTRAINT backfill_registrations_pkey PRIMARY KEY (name)
);

-- Progress of a backfill in a business that existed at its registration. Later businesses have no row,
-- because they have no data in an earlier form.
CREATE TABLE backfills (
  business_id bigint NOT NULL,
  name text COLLATE "C" NOT NULL,
  -- The key of the last completed row, as a JSON array; null: none.
  position jsonb,
  -- The business with the fewest batches is next.
  batches bigint NOT NULL DEFAULT 0,
  rows_done bigint NOT NULL DEFAULT 0,
  rows_estimated bigint,
  started_at timestamptz,
  finished_at timestamptz,
  -- Of the last failed batch; the next success resets all of this.
  failures integer NOT NULL DEFAULT 0,
  last_error text,
  retry_at timestamptz,
  CONSTRAINT backfills_pkey PRIMARY KEY (business_id, name)
);
CREATE INDEX backfills_unfinished_idx ON backfills (batches, business_id, name)
  WHERE finished_at IS NULL;
