-- Names of the backfills (base/jobs/backfill.ts) that this database knows, so that each is registered once.
CREATE TABLE backfill_registrations (
  name text COLLATE "C" NOT NULL,
  registered_at timestamptz NOT NULL,
  CONSTRAINT backfill_registrations_pkey PRIMARY KEY (name)
);

-- The progress of a backfill in a business that existed when the backfill was registered. Later businesses
-- have no row: nothing of theirs is in an earlier form.
CREATE TABLE backfills (
  business_id bigint NOT NULL,
  name text COLLATE "C" NOT NULL,
  -- The key of the last row that is done, as a JSON array; null: none yet.
  position jsonb,
  -- The business with the fewest batches is next.
  batches bigint NOT NULL DEFAULT 0,
  rows_done bigint NOT NULL DEFAULT 0,
  rows_estimated bigint,
  started_at timestamptz,
  finished_at timestamptz,
  -- Of the batch that failed last; all of this is reset by the next one that succeeds.
  failures integer NOT NULL DEFAULT 0,
  last_error text,
  retry_at timestamptz,
  CONSTRAINT backfills_pkey PRIMARY KEY (business_id, name)
);
CREATE INDEX backfills_unfinished_idx ON backfills (batches, business_id, name)
  WHERE finished_at IS NULL;
