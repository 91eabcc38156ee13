-- Start of the first sample, from the upload; null if not given.
ALTER TABLE recordings ADD COLUMN start_time timestamptz;
