-- Spans of headers and logs beside those of messages. All are stored in another form from detector 4 on,
-- and a row of an earlier detector is replaced when its conversation is searched again.
ALTER TABLE conversation_spans ADD COLUMN found_head text NOT NULL DEFAULT '[]';
ALTER TABLE conversation_spans ADD COLUMN found_logs text NOT NULL DEFAULT '[]';
-- Conversations without a transcript have texts, too.
DROP INDEX sealed_conversations_to_look_through;
CREATE INDEX sealed_conversations_to_search ON sealed_conversations (business_id, detector);
