-- Requests as they were received, so that a better translation can be applied to them.
CREATE TABLE connection_deliveries (
  business_id bigint NOT NULL,
  delivery_id text COLLATE "C" NOT NULL,
  connection_id text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  -- NULL: it is about no call.
  conversation_id text COLLATE "C",
  call_id text,
  event_type text NOT NULL,
  -- A hash of source, call, type of event, and id of the event or else of the body.
  dedupe_key text COLLATE "C" NOT NULL,
  received_at timestamptz NOT NULL,
  repeats integer NOT NULL DEFAULT 0,
  status text COLLATE "C" NOT NULL,
  error text,
  -- JSON array; NULL: none.
  warnings text,
  -- Counted in connection_end_reasons for this delivery.
  unknown_end_reason text,
  failures integer NOT NULL DEFAULT 0,
  -- When a job writes its conversation; NULL: not.
  due_at timestamptz,
  bytes integer NOT NULL,
  -- JSON, without secrets. NULL: removed by an erasure or with the transcript.
  headers text,
  body bytea,
  CONSTRAINT connection_deliveries_pkey PRIMARY KEY (business_id, delivery_id)
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);
-- As for webhook_deliveries: without statistics, the planner takes the last index whose first column a query names.
CREATE UNIQUE INDEX connection_deliveries_once ON connection_deliveries (dedupe_key, business_id);
CREATE INDEX connection_deliveries_of_connection ON connection_deliveries (connection_id, delivery_id);
CREATE INDEX connection_deliveries_of_conversation ON connection_deliveries (conversation_id, delivery_id);
CREATE INDEX connection_deliveries_by_status ON connection_deliveries (connection_id, status, delivery_id)
  WHERE status <> 'Assembled';
CREATE INDEX connection_deliveries_outside ON connection_deliveries (business_id, received_at)
  WHERE status IN ('Ignored', 'Failed');
CREATE INDEX connection_deliveries_paused ON connection_deliveries (business_id, connection_id)
  WHERE status = 'Paused';
CREATE INDEX connection_deliveries_due ON connection_deliveries (business_id, due_at) WHERE due_at IS NOT NULL;

CREATE FUNCTION receive_delivery(
  business bigint, id text, connection text, new_source text, conversation text, conversation_hash text, call text,
  type text, once text, received timestamptz, new_status text, size integer, new_headers text, new_body bytea
) RETURNS text LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  repeated integer;
BEGIN
  IF conversation IS NOT NULL THEN
    -- Waits for an erasure that is under way; a later one waits for this transaction, and finds the row.
    PERFORM FROM conversations c WHERE c.business_id = business AND c.id = conversation FOR KEY SHARE;
    IF EXISTS (SELECT FROM erased_ids e WHERE e.business_id = business AND e.id_hash = conversation_hash) THEN
      UPDATE connections SET erased_deliveries = erased_deliveries + 1
      WHERE business_id = business AND connection_id = connection;
      RETURN 'Erased';
    END IF;
  END IF;
  INSERT INTO connection_deliveries AS d (business_id, delivery_id, connection_id, source, conversation_id, call_id,
    event_type, dedupe_key, received_at, status, due_at, bytes, headers, body)
  VALUES (business, id, connection, new_source, conversation, call, type, once, received, new_status,
    CASE WHEN new_status = 'Pending' THEN received END, size, new_headers, new_body)
  ON CONFLICT (dedupe_key, business_id) DO UPDATE SET repeats = d.repeats + 1
  RETURNING d.repeats INTO repeated;
  RETURN CASE WHEN repeated = 0 THEN 'Stored' ELSE 'Repeated' END;
END
$$;
