import { knownFields } from '../fields.ts';

// Of `PhoneCallResponse` and `WebCallResponse` in Retell's SDK 5.60.

export const CALL_FIELDS = knownFields(`
  access_token agent_id agent_name agent_tag agent_version batch_call_id call_analysis call_cost
  call_id call_status call_type collected_dynamic_variables custom_attributes custom_sip_headers
  data_storage_setting direction disconnection_reason duration_ms end_timestamp from_number
  knowledge_base_retrieved_contents_url latency llm_token_usage metadata opt_in_signed_url
  opt_out_sensitive_data_storage public_log_url recording_multi_channel_url recording_url
  retell_llm_dynamic_variables scrubbed_recording_multi_channel_url scrubbed_recording_url
  scrubbed_transcript_with_tool_calls start_timestamp telephony_identifier to_number transcript
  transcript_object transcript_with_tool_calls transfer_destination transfer_end_timestamp`);

export const ROW_FIELDS = knownFields(`
  arguments content digit former_node_id former_node_name metadata multimedia name new_node_id
  new_node_name role successful thought_signature time_sec tool_call_id transition_type words`);

export const ANALYSIS_FIELDS = knownFields(
  'call_successful call_summary custom_analysis_data in_voicemail user_sentiment',
);
