-- Whether an erasure also replaces the number where other conversations mention it, the last conversation
-- that was looked at, and how many were changed, or kept by a legal hold.
ALTER TABLE erasures
  ADD COLUMN includes_mentions boolean NOT NULL DEFAULT false,
  ADD COLUMN mention_position text COLLATE "C" NOT NULL DEFAULT '',
  ADD COLUMN mentions_changed bigint NOT NULL DEFAULT 0,
  ADD COLUMN mentions_held bigint NOT NULL DEFAULT 0;
