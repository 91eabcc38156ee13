-- What was let go of is also written to a ledger outside of this database (base/ledger.ts), so that a
-- backup that is restored does not bring it back. An entry waits here until it is there.
CREATE TABLE ledger_pending (
  business_id bigint NOT NULL,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  -- That of erased_ids.
  id_hash text COLLATE "C" NOT NULL,
  -- What went of it, with commas: 'Record' alone, or some of 'Transcript,Logs,Recordings'.
  parts text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  CONSTRAINT ledger_pending_pkey PRIMARY KEY (business_id, seq)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
-- Where the ledger was at the last start; in another place it is written anew from what is known here.
ALTER TABLE installation ADD COLUMN ledger_place text;

-- Parts that went of conversations that are still there: which lines of the ledger are known here.
CREATE TABLE purged_parts (
  business_id bigint NOT NULL,
  id_hash text COLLATE "C" NOT NULL,
  purged_at timestamptz NOT NULL,
  parts text COLLATE "C" NOT NULL,
  CONSTRAINT purged_parts_pkey PRIMARY KEY (business_id, id_hash, purged_at)
);
