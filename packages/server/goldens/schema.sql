-- Written by `npm run goldens`; the truth is in migrations/.

CREATE SEQUENCE business_numbers AS bigint MINVALUE 1 MAXVALUE 9007199254740991 START 1 INCREMENT 1;

CREATE TABLE access_state (
  is_only_row boolean NOT NULL DEFAULT true,
  epoch bigint NOT NULL,
  CONSTRAINT access_state_pkey PRIMARY KEY (is_only_row),
  CONSTRAINT access_state_one_row CHECK (is_only_row)
);

CREATE TABLE accounts (
  account_id text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  provider text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  password_hash text,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT accounts_pkey PRIMARY KEY (account_id),
  CONSTRAINT accounts_subject_unique UNIQUE (provider, subject),
  CONSTRAINT accounts_user_exists FOREIGN KEY (user_id) REFERENCES users(user_id),
  CONSTRAINT accounts_password CHECK (((provider = 'credential'::text) = (password_hash IS NOT NULL)))
);
CREATE INDEX accounts_by_user ON public.accounts USING btree (user_id);

CREATE TABLE api_keys (
  api_key_id text COLLATE "C" NOT NULL,
  key_hash bytea NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  business_ids bigint[],
  permissions jsonb,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  is_bootstrap boolean NOT NULL DEFAULT false,
  is_replaced boolean NOT NULL DEFAULT false,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT api_keys_pkey PRIMARY KEY (api_key_id),
  CONSTRAINT api_keys_hash_unique UNIQUE (key_hash),
  CONSTRAINT api_keys_user_exists FOREIGN KEY (user_id) REFERENCES users(user_id),
  CONSTRAINT api_keys_hash_length CHECK ((octet_length(key_hash) = 32))
);
CREATE INDEX api_keys_by_business ON public.api_keys USING gin (business_ids);
CREATE UNIQUE INDEX api_keys_one_live_bootstrap ON public.api_keys USING btree (is_bootstrap) WHERE (is_bootstrap AND (revoked_at IS NULL));

CREATE TABLE audit_entries (
  business_id bigint NOT NULL,
  chain_no bigint NOT NULL,
  at timestamp with time zone NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  api_key_id text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  subject_kind text COLLATE "C" NOT NULL,
  subject_hash text COLLATE "C" NOT NULL,
  subject_id text COLLATE "C",
  details text,
  hash bytea NOT NULL,
  CONSTRAINT audit_entries_pkey PRIMARY KEY (business_id, chain_no)
);
CREATE INDEX audit_entries_by_action ON public.audit_entries USING btree (business_id, action, at, chain_no);
CREATE INDEX audit_entries_by_key ON public.audit_entries USING btree (business_id, api_key_id, at, chain_no);
CREATE INDEX audit_entries_by_subject ON public.audit_entries USING btree (business_id, subject_hash, at, chain_no);
CREATE INDEX audit_entries_by_time ON public.audit_entries USING btree (business_id, at, chain_no);
CREATE INDEX audit_entries_by_user ON public.audit_entries USING btree (business_id, user_id, at, chain_no);

CREATE TABLE audit_heads (
  business_id bigint NOT NULL,
  hour timestamp with time zone NOT NULL,
  chain_no bigint NOT NULL,
  hash bytea NOT NULL,
  at timestamp with time zone NOT NULL,
  signature text NOT NULL,
  CONSTRAINT audit_heads_pkey PRIMARY KEY (business_id, hour)
);
CREATE INDEX audit_heads_by_number ON public.audit_heads USING btree (business_id, chain_no);

CREATE TABLE audit_pending (
  business_id bigint NOT NULL,
  seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  at timestamp with time zone NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  api_key_id text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  subject_kind text COLLATE "C" NOT NULL,
  subject_hash text COLLATE "C" NOT NULL,
  subject_id text COLLATE "C",
  details text,
  CONSTRAINT audit_pending_pkey PRIMARY KEY (business_id, seq)
) WITH (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=2000);

CREATE TABLE backfill_registrations (
  name text COLLATE "C" NOT NULL,
  registered_at timestamp with time zone NOT NULL,
  CONSTRAINT backfill_registrations_pkey PRIMARY KEY (name)
);

CREATE TABLE backfills (
  business_id bigint NOT NULL,
  name text COLLATE "C" NOT NULL,
  "position" jsonb,
  batches bigint NOT NULL DEFAULT 0,
  rows_done bigint NOT NULL DEFAULT 0,
  rows_estimated bigint,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  failures integer NOT NULL DEFAULT 0,
  last_error text,
  retry_at timestamp with time zone,
  CONSTRAINT backfills_pkey PRIMARY KEY (business_id, name)
);
CREATE INDEX backfills_unfinished_idx ON public.backfills USING btree (batches, business_id, name) WHERE (finished_at IS NULL);

CREATE TABLE business_members (
  business_id bigint NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  role text COLLATE "C" NOT NULL,
  added_at timestamp with time zone,
  CONSTRAINT business_members_pkey PRIMARY KEY (business_id, user_id),
  CONSTRAINT business_members_business_exists FOREIGN KEY (business_id) REFERENCES businesses(business_id),
  CONSTRAINT business_members_user_exists FOREIGN KEY (user_id) REFERENCES users(user_id),
  CONSTRAINT business_members_role CHECK ((role = ANY (ARRAY['Viewer'::text, 'Agent'::text, 'Admin'::text, 'Owner'::text])))
);
CREATE INDEX business_members_by_user ON public.business_members USING btree (user_id, business_id);

CREATE TABLE businesses (
  business_id bigint NOT NULL,
  name text NOT NULL,
  owner_user_id text COLLATE "C",
  is_disabled boolean NOT NULL DEFAULT false,
  is_editing_enabled boolean NOT NULL DEFAULT true,
  time_zone text,
  created_at timestamp with time zone NOT NULL,
  retention_rules text,
  retention_plan integer NOT NULL DEFAULT 0,
  is_retention_paused boolean NOT NULL DEFAULT false,
  is_read_logged boolean NOT NULL DEFAULT false,
  redaction text,
  redaction_country text COLLATE "C",
  quotas text,
  CONSTRAINT businesses_pkey PRIMARY KEY (business_id),
  CONSTRAINT businesses_owner_exists FOREIGN KEY (owner_user_id) REFERENCES users(user_id),
  CONSTRAINT businesses_id_range CHECK (((business_id >= 1) AND (business_id <= '9007199254740991'::bigint))),
  CONSTRAINT businesses_redaction_country CHECK ((redaction_country ~ '^[A-Z]{2}$'::text))
);
CREATE INDEX businesses_by_owner ON public.businesses USING btree (owner_user_id, business_id) WHERE (owner_user_id IS NOT NULL);
CREATE INDEX businesses_with_redaction ON public.businesses USING btree (business_id) WHERE (redaction IS NOT NULL);
CREATE INDEX businesses_with_retention ON public.businesses USING btree (business_id) WHERE (retention_plan > 0);

CREATE TABLE call_queues (
  business_id bigint NOT NULL,
  direction text COLLATE "C" NOT NULL,
  plan integer NOT NULL,
  planned_to text COLLATE "C",
  time_zone text,
  turns text NOT NULL,
  CONSTRAINT call_queues_pkey PRIMARY KEY (business_id, direction)
) WITH (fillfactor=50);

CREATE TABLE campaign_holds (
  business_id bigint NOT NULL,
  campaign_id text COLLATE "C" NOT NULL,
  began_at timestamp with time zone NOT NULL,
  reason text COLLATE "C" NOT NULL,
  ended_at timestamp with time zone,
  CONSTRAINT campaign_holds_pkey PRIMARY KEY (business_id, campaign_id, reason, began_at)
);
CREATE UNIQUE INDEX campaign_holds_open ON public.campaign_holds USING btree (business_id, reason, campaign_id) WHERE (ended_at IS NULL);

CREATE TABLE campaigns (
  business_id bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  is_paused boolean NOT NULL,
  max_concurrent integer,
  windows text NOT NULL,
  retry text,
  max_attempts_per_number_per_day integer,
  created_at timestamp with time zone NOT NULL,
  abandon_after_seconds integer NOT NULL DEFAULT 900,
  CONSTRAINT campaigns_pkey PRIMARY KEY (business_id, id)
);

CREATE TABLE change_ends (
  business_id bigint NOT NULL,
  last_position bigint NOT NULL,
  removed_to bigint NOT NULL DEFAULT 0,
  CONSTRAINT change_ends_pkey PRIMARY KEY (business_id)
) WITH (fillfactor=50);

CREATE TABLE changes (
  business_id bigint NOT NULL,
  "position" bigint NOT NULL,
  at timestamp with time zone NOT NULL,
  kind text COLLATE "C" NOT NULL,
  subject_id text COLLATE "C" NOT NULL,
  first_seq integer,
  event_ids text COLLATE "C",
  event_types text COLLATE "C",
  details text,
  CONSTRAINT changes_pkey PRIMARY KEY (business_id, "position")
);
CREATE INDEX changes_by_subject ON public.changes USING btree (business_id, subject_id, "position");
CREATE INDEX changes_by_time ON public.changes USING btree (business_id, at, "position");

CREATE TABLE changes_pending (
  business_id bigint NOT NULL,
  change_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  at timestamp with time zone NOT NULL,
  kind text COLLATE "C" NOT NULL,
  subject_id text COLLATE "C" NOT NULL,
  first_seq integer,
  event_ids text COLLATE "C",
  event_types text COLLATE "C",
  details text,
  CONSTRAINT changes_pending_pkey PRIMARY KEY (business_id, change_id)
) WITH (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=2000);

CREATE TABLE connection_deliveries (
  business_id bigint NOT NULL,
  delivery_id text COLLATE "C" NOT NULL,
  connection_id text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  conversation_id text COLLATE "C",
  call_id text,
  event_type text NOT NULL,
  dedupe_key text COLLATE "C" NOT NULL,
  received_at timestamp with time zone NOT NULL,
  repeats integer NOT NULL DEFAULT 0,
  status text COLLATE "C" NOT NULL,
  error text,
  warnings text,
  unknown_end_reason text,
  failures integer NOT NULL DEFAULT 0,
  due_at timestamp with time zone,
  bytes integer NOT NULL,
  headers text,
  body bytea,
  CONSTRAINT connection_deliveries_pkey PRIMARY KEY (business_id, delivery_id)
) WITH (autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_threshold=2000, fillfactor=85);
CREATE INDEX connection_deliveries_by_status ON public.connection_deliveries USING btree (connection_id, status, delivery_id) WHERE (status <> 'Assembled'::text);
CREATE INDEX connection_deliveries_due ON public.connection_deliveries USING btree (business_id, due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX connection_deliveries_of_connection ON public.connection_deliveries USING btree (connection_id, delivery_id);
CREATE INDEX connection_deliveries_of_conversation ON public.connection_deliveries USING btree (conversation_id, delivery_id);
CREATE UNIQUE INDEX connection_deliveries_once ON public.connection_deliveries USING btree (dedupe_key, business_id);
CREATE INDEX connection_deliveries_outside ON public.connection_deliveries USING btree (business_id, received_at) WHERE (status = ANY (ARRAY['Ignored'::text, 'Failed'::text]));
CREATE INDEX connection_deliveries_paused ON public.connection_deliveries USING btree (business_id, connection_id) WHERE (status = 'Paused'::text);

CREATE TABLE connection_end_reasons (
  business_id bigint NOT NULL,
  connection_id text COLLATE "C" NOT NULL,
  end_reason text COLLATE "C" NOT NULL,
  conversations bigint NOT NULL,
  CONSTRAINT connection_end_reasons_pkey PRIMARY KEY (business_id, connection_id, end_reason)
);

CREATE TABLE connections (
  business_id bigint NOT NULL,
  connection_id text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  name text NOT NULL,
  secrets text NOT NULL,
  options text NOT NULL,
  is_paused boolean NOT NULL,
  erased_deliveries bigint NOT NULL DEFAULT 0,
  created_at timestamp with time zone NOT NULL,
  created_by text NOT NULL,
  CONSTRAINT connections_pkey PRIMARY KEY (business_id, connection_id)
);

CREATE TABLE conversation_count_deltas (
  business_id bigint NOT NULL,
  delta_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  hour timestamp with time zone NOT NULL,
  status text COLLATE "C" NOT NULL,
  initiation_type text COLLATE "C" NOT NULL,
  end_type text COLLATE "C" NOT NULL,
  n integer NOT NULL,
  quarter smallint,
  milliseconds bigint,
  duration_class smallint,
  CONSTRAINT conversation_count_deltas_pkey PRIMARY KEY (business_id, delta_id),
  CONSTRAINT conversation_count_deltas_quarter CHECK ((quarter IS NOT NULL)) NOT VALID
) WITH (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=2000);

CREATE TABLE conversation_counts (
  business_id bigint NOT NULL,
  grain text COLLATE "C" NOT NULL,
  bucket timestamp with time zone NOT NULL,
  status text COLLATE "C" NOT NULL,
  initiation_type text COLLATE "C" NOT NULL,
  end_type text COLLATE "C" NOT NULL,
  n bigint NOT NULL,
  CONSTRAINT conversation_counts_pkey PRIMARY KEY (business_id, grain, bucket, status, initiation_type, end_type),
  CONSTRAINT conversation_counts_grain CHECK (((grain = ANY (ARRAY['hour'::text, 'day'::text, 'month'::text, 'all'::text, 'hour total'::text, 'day total'::text, 'month total'::text])) OR (grain ~ '^(hour|day|month|all) of [0-7]$'::text)))
) WITH (fillfactor=80);

CREATE TABLE conversation_events (
  business_id bigint NOT NULL,
  conversation_id text COLLATE "C" NOT NULL,
  event_ids text COLLATE "C" NOT NULL,
  seq integer NOT NULL,
  payloads text NOT NULL,
  CONSTRAINT conversation_events_pkey PRIMARY KEY (business_id, conversation_id, seq)
) WITH (toast_tuple_target=8160);

CREATE TABLE conversation_figures (
  business_id bigint NOT NULL,
  grain text COLLATE "C" NOT NULL,
  bucket timestamp with time zone NOT NULL,
  status_created bigint NOT NULL,
  status_waiting_for_primary_client bigint NOT NULL,
  status_starting bigint NOT NULL,
  status_active bigint NOT NULL,
  status_paused bigint NOT NULL,
  status_ending bigint NOT NULL,
  status_completed bigint NOT NULL,
  status_failed bigint NOT NULL,
  initiation_type_inbound bigint NOT NULL,
  initiation_type_outbound bigint NOT NULL,
  initiation_type_web bigint NOT NULL,
  end_type_normal bigint NOT NULL,
  end_type_user_ended_call bigint NOT NULL,
  end_type_agent_ended_call bigint NOT NULL,
  end_type_user_declined_or_busy bigint NOT NULL,
  end_type_user_no_answer bigint NOT NULL,
  end_type_voicemail_detected bigint NOT NULL,
  end_type_user_silence_timeout_reached bigint NOT NULL,
  end_type_max_conversation_duration_reached bigint NOT NULL,
  end_type_mid_session_failure bigint NOT NULL,
  end_type_initialize_error bigint NOT NULL,
  end_type_expired_waiting_for_initialize bigint NOT NULL,
  end_type_transferred bigint NOT NULL,
  end_type_canceled bigint NOT NULL,
  duration_from_0 bigint NOT NULL,
  duration_from_10 bigint NOT NULL,
  duration_from_30 bigint NOT NULL,
  duration_from_60 bigint NOT NULL,
  duration_from_120 bigint NOT NULL,
  duration_from_300 bigint NOT NULL,
  duration_from_600 bigint NOT NULL,
  duration_from_1800 bigint NOT NULL,
  milliseconds bigint NOT NULL,
  CONSTRAINT conversation_figures_pkey PRIMARY KEY (business_id, grain, bucket),
  CONSTRAINT conversation_figures_grain CHECK ((grain = ANY (ARRAY['quarter'::text, 'hour'::text, 'day'::text, 'month'::text])))
) WITH (fillfactor=80);

CREATE TABLE conversation_spans (
  business_id bigint NOT NULL,
  conversation_id text COLLATE "C" NOT NULL,
  detector integer NOT NULL,
  found text NOT NULL,
  added text NOT NULL DEFAULT '[]'::text,
  found_head text NOT NULL DEFAULT '[]'::text,
  found_logs text NOT NULL DEFAULT '[]'::text,
  CONSTRAINT conversation_spans_pkey PRIMARY KEY (business_id, conversation_id)
);

CREATE TABLE conversations (
  business_id bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  start_time timestamp with time zone NOT NULL,
  status text COLLATE "C" NOT NULL,
  initiation_type text COLLATE "C" NOT NULL,
  end_type text COLLATE "C",
  head text NOT NULL,
  queue_id text COLLATE "C",
  recordings text,
  messages text,
  logs text,
  erased_at timestamp with time zone,
  duration_class smallint,
  transcript_hash bytea,
  CONSTRAINT conversations_pkey PRIMARY KEY (business_id, id),
  CONSTRAINT conversations_transcript_hash CHECK (((transcript_hash IS NULL) OR COALESCE((transcript_hash = sha256((sha256(convert_to(messages, 'UTF8'::name)) || sha256(convert_to(logs, 'UTF8'::name))))), false))) NOT VALID
) WITH (fillfactor=85);
CREATE INDEX conversations_by_duration ON public.conversations USING btree (business_id, duration_class, end_type, initiation_type, status, start_time DESC, id DESC) WHERE ((erased_at IS NULL) AND (duration_class IS NOT NULL));
CREATE INDEX conversations_by_end ON public.conversations USING btree (business_id, end_type, initiation_type, status, start_time DESC, id DESC) WHERE ((erased_at IS NULL) AND (end_type IS NOT NULL));
CREATE INDEX conversations_by_length ON public.conversations USING btree (business_id, duration_class, start_time DESC, id DESC) WHERE ((erased_at IS NULL) AND (duration_class IS NOT NULL));
CREATE INDEX conversations_by_queue ON public.conversations USING btree (business_id, queue_id) WHERE (queue_id IS NOT NULL);
CREATE INDEX conversations_by_status ON public.conversations USING btree (business_id, initiation_type, status, start_time DESC, id DESC) WHERE (erased_at IS NULL);
CREATE INDEX conversations_by_time ON public.conversations USING btree (business_id, start_time DESC, id DESC) WHERE (erased_at IS NULL);
CREATE INDEX conversations_to_forget ON public.conversations USING btree (business_id, id) WHERE (erased_at IS NOT NULL);

CREATE TABLE deleted_connections (
  business_id bigint NOT NULL,
  connection_id text COLLATE "C" NOT NULL,
  CONSTRAINT deleted_connections_pkey PRIMARY KEY (business_id, connection_id)
);

CREATE TABLE deleted_webhooks (
  business_id bigint NOT NULL,
  webhook_id text COLLATE "C" NOT NULL,
  CONSTRAINT deleted_webhooks_pkey PRIMARY KEY (business_id, webhook_id)
);

CREATE TABLE do_not_call (
  business_id bigint NOT NULL,
  number text COLLATE "C" NOT NULL,
  added_at timestamp with time zone NOT NULL,
  CONSTRAINT do_not_call_pkey PRIMARY KEY (business_id, number)
);

CREATE TABLE earlier_event_ids (
  business_id bigint NOT NULL,
  conversation_id text COLLATE "C" NOT NULL,
  event_ids text[] NOT NULL,
  CONSTRAINT earlier_event_ids_pkey PRIMARY KEY (business_id, conversation_id)
);

CREATE TABLE erased_ids (
  business_id bigint NOT NULL,
  id_hash text COLLATE "C" NOT NULL,
  erased_at timestamp with time zone NOT NULL,
  CONSTRAINT erased_ids_pkey PRIMARY KEY (business_id, id_hash)
);

CREATE TABLE erasure_previews (
  business_id bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  subject text NOT NULL,
  requested_at timestamp with time zone NOT NULL,
  completed_at timestamp with time zone,
  "position" text COLLATE "C" NOT NULL DEFAULT ''::text,
  done bigint NOT NULL DEFAULT 0,
  total bigint NOT NULL DEFAULT 0,
  counts text,
  mentions text NOT NULL DEFAULT '[]'::text,
  CONSTRAINT erasure_previews_pkey PRIMARY KEY (business_id, id)
);
CREATE UNIQUE INDEX erasure_previews_running ON public.erasure_previews USING btree (business_id) WHERE (completed_at IS NULL);

CREATE TABLE erasures (
  business_id bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  mode text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  status text COLLATE "C" NOT NULL,
  subject_hash text COLLATE "C" NOT NULL,
  subject text,
  requested_at timestamp with time zone NOT NULL,
  requested_by text COLLATE "C" NOT NULL,
  erased_at timestamp with time zone,
  blob_keys text[] COLLATE "C",
  completed_at timestamp with time zone,
  counts text,
  salt text COLLATE "C",
  items text,
  holds text,
  certificate text,
  searched text,
  includes_mentions boolean NOT NULL DEFAULT false,
  mention_position text COLLATE "C" NOT NULL DEFAULT ''::text,
  mentions_changed bigint NOT NULL DEFAULT 0,
  mentions_held bigint NOT NULL DEFAULT 0,
  CONSTRAINT erasures_pkey PRIMARY KEY (business_id, id),
  CONSTRAINT erasures_status CHECK ((status = ANY (ARRAY['Running'::text, 'Completed'::text, 'Blocked'::text])))
);
CREATE INDEX erasures_running ON public.erasures USING btree (business_id) WHERE (status = 'Running'::text);

CREATE TABLE held_conversations (
  business_id bigint NOT NULL,
  conversation_id text COLLATE "C" NOT NULL,
  hold_id text COLLATE "C" NOT NULL,
  CONSTRAINT held_conversations_pkey PRIMARY KEY (business_id, conversation_id, hold_id)
);
CREATE INDEX held_conversations_by_hold ON public.held_conversations USING btree (business_id, hold_id);

CREATE TABLE holds (
  business_id bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  reason text NOT NULL,
  has_filter boolean NOT NULL,
  start_from timestamp with time zone,
  start_to timestamp with time zone,
  statuses text[],
  initiation_types text[],
  end_types text[],
  created_at timestamp with time zone NOT NULL,
  created_by text COLLATE "C" NOT NULL,
  lifted_at timestamp with time zone,
  lifted_by text COLLATE "C",
  CONSTRAINT holds_pkey PRIMARY KEY (business_id, id)
);
CREATE INDEX holds_with_filter ON public.holds USING btree (business_id) WHERE ((lifted_at IS NULL) AND has_filter);

CREATE TABLE idempotent_answers (
  business_id bigint NOT NULL,
  key text COLLATE "C" NOT NULL,
  request_hash bytea NOT NULL,
  answer text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT idempotent_answers_pkey PRIMARY KEY (business_id, key)
);

CREATE TABLE inbound_calls (
  business_id bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  enqueued_at timestamp with time zone NOT NULL,
  processing_started_at timestamp with time zone,
  completed_at timestamp with time zone,
  session_id text COLLATE "C",
  session_status text COLLATE "C",
  session_end_type text COLLATE "C",
  attempts integer NOT NULL DEFAULT 0,
  lost_leases integer NOT NULL DEFAULT 0,
  next_attempt_at timestamp with time zone,
  scheduled_for timestamp with time zone,
  expires_at timestamp with time zone,
  priority smallint NOT NULL DEFAULT 0,
  last_reason text,
  lease_token text COLLATE "C",
  lease_expires_at timestamp with time zone,
  decisions integer NOT NULL DEFAULT 0,
  route_id text COLLATE "C",
  number_id text COLLATE "C",
  provider text COLLATE "C" NOT NULL,
  provider_call_id text COLLATE "C" NOT NULL,
  caller_number text COLLATE "C" NOT NULL,
  caller_e164 text COLLATE "C",
  CONSTRAINT inbound_calls_pkey PRIMARY KEY (business_id, id),
  CONSTRAINT inbound_calls_provider_call UNIQUE (business_id, provider, provider_call_id),
  CONSTRAINT inbound_calls_status CHECK ((status = ANY (ARRAY['Queued'::text, 'Processing'::text, 'Completed'::text, 'Failed'::text, 'Canceled'::text, 'Expired'::text])))
) WITH (autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=5000, fillfactor=80);
CREATE INDEX inbound_calls_by_completion ON public.inbound_calls USING btree (business_id, completed_at) WHERE (completed_at IS NOT NULL);
CREATE INDEX inbound_calls_by_completion_day ON public.inbound_calls USING btree (business_id, date_trunc('day'::text, (completed_at AT TIME ZONE 'UTC'::text)), COALESCE(route_id, ''::text), status, COALESCE(number_id, ''::text), provider, enqueued_at DESC, id DESC) WHERE (completed_at IS NOT NULL);
CREATE INDEX inbound_calls_by_keys ON public.inbound_calls USING btree (business_id, COALESCE(route_id, ''::text), status, COALESCE(number_id, ''::text), provider, enqueued_at DESC, id DESC);
CREATE INDEX inbound_calls_by_number ON public.inbound_calls USING btree (business_id, "left"(COALESCE(caller_e164, caller_number), 256), enqueued_at DESC, id DESC);
CREATE INDEX inbound_calls_by_time ON public.inbound_calls USING btree (business_id, enqueued_at DESC, id DESC);
CREATE INDEX inbound_calls_due ON public.inbound_calls USING btree (business_id, ((- priority)), next_attempt_at, id) WHERE ((status = 'Queued'::text) AND (next_attempt_at IS NOT NULL));
CREATE INDEX inbound_calls_leased ON public.inbound_calls USING btree (business_id, lease_expires_at) WHERE ((status = 'Processing'::text) AND (lease_expires_at IS NOT NULL));

CREATE TABLE inbound_count_deltas (
  business_id bigint NOT NULL,
  delta_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  hour timestamp with time zone NOT NULL,
  route_id text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  number_id text COLLATE "C" NOT NULL,
  provider text COLLATE "C" NOT NULL,
  n integer NOT NULL,
  clock text COLLATE "C" NOT NULL,
  quarter smallint,
  CONSTRAINT inbound_count_deltas_pkey PRIMARY KEY (business_id, delta_id),
  CONSTRAINT inbound_count_deltas_quarter CHECK ((quarter IS NOT NULL)) NOT VALID
) WITH (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=2000);

CREATE TABLE inbound_counts (
  business_id bigint NOT NULL,
  grain text COLLATE "C" NOT NULL,
  bucket timestamp with time zone NOT NULL,
  route_id text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  number_id text COLLATE "C" NOT NULL,
  provider text COLLATE "C" NOT NULL,
  n bigint NOT NULL,
  clock text COLLATE "C" NOT NULL,
  CONSTRAINT inbound_counts_pkey PRIMARY KEY (business_id, grain, clock, bucket, route_id, status, number_id, provider),
  CONSTRAINT inbound_counts_grain CHECK ((grain = ANY (ARRAY['hour'::text, 'day'::text, 'month'::text, 'all'::text, 'hour total'::text, 'day total'::text, 'month total'::text])))
) WITH (fillfactor=80);

CREATE TABLE inbound_decisions (
  business_id bigint NOT NULL,
  call_id text COLLATE "C" NOT NULL,
  seq integer NOT NULL,
  decided_at timestamp with time zone NOT NULL,
  decision text COLLATE "C" NOT NULL,
  reason text,
  details text NOT NULL,
  lease_token text COLLATE "C",
  session_id text COLLATE "C",
  next_attempt_at timestamp with time zone,
  CONSTRAINT inbound_decisions_pkey PRIMARY KEY (business_id, call_id, seq)
);

CREATE TABLE inbound_figures (
  business_id bigint NOT NULL,
  grain text COLLATE "C" NOT NULL,
  bucket timestamp with time zone NOT NULL,
  enqueued bigint NOT NULL,
  completed bigint NOT NULL,
  failed bigint NOT NULL,
  canceled bigint NOT NULL,
  expired bigint NOT NULL,
  CONSTRAINT inbound_figures_pkey PRIMARY KEY (business_id, grain, bucket),
  CONSTRAINT inbound_figures_grain CHECK ((grain = ANY (ARRAY['quarter'::text, 'hour'::text, 'day'::text, 'month'::text])))
) WITH (fillfactor=80);

CREATE TABLE installation (
  id uuid NOT NULL,
  ledger_place text
);

CREATE TABLE invitations (
  business_id bigint NOT NULL,
  invitation_id text COLLATE "C" NOT NULL,
  email text NOT NULL,
  role text COLLATE "C" NOT NULL,
  token_hash bytea NOT NULL,
  invited_by text COLLATE "C" NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  accepted_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT invitations_pkey PRIMARY KEY (business_id, invitation_id),
  CONSTRAINT invitations_token_unique UNIQUE (token_hash),
  CONSTRAINT invitations_business_exists FOREIGN KEY (business_id) REFERENCES businesses(business_id),
  CONSTRAINT invitations_role CHECK ((role = ANY (ARRAY['Viewer'::text, 'Agent'::text, 'Admin'::text, 'Owner'::text]))),
  CONSTRAINT invitations_token_length CHECK ((octet_length(token_hash) = 32))
);
CREATE INDEX invitations_by_email ON public.invitations USING btree (lower(email));
CREATE UNIQUE INDEX invitations_email_unique ON public.invitations USING btree (business_id, lower(email));

CREATE TABLE ledger_pending (
  business_id bigint NOT NULL,
  seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  id_hash text COLLATE "C" NOT NULL,
  parts text COLLATE "C" NOT NULL,
  at timestamp with time zone NOT NULL,
  CONSTRAINT ledger_pending_pkey PRIMARY KEY (business_id, seq)
) WITH (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=2000);

CREATE TABLE live_conversations (
  business_id bigint NOT NULL,
  conversation_id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  next_seq integer NOT NULL,
  message_count integer NOT NULL,
  log_count integer NOT NULL,
  bytes bigint NOT NULL,
  last_event_at timestamp with time zone NOT NULL,
  received_at timestamp with time zone NOT NULL,
  ended_received_at timestamp with time zone,
  has_earlier_ids boolean NOT NULL,
  may_abandon boolean NOT NULL,
  audio_at timestamp with time zone,
  renamed jsonb,
  CONSTRAINT live_conversations_pkey PRIMARY KEY (business_id, conversation_id)
) WITH (fillfactor=70);
CREATE INDEX live_conversations_ended ON public.live_conversations USING btree (business_id, ended_received_at) WHERE (ended_received_at IS NOT NULL);

CREATE UNLOGGED TABLE nodes (
  node_id text COLLATE "C" NOT NULL,
  lease_expires_at timestamp with time zone NOT NULL,
  seen_epoch bigint NOT NULL,
  CONSTRAINT nodes_pkey PRIMARY KEY (node_id)
);

CREATE TABLE number_days (
  business_id bigint NOT NULL,
  campaign_id text COLLATE "C" NOT NULL,
  number text COLLATE "C" NOT NULL,
  day date NOT NULL,
  attempts integer NOT NULL,
  CONSTRAINT number_days_pkey PRIMARY KEY (business_id, campaign_id, number, day)
);
CREATE INDEX number_days_by_day ON public.number_days USING btree (business_id, day);

CREATE TABLE outbound_calls (
  business_id bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  enqueued_at timestamp with time zone NOT NULL,
  processing_started_at timestamp with time zone,
  completed_at timestamp with time zone,
  session_id text COLLATE "C",
  session_status text COLLATE "C",
  session_end_type text COLLATE "C",
  attempts integer NOT NULL DEFAULT 0,
  lost_leases integer NOT NULL DEFAULT 0,
  next_attempt_at timestamp with time zone,
  scheduled_for timestamp with time zone,
  expires_at timestamp with time zone,
  priority smallint NOT NULL DEFAULT 0,
  last_reason text,
  lease_token text COLLATE "C",
  lease_expires_at timestamp with time zone,
  decisions integer NOT NULL DEFAULT 0,
  dynamic_variables text NOT NULL,
  metadata text NOT NULL,
  campaign_id text COLLATE "C",
  number_id text COLLATE "C",
  number_provider text COLLATE "C",
  recipient_number text COLLATE "C" NOT NULL,
  time_zone text,
  windows text,
  retry text,
  due_from timestamp with time zone,
  window_closes_at timestamp with time zone,
  plan integer NOT NULL DEFAULT 0,
  lease_until timestamp with time zone,
  watch_at timestamp with time zone,
  abandoned_at timestamp with time zone,
  is_repeat boolean NOT NULL DEFAULT false,
  by_masked_key boolean NOT NULL DEFAULT false,
  held_due_at timestamp with time zone,
  CONSTRAINT outbound_calls_pkey PRIMARY KEY (business_id, id),
  CONSTRAINT outbound_calls_status CHECK ((status = ANY (ARRAY['Queued'::text, 'Processing'::text, 'Completed'::text, 'Failed'::text, 'Canceled'::text, 'Expired'::text])))
) WITH (autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=5000, fillfactor=80);
CREATE INDEX outbound_calls_by_completion ON public.outbound_calls USING btree (business_id, completed_at) WHERE (completed_at IS NOT NULL);
CREATE INDEX outbound_calls_by_completion_day ON public.outbound_calls USING btree (business_id, date_trunc('day'::text, (completed_at AT TIME ZONE 'UTC'::text)), COALESCE(campaign_id, ''::text), status, COALESCE(number_id, ''::text), COALESCE(number_provider, ''::text), enqueued_at DESC, id DESC) WHERE (completed_at IS NOT NULL);
CREATE INDEX outbound_calls_by_keys ON public.outbound_calls USING btree (business_id, COALESCE(campaign_id, ''::text), status, COALESCE(number_id, ''::text), COALESCE(number_provider, ''::text), enqueued_at DESC, id DESC);
CREATE INDEX outbound_calls_by_number ON public.outbound_calls USING btree (business_id, recipient_number, enqueued_at DESC, id DESC);
CREATE INDEX outbound_calls_by_schedule ON public.outbound_calls USING btree (business_id, scheduled_for) WHERE (scheduled_for IS NOT NULL);
CREATE INDEX outbound_calls_by_schedule_day ON public.outbound_calls USING btree (business_id, date_trunc('day'::text, (scheduled_for AT TIME ZONE 'UTC'::text)), COALESCE(campaign_id, ''::text), status, COALESCE(number_id, ''::text), COALESCE(number_provider, ''::text), enqueued_at DESC, id DESC) WHERE (scheduled_for IS NOT NULL);
CREATE INDEX outbound_calls_by_time ON public.outbound_calls USING btree (business_id, enqueued_at DESC, id DESC);
CREATE INDEX outbound_calls_closing ON public.outbound_calls USING btree (business_id, window_closes_at) WHERE ((status = 'Queued'::text) AND (window_closes_at IS NOT NULL));
CREATE INDEX outbound_calls_concealed_holds ON public.outbound_calls USING btree (business_id, held_due_at) WHERE ((status = 'Queued'::text) AND by_masked_key AND (expires_at IS NULL) AND (last_reason = ANY (ARRAY['DO_NOT_CALL'::text, 'DUPLICATE'::text])));
CREATE INDEX outbound_calls_due ON public.outbound_calls USING btree (business_id, ((- priority)), COALESCE(campaign_id, ''::text), next_attempt_at, id) WHERE ((status = 'Queued'::text) AND (next_attempt_at IS NOT NULL));
CREATE INDEX outbound_calls_expiring ON public.outbound_calls USING btree (business_id, expires_at) WHERE ((status = 'Queued'::text) AND (expires_at IS NOT NULL));
CREATE INDEX outbound_calls_leased ON public.outbound_calls USING btree (business_id, lease_expires_at) WHERE ((status = 'Processing'::text) AND (lease_expires_at IS NOT NULL));
CREATE INDEX outbound_calls_number_holds ON public.outbound_calls USING btree (business_id, held_due_at) WHERE ((status = 'Queued'::text) AND (last_reason = ANY (ARRAY['DO_NOT_CALL'::text, 'NUMBER_CAPPED'::text, 'DUPLICATE'::text])));
CREATE UNIQUE INDEX outbound_calls_number_once ON public.outbound_calls USING btree (business_id, campaign_id, recipient_number) WHERE ((campaign_id IS NOT NULL) AND (status = ANY (ARRAY['Queued'::text, 'Processing'::text])) AND (NOT is_repeat));
CREATE INDEX outbound_calls_repeats ON public.outbound_calls USING btree (business_id, campaign_id, recipient_number, id) WHERE ((status = ANY (ARRAY['Queued'::text, 'Processing'::text])) AND is_repeat);
CREATE INDEX outbound_calls_stuck ON public.outbound_calls USING btree (business_id, id) WHERE ((status = 'Queued'::text) AND (next_attempt_at IS NULL));
CREATE INDEX outbound_calls_waiting ON public.outbound_calls USING btree (business_id, id) WHERE (status = 'Queued'::text);
CREATE INDEX outbound_calls_watched ON public.outbound_calls USING btree (business_id, COALESCE(watch_at, '-infinity'::timestamp with time zone)) WHERE ((status = 'Processing'::text) AND (session_id IS NOT NULL) AND (lease_expires_at IS NULL));

CREATE TABLE outbound_count_deltas (
  business_id bigint NOT NULL,
  delta_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  hour timestamp with time zone NOT NULL,
  campaign_id text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  number_id text COLLATE "C" NOT NULL,
  number_provider text COLLATE "C" NOT NULL,
  n integer NOT NULL,
  clock text COLLATE "C" NOT NULL,
  quarter smallint,
  CONSTRAINT outbound_count_deltas_pkey PRIMARY KEY (business_id, delta_id),
  CONSTRAINT outbound_count_deltas_quarter CHECK ((quarter IS NOT NULL)) NOT VALID
) WITH (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=2000);

CREATE TABLE outbound_counts (
  business_id bigint NOT NULL,
  grain text COLLATE "C" NOT NULL,
  bucket timestamp with time zone NOT NULL,
  campaign_id text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  number_id text COLLATE "C" NOT NULL,
  number_provider text COLLATE "C" NOT NULL,
  n bigint NOT NULL,
  clock text COLLATE "C" NOT NULL,
  CONSTRAINT outbound_counts_pkey PRIMARY KEY (business_id, grain, clock, bucket, campaign_id, status, number_id, number_provider),
  CONSTRAINT outbound_counts_grain CHECK ((grain = ANY (ARRAY['hour'::text, 'day'::text, 'month'::text, 'all'::text, 'hour total'::text, 'day total'::text, 'month total'::text])))
) WITH (fillfactor=80);

CREATE TABLE outbound_decisions (
  business_id bigint NOT NULL,
  call_id text COLLATE "C" NOT NULL,
  seq integer NOT NULL,
  decided_at timestamp with time zone NOT NULL,
  decision text COLLATE "C" NOT NULL,
  reason text,
  details text NOT NULL,
  lease_token text COLLATE "C",
  session_id text COLLATE "C",
  next_attempt_at timestamp with time zone,
  CONSTRAINT outbound_decisions_pkey PRIMARY KEY (business_id, call_id, seq)
);

CREATE TABLE outbound_figures (
  business_id bigint NOT NULL,
  grain text COLLATE "C" NOT NULL,
  bucket timestamp with time zone NOT NULL,
  enqueued bigint NOT NULL,
  completed bigint NOT NULL,
  failed bigint NOT NULL,
  canceled bigint NOT NULL,
  expired bigint NOT NULL,
  CONSTRAINT outbound_figures_pkey PRIMARY KEY (business_id, grain, bucket),
  CONSTRAINT outbound_figures_grain CHECK ((grain = ANY (ARRAY['quarter'::text, 'hour'::text, 'day'::text, 'month'::text])))
) WITH (fillfactor=80);

CREATE TABLE purged_parts (
  business_id bigint NOT NULL,
  id_hash text COLLATE "C" NOT NULL,
  purged_at timestamp with time zone NOT NULL,
  parts text COLLATE "C" NOT NULL,
  CONSTRAINT purged_parts_pkey PRIMARY KEY (business_id, id_hash, purged_at)
);

CREATE TABLE recordings (
  business_id bigint NOT NULL,
  conversation_id text COLLATE "C" NOT NULL,
  participant_id text COLLATE "C" NOT NULL,
  blob_key text COLLATE "C" NOT NULL,
  content_type text NOT NULL,
  bytes bigint NOT NULL,
  sha256 bytea NOT NULL,
  duration_ms bigint,
  uploaded_at timestamp with time zone NOT NULL,
  peaks_key text COLLATE "C",
  peaks_state text COLLATE "C",
  silenced_for text COLLATE "C" NOT NULL DEFAULT ''::text,
  silenced_state text COLLATE "C",
  silenced_key text COLLATE "C",
  silenced_bytes bigint,
  silenced_stretches text,
  start_time timestamp with time zone,
  counted_bytes bigint,
  CONSTRAINT recordings_pkey PRIMARY KEY (business_id, conversation_id, participant_id),
  CONSTRAINT recordings_peaks_state CHECK ((peaks_state = ANY (ARRAY['Made'::text, 'NoDecoder'::text, 'Undecodable'::text]))),
  CONSTRAINT recordings_silenced_state CHECK ((silenced_state = ANY (ARRAY['Same'::text, 'Made'::text, 'NoDecoder'::text, 'Impossible'::text])))
);
CREATE INDEX recordings_by_blob ON public.recordings USING btree (business_id, blob_key);
CREATE INDEX recordings_by_peaks ON public.recordings USING btree (business_id, peaks_key) WHERE (peaks_key IS NOT NULL);
CREATE INDEX recordings_by_silenced ON public.recordings USING btree (business_id, silenced_key) WHERE (silenced_key IS NOT NULL);
CREATE INDEX recordings_not_silenced ON public.recordings USING btree (business_id) WHERE (silenced_state = 'NoDecoder'::text);
CREATE INDEX recordings_to_silence ON public.recordings USING btree (business_id, silenced_for, uploaded_at);
CREATE INDEX recordings_without_peaks ON public.recordings USING btree (business_id, uploaded_at) WHERE ((peaks_state IS NULL) OR (peaks_state = 'NoDecoder'::text));

CREATE TABLE schema_migrations (
  number integer NOT NULL,
  name text NOT NULL,
  applied_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT schema_migrations_pkey PRIMARY KEY (number)
);

CREATE TABLE sealed_conversations (
  business_id bigint NOT NULL,
  conversation_id text COLLATE "C" NOT NULL,
  start_time timestamp with time zone NOT NULL,
  end_time timestamp with time zone NOT NULL,
  status text COLLATE "C" NOT NULL,
  initiation_type text COLLATE "C" NOT NULL,
  end_type text COLLATE "C" NOT NULL,
  queue_id text COLLATE "C",
  metadata jsonb NOT NULL,
  has_transcript boolean NOT NULL,
  has_logs boolean NOT NULL,
  recordings integer NOT NULL,
  purge_at timestamp with time zone,
  purge_plan integer NOT NULL DEFAULT 0,
  is_held boolean NOT NULL DEFAULT false,
  detector integer NOT NULL DEFAULT 0,
  counted_bytes bigint,
  CONSTRAINT sealed_conversations_pkey PRIMARY KEY (business_id, conversation_id)
) WITH (fillfactor=90);
CREATE INDEX sealed_conversations_held ON public.sealed_conversations USING btree (business_id) WHERE is_held;
CREATE INDEX sealed_conversations_to_plan ON public.sealed_conversations USING btree (business_id, purge_plan);
CREATE INDEX sealed_conversations_to_purge ON public.sealed_conversations USING btree (business_id, purge_at) WHERE (purge_at IS NOT NULL);
CREATE INDEX sealed_conversations_to_search ON public.sealed_conversations USING btree (business_id, detector);

CREATE TABLE sessions (
  session_id text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  token_hash bytea NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT sessions_pkey PRIMARY KEY (session_id),
  CONSTRAINT sessions_token_unique UNIQUE (token_hash),
  CONSTRAINT sessions_user_exists FOREIGN KEY (user_id) REFERENCES users(user_id),
  CONSTRAINT sessions_token_length CHECK ((octet_length(token_hash) = 32))
);
CREATE INDEX sessions_by_end ON public.sessions USING btree (expires_at);
CREATE INDEX sessions_by_user ON public.sessions USING btree (user_id);

CREATE TABLE sign_in_failures (
  email_hash text COLLATE "C" NOT NULL,
  failures integer NOT NULL,
  failed_at timestamp with time zone NOT NULL,
  locked_until timestamp with time zone,
  CONSTRAINT sign_in_failures_pkey PRIMARY KEY (email_hash)
);
CREATE INDEX sign_in_failures_by_time ON public.sign_in_failures USING btree (failed_at);

CREATE TABLE sign_in_links (
  token_hash bytea NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  expires_at timestamp with time zone,
  used_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT sign_in_links_pkey PRIMARY KEY (token_hash),
  CONSTRAINT sign_in_links_user_exists FOREIGN KEY (user_id) REFERENCES users(user_id),
  CONSTRAINT sign_in_links_token_length CHECK ((octet_length(token_hash) = 32))
);
CREATE INDEX sign_in_links_by_user ON public.sign_in_links USING btree (user_id, created_at);

CREATE TABLE slot_occupants (
  business_id bigint NOT NULL,
  call_id text COLLATE "C" NOT NULL,
  from_at timestamp with time zone NOT NULL,
  campaign_id text COLLATE "C" NOT NULL,
  until_at timestamp with time zone,
  CONSTRAINT slot_occupants_pkey PRIMARY KEY (business_id, call_id, from_at)
);
CREATE INDEX slot_occupants_by_campaign ON public.slot_occupants USING btree (business_id, campaign_id, from_at);
CREATE UNIQUE INDEX slot_occupants_open ON public.slot_occupants USING btree (business_id, campaign_id, call_id) WHERE (until_at IS NULL);

CREATE TABLE unclaimed_blobs (
  business_id bigint NOT NULL,
  blob_key text COLLATE "C" NOT NULL,
  since timestamp with time zone NOT NULL,
  released boolean NOT NULL DEFAULT false,
  conversation_hash text COLLATE "C",
  CONSTRAINT unclaimed_blobs_pkey PRIMARY KEY (business_id, blob_key)
);
CREATE INDEX unclaimed_blobs_of_conversation ON public.unclaimed_blobs USING btree (business_id, conversation_hash) WHERE (conversation_hash IS NOT NULL);

CREATE TABLE usage_deltas (
  business_id bigint NOT NULL,
  delta_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  month timestamp with time zone NOT NULL,
  conversations bigint NOT NULL,
  milliseconds bigint NOT NULL,
  transcript_bytes_added bigint NOT NULL,
  transcript_bytes_removed bigint NOT NULL,
  recording_bytes_added bigint NOT NULL,
  recording_bytes_removed bigint NOT NULL,
  CONSTRAINT usage_deltas_pkey PRIMARY KEY (business_id, delta_id)
) WITH (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=2000);

CREATE TABLE usage_months (
  business_id bigint NOT NULL,
  month timestamp with time zone NOT NULL,
  conversations bigint NOT NULL,
  milliseconds bigint NOT NULL,
  transcript_bytes_added bigint NOT NULL,
  transcript_bytes_removed bigint NOT NULL,
  recording_bytes_added bigint NOT NULL,
  recording_bytes_removed bigint NOT NULL,
  CONSTRAINT usage_months_pkey PRIMARY KEY (business_id, month)
) WITH (fillfactor=80);

CREATE TABLE users (
  user_id text COLLATE "C" NOT NULL,
  email text NOT NULL,
  name text NOT NULL,
  is_admin boolean NOT NULL DEFAULT false,
  is_disabled boolean NOT NULL DEFAULT false,
  created_at timestamp with time zone NOT NULL,
  is_email_proven boolean NOT NULL,
  CONSTRAINT users_pkey PRIMARY KEY (user_id)
);
CREATE UNIQUE INDEX users_email_unique ON public.users USING btree (lower(email));

CREATE TABLE walks (
  name text NOT NULL,
  started_at timestamp with time zone NOT NULL,
  "position" text,
  is_done boolean NOT NULL,
  CONSTRAINT walks_pkey PRIMARY KEY (name)
);

CREATE TABLE webhook_attempts (
  business_id bigint NOT NULL,
  delivery_id text COLLATE "C" NOT NULL,
  attempt integer NOT NULL,
  at timestamp with time zone NOT NULL,
  http_status integer,
  error text,
  duration_ms integer NOT NULL,
  answer text,
  CONSTRAINT webhook_attempts_pkey PRIMARY KEY (business_id, delivery_id, attempt)
);

CREATE TABLE webhook_deliveries (
  business_id bigint NOT NULL,
  delivery_id text COLLATE "C" NOT NULL,
  webhook_id text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  message_id text COLLATE "C" NOT NULL,
  event_type text COLLATE "C" NOT NULL,
  subject_hash text COLLATE "C" NOT NULL,
  subject_id text COLLATE "C",
  details text,
  at timestamp with time zone NOT NULL,
  created_at timestamp with time zone NOT NULL,
  masking text COLLATE "C" NOT NULL,
  body text,
  status text COLLATE "C" NOT NULL,
  next_attempt_at timestamp with time zone,
  failures integer NOT NULL DEFAULT 0,
  attempts integer NOT NULL DEFAULT 0,
  replays integer NOT NULL DEFAULT 0,
  CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (business_id, delivery_id)
) WITH (autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_threshold=2000);
CREATE INDEX webhook_deliveries_by_age ON public.webhook_deliveries USING btree (created_at, business_id);
CREATE INDEX webhook_deliveries_by_seq ON public.webhook_deliveries USING btree (webhook_id, seq);
CREATE INDEX webhook_deliveries_due ON public.webhook_deliveries USING btree (webhook_id, next_attempt_at, seq) WHERE (next_attempt_at IS NOT NULL);
CREATE INDEX webhook_deliveries_of_subject ON public.webhook_deliveries USING btree (subject_hash, webhook_id, seq);

CREATE TABLE webhook_positions (
  business_id bigint NOT NULL,
  "position" bigint NOT NULL,
  last_seq bigint NOT NULL,
  CONSTRAINT webhook_positions_pkey PRIMARY KEY (business_id)
) WITH (fillfactor=50);

CREATE TABLE webhook_uploads (
  business_id bigint NOT NULL,
  conversation_id text COLLATE "C" NOT NULL,
  sealed_at timestamp with time zone NOT NULL,
  CONSTRAINT webhook_uploads_pkey PRIMARY KEY (business_id, conversation_id)
);

CREATE TABLE webhooks (
  business_id bigint NOT NULL,
  webhook_id text COLLATE "C" NOT NULL,
  url text NOT NULL,
  event_types text[] NOT NULL,
  description text NOT NULL,
  headers text NOT NULL,
  secrets text NOT NULL,
  is_enabled boolean NOT NULL,
  disabled_reason text,
  unredacted_by text,
  starts_after bigint NOT NULL,
  failing_since timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  created_by text NOT NULL,
  CONSTRAINT webhooks_pkey PRIMARY KEY (business_id, webhook_id)
);

CREATE OR REPLACE FUNCTION public.add_audit(business bigint, times timestamp with time zone[], users text[], keys text[], actions text[], kinds text[], hashes text[], subject_ids text[], all_details text[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
$function$
;

CREATE OR REPLACE FUNCTION public.add_changes(business bigint, times timestamp with time zone[], kinds text[], subject_ids text[], all_details text[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
$function$
;

CREATE OR REPLACE FUNCTION public.add_webhook_deliveries(business bigint, reached bigint, now timestamp with time zone, delivery_ids text[], webhook_ids text[], message_ids text[], event_types text[], hashes text[], subject_ids text[], details text[], times timestamp with time zone[], maskings text[], bodies text[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE
  last bigint;
  is_first boolean;
BEGIN
  SELECT last_seq INTO last FROM webhook_positions WHERE business_id = business FOR UPDATE;
  FOR i IN 1 .. cardinality(delivery_ids) LOOP
    PERFORM FROM webhook_deliveries d WHERE d.business_id = business AND d.subject_hash = hashes[i]
      AND d.webhook_id = webhook_ids[i] AND d.status = 'Pending' LIMIT 1;
    is_first := NOT FOUND;
    INSERT INTO webhook_deliveries (business_id, delivery_id, webhook_id, seq, message_id, event_type, subject_hash,
      subject_id, details, at, created_at, masking, body, status, next_attempt_at)
    VALUES (business, delivery_ids[i], webhook_ids[i], last + i, message_ids[i], event_types[i], hashes[i],
      subject_ids[i], details[i], times[i], now, maskings[i], bodies[i], 'Pending',
      CASE WHEN is_first THEN now END);
  END LOOP;
  UPDATE webhook_positions
  SET position = greatest(position, reached), last_seq = last + cardinality(delivery_ids)
  WHERE business_id = business;
END
$function$
;

CREATE OR REPLACE FUNCTION public.append_events(business bigint, ids text[], decided_on bigint[], versions bigint[], event_counts integer[], message_counts integer[], log_counts integer[], sizes bigint[], last_event_ats timestamp with time zone[], received_ats timestamp with time zone[], ended_received_ats timestamp with time zone[], kinds text[], event_types text[], all_event_ids text, all_payloads text, all_heads text, head_of integer[], start_times timestamp with time zone[], statuses text[], initiation_types text[], end_types text[], duration_classes smallint[], id_hashes text[], queue_ids text[], may_abandons boolean[], delta_of integer[], delta_hours timestamp with time zone[], delta_quarters smallint[], delta_statuses text[], delta_initiation_types text[], delta_end_types text[], delta_counts integer[], delta_milliseconds bigint[], delta_classes smallint[], audit_of integer[], audit_times timestamp with time zone[], audit_users text[], audit_keys text[], audit_actions text[], audit_kinds text[], audit_hashes text[], audit_subject_ids text[], audit_details text[])
 RETURNS SETOF text
 LANGUAGE plpgsql
 SET enable_seqscan TO 'off'
AS $function$
DECLARE
  -- The number of the first event of each append; NULL: skipped.
  firsts integer[] := array_fill(NULL::integer, ARRAY[cardinality(ids)]);
  given record;
  id text;
  n integer;
  seq integer;
BEGIN
  IF cardinality(string_to_array(all_event_ids, E'\x02')) <> cardinality(ids)
    OR cardinality(string_to_array(all_payloads, E'\x02')) <> cardinality(ids)
    OR cardinality(string_to_array(all_heads, E'\x03')) <> cardinality(head_of) THEN
    RAISE EXCEPTION 'the texts are not those of % appends with % headers', cardinality(ids), cardinality(head_of);
  END IF;
  -- Locks are taken in a fixed order, which prevents deadlocks between processes: new conversations, then live
  -- rows, then headers, each by id.
  FOR given IN
    SELECT * FROM unnest(head_of, string_to_array(all_heads, E'\x03'), start_times, statuses, initiation_types,
        end_types, duration_classes, id_hashes, queue_ids, may_abandons)
      AS g(n, head, start_time, status, initiation_type, end_type, duration_class, id_hash, queue_id,
        may_abandon)
    WHERE decided_on[g.n] IS NULL
  LOOP
    n := given.n;
    id := ids[n];
    INSERT INTO conversations (business_id, id, start_time, status, initiation_type, end_type, head,
      duration_class, queue_id)
    VALUES (business, id, given.start_time, given.status, given.initiation_type, given.end_type,
      given.head, given.duration_class, given.queue_id)
    ON CONFLICT DO NOTHING;
    CONTINUE WHEN NOT FOUND;
    -- Now, because the insert may have waited for a deletion.
    IF EXISTS (
      SELECT FROM erased_ids e WHERE e.business_id = business AND e.id_hash = given.id_hash
    ) THEN
      DELETE FROM conversations c WHERE c.business_id = business AND c.id = ids[n];
      CONTINUE;
    END IF;
    -- Elements of arrays, because new conversations are few.
    INSERT INTO live_conversations (business_id, conversation_id, version, next_seq, message_count,
      log_count, bytes, last_event_at, received_at, ended_received_at, has_earlier_ids, may_abandon)
    VALUES (business, id, versions[n], event_counts[n] + 1, message_counts[n], log_counts[n], sizes[n],
      last_event_ats[n], received_ats[n], ended_received_ats[n], false, given.may_abandon);
    firsts[n] := 1;
  END LOOP;

  FOR given IN
    SELECT * FROM unnest(ids, decided_on, versions, event_counts, message_counts, log_counts, sizes,
        last_event_ats, received_ats, ended_received_ats, kinds, event_types,
        string_to_array(all_event_ids, E'\x02'), string_to_array(all_payloads, E'\x02')) WITH ORDINALITY
      AS g(id, decided_on, version, event_count, message_count, log_count, bytes, last_event_at,
        received_at, ended_received_at, kind, event_types, event_ids, payloads, n)
  LOOP
    id := given.id;
    IF given.decided_on IS NULL THEN
      seq := firsts[given.n];
    ELSE
      -- One conversation per statement: a join with an array could read all conversations, if it was planned
      -- while there were few.
      UPDATE live_conversations AS l
      SET version = given.version, next_seq = l.next_seq + given.event_count,
        message_count = given.message_count, log_count = given.log_count, bytes = given.bytes,
        last_event_at = given.last_event_at, received_at = given.received_at,
        ended_received_at = given.ended_received_at
      WHERE l.business_id = business AND l.conversation_id = given.id AND l.version = given.decided_on
      RETURNING l.next_seq - given.event_count INTO seq;
      firsts[given.n] := seq;
    END IF;
    CONTINUE WHEN seq IS NULL;
    -- A row for each append: rows and their keys were a third of the work of an append.
    INSERT INTO conversation_events (business_id, conversation_id, seq, event_ids, payloads)
    VALUES (business, id, seq, given.event_ids, given.payloads);
    INSERT INTO changes_pending (business_id, at, kind, subject_id, first_seq, event_ids, event_types)
    VALUES (business, given.received_at, given.kind, id, seq, given.event_ids,
      given.event_types);
    RETURN NEXT id;
  END LOOP;

  FOR given IN
    SELECT * FROM unnest(head_of, string_to_array(all_heads, E'\x03'), statuses, end_types, duration_classes)
      AS g(n, head, status, end_type, duration_class)
    WHERE decided_on[g.n] IS NOT NULL AND firsts[g.n] IS NOT NULL
  LOOP
    UPDATE conversations AS c SET head = given.head, status = given.status, end_type = given.end_type,
      duration_class = given.duration_class
    WHERE c.business_id = business AND c.id = ids[given.n];
  END LOOP;

  FOR given IN
    SELECT d.hour, d.quarter, d.status, d.initiation_type, d.end_type, d.duration_class,
      sum(d.n)::integer AS n, sum(d.milliseconds)::bigint AS milliseconds
    FROM unnest(delta_of, delta_hours, delta_quarters, delta_statuses, delta_initiation_types,
        delta_end_types, delta_counts, delta_milliseconds, delta_classes)
      AS d(append, hour, quarter, status, initiation_type, end_type, n, milliseconds, duration_class)
    WHERE firsts[d.append] IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6
    HAVING sum(d.n) <> 0 OR sum(d.milliseconds) <> 0
  LOOP
    INSERT INTO conversation_count_deltas (business_id, hour, quarter, status, initiation_type, end_type,
      n, milliseconds, duration_class)
    VALUES (business, given.hour, given.quarter, given.status, given.initiation_type, given.end_type,
      given.n, given.milliseconds, given.duration_class);
  END LOOP;

  FOR given IN
    SELECT * FROM unnest(audit_of, audit_times, audit_users, audit_keys, audit_actions, audit_kinds,
        audit_hashes, audit_subject_ids, audit_details)
      AS a(append, at, user_id, api_key_id, action, kind, hash, subject_id, details)
    WHERE firsts[a.append] IS NOT NULL
  LOOP
    INSERT INTO audit_pending (business_id, at, user_id, api_key_id, action, subject_kind, subject_hash,
      subject_id, details)
    VALUES (business, given.at, given.user_id, given.api_key_id, given.action, given.kind, given.hash,
      given.subject_id, given.details);
  END LOOP;
END
$function$
;

CREATE OR REPLACE FUNCTION public.chain_audit(business bigint, seqs bigint[], last_number bigint, hashes bytea, erased text[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
$function$
;

CREATE OR REPLACE FUNCTION public.erase_webhook_deliveries(business bigint, hashes text[], ids text[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
BEGIN
  DELETE FROM webhook_uploads WHERE business_id = business AND conversation_id = ANY (ids);
  UPDATE webhook_deliveries
  SET body = NULL, subject_id = NULL, details = NULL, next_attempt_at = NULL,
    status = CASE WHEN status = 'Pending' THEN 'Canceled' ELSE status END
  WHERE business_id = business AND subject_hash = ANY (hashes);
  -- After the deliveries, whose locks keep further attempts from being added.
  UPDATE webhook_attempts SET answer = NULL
  WHERE business_id = business AND delivery_id = ANY (ARRAY(
    SELECT d.delivery_id FROM webhook_deliveries d WHERE d.business_id = business AND d.subject_hash = ANY (hashes)
  ));
END
$function$
;

CREATE OR REPLACE FUNCTION public.forget_webhook_texts(business bigint, hashes text[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
BEGIN
  UPDATE webhook_deliveries SET body = NULL WHERE business_id = business AND subject_hash = ANY (hashes);
  -- After the deliveries, whose locks keep further attempts from being added.
  UPDATE webhook_attempts SET answer = NULL
  WHERE business_id = business AND delivery_id = ANY (ARRAY(
    SELECT d.delivery_id FROM webhook_deliveries d WHERE d.business_id = business AND d.subject_hash = ANY (hashes)
  ));
END
$function$
;

CREATE OR REPLACE FUNCTION public.number_changes(business bigint, most integer)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
DECLARE
  is_of_one_node boolean;
  pending bigint[];
  reached bigint;
BEGIN
  -- Rows that another process is numbering still count, so a reader waits for their commit.
  IF NOT EXISTS (SELECT FROM changes_pending WHERE business_id = business) THEN
    RETURN 0;
  END IF;
  INSERT INTO change_ends (business_id, last_position) VALUES (business, 0) ON CONFLICT DO NOTHING;
  SELECT last_position INTO reached FROM change_ends WHERE business_id = business FOR UPDATE;
  -- The highest 16 bits of a number are those of the node; on one PostgreSQL they are 0.
  SELECT min(change_id) >> 48 = max(change_id) >> 48 INTO is_of_one_node
  FROM changes_pending WHERE business_id = business;
  -- Skips what an erasure is removing.
  IF is_of_one_node THEN
    -- In the order of the key, so the number of rows does not matter.
    pending := ARRAY(
      SELECT change_id FROM changes_pending WHERE business_id = business
      ORDER BY change_id LIMIT most FOR UPDATE SKIP LOCKED);
  ELSE
    pending := ARRAY(
      SELECT change_id FROM changes_pending WHERE business_id = business
      ORDER BY at, first_seq, change_id LIMIT most FOR UPDATE SKIP LOCKED);
  END IF;
  IF cardinality(pending) = 0 THEN
    RETURN 0;
  END IF;
  INSERT INTO changes (business_id, position, at, kind, subject_id, first_seq, event_ids, event_types, details)
  SELECT p.business_id, reached + CASE WHEN is_of_one_node THEN row_number() OVER (ORDER BY p.change_id)
      ELSE array_position(pending, p.change_id) END,
    p.at, p.kind, p.subject_id, p.first_seq, p.event_ids, p.event_types, p.details
  FROM changes_pending p WHERE p.business_id = business AND p.change_id = ANY(pending);
  DELETE FROM changes_pending WHERE business_id = business AND change_id = ANY(pending);
  UPDATE change_ends SET last_position = reached + cardinality(pending) WHERE business_id = business;
  RETURN cardinality(pending);
END
$function$
;

CREATE OR REPLACE FUNCTION public.park_webhook_deliveries(business bigint, webhook text, now timestamp with time zone, most integer)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
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
$function$
;

CREATE OR REPLACE FUNCTION public.receive_delivery(business bigint, id text, connection text, new_source text, conversation text, conversation_hash text, call text, type text, once text, received timestamp with time zone, new_status text, size integer, new_headers text, new_body bytea)
 RETURNS text
 LANGUAGE plpgsql
 SET enable_seqscan TO 'off'
AS $function$
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
$function$
;

CREATE OR REPLACE FUNCTION public.release_webhook_delivery(business bigint, webhook text, hash text, now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
$function$
;

CREATE OR REPLACE FUNCTION public.replay_webhook_deliveries(business bigint, now timestamp with time zone, delivery_ids text[])
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
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
    SET status = 'Pending', failures = 0, replays = found_one.replays + 1,
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
$function$
;

CREATE OR REPLACE FUNCTION public.settle_webhook_deliveries(business bigint, now timestamp with time zone, delivery_ids text[], replays integer[], times timestamp with time zone[], http_statuses integer[], errors text[], durations integer[], answers text[], outcomes text[], nexts timestamp with time zone[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE
  settled webhook_deliveries;
  is_stale boolean;
BEGIN
  PERFORM FROM webhook_positions WHERE business_id = business FOR UPDATE;
  FOR i IN 1 .. cardinality(delivery_ids) LOOP
    SELECT * INTO settled FROM webhook_deliveries d
    WHERE d.business_id = business AND d.delivery_id = delivery_ids[i] FOR UPDATE;
    CONTINUE WHEN NOT FOUND OR settled.status <> 'Pending';
    is_stale := settled.replays <> replays[i];
    UPDATE webhook_deliveries d
    SET attempts = d.attempts + 1,
      status = CASE WHEN is_stale THEN d.status ELSE outcomes[i] END,
      next_attempt_at = CASE WHEN is_stale THEN d.next_attempt_at ELSE nexts[i] END,
      failures = d.failures + CASE WHEN is_stale OR outcomes[i] = 'Delivered' THEN 0 ELSE 1 END
    WHERE d.business_id = business AND d.delivery_id = delivery_ids[i];
    INSERT INTO webhook_attempts (business_id, delivery_id, attempt, at, http_status, error, duration_ms, answer)
    VALUES (business, delivery_ids[i], settled.attempts + 1, times[i], http_statuses[i], errors[i], durations[i],
      CASE WHEN settled.body IS NOT NULL THEN answers[i] END);
    IF NOT is_stale AND outcomes[i] <> 'Pending' THEN
      PERFORM release_webhook_delivery(business, settled.webhook_id, settled.subject_hash, now);
    END IF;
  END LOOP;
END
$function$
;
