-- A copy of a recording with masked speech muted, for readers without access to originals. `silenced_for`
-- identifies the masking it was made for (redaction/mask.ts); the copy is not served if that is not the
-- current one. Changes of messages, spans or the recording delete it. State 'Same' without a key: nothing
-- to mute.
ALTER TABLE recordings ADD COLUMN silenced_for text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE recordings ADD COLUMN silenced_state text COLLATE "C";
ALTER TABLE recordings ADD COLUMN silenced_key text COLLATE "C";
ALTER TABLE recordings ADD COLUMN silenced_bytes bigint;
-- Seconds from the start of the file, as JSON: [[from, to], …].
ALTER TABLE recordings ADD COLUMN silenced_stretches text;
ALTER TABLE recordings ADD CONSTRAINT recordings_silenced_state
  CHECK (silenced_state IN ('Same', 'Made', 'NoDecoder', 'Impossible'));
CREATE INDEX recordings_by_silenced ON recordings (business_id, silenced_key)
  WHERE silenced_key IS NOT NULL;
CREATE INDEX recordings_to_silence ON recordings (business_id, silenced_for, uploaded_at);
CREATE INDEX recordings_not_silenced ON recordings (business_id)
  WHERE silenced_state = 'NoDecoder';
