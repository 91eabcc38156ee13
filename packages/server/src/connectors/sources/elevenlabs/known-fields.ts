import { knownFields } from '../fields.ts';

// From the documentation and `GetConversationResponseModel` of the SDKs, which the webhooks follow.

export const EVENT_FIELDS = knownFields('data event_timestamp type');

export const CONVERSATION_FIELDS = knownFields(`
  agent_id agent_name analysis branch_id conversation_id conversation_initiation_client_data
  conversation_product environment has_audio has_auxiliary_audio has_response_audio has_user_audio
  metadata otlp_traces status tag_ids transcript user_id version_id visited_agents`);

export const METADATA_FIELDS = knownFields(`
  accepted_time_unix_secs agent_created_from agent_last_updated_from async_metadata
  authorization_method batch_call call_duration_secs charging conversation_initiation_source
  conversation_initiation_source_version cost cost_fiat deletion_settings eleven_assistant error
  features_usage feedback initiator_id main_language phone_call rag_usage sms
  start_time_unix_secs termination_reason text_only timezone voice_rewards warnings whatsapp`);

export const PHONE_CALL_FIELDS = knownFields(`
  agent_number call_id call_sid direction external_number phone_number_id
  sip_header_dynamic_variables stream_sid type`);

export const ANALYSIS_FIELDS = knownFields(`
  call_success_score call_successful call_summary_title data_collection_results
  data_collection_results_list evaluation_criteria_results evaluation_criteria_results_list scoped
  transcript_summary`);

export const TURN_FIELDS = knownFields(`
  agent_metadata contextual_update_info conversation_turn_metrics feedback file_input
  ignored_as_backchannel interrupted llm_override llm_usage message multivoice_message
  original_message rag_retrieval_info reasoned reasoning role source_event_id source_medium
  time_in_call_secs tool_calls tool_results used_static_kb_document_ids user_identifier`);

export const TOOL_CALL_FIELDS = knownFields(
  'params_as_json request_id tool_details tool_has_been_called tool_name type',
);

export const TOOL_RESULT_FIELDS = knownFields(`
  credential_id dynamic_variable_updates error_type integration_connection_id integration_id
  is_blocked is_error raw_error_message request_id result result_value tool_has_been_called
  tool_latency_secs tool_name type`);

export const AUDIO_FIELDS = knownFields('agent_id conversation_id full_audio');

export const FAILURE_FIELDS = knownFields('agent_id conversation_id failure_reason metadata');
