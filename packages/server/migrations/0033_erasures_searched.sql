-- What an erasure searched and how it compared, as JSON for its certificate; null until the search is
-- over, and of erasures from before.
ALTER TABLE erasures ADD COLUMN searched text;
