-- Its plans are made when few conversations are live, as at night, and kept while thousands are: until the next ANALYZE,
-- each append read all live conversations of all businesses.
ALTER FUNCTION append_events SET enable_seqscan = off;
