-- Addresses that receive the events of a business as HTTP requests.
CREATE TABLE webhooks (
  business_id bigint NOT NULL,
  webhook_id text COLLATE "C" NOT NULL,
  url text NOT NULL,
  event_types text[] NOT NULL,
  description text NOT NULL,
  -- Encrypted JSON.
  headers text NOT NULL,
  secrets text NOT NULL,
  is_enabled boolean NOT NULL,
  disabled_reason text,
  -- The user who may read original data and had them sent; NULL: masked data are sent.
  unredacted_by text,
  -- It receives changes after this position of the change log.
  starts_after bigint NOT NULL,
  failing_since timestamptz,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  CONSTRAINT webhooks_pkey PRIMARY KEY (business_id, webhook_id)
);

-- Deliveries exist for the changes up to `position`. Everything that adds, settles or replays deliveries of the
-- business locks this row.
CREATE TABLE webhook_positions (
  business_id bigint NOT NULL,
  position bigint NOT NULL,
  last_seq bigint NOT NULL,
  CONSTRAINT webhook_positions_pkey PRIMARY KEY (business_id)
) WITH (fillfactor = 50);

CREATE TABLE webhook_deliveries (
  business_id bigint NOT NULL,
  delivery_id text COLLATE "C" NOT NULL,
  webhook_id text COLLATE "C" NOT NULL,
  -- Ascends in the order in which the deliveries of a conversation are sent.
  seq bigint NOT NULL,
  message_id text COLLATE "C" NOT NULL,
  event_type text COLLATE "C" NOT NULL,
  -- A keyed hash of the id of the conversation or call. Erasures find deliveries by it.
  subject_hash text COLLATE "C" NOT NULL,
  -- The id; encrypted for the event of an erasure; NULL: none, or erased since.
  subject_id text COLLATE "C",
  -- JSON of the change; NULL: none.
  details text,
  -- When the event happened.
  at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  -- What is masked in the body; empty: nothing.
  masking text COLLATE "C" NOT NULL,
  -- NULL: rendered when it is sent.
  body text,
  status text COLLATE "C" NOT NULL,
  -- NULL: it waits for an earlier delivery of its conversation, or is not pending.
  next_attempt_at timestamptz,
  -- Since it was created or replayed.
  failures integer NOT NULL DEFAULT 0,
  attempts integer NOT NULL DEFAULT 0,
  CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (business_id, delivery_id)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);
-- Before the table has statistics, the planner takes every index whose first column a query names for equally
-- good, and of these the one that was created last. So only the key begins with the business, and the order counts.
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (created_at, business_id);
CREATE INDEX webhook_deliveries_by_seq ON webhook_deliveries (webhook_id, seq);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_attempt_at, seq)
  WHERE next_attempt_at IS NOT NULL;
CREATE INDEX webhook_deliveries_of_subject ON webhook_deliveries (subject_hash, webhook_id, seq);

CREATE TABLE webhook_attempts (
  business_id bigint NOT NULL,
  delivery_id text COLLATE "C" NOT NULL,
  attempt integer NOT NULL,
  at timestamptz NOT NULL,
  http_status integer,
  error text,
  duration_ms integer NOT NULL,
  answer text,
  CONSTRAINT webhook_attempts_pkey PRIMARY KEY (business_id, delivery_id, attempt)
);

-- Webhooks whose deliveries a job removes.
CREATE TABLE deleted_webhooks (
  business_id bigint NOT NULL,
  webhook_id text COLLATE "C" NOT NULL,
  CONSTRAINT deleted_webhooks_pkey PRIMARY KEY (business_id, webhook_id)
);

-- Sealed conversations whose recordings are being uploaded; they are completed after that.
CREATE TABLE webhook_uploads (
  business_id bigint NOT NULL,
  conversation_id text COLLATE "C" NOT NULL,
  sealed_at timestamptz NOT NULL,
  CONSTRAINT webhook_uploads_pkey PRIMARY KEY (business_id, conversation_id)
);

-- A keyed hash of the conversation whose recording is being uploaded.
ALTER TABLE unclaimed_blobs ADD COLUMN conversation_hash text COLLATE "C";
CREATE INDEX unclaimed_blobs_of_conversation ON unclaimed_blobs (business_id, conversation_hash)
  WHERE conversation_hash IS NOT NULL;

-- Adds deliveries in their order and moves the position. The caller holds the lock of the position.
CREATE FUNCTION add_webhook_deliveries(
  business bigint, reached bigint, now timestamptz, delivery_ids text[], webhook_ids text[], message_ids text[],
  event_types text[], hashes text[], subject_ids text[], details text[], times timestamptz[], maskings text[],
  bodies text[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  last bigint;
BEGIN
  SELECT last_seq INTO last FROM webhook_positions WHERE business_id = business FOR UPDATE;
  FOR i IN 1 .. cardinality(delivery_ids) LOOP
    INSERT INTO webhook_deliveries (business_id, delivery_id, webhook_id, seq, message_id, event_type, subject_hash,
      subject_id, details, at, created_at, masking, body, status, next_attempt_at)
    VALUES (business, delivery_ids[i], webhook_ids[i], last + i, message_ids[i], event_types[i], hashes[i],
      subject_ids[i], details[i], times[i], now, maskings[i], bodies[i], 'Pending',
      CASE WHEN NOT EXISTS (
        SELECT FROM webhook_deliveries d WHERE d.business_id = business AND d.subject_hash = hashes[i]
          AND d.webhook_id = webhook_ids[i] AND d.status = 'Pending'
      ) THEN now END);
  END LOOP;
  UPDATE webhook_positions
  SET position = greatest(position, reached), last_seq = last + cardinality(delivery_ids)
  WHERE business_id = business;
END
$$;

-- Makes the earliest pending delivery of a conversation due if it waited for others.
CREATE FUNCTION release_webhook_delivery(business bigint, webhook text, hash text, now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  first webhook_deliveries;
BEGIN
  SELECT * INTO first FROM webhook_deliveries d
  WHERE d.business_id = business AND d.subject_hash = hash AND d.webhook_id = webhook AND d.status = 'Pending'
  ORDER BY d.seq LIMIT 1;
  IF FOUND AND first.next_attempt_at IS NULL THEN
    UPDATE webhook_deliveries SET next_attempt_at = now
    WHERE business_id = business AND delivery_id = first.delivery_id AND status <> 'Canceled';
  END IF;
END
$$;

-- Notes attempts with their outcomes; those of deliveries that are not pending any more are ignored.
CREATE FUNCTION settle_webhook_deliveries(
  business bigint, now timestamptz, delivery_ids text[], times timestamptz[], http_statuses integer[], errors text[],
  durations integer[], answers text[], outcomes text[], nexts timestamptz[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  settled webhook_deliveries;
BEGIN
  PERFORM FROM webhook_positions WHERE business_id = business FOR UPDATE;
  FOR i IN 1 .. cardinality(delivery_ids) LOOP
    SELECT * INTO settled FROM webhook_deliveries d
    WHERE d.business_id = business AND d.delivery_id = delivery_ids[i] FOR UPDATE;
    CONTINUE WHEN NOT FOUND OR settled.status <> 'Pending';
    UPDATE webhook_deliveries d
    SET status = outcomes[i], next_attempt_at = nexts[i], attempts = d.attempts + 1,
      failures = d.failures + CASE outcomes[i] WHEN 'Delivered' THEN 0 ELSE 1 END
    WHERE d.business_id = business AND d.delivery_id = delivery_ids[i];
    INSERT INTO webhook_attempts (business_id, delivery_id, attempt, at, http_status, error, duration_ms, answer)
    VALUES (business, delivery_ids[i], settled.attempts + 1, times[i], http_statuses[i], errors[i], durations[i],
      answers[i]);
    IF outcomes[i] <> 'Pending' THEN
      PERFORM release_webhook_delivery(business, settled.webhook_id, settled.subject_hash, now);
    END IF;
  END LOOP;
END
$$;

-- Parks deliveries of a disabled webhook, and makes those that waited for them due. Returns their number.
CREATE FUNCTION park_webhook_deliveries(business bigint, webhook text, now timestamptz, most integer)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  waiting webhook_deliveries;
  parked integer := 0;
BEGIN
  PERFORM FROM webhook_positions WHERE business_id = business FOR UPDATE;
  FOR waiting IN
    SELECT * FROM webhook_deliveries d WHERE d.business_id = business AND d.webhook_id = webhook
      AND d.next_attempt_at IS NOT NULL AND d.event_type <> 'webhook.test'
    ORDER BY d.next_attempt_at, d.seq LIMIT most FOR UPDATE
  LOOP
    parked := parked + 1;
    UPDATE webhook_deliveries SET status = 'Parked', next_attempt_at = NULL
    WHERE business_id = business AND delivery_id = waiting.delivery_id;
    PERFORM release_webhook_delivery(business, webhook, waiting.subject_hash, now);
  END LOOP;
  RETURN parked;
END
$$;

-- Sends deliveries again, in their order, with all retries. Returns their number.
CREATE FUNCTION replay_webhook_deliveries(business bigint, now timestamptz, delivery_ids text[])
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  found_one webhook_deliveries;
  replayed integer := 0;
  is_due boolean;
BEGIN
  PERFORM FROM webhook_positions WHERE business_id = business FOR UPDATE;
  FOR found_one IN
    SELECT * FROM webhook_deliveries d WHERE d.business_id = business AND d.delivery_id = ANY (delivery_ids)
      AND d.status <> 'Canceled'
    ORDER BY d.seq FOR UPDATE
  LOOP
    replayed := replayed + 1;
    UPDATE webhook_deliveries
    SET status = 'Pending', failures = 0,
      next_attempt_at = CASE WHEN found_one.status = 'Pending' AND found_one.next_attempt_at IS NOT NULL THEN now END
    WHERE business_id = business AND delivery_id = found_one.delivery_id;
    SELECT bool_or(d.next_attempt_at IS NOT NULL) INTO is_due FROM webhook_deliveries d
    WHERE d.business_id = business AND d.subject_hash = found_one.subject_hash
      AND d.webhook_id = found_one.webhook_id AND d.status = 'Pending';
    IF NOT is_due THEN
      PERFORM release_webhook_delivery(business, found_one.webhook_id, found_one.subject_hash, now);
    END IF;
  END LOOP;
  RETURN replayed;
END
$$;

-- Removes texts that an erasure changes; deliveries are rendered again when they are sent.
CREATE FUNCTION forget_webhook_texts(business bigint, hashes text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE webhook_deliveries SET body = NULL WHERE business_id = business AND subject_hash = ANY (hashes);
  -- After the deliveries, whose locks keep further attempts from being added.
  UPDATE webhook_attempts SET answer = NULL
  WHERE business_id = business AND delivery_id = ANY (ARRAY(
    SELECT d.delivery_id FROM webhook_deliveries d WHERE d.business_id = business AND d.subject_hash = ANY (hashes)
  ));
END
$$;

-- Removes what is stored about erased conversations and calls; their pending deliveries are not sent.
CREATE FUNCTION erase_webhook_deliveries(business bigint, hashes text[], ids text[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM webhook_uploads WHERE business_id = business AND conversation_id = ANY (ids);
  UPDATE webhook_deliveries
  SET body = NULL, subject_id = NULL, details = NULL, next_attempt_at = NULL,
    status = CASE status WHEN 'Pending' THEN 'Canceled' ELSE status END
  WHERE business_id = business AND subject_hash = ANY (hashes);
  -- After the deliveries, whose locks keep further attempts from being added.
  UPDATE webhook_attempts SET answer = NULL
  WHERE business_id = business AND delivery_id = ANY (ARRAY(
    SELECT d.delivery_id FROM webhook_deliveries d WHERE d.business_id = business AND d.subject_hash = ANY (hashes)
  ));
END
$$;
