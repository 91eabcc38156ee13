-- Region of national phone numbers to mask (ISO 3166-1 alpha-2). NULL: only numbers with a country code are
-- masked.
ALTER TABLE businesses ADD COLUMN redaction_country text COLLATE "C"
  CONSTRAINT businesses_redaction_country CHECK (redaction_country ~ '^[A-Z]{2}$');
