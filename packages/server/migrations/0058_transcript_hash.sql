-- Stands for the transcript in the ETag, so a 304 does not read it. NULL: live, or written by an earlier release.
ALTER TABLE conversations ADD COLUMN transcript_hash bytea;

-- A wrong hash would make a stale 304. Refuses statements that change a transcript without its hash, also from servers
-- of the earlier release that are still running.
ALTER TABLE conversations ADD CONSTRAINT conversations_transcript_hash CHECK (
  transcript_hash IS NULL OR coalesce(transcript_hash = sha256(
    sha256(convert_to(messages, 'UTF8')) || sha256(convert_to(logs, 'UTF8'))
  ), false)
) NOT VALID;
