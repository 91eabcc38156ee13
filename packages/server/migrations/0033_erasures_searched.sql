-- Search scope and comparison of an erasure, as JSON for its certificate; null until the search is
-- complete, and for earlier erasures.
ALTER TABLE erasures ADD COLUMN searched text;
