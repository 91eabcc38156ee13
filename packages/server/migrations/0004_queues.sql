-- Calls to be made. Filling and working the queue builds on this table.
CREATE TABLE outbound_calls (
  business_id bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  enqueued_at timestamptz NOT NULL,
  processing_started_at timestamptz,
  completed_at timestamptz,
  dynamic_variables text NOT NULL,
  metadata text NOT NULL,
  campaign_id text COLLATE "C",
  number_id text COLLATE "C",
  recipient_number text COLLATE "C" NOT NULL,
  session_id text COLLATE "C",
  session_status text COLLATE "C",
  session_end_type text COLLATE "C",
  CONSTRAINT outbound_calls_pkey PRIMARY KEY (business_id, id),
  CONSTRAINT outbound_calls_status
    CHECK (status IN ('Queued', 'Processing', 'Completed', 'Failed', 'Canceled', 'Expired'))
);
