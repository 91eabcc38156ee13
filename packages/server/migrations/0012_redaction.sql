-- Categories to mask for readers without access to originals, as JSON. NULL: none.
ALTER TABLE businesses ADD COLUMN redaction text;

-- Spans of a sealed conversation that may be masked: detected ones, with the version of the patterns, and
-- ones added by users.
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
