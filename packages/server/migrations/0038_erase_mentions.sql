-- Whether an erasure also replaces the number in other conversations, the last conversation searched, and
-- the numbers of conversations changed and held.
ALTER TABLE erasures
  ADD COLUMN includes_mentions boolean NOT NULL DEFAULT false,
  ADD COLUMN mention_position text COLLATE "C" NOT NULL DEFAULT '',
  ADD COLUMN mentions_changed bigint NOT NULL DEFAULT 0,
  ADD COLUMN mentions_held bigint NOT NULL DEFAULT 0;
