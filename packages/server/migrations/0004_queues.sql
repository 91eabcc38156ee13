-- Calls by direction. A call waits (Queued), is with a worker or a conversation (Processing), and ends in
-- one of the other statuses.
CREATE TABLE outbound_calls (
  business_id bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  enqueued_at timestamptz NOT NULL,
  processing_started_at timestamptz,
  completed_at timestamptz,
  session_id text COLLATE "C",
  session_status text COLLATE "C",
  session_end_type text COLLATE "C",
  -- Includes the current attempt; an expired call lease does not count.
  attempts integer NOT NULL DEFAULT 0,
  lost_leases integer NOT NULL DEFAULT 0,
  -- For a waiting call: when it is due, inside its windows. NULL: it cannot be leased in its present state.
  next_attempt_at timestamptz,
  scheduled_for timestamptz,
  expires_at timestamptz,
  priority smallint NOT NULL DEFAULT 0,
  last_reason text,
  -- NULL if no worker has it, or if it waits for a conversation instead of the lease.
  lease_token text COLLATE "C",
  lease_expires_at timestamptz,
  -- Number of its history entries.
  decisions integer NOT NULL DEFAULT 0,
  dynamic_variables text NOT NULL,
  metadata text NOT NULL,
  campaign_id text COLLATE "C",
  number_id text COLLATE "C",
  number_provider text COLLATE "C",
  recipient_number text COLLATE "C" NOT NULL,
  time_zone text,
  -- JSON of the call; NULL: those of its campaign.
  windows text,
  retry text,
  -- When it would be due without windows, the end of the window that contains next_attempt_at, and the
  -- rules by which both were computed.
  due_from timestamptz,
  window_closes_at timestamptz,
  plan integer NOT NULL DEFAULT 0,
  CONSTRAINT outbound_calls_pkey PRIMARY KEY (business_id, id),
  CONSTRAINT outbound_calls_status
    CHECK (status IN ('Queued', 'Processing', 'Completed', 'Failed', 'Canceled', 'Expired'))
) WITH (fillfactor = 80);

-- For lists. The counts show which combinations of keys exist; each that a filter matches is a range of the
-- second index.
CREATE INDEX outbound_calls_by_time ON outbound_calls (business_id, enqueued_at DESC, id DESC);
CREATE INDEX outbound_calls_by_keys ON outbound_calls
  (business_id, coalesce(campaign_id, ''), status, coalesce(number_id, ''),
   coalesce(number_provider, ''), enqueued_at DESC, id DESC);
CREATE INDEX outbound_calls_by_number ON outbound_calls
  (business_id, recipient_number, enqueued_at DESC, id DESC);
CREATE INDEX outbound_calls_by_completion ON outbound_calls (business_id, completed_at)
  WHERE completed_at IS NOT NULL;
CREATE INDEX outbound_calls_by_schedule ON outbound_calls (business_id, scheduled_for)
  WHERE scheduled_for IS NOT NULL;

-- A number waits at most once in a campaign.
CREATE UNIQUE INDEX outbound_calls_number_once ON outbound_calls
  (business_id, campaign_id, recipient_number)
  WHERE campaign_id IS NOT NULL AND status IN ('Queued', 'Processing');
-- For leases: the oldest due call of each priority and campaign.
CREATE INDEX outbound_calls_due ON outbound_calls
  (business_id, (-priority), coalesce(campaign_id, ''), next_attempt_at, id)
  WHERE status = 'Queued' AND next_attempt_at IS NOT NULL;
-- Waiting calls, to plan again after rules have changed or their window has closed.
CREATE INDEX outbound_calls_waiting ON outbound_calls (business_id, id) WHERE status = 'Queued';
CREATE INDEX outbound_calls_closing ON outbound_calls (business_id, window_closes_at)
  WHERE status = 'Queued' AND window_closes_at IS NOT NULL;
CREATE INDEX outbound_calls_stuck ON outbound_calls (business_id, id)
  WHERE status = 'Queued' AND next_attempt_at IS NULL;
CREATE INDEX outbound_calls_expiring ON outbound_calls (business_id, expires_at)
  WHERE status = 'Queued' AND expires_at IS NOT NULL;
CREATE INDEX outbound_calls_leased ON outbound_calls (business_id, lease_expires_at)
  WHERE status = 'Processing' AND lease_expires_at IS NOT NULL;

CREATE TABLE inbound_calls (
  business_id bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  enqueued_at timestamptz NOT NULL,
  processing_started_at timestamptz,
  completed_at timestamptz,
  session_id text COLLATE "C",
  session_status text COLLATE "C",
  session_end_type text COLLATE "C",
  attempts integer NOT NULL DEFAULT 0,
  lost_leases integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  scheduled_for timestamptz,
  expires_at timestamptz,
  priority smallint NOT NULL DEFAULT 0,
  last_reason text,
  lease_token text COLLATE "C",
  lease_expires_at timestamptz,
  decisions integer NOT NULL DEFAULT 0,
  route_id text COLLATE "C",
  number_id text COLLATE "C",
  provider text COLLATE "C" NOT NULL,
  provider_call_id text COLLATE "C" NOT NULL,
  caller_number text COLLATE "C" NOT NULL,
  CONSTRAINT inbound_calls_pkey PRIMARY KEY (business_id, id),
  CONSTRAINT inbound_calls_provider_call UNIQUE (business_id, provider, provider_call_id),
  CONSTRAINT inbound_calls_status
    CHECK (status IN ('Queued', 'Processing', 'Completed', 'Failed', 'Canceled', 'Expired'))
) WITH (fillfactor = 80);
CREATE INDEX inbound_calls_by_time ON inbound_calls (business_id, enqueued_at DESC, id DESC);
CREATE INDEX inbound_calls_by_keys ON inbound_calls
  (business_id, coalesce(route_id, ''), status, coalesce(number_id, ''), provider,
   enqueued_at DESC, id DESC);
CREATE INDEX inbound_calls_by_number ON inbound_calls
  (business_id, caller_number, enqueued_at DESC, id DESC);
CREATE INDEX inbound_calls_by_completion ON inbound_calls (business_id, completed_at)
  WHERE completed_at IS NOT NULL;
CREATE INDEX inbound_calls_due ON inbound_calls (business_id, (-priority), next_attempt_at, id)
  WHERE status = 'Queued' AND next_attempt_at IS NOT NULL;
CREATE INDEX inbound_calls_leased ON inbound_calls (business_id, lease_expires_at)
  WHERE status = 'Processing' AND lease_expires_at IS NOT NULL;

-- History of a call, in order. A lease and the entry that ends it have the same token.
CREATE TABLE outbound_decisions (
  business_id bigint NOT NULL,
  call_id text COLLATE "C" NOT NULL,
  seq integer NOT NULL,
  decided_at timestamptz NOT NULL,
  decision text COLLATE "C" NOT NULL,
  reason text,
  details text NOT NULL,
  lease_token text COLLATE "C",
  session_id text COLLATE "C",
  -- When the call is due after this decision, if it waits.
  next_attempt_at timestamptz,
  CONSTRAINT outbound_decisions_pkey PRIMARY KEY (business_id, call_id, seq)
);
CREATE TABLE inbound_decisions (
  business_id bigint NOT NULL,
  call_id text COLLATE "C" NOT NULL,
  seq integer NOT NULL,
  decided_at timestamptz NOT NULL,
  decision text COLLATE "C" NOT NULL,
  reason text,
  details text NOT NULL,
  lease_token text COLLATE "C",
  session_id text COLLATE "C",
  next_attempt_at timestamptz,
  CONSTRAINT inbound_decisions_pkey PRIMARY KEY (business_id, call_id, seq)
);

-- A queue of a business. Its row is the lock for leases.
CREATE TABLE call_queues (
  business_id bigint NOT NULL,
  direction text COLLATE "C" NOT NULL,
  -- Changes with windows or time zone; due times are computed by these rules. Waiting calls are then
  -- planned again, up to the id planned_to.
  plan integer NOT NULL,
  planned_to text COLLATE "C",
  time_zone text,
  -- By priority, the campaign whose turn was last, as JSON.
  turns text NOT NULL,
  CONSTRAINT call_queues_pkey PRIMARY KEY (business_id, direction)
) WITH (fillfactor = 50);

CREATE TABLE campaigns (
  business_id bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  is_paused boolean NOT NULL,
  max_concurrent integer,
  windows text NOT NULL,
  retry text,
  max_attempts_per_number_per_day integer,
  created_at timestamptz NOT NULL,
  CONSTRAINT campaigns_pkey PRIMARY KEY (business_id, id)
);
-- Periods in which a whole campaign was suspended; they belong to the history of each call that waited
-- then.
CREATE TABLE campaign_holds (
  business_id bigint NOT NULL,
  campaign_id text COLLATE "C" NOT NULL,
  began_at timestamptz NOT NULL,
  reason text COLLATE "C" NOT NULL,
  ended_at timestamptz,
  CONSTRAINT campaign_holds_pkey PRIMARY KEY (business_id, campaign_id, reason, began_at)
);
CREATE UNIQUE INDEX campaign_holds_open ON campaign_holds (business_id, reason, campaign_id)
  WHERE ended_at IS NULL;

CREATE TABLE do_not_call (
  business_id bigint NOT NULL,
  number text COLLATE "C" NOT NULL,
  added_at timestamptz NOT NULL,
  CONSTRAINT do_not_call_pkey PRIMARY KEY (business_id, number)
);

-- How often a number was leased for a campaign, by day in its zone.
CREATE TABLE number_days (
  business_id bigint NOT NULL,
  campaign_id text COLLATE "C" NOT NULL,
  number text COLLATE "C" NOT NULL,
  day date NOT NULL,
  attempts integer NOT NULL,
  CONSTRAINT number_days_pkey PRIMARY KEY (business_id, campaign_id, number, day)
);
CREATE INDEX number_days_by_day ON number_days (business_id, day);

-- The first response to a request with an Idempotency-Key.
CREATE TABLE idempotent_answers (
  business_id bigint NOT NULL,
  key text COLLATE "C" NOT NULL,
  request_hash bytea NOT NULL,
  answer text NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT idempotent_answers_pkey PRIMARY KEY (business_id, key)
);

-- Exact counts, as for conversations.
CREATE TABLE outbound_count_deltas (
  business_id bigint NOT NULL,
  delta_id bigint GENERATED ALWAYS AS IDENTITY,
  hour timestamptz NOT NULL,
  campaign_id text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  number_id text COLLATE "C" NOT NULL,
  number_provider text COLLATE "C" NOT NULL,
  n integer NOT NULL,
  CONSTRAINT outbound_count_deltas_pkey PRIMARY KEY (business_id, delta_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE TABLE outbound_counts (
  business_id bigint NOT NULL,
  grain text COLLATE "C" NOT NULL,
  bucket timestamptz NOT NULL,
  campaign_id text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  number_id text COLLATE "C" NOT NULL,
  number_provider text COLLATE "C" NOT NULL,
  n bigint NOT NULL,
  CONSTRAINT outbound_counts_grain CHECK (grain IN
    ('hour', 'day', 'month', 'all', 'hour total', 'day total', 'month total')),
  CONSTRAINT outbound_counts_pkey
    PRIMARY KEY (business_id, grain, bucket, campaign_id, status, number_id, number_provider)
) WITH (fillfactor = 80);
CREATE TABLE inbound_count_deltas (
  business_id bigint NOT NULL,
  delta_id bigint GENERATED ALWAYS AS IDENTITY,
  hour timestamptz NOT NULL,
  route_id text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  number_id text COLLATE "C" NOT NULL,
  provider text COLLATE "C" NOT NULL,
  n integer NOT NULL,
  CONSTRAINT inbound_count_deltas_pkey PRIMARY KEY (business_id, delta_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE TABLE inbound_counts (
  business_id bigint NOT NULL,
  grain text COLLATE "C" NOT NULL,
  bucket timestamptz NOT NULL,
  route_id text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  number_id text COLLATE "C" NOT NULL,
  provider text COLLATE "C" NOT NULL,
  n bigint NOT NULL,
  CONSTRAINT inbound_counts_grain CHECK (grain IN
    ('hour', 'day', 'month', 'all', 'hour total', 'day total', 'month total')),
  CONSTRAINT inbound_counts_pkey
    PRIMARY KEY (business_id, grain, bucket, route_id, status, number_id, provider)
) WITH (fillfactor = 80);
