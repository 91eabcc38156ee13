-- Peaks are a separate blob next to the recording. NULL state: not attempted yet.
ALTER TABLE recordings ADD COLUMN peaks_key text COLLATE "C";
ALTER TABLE recordings ADD COLUMN peaks_state text COLLATE "C";
ALTER TABLE recordings ADD CONSTRAINT recordings_peaks_state
  CHECK (peaks_state IN ('Made', 'NoDecoder', 'Undecodable'));
CREATE INDEX recordings_by_peaks ON recordings (business_id, peaks_key) WHERE peaks_key IS NOT NULL;
CREATE INDEX recordings_without_peaks ON recordings (business_id, uploaded_at)
  WHERE peaks_state IS NULL OR peaks_state = 'NoDecoder';
