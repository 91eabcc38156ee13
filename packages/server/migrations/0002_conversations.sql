-- One row per conversation. `head` is a list item, ready to send. `messages` and `logs` are the rest of the
-- document of a sealed conversation (null: live, made of its events). In `head`, U+0001 surrounds the
-- participant whose AudioUrl goes there, and U+0002 marks the place of messages and logs; JSON text cannot
-- contain these characters.
CREATE TABLE conversations (
  business_id bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  start_time timestamptz NOT NULL,
  status text COLLATE "C" NOT NULL,
  initiation_type text COLLATE "C" NOT NULL,
  end_type text COLLATE "C",
  head text NOT NULL,
  -- The queue call that it names.
  queue_id text COLLATE "C",
  recordings text,
  messages text,
  logs text,
  -- A deleted conversation keeps only its id, which must not be used again.
  erased_at timestamptz,
  CONSTRAINT conversations_pkey PRIMARY KEY (business_id, id)
);

-- A list reads one of three indexes. Every filter becomes equalities on a prefix, so the cost of a page
-- depends on its length, not on how rare the values are.
CREATE INDEX conversations_by_time ON conversations
  (business_id, start_time DESC, id DESC)
  WHERE erased_at IS NULL;
CREATE INDEX conversations_by_status ON conversations
  (business_id, initiation_type, status, start_time DESC, id DESC)
  WHERE erased_at IS NULL;
CREATE INDEX conversations_by_end ON conversations
  (business_id, end_type, initiation_type, status, start_time DESC, id DESC)
  WHERE erased_at IS NULL AND end_type IS NOT NULL;

CREATE INDEX conversations_by_queue ON conversations (business_id, queue_id)
  WHERE queue_id IS NOT NULL;

-- What an append needs of a live conversation. The row is narrow because every append changes it. Only the
-- key is indexed, so updates stay in the page (HOT).
CREATE TABLE live_conversations (
  business_id bigint NOT NULL,
  conversation_id text COLLATE "C" NOT NULL,
  -- Changes with every write; an append that was decided on another version is decided again.
  version bigint NOT NULL,
  next_seq integer NOT NULL,
  message_count integer NOT NULL,
  log_count integer NOT NULL,
  bytes bigint NOT NULL,
  -- The latest Timestamp of its events.
  last_event_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  -- When SessionEnded arrived; late events are accepted for some time after that.
  ended_received_at timestamptz,
  -- Event ids from before a replacement are known (see earlier_event_ids).
  has_earlier_ids boolean NOT NULL,
  -- False for demo conversations, which stay live without events.
  may_abandon boolean NOT NULL,
  CONSTRAINT live_conversations_pkey PRIMARY KEY (business_id, conversation_id)
) WITH (fillfactor = 70);
CREATE INDEX live_conversations_ended ON live_conversations (business_id, ended_received_at)
  WHERE ended_received_at IS NOT NULL;

CREATE TABLE conversation_events (
  business_id bigint NOT NULL,
  conversation_id text COLLATE "C" NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  seq integer NOT NULL,
  payload text NOT NULL,
  CONSTRAINT conversation_events_pkey PRIMARY KEY (business_id, conversation_id, event_id)
);

-- Event ids of sealed or replaced conversations, to recognize repeats.
CREATE TABLE earlier_event_ids (
  business_id bigint NOT NULL,
  conversation_id text COLLATE "C" NOT NULL,
  event_ids text[] NOT NULL,
  CONSTRAINT earlier_event_ids_pkey PRIMARY KEY (business_id, conversation_id)
);

-- Exact counts without a scan. A write only inserts a delta. Rolling up moves deltas into the counts of the
-- hour, the day, the month and all time in one transaction, so sums are always exact.
CREATE TABLE conversation_count_deltas (
  business_id bigint NOT NULL,
  delta_id bigint GENERATED ALWAYS AS IDENTITY,
  hour timestamptz NOT NULL,
  status text COLLATE "C" NOT NULL,
  initiation_type text COLLATE "C" NOT NULL,
  end_type text COLLATE "C" NOT NULL,
  n integer NOT NULL,
  CONSTRAINT conversation_count_deltas_pkey PRIMARY KEY (business_id, delta_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- Totals have no keys: a range without other filters sums one row per bucket instead of one per key.
CREATE TABLE conversation_counts (
  business_id bigint NOT NULL,
  grain text COLLATE "C" NOT NULL,
  bucket timestamptz NOT NULL,
  status text COLLATE "C" NOT NULL,
  initiation_type text COLLATE "C" NOT NULL,
  -- '' for none: a key column cannot be null.
  end_type text COLLATE "C" NOT NULL,
  n bigint NOT NULL,
  CONSTRAINT conversation_counts_grain CHECK (grain IN
    ('hour', 'day', 'month', 'all', 'hour total', 'day total', 'month total')),
  CONSTRAINT conversation_counts_pkey
    PRIMARY KEY (business_id, grain, bucket, status, initiation_type, end_type)
) WITH (fillfactor = 80);
