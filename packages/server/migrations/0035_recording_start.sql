-- When the first sample of a recording was taken, as the upload said; null if it did not.
ALTER TABLE recordings ADD COLUMN start_time timestamptz;
