-- Spans of headers and logs, next to those of messages. Detector 4 changes the stored form; rows of earlier
-- detectors are replaced when their conversation is searched again.
ALTER TABLE conversation_spans ADD COLUMN found_head text NOT NULL DEFAULT '[]';
ALTER TABLE conversation_spans ADD COLUMN found_logs text NOT NULL DEFAULT '[]';
-- Conversations without a transcript contain texts too.
DROP INDEX sealed_conversations_to_look_through;
CREATE INDEX sealed_conversations_to_search ON sealed_conversations (business_id, detector);
