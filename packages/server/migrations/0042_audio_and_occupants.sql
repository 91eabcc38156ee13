-- When audio last arrived for a live conversation. Not indexed, so updates stay in the page (HOT).
ALTER TABLE live_conversations ADD COLUMN audio_at timestamptz;

-- Calls that occupied the slots of a full campaign, and the period in which requests of workers saw them
-- there, for the history of waiting calls. At most ten per request.
CREATE TABLE slot_occupants (
  business_id bigint NOT NULL,
  call_id text COLLATE "C" NOT NULL,
  from_at timestamptz NOT NULL,
  campaign_id text COLLATE "C" NOT NULL,
  until_at timestamptz,
  CONSTRAINT slot_occupants_pkey PRIMARY KEY (business_id, call_id, from_at)
);
CREATE UNIQUE INDEX slot_occupants_open ON slot_occupants (business_id, campaign_id, call_id)
  WHERE until_at IS NULL;
CREATE INDEX slot_occupants_by_campaign ON slot_occupants (business_id, campaign_id, from_at);
