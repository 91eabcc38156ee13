-- On a cluster, these functions run on the node of the business, so their rows are numbered by the same sequence as the
-- rows of `append_events`. Numbers of different nodes have no common order.
CREATE FUNCTION add_changes(
  business bigint, times timestamptz[], kinds text[], subject_ids text[], all_details text[]
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  given record;
BEGIN
  FOR given IN
    SELECT * FROM unnest(times, kinds, subject_ids, all_details) AS g(at, kind, subject_id, details)
  LOOP
    INSERT INTO changes_pending (business_id, at, kind, subject_id, details)
    VALUES (business, given.at, given.kind, given.subject_id, given.details);
  END LOOP;
END
$$;

CREATE FUNCTION add_audit(
  business bigint, times timestamptz[], users text[], keys text[], actions text[], kinds text[], hashes text[],
  subject_ids text[], all_details text[]
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  given record;
BEGIN
  FOR given IN
    SELECT * FROM unnest(times, users, keys, actions, kinds, hashes, subject_ids, all_details)
      AS g(at, user_id, api_key_id, action, kind, hash, subject_id, details)
  LOOP
    INSERT INTO audit_pending (business_id, at, user_id, api_key_id, action, subject_kind, subject_hash, subject_id,
      details)
    VALUES (business, given.at, given.user_id, given.api_key_id, given.action, given.kind, given.hash, given.subject_id,
      given.details);
  END LOOP;
END
$$;
