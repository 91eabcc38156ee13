-- Deletions are also written to a ledger outside of this database (tombstones/ledger.ts), so a restored
-- backup does not bring data back. Entries wait here until they are written.
CREATE TABLE ledger_pending (
  business_id bigint NOT NULL,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  -- As in erased_ids.
  id_hash text COLLATE "C" NOT NULL,
  -- The deleted parts: 'Record' alone, or a list of 'Transcript,Logs,Recordings'.
  parts text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  CONSTRAINT ledger_pending_pkey PRIMARY KEY (business_id, seq)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
-- Place of the ledger at the last start; in a new place it is written again from this database.
ALTER TABLE installation ADD COLUMN ledger_place text;

-- Purged parts of existing conversations, to recognize ledger lines that this database includes.
CREATE TABLE purged_parts (
  business_id bigint NOT NULL,
  id_hash text COLLATE "C" NOT NULL,
  purged_at timestamptz NOT NULL,
  parts text COLLATE "C" NOT NULL,
  CONSTRAINT purged_parts_pkey PRIMARY KEY (business_id, id_hash, purged_at)
);
