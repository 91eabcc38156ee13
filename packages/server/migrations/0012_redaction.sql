-- What is masked for those who may not see the original: categories as JSON. NULL: nothing.
ALTER TABLE businesses ADD COLUMN redaction text;

-- Where in the messages of a sealed conversation something stands that may be masked: what was found,
-- by which version of the patterns, and what somebody has added.
CREATE TABLE conversation_spans (
  business_id bigint NOT NULL,
  conversation_id text COLLATE "C" NOT NULL,
  detector integer NOT NULL,
  found text NOT NULL,
  added text NOT NULL DEFAULT '[]',
  CONSTRAINT conversation_spans_pkey PRIMARY KEY (business_id, conversation_id)
);
ALTER TABLE sealed_conversations ADD COLUMN detector integer NOT NULL DEFAULT 0;
CREATE INDEX sealed_conversations_to_look_through ON sealed_conversations (business_id, detector)
  WHERE has_transcript;
