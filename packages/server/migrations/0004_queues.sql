-- The calls to be made and those that came in: a table for each direction. A call waits (Queued), is
-- a worker's or a conversation's (Processing), and ends in one of the other statuses.
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
  -- Attempts so far, the one under way included; a lease that ran out is none.
  attempts integer NOT NULL DEFAULT 0,
  lost_leases integer NOT NULL DEFAULT 0,
  -- While it waits: when it is due, which is inside of its windows already. NULL: it is not to be
  -- handed out as things stand.
  next_attempt_at timestamptz,
  scheduled_for timestamptz,
  expires_at timestamptz,
  priority smallint NOT NULL DEFAULT 0,
  last_reason text,
  -- NULL where no worker holds it, or where it waits for a conversation and not for the lease.
  lease_token text COLLATE "C",
  lease_expires_at timestamptz,
  -- Rows of its history so far.
  decisions integer NOT NULL DEFAULT 0,
  dynamic_variables text NOT NULL,
  metadata text NOT NULL,
  campaign_id text COLLATE "C",
  number_id text COLLATE "C",
  number_provider text COLLATE "C",
  recipient_number text COLLATE "C" NOT NULL,
  time_zone text,
  -- Its own, as JSON; NULL: those of its campaign.
  windows text,
  retry text,
  -- When it would be due without windows, the end of the window in which next_attempt_at lies, and
  -- by which rules both were found.
  due_from timestamptz,
  window_closes_at timestamptz,
  plan integer NOT NULL DEFAULT 0,
  CONSTRAINT outbound_calls_pkey PRIMARY KEY (business_id, id),
  CONSTRAINT outbound_calls_status
    CHECK (status IN ('Queued', 'Processing', 'Completed', 'Failed', 'Canceled', 'Expired'))
) WITH (fillfactor = 80);

-- Lists. Which combinations of keys there are, the counts tell: each that a filter lets through is a
-- stretch of the second index.
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

-- A number waits once in a campaign.
CREATE UNIQUE INDEX outbound_calls_number_once ON outbound_calls
  (business_id, campaign_id, recipient_number)
  WHERE campaign_id IS NOT NULL AND status IN ('Queued', 'Processing');
-- What a worker takes: of each priority and campaign the oldest that is due.
CREATE INDEX outbound_calls_due ON outbound_calls
  (business_id, (-priority), coalesce(campaign_id, ''), next_attempt_at, id)
  WHERE status = 'Queued' AND next_attempt_at IS NOT NULL;
-- Those that wait, to be planned anew where rules have changed or their window has closed.
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

-- What was decided about a call, in order. A lease and what ended it carry the lease's token.
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
  -- When it is due after this decision, where it waits then.
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

-- A business's queue of a direction. Its row is the lock under which calls are handed out.
CREATE TABLE call_queues (
  business_id bigint NOT NULL,
  direction text COLLATE "C" NOT NULL,
  -- By which rules due times are found: another number where windows or the zone have changed. Calls
  -- that wait are planned anew after that, up to the one with the id planned_to.
  plan integer NOT NULL,
  planned_to text COLLATE "C",
  time_zone text,
  -- Of each priority the campaign that had its turn last, as JSON.
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
-- What held a whole campaign, from when until when; it belongs to the history of each call that
-- waited then.
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

-- How often a number was given to a worker for a campaign, by the day in its zone.
CREATE TABLE number_days (
  business_id bigint NOT NULL,
  campaign_id text COLLATE "C" NOT NULL,
  number text COLLATE "C" NOT NULL,
  day date NOT NULL,
  attempts integer NOT NULL,
  CONSTRAINT number_days_pkey PRIMARY KEY (business_id, campaign_id, number, day)
);
CREATE INDEX number_days_by_day ON number_days (business_id, day);

-- The first answer to a request that named itself by an Idempotency-Key.
CREATE TABLE idempotent_answers (
  business_id bigint NOT NULL,
  key text COLLATE "C" NOT NULL,
  request_hash bytea NOT NULL,
  answer text NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT idempotent_answers_pkey PRIMARY KEY (business_id, key)
);

-- Exact counts, as those of conversations.
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
