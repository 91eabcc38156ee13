-- access.bootstrap_key
SELECT api_key_id AS "apiKeyId", user_id AS "userId", name,
  business_ids::float8[] AS "businessIds", permissions, expires_at AS "expiresAt",
  revoked_at AS "revokedAt", is_bootstrap AS "isBootstrap", is_replaced AS "isReplaced",
  created_at AS "createdAt" FROM api_keys WHERE is_bootstrap ORDER BY revoked_at DESC NULLS FIRST LIMIT 1;

-- access.businesses-with-pending-audit
WITH RECURSIVE found AS (
     (SELECT t.business_id FROM audit_pending t WHERE true ORDER BY t.business_id LIMIT 1)
     UNION ALL
     SELECT n.business_id FROM found f CROSS JOIN LATERAL (
       SELECT t.business_id FROM audit_pending t WHERE t.business_id > f.business_id AND true
       ORDER BY t.business_id LIMIT 1
     ) n
   ) SELECT f.business_id AS "businessId" FROM found f;

-- access.find-pending-audit
SELECT e.seq::text AS seq, e.at, e.user_id AS "userId", e.api_key_id AS "apiKeyId", e.action,
  e.subject_kind AS kind, e.subject_hash AS "subjectHash", e.details, e.subject_id AS "subjectId" FROM audit_pending e
   WHERE business_id = $1 ORDER BY e.seq LIMIT $2;

-- access.find_business_key
SELECT k.api_key_id AS "apiKeyId", k.user_id AS "userId", k.name,
  k.business_ids::float8[] AS "businessIds", k.permissions, k.expires_at AS "expiresAt",
  k.revoked_at AS "revokedAt", k.is_bootstrap AS "isBootstrap", k.is_replaced AS "isReplaced",
  k.created_at AS "createdAt", u.name AS "userName" FROM api_keys k JOIN users u ON u.user_id = k.user_id
  WHERE k.business_ids @> ARRAY[$1::bigint] AND k.api_key_id = $2;

-- access.find_invitation
SELECT i.business_id AS "businessId", i.invitation_id AS "invitationId", i.email, i.role,
  i.invited_by AS "invitedBy", i.expires_at AS "expiresAt", i.accepted_at AS "acceptedAt",
  i.created_at AS "createdAt", b.name AS "businessName", EXISTS (
  SELECT FROM users u JOIN businesses b ON b.business_id = i.business_id
  WHERE u.user_id = i.invited_by AND NOT u.is_disabled AND CASE WHEN u.is_admin OR b.owner_user_id = u.user_id THEN 'Owner' ELSE (
  SELECT m.role FROM business_members m
  WHERE m.business_id = b.business_id AND m.user_id = u.user_id) END = 'Owner') AS "isInviterOwner"
   FROM invitations i JOIN businesses b ON b.business_id = i.business_id
   WHERE i.token_hash = decode($1, 'base64');

-- access.find_member
SELECT u.user_id AS "userId", u.email, u.name, u.is_disabled AS "isDisabled",
  u.user_id IS NOT DISTINCT FROM b.owner_user_id AS "isOwner", CASE WHEN u.user_id IS NOT DISTINCT FROM b.owner_user_id THEN 'Owner' ELSE m.role END AS role,
  m.added_at AS "addedAt" FROM businesses b
  JOIN users u ON u.user_id = b.owner_user_id
    OR u.user_id IN (SELECT user_id FROM business_members WHERE business_id = $1)
  LEFT JOIN business_members m ON m.business_id = b.business_id AND m.user_id = u.user_id
  WHERE b.business_id = $1 AND u.user_id = $2;

-- access.find_member_by_email
SELECT u.user_id AS "userId", u.email, u.name, u.is_disabled AS "isDisabled",
  u.user_id IS NOT DISTINCT FROM b.owner_user_id AS "isOwner", CASE WHEN u.user_id IS NOT DISTINCT FROM b.owner_user_id THEN 'Owner' ELSE m.role END AS role,
  m.added_at AS "addedAt" FROM businesses b
  JOIN users u ON u.user_id = b.owner_user_id
    OR u.user_id IN (SELECT user_id FROM business_members WHERE business_id = $1)
  LEFT JOIN business_members m ON m.business_id = b.business_id AND m.user_id = u.user_id
  WHERE b.business_id = $1 AND lower(u.email) = lower($2);

-- access.find_person
SELECT u.user_id AS "userId", u.email, u.name, u.is_admin AS "isAdmin",
    u.is_disabled AS "isDisabled", u.is_email_proven AS "isEmailProven", a.password_hash AS "passwordHash"
  FROM users u
  LEFT JOIN accounts a ON a.provider = 'credential' AND a.subject = u.user_id WHERE u.user_id = $1;

-- access.find_person_by_email
SELECT u.user_id AS "userId", u.email, u.name, u.is_admin AS "isAdmin",
    u.is_disabled AS "isDisabled", u.is_email_proven AS "isEmailProven", a.password_hash AS "passwordHash"
  FROM users u
  LEFT JOIN accounts a ON a.provider = 'credential' AND a.subject = u.user_id WHERE lower(u.email) = lower($1);

-- access.find_retention
SELECT coalesce(retention_rules, '[]')::json AS rules, retention_plan AS plan,
  is_retention_paused AS "isPaused" FROM businesses WHERE business_id = $1;

-- access.find_sign_in_link
SELECT user_id AS "userId", expires_at AS "expiresAt", used_at AS "usedAt" FROM sign_in_links WHERE token_hash = decode($1, 'base64');

-- access.first_admin
SELECT user_id AS "userId", email, name, is_admin AS "isAdmin",
  is_disabled AS "isDisabled", is_email_proven AS "isEmailProven", created_at AS "createdAt" FROM users
   WHERE is_admin AND NOT is_disabled AND user_id IS DISTINCT FROM $1 ORDER BY user_id LIMIT 1;

-- access.forget-pending-subjects
UPDATE audit_pending SET subject_id = NULL WHERE business_id = $1 AND subject_hash = ANY($2::text[]) AND subject_id IS NOT NULL;

-- access.forget-subjects
UPDATE audit_entries SET subject_id = NULL WHERE business_id = $1 AND subject_hash = ANY($2::text[]) AND subject_id IS NOT NULL;

-- access.get_business
SELECT business_id AS "businessId", name, owner_user_id AS "ownerUserId",
  is_disabled AS "isDisabled", is_editing_enabled AS "isEditingEnabled",
  coalesce(retention_rules, '[]')::json AS rules, retention_plan AS plan,
  is_retention_paused AS "isPaused", time_zone AS "timeZone", created_at AS "createdAt",
  quotas::json AS quotas FROM businesses WHERE business_id = $1;

-- access.get_user
SELECT user_id AS "userId", email, name, is_admin AS "isAdmin",
  is_disabled AS "isDisabled", is_email_proven AS "isEmailProven", created_at AS "createdAt" FROM users WHERE user_id = $1;

-- access.has_invitation
SELECT EXISTS (SELECT FROM invitations i WHERE lower(i.email) = lower($1)
     AND i.accepted_at IS NULL AND i.expires_at > $2 AND EXISTS (
  SELECT FROM users u JOIN businesses b ON b.business_id = i.business_id
  WHERE u.user_id = i.invited_by AND NOT u.is_disabled AND CASE WHEN u.is_admin OR b.owner_user_id = u.user_id THEN 'Owner' ELSE (
  SELECT m.role FROM business_members m
  WHERE m.business_id = b.business_id AND m.user_id = u.user_id) END = 'Owner')) AS "isThere";

-- access.insert_business
INSERT INTO businesses (business_id, name, owner_user_id, time_zone, created_at)
   VALUES (coalesce($1, nextval('business_numbers')), $2, $3, $4, $5)
   ON CONFLICT (business_id) DO NOTHING RETURNING business_id AS "businessId", name, owner_user_id AS "ownerUserId",
  is_disabled AS "isDisabled", is_editing_enabled AS "isEditingEnabled",
  coalesce(retention_rules, '[]')::json AS rules, retention_plan AS plan,
  is_retention_paused AS "isPaused", time_zone AS "timeZone", created_at AS "createdAt",
  quotas::json AS quotas;

-- access.insert_key
INSERT INTO api_keys (api_key_id, key_hash, user_id, name, business_ids, permissions,
     expires_at, is_bootstrap, created_at)
   VALUES ($1, decode($2, 'base64'), $3, $4, $5, $6, $7, $8, $9) RETURNING api_key_id AS "apiKeyId", user_id AS "userId", name,
  business_ids::float8[] AS "businessIds", permissions, expires_at AS "expiresAt",
  revoked_at AS "revokedAt", is_bootstrap AS "isBootstrap", is_replaced AS "isReplaced",
  created_at AS "createdAt";

-- access.insert_user
INSERT INTO users (user_id, email, name, is_admin, is_email_proven, created_at)
   VALUES ($1, $2, $3, $4, $5, $6)
   ON CONFLICT (lower(email)) DO NOTHING RETURNING user_id AS "userId", email, name, is_admin AS "isAdmin",
  is_disabled AS "isDisabled", is_email_proven AS "isEmailProven", created_at AS "createdAt";

-- access.key_by_hash
SELECT api_key_id AS "apiKeyId", user_id AS "userId", name,
  business_ids::float8[] AS "businessIds", permissions, expires_at AS "expiresAt",
  revoked_at AS "revokedAt", is_bootstrap AS "isBootstrap", is_replaced AS "isReplaced",
  created_at AS "createdAt" FROM api_keys WHERE key_hash = decode($1, 'base64');

-- access.list-audit-by-action
WITH scanned AS MATERIALIZED (SELECT e.* FROM unnest($2::text[]) AS g(value)
         CROSS JOIN LATERAL (SELECT e.* FROM audit_entries e
      WHERE e.business_id = $1 AND e.action = g.value AND e.at >= $3 AND (e.at, e.chain_no) < ($4, $5)
      ORDER BY e.at DESC, e.chain_no DESC LIMIT $10) e
         ORDER BY e.at DESC, e.chain_no DESC LIMIT $10), matching AS (
     SELECT e.* FROM scanned e
     WHERE ($6::text[] IS NULL OR e.subject_hash = ANY($6))
       AND ($7::text IS NULL OR e.api_key_id = $7) AND ($8::text IS NULL OR e.user_id = $8)
       AND ($9::text[] IS NULL OR e.action = ANY($9))
     ORDER BY e.at DESC, e.chain_no DESC LIMIT $11
   )
   SELECT e.at, e.user_id AS "userId", e.api_key_id AS "apiKeyId", e.action,
  e.subject_kind AS kind, e.subject_hash AS "subjectHash", e.details, e.subject_id AS "subjectId", e.chain_no AS number,
  encode(e.hash, 'hex') AS hash, false AS "isEdge" FROM matching e
   UNION ALL
   (SELECT e.at, e.user_id AS "userId", e.api_key_id AS "apiKeyId", e.action,
  e.subject_kind AS kind, e.subject_hash AS "subjectHash", e.details, e.subject_id AS "subjectId", e.chain_no AS number,
  encode(e.hash, 'hex') AS hash, true FROM scanned e WHERE (SELECT count(*) FROM scanned) = $10
    ORDER BY e.at, e.chain_no LIMIT 1)
   ORDER BY 1 DESC, number DESC, "isEdge";

-- access.list-audit-by-key
WITH scanned AS MATERIALIZED (SELECT e.* FROM unnest($2::text[]) AS g(value)
         CROSS JOIN LATERAL (SELECT e.* FROM audit_entries e
      WHERE e.business_id = $1 AND e.api_key_id = g.value AND e.at >= $3 AND (e.at, e.chain_no) < ($4, $5)
      ORDER BY e.at DESC, e.chain_no DESC LIMIT $10) e
         ORDER BY e.at DESC, e.chain_no DESC LIMIT $10), matching AS (
     SELECT e.* FROM scanned e
     WHERE ($6::text[] IS NULL OR e.subject_hash = ANY($6))
       AND ($7::text IS NULL OR e.api_key_id = $7) AND ($8::text IS NULL OR e.user_id = $8)
       AND ($9::text[] IS NULL OR e.action = ANY($9))
     ORDER BY e.at DESC, e.chain_no DESC LIMIT $11
   )
   SELECT e.at, e.user_id AS "userId", e.api_key_id AS "apiKeyId", e.action,
  e.subject_kind AS kind, e.subject_hash AS "subjectHash", e.details, e.subject_id AS "subjectId", e.chain_no AS number,
  encode(e.hash, 'hex') AS hash, false AS "isEdge" FROM matching e
   UNION ALL
   (SELECT e.at, e.user_id AS "userId", e.api_key_id AS "apiKeyId", e.action,
  e.subject_kind AS kind, e.subject_hash AS "subjectHash", e.details, e.subject_id AS "subjectId", e.chain_no AS number,
  encode(e.hash, 'hex') AS hash, true FROM scanned e WHERE (SELECT count(*) FROM scanned) = $10
    ORDER BY e.at, e.chain_no LIMIT 1)
   ORDER BY 1 DESC, number DESC, "isEdge";

-- access.list-audit-by-subject
WITH scanned AS MATERIALIZED (SELECT e.* FROM unnest($2::text[]) AS g(value)
         CROSS JOIN LATERAL (SELECT e.* FROM audit_entries e
      WHERE e.business_id = $1 AND e.subject_hash = g.value AND e.at >= $3 AND (e.at, e.chain_no) < ($4, $5)
      ORDER BY e.at DESC, e.chain_no DESC LIMIT $10) e
         ORDER BY e.at DESC, e.chain_no DESC LIMIT $10), matching AS (
     SELECT e.* FROM scanned e
     WHERE ($6::text[] IS NULL OR e.subject_hash = ANY($6))
       AND ($7::text IS NULL OR e.api_key_id = $7) AND ($8::text IS NULL OR e.user_id = $8)
       AND ($9::text[] IS NULL OR e.action = ANY($9))
     ORDER BY e.at DESC, e.chain_no DESC LIMIT $11
   )
   SELECT e.at, e.user_id AS "userId", e.api_key_id AS "apiKeyId", e.action,
  e.subject_kind AS kind, e.subject_hash AS "subjectHash", e.details, e.subject_id AS "subjectId", e.chain_no AS number,
  encode(e.hash, 'hex') AS hash, false AS "isEdge" FROM matching e
   UNION ALL
   (SELECT e.at, e.user_id AS "userId", e.api_key_id AS "apiKeyId", e.action,
  e.subject_kind AS kind, e.subject_hash AS "subjectHash", e.details, e.subject_id AS "subjectId", e.chain_no AS number,
  encode(e.hash, 'hex') AS hash, true FROM scanned e WHERE (SELECT count(*) FROM scanned) = $10
    ORDER BY e.at, e.chain_no LIMIT 1)
   ORDER BY 1 DESC, number DESC, "isEdge";

-- access.list-audit-by-time
WITH scanned AS MATERIALIZED (SELECT e.* FROM audit_entries e
      WHERE e.business_id = $1 AND  e.at >= $3 AND (e.at, e.chain_no) < ($4, $5)
      ORDER BY e.at DESC, e.chain_no DESC LIMIT $10), matching AS (
     SELECT e.* FROM scanned e
     WHERE ($6::text[] IS NULL OR e.subject_hash = ANY($6))
       AND ($7::text IS NULL OR e.api_key_id = $7) AND ($8::text IS NULL OR e.user_id = $8)
       AND ($9::text[] IS NULL OR e.action = ANY($9)) AND $2::text[] IS NULL
     ORDER BY e.at DESC, e.chain_no DESC LIMIT $11
   )
   SELECT e.at, e.user_id AS "userId", e.api_key_id AS "apiKeyId", e.action,
  e.subject_kind AS kind, e.subject_hash AS "subjectHash", e.details, e.subject_id AS "subjectId", e.chain_no AS number,
  encode(e.hash, 'hex') AS hash, false AS "isEdge" FROM matching e
   UNION ALL
   (SELECT e.at, e.user_id AS "userId", e.api_key_id AS "apiKeyId", e.action,
  e.subject_kind AS kind, e.subject_hash AS "subjectHash", e.details, e.subject_id AS "subjectId", e.chain_no AS number,
  encode(e.hash, 'hex') AS hash, true FROM scanned e WHERE (SELECT count(*) FROM scanned) = $10
    ORDER BY e.at, e.chain_no LIMIT 1)
   ORDER BY 1 DESC, number DESC, "isEdge";

-- access.list-audit-by-user
WITH scanned AS MATERIALIZED (SELECT e.* FROM unnest($2::text[]) AS g(value)
         CROSS JOIN LATERAL (SELECT e.* FROM audit_entries e
      WHERE e.business_id = $1 AND e.user_id = g.value AND e.at >= $3 AND (e.at, e.chain_no) < ($4, $5)
      ORDER BY e.at DESC, e.chain_no DESC LIMIT $10) e
         ORDER BY e.at DESC, e.chain_no DESC LIMIT $10), matching AS (
     SELECT e.* FROM scanned e
     WHERE ($6::text[] IS NULL OR e.subject_hash = ANY($6))
       AND ($7::text IS NULL OR e.api_key_id = $7) AND ($8::text IS NULL OR e.user_id = $8)
       AND ($9::text[] IS NULL OR e.action = ANY($9))
     ORDER BY e.at DESC, e.chain_no DESC LIMIT $11
   )
   SELECT e.at, e.user_id AS "userId", e.api_key_id AS "apiKeyId", e.action,
  e.subject_kind AS kind, e.subject_hash AS "subjectHash", e.details, e.subject_id AS "subjectId", e.chain_no AS number,
  encode(e.hash, 'hex') AS hash, false AS "isEdge" FROM matching e
   UNION ALL
   (SELECT e.at, e.user_id AS "userId", e.api_key_id AS "apiKeyId", e.action,
  e.subject_kind AS kind, e.subject_hash AS "subjectHash", e.details, e.subject_id AS "subjectId", e.chain_no AS number,
  encode(e.hash, 'hex') AS hash, true FROM scanned e WHERE (SELECT count(*) FROM scanned) = $10
    ORDER BY e.at, e.chain_no LIMIT 1)
   ORDER BY 1 DESC, number DESC, "isEdge";

-- access.list-audit-chain
SELECT e.at, e.user_id AS "userId", e.api_key_id AS "apiKeyId", e.action,
  e.subject_kind AS kind, e.subject_hash AS "subjectHash", e.details, e.subject_id AS "subjectId", e.chain_no AS number,
  encode(e.hash, 'hex') AS hash FROM audit_entries e
   WHERE e.business_id = $1 AND e.chain_no > $2 ORDER BY e.chain_no LIMIT $3;

-- access.list_business_keys
SELECT k.api_key_id AS "apiKeyId", k.user_id AS "userId", k.name,
  k.business_ids::float8[] AS "businessIds", k.permissions, k.expires_at AS "expiresAt",
  k.revoked_at AS "revokedAt", k.is_bootstrap AS "isBootstrap", k.is_replaced AS "isReplaced",
  k.created_at AS "createdAt", u.name AS "userName" FROM api_keys k JOIN users u ON u.user_id = k.user_id
  WHERE k.business_ids @> ARRAY[$1::bigint] AND k.api_key_id > $2 ORDER BY k.api_key_id LIMIT $3;

-- access.list_businesses
SELECT business_id AS "businessId", name, owner_user_id AS "ownerUserId",
  is_disabled AS "isDisabled", is_editing_enabled AS "isEditingEnabled",
  coalesce(retention_rules, '[]')::json AS rules, retention_plan AS plan,
  is_retention_paused AS "isPaused", time_zone AS "timeZone", created_at AS "createdAt",
  quotas::json AS quotas FROM businesses WHERE business_id > $1 ORDER BY business_id LIMIT $2;

-- access.list_invitations
SELECT i.business_id AS "businessId", i.invitation_id AS "invitationId", i.email, i.role,
  i.invited_by AS "invitedBy", i.expires_at AS "expiresAt", i.accepted_at AS "acceptedAt",
  i.created_at AS "createdAt" FROM invitations i
   WHERE i.business_id = $1 AND i.accepted_at IS NULL AND i.invitation_id > $2
   ORDER BY i.invitation_id LIMIT $3;

-- access.list_keys
SELECT api_key_id AS "apiKeyId", user_id AS "userId", name,
  business_ids::float8[] AS "businessIds", permissions, expires_at AS "expiresAt",
  revoked_at AS "revokedAt", is_bootstrap AS "isBootstrap", is_replaced AS "isReplaced",
  created_at AS "createdAt" FROM api_keys WHERE api_key_id > $1 ORDER BY api_key_id LIMIT $2;

-- access.list_members
SELECT u.user_id AS "userId", u.email, u.name, u.is_disabled AS "isDisabled",
  u.user_id IS NOT DISTINCT FROM b.owner_user_id AS "isOwner", CASE WHEN u.user_id IS NOT DISTINCT FROM b.owner_user_id THEN 'Owner' ELSE m.role END AS role,
  m.added_at AS "addedAt" FROM businesses b
   JOIN (
     SELECT user_id FROM business_members WHERE business_id = $1 AND user_id > $2
     UNION SELECT owner_user_id FROM businesses WHERE business_id = $1 AND owner_user_id > $2
     ORDER BY 1 LIMIT $3
   ) AS page ON true
   JOIN users u ON u.user_id = page.user_id
   LEFT JOIN business_members m ON m.business_id = b.business_id AND m.user_id = u.user_id
   WHERE b.business_id = $1 ORDER BY u.user_id;

-- access.list_my_businesses
SELECT b.business_id AS "businessId", b.name, b.time_zone AS "timeZone", CASE WHEN u.is_admin OR b.owner_user_id = u.user_id THEN 'Owner' ELSE (
  SELECT m.role FROM business_members m
  WHERE m.business_id = b.business_id AND m.user_id = u.user_id) END AS role,
     b.is_disabled AS "isDisabled", b.is_editing_enabled AS "isEditingEnabled"
   FROM users u JOIN businesses b ON (u.is_admin OR b.owner_user_id = u.user_id OR EXISTS (
  SELECT FROM business_members m WHERE m.business_id = b.business_id AND m.user_id = u.user_id))
   WHERE u.user_id = $1 AND b.business_id > $2 AND ($4::bigint[] IS NULL OR b.business_id = ANY ($4))
     AND ($5 = '' OR strpos(lower(b.name), lower($5)) > 0 OR starts_with(b.business_id::text, $5))
   ORDER BY b.business_id LIMIT $3;

-- access.list_users
SELECT user_id AS "userId", email, name, is_admin AS "isAdmin",
  is_disabled AS "isDisabled", is_email_proven AS "isEmailProven", created_at AS "createdAt" FROM users WHERE user_id > $1 ORDER BY user_id LIMIT $2;

-- access.listen
LISTEN colloquy_access;

-- access.lock-audit
SELECT pg_advisory_xact_lock(hashtextextended('audit', $1));

-- access.lock_retention
SELECT coalesce(retention_rules, '[]')::json AS rules, retention_plan AS plan,
  is_retention_paused AS "isPaused" FROM businesses WHERE business_id = $1 FOR SHARE;

-- access.remove_invitation
DELETE FROM invitations i
   WHERE i.business_id = $1 AND i.invitation_id = $2 AND i.accepted_at IS NULL
   RETURNING i.business_id AS "businessId", i.invitation_id AS "invitationId", i.email, i.role,
  i.invited_by AS "invitedBy", i.expires_at AS "expiresAt", i.accepted_at AS "acceptedAt",
  i.created_at AS "createdAt";

-- access.restore_admin
UPDATE users SET is_admin = true, is_disabled = false WHERE lower(email) = lower($1)
   RETURNING user_id AS "userId", email, name, is_admin AS "isAdmin",
  is_disabled AS "isDisabled", is_email_proven AS "isEmailProven", created_at AS "createdAt";

-- access.revoke_key
WITH before AS (
     SELECT revoked_at IS NOT NULL AS was_revoked FROM api_keys WHERE api_key_id = $1
   )
   UPDATE api_keys SET revoked_at = coalesce(revoked_at, $2), is_replaced = false
   WHERE api_key_id = $1
   RETURNING api_key_id AS "apiKeyId", user_id AS "userId", name,
  business_ids::float8[] AS "businessIds", permissions, expires_at AS "expiresAt",
  revoked_at AS "revokedAt", is_bootstrap AS "isBootstrap", is_replaced AS "isReplaced",
  created_at AS "createdAt", (SELECT was_revoked FROM before) AS "wasRevoked";

-- access.set_retention
WITH before AS (
     SELECT coalesce(retention_rules, '[]') AS rules, is_retention_paused AS is_paused
     FROM businesses WHERE business_id = $1 FOR NO KEY UPDATE
   )
   UPDATE businesses SET retention_rules = $2,
     is_retention_paused = coalesce($3, is_retention_paused),
     retention_plan = retention_plan + CASE WHEN before.rules = $2 THEN 0 ELSE 1 END
   FROM before WHERE business_id = $1
   RETURNING coalesce(retention_rules, '[]')::json AS rules, retention_plan AS plan,
  is_retention_paused AS "isPaused", before.rules <> $2 OR before.is_paused <> is_retention_paused AS "isChanged";

-- access.share-audit
SELECT pg_advisory_xact_lock_shared(hashtextextended('audit', $1));

-- access.standing
SELECT k.api_key_id AS "apiKeyId", k.business_ids::float8[] AS "businessIds", k.permissions,
     k.expires_at AS "expiresAt", u.user_id AS "userId", u.is_admin AS "isAdmin",
  u.is_disabled AS "isUserDisabled", b.business_id AS "businessId",
  CASE WHEN b.business_id IS NULL THEN NULL ELSE CASE WHEN u.is_admin OR b.owner_user_id = u.user_id THEN 'Owner' ELSE (
  SELECT m.role FROM business_members m
  WHERE m.business_id = b.business_id AND m.user_id = u.user_id) END END AS role,
  b.redaction::json AS redaction, b.redaction_country AS "redactionCountry",
  b.is_disabled AS "isBusinessDisabled",
  b.is_editing_enabled AS "isEditingEnabled", b.is_read_logged AS "isReadLogged",
  b.quotas::json AS quotas
   FROM api_keys k
   JOIN users u ON u.user_id = k.user_id
   LEFT JOIN businesses b ON b.business_id = $2
     AND (k.business_ids IS NULL OR b.business_id = ANY (k.business_ids)) AND (u.is_admin OR b.owner_user_id = u.user_id OR EXISTS (
  SELECT FROM business_members m WHERE m.business_id = b.business_id AND m.user_id = u.user_id))
   WHERE k.key_hash = decode($1, 'base64') AND k.revoked_at IS NULL;

-- access.take_invitation
UPDATE invitations i SET accepted_at = $2
   WHERE i.token_hash = decode($1, 'base64') AND i.accepted_at IS NULL AND i.expires_at > $2 AND EXISTS (
  SELECT FROM users u JOIN businesses b ON b.business_id = i.business_id
  WHERE u.user_id = i.invited_by AND NOT u.is_disabled AND CASE WHEN u.is_admin OR b.owner_user_id = u.user_id THEN 'Owner' ELSE (
  SELECT m.role FROM business_members m
  WHERE m.business_id = b.business_id AND m.user_id = u.user_id) END = 'Owner')
   RETURNING i.business_id AS "businessId", i.invitation_id AS "invitationId", i.email, i.role,
  i.invited_by AS "invitedBy", i.expires_at AS "expiresAt", i.accepted_at AS "acceptedAt",
  i.created_at AS "createdAt";

-- access.take_invitations_of
UPDATE invitations i SET accepted_at = $2
   WHERE lower(i.email) = lower($1) AND i.accepted_at IS NULL AND i.expires_at > $2 AND EXISTS (
  SELECT FROM users u JOIN businesses b ON b.business_id = i.business_id
  WHERE u.user_id = i.invited_by AND NOT u.is_disabled AND CASE WHEN u.is_admin OR b.owner_user_id = u.user_id THEN 'Owner' ELSE (
  SELECT m.role FROM business_members m
  WHERE m.business_id = b.business_id AND m.user_id = u.user_id) END = 'Owner')
   RETURNING i.business_id AS "businessId", i.invitation_id AS "invitationId", i.email, i.role,
  i.invited_by AS "invitedBy", i.expires_at AS "expiresAt", i.accepted_at AS "acceptedAt",
  i.created_at AS "createdAt";

-- access.try-lock-audit
SELECT pg_try_advisory_xact_lock(hashtextextended('audit', $1)) AS mine;

-- access.unusable_business
SELECT wanted AS "businessId" FROM unnest($2::bigint[]) AS wanted
   WHERE NOT EXISTS (
     SELECT FROM businesses b JOIN users u ON u.user_id = $1
     WHERE b.business_id = wanted AND (u.is_admin OR b.owner_user_id = u.user_id OR EXISTS (
  SELECT FROM business_members m WHERE m.business_id = b.business_id AND m.user_id = u.user_id)))
   LIMIT 1;

-- access.update_business
UPDATE businesses SET
     name = coalesce($2, name), is_disabled = coalesce($3, is_disabled),
     is_editing_enabled = coalesce($4, is_editing_enabled),
     retention_rules = coalesce($5, retention_rules),
     retention_plan = retention_plan + CASE WHEN $5::text IS NULL THEN 0 ELSE 1 END,
     time_zone = coalesce($6, time_zone),
     quotas = CASE WHEN $7::text IS NULL THEN quotas ELSE nullif($7, '') END
   WHERE business_id = $1 RETURNING business_id AS "businessId", name, owner_user_id AS "ownerUserId",
  is_disabled AS "isDisabled", is_editing_enabled AS "isEditingEnabled",
  coalesce(retention_rules, '[]')::json AS rules, retention_plan AS plan,
  is_retention_paused AS "isPaused", time_zone AS "timeZone", created_at AS "createdAt",
  quotas::json AS quotas;

-- access.update_user
UPDATE users SET name = $2, is_disabled = $3, is_admin = $4 WHERE user_id = $1
   RETURNING user_id AS "userId", email, name, is_admin AS "isAdmin",
  is_disabled AS "isDisabled", is_email_proven AS "isEmailProven", created_at AS "createdAt";

-- access.use_sign_in_link
UPDATE sign_in_links SET used_at = $2
   WHERE used_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
     AND user_id = (SELECT user_id FROM sign_in_links WHERE token_hash = decode($1, 'base64')
       AND used_at IS NULL AND (expires_at IS NULL OR expires_at > $2) FOR UPDATE)
   RETURNING user_id AS "userId", expires_at AS "expiresAt", used_at AS "usedAt";

-- access.user_by_email
SELECT user_id AS "userId", email, name, is_admin AS "isAdmin",
  is_disabled AS "isDisabled", is_email_proven AS "isEmailProven", created_at AS "createdAt" FROM users WHERE lower(email) = lower($1);

-- access.user_standing
SELECT u.user_id AS "userId", u.is_admin AS "isAdmin",
  u.is_disabled AS "isUserDisabled", b.business_id AS "businessId",
  CASE WHEN b.business_id IS NULL THEN NULL ELSE CASE WHEN u.is_admin OR b.owner_user_id = u.user_id THEN 'Owner' ELSE (
  SELECT m.role FROM business_members m
  WHERE m.business_id = b.business_id AND m.user_id = u.user_id) END END AS role,
  b.redaction::json AS redaction, b.redaction_country AS "redactionCountry",
  b.is_disabled AS "isBusinessDisabled",
  b.is_editing_enabled AS "isEditingEnabled", b.is_read_logged AS "isReadLogged",
  b.quotas::json AS quotas
   FROM users u LEFT JOIN businesses b ON b.business_id = $2 AND (u.is_admin OR b.owner_user_id = u.user_id OR EXISTS (
  SELECT FROM business_members m WHERE m.business_id = b.business_id AND m.user_id = u.user_id))
   WHERE u.user_id = $1;
