-- When bytes of a recording last arrived while the conversation went on; no index covers it, so that the
-- updates stay in the page (HOT).
ALTER TABLE live_conversations ADD COLUMN audio_at timestamptz;
