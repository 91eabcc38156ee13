-- When bytes of a recording last arrived while the conversation went on; no index covers it, so that the
-- updates stay in the page (HOT).
ALTER TABLE live_conversations ADD COLUMN audio_at timestamptz;

-- Which calls occupied the slots of a full campaign, and from when until when workers that asked saw them there,
-- so that the history of the calls that waited still names them later. Of each look up to ten are in here.
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
