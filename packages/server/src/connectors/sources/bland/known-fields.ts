import { knownFields } from '../fields.ts';

// From the documentation of `GET /v1/calls/{call_id}`, whose object the webhook posts.

export const CALL_FIELDS = knownFields(`
  analysis analysis_schema answered_by batch_id c_id call_ended_by call_id call_length citations
  completed concatenated_transcript corrected_duration created_at disposition_tag end_at
  endpoint_url error_message from inbound local_dialing max_duration metadata pathway_id
  pathway_logs pathway_tags pathway_version persona_id price queue_status record recording_url
  request_data started_at status summary to transcripts transferred_at transferred_to variables
  voice_id`);

export const PHRASE_FIELDS = knownFields('c_id created_at id text user');

/** Of events while a call runs. Not documented. */
export const EVENT_FIELDS = knownFields(
  'c_id call_id category created_at data level log_level message timestamp type',
);
