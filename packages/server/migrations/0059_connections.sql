-- Sources whose requests become conversations.
CREATE TABLE connections (
  business_id bigint NOT NULL,
  connection_id text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  name text NOT NULL,
  -- Encrypted JSON.
  secrets text NOT NULL,
  -- JSON.
  options text NOT NULL,
  is_paused boolean NOT NULL,
  -- Requests about erased conversations, which are not stored.
  erased_deliveries bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  CONSTRAINT connections_pkey PRIMARY KEY (business_id, connection_id)
);

-- Words for the end of a call that no table knows.
CREATE TABLE connection_end_reasons (
  business_id bigint NOT NULL,
  connection_id text COLLATE "C" NOT NULL,
  end_reason text COLLATE "C" NOT NULL,
  conversations bigint NOT NULL,
  CONSTRAINT connection_end_reasons_pkey PRIMARY KEY (business_id, connection_id, end_reason)
);

-- Connections whose deliveries in no conversation a job removes.
CREATE TABLE deleted_connections (
  business_id bigint NOT NULL,
  connection_id text COLLATE "C" NOT NULL,
  CONSTRAINT deleted_connections_pkey PRIMARY KEY (business_id, connection_id)
);
