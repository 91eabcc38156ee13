-- Moves pending audit events, in the order of `seq`, to the end of the chain, whose last number is `last_number`.
-- `hashes` has 32 bytes for each. Subjects with an `erased` hash lose their id.
CREATE FUNCTION chain_audit(business bigint, seqs bigint[], last_number bigint, hashes bytea, erased text[])
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  moved integer;
BEGIN
  INSERT INTO audit_entries (business_id, chain_no, at, user_id, api_key_id, action, subject_kind, subject_hash,
    subject_id, details, hash)
  SELECT p.business_id, last_number + p.n, p.at, p.user_id, p.api_key_id, p.action, p.subject_kind, p.subject_hash,
    CASE WHEN p.subject_hash = ANY(erased) THEN NULL ELSE p.subject_id END, p.details,
    substring(hashes FROM 32 * p.n::integer - 31 FOR 32)
  FROM (
    SELECT *, row_number() OVER (ORDER BY seq) AS n FROM audit_pending
    WHERE business_id = business AND seq = ANY(seqs)
  ) AS p;
  GET DIAGNOSTICS moved = ROW_COUNT;
  -- The events after a missing one would get wrong hashes.
  IF moved <> cardinality(seqs) OR length(hashes) <> 32 * moved THEN
    RAISE EXCEPTION '% audit events and % bytes of hashes for % numbers', moved, length(hashes), cardinality(seqs);
  END IF;
  DELETE FROM audit_pending WHERE business_id = business AND seq = ANY(seqs);
END
$$;
