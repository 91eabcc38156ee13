-- A copy of a recording for those who may not hear all of it, without the stretches in which something
-- is said that is masked. `silenced_for` says for what it was made (redaction/mask.ts); where that is
-- not what is masked now, it is not given. Whatever changes messages, marks or the recording lets go
-- of it. Without a key in the state 'Same' there was nothing to silence.
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
