import { knownFields } from '../fields.ts';

// From the OpenAPI document of OpenAI (2026-08-21) and, for the names before the general
// availability, from the beta types of its SDK. Other events and fields are new: the delivery keeps
// them, with a warning.

/** Earlier names of events. */
export const ALIASES: Readonly<Record<string, string>> = {
  'conversation.item.created': 'conversation.item.added',
  'response.audio.delta': 'response.output_audio.delta',
  'response.audio.done': 'response.output_audio.done',
  'response.audio_transcript.delta': 'response.output_audio_transcript.delta',
  'response.audio_transcript.done': 'response.output_audio_transcript.done',
  'response.text.delta': 'response.output_text.delta',
  'response.text.done': 'response.output_text.done',
  'transcription_session.created': 'session.created',
  'transcription_session.updated': 'session.updated',
};

/** They say nothing that other events do not say. */
export const OTHER_SERVER_EVENTS = knownFields(`
  input_audio_buffer.cleared mcp_list_tools.completed mcp_list_tools.in_progress
  output_audio_buffer.started output_audio_buffer.stopped rate_limits.updated
  response.content_part.added response.mcp_call.completed response.mcp_call.in_progress
  response.output_audio.done session.output_audio.delta`);

/** A process may also log what it sends; the server repeats it in its own events. */
export const CLIENT_EVENTS = knownFields(`
  conversation.item.create conversation.item.delete conversation.item.retrieve
  conversation.item.truncate input_audio_buffer.append input_audio_buffer.clear
  input_audio_buffer.commit output_audio_buffer.clear response.cancel response.create session.close
  session.input_audio_buffer.append session.update transcription_session.update`);

/** Of all server events, and those that the log adds. */
export const EVENT_FIELDS = knownFields(`
  arguments audio_end_ms audio_start_ms call_id channels content_index conversation created_at data
  delta elapsed_ms end error event event_id format id item item_id languages logprobs name object
  obfuscation output_index part previous_item_id rate_limits reason received_at response response_id
  sample_rate session session_id speaker start text transcript type usage`);

export const ITEM_FIELDS = knownFields(`
  approval_request_id approve arguments call_id content error id name object output phase reason role
  server_label status tools type`);

export const PART_FIELDS = knownFields('audio detail image_url text transcript type');

export const RESPONSE_FIELDS = knownFields(`
  audio conversation_id id max_output_tokens metadata modalities object output output_audio_format
  output_modalities status status_details temperature usage voice`);

export const SESSION_FIELDS = knownFields(`
  audio client_secret expires_at id include input_audio_format input_audio_noise_reduction
  input_audio_transcription instructions max_output_tokens max_response_output_tokens modalities
  model object output_audio_format output_modalities parallel_tool_calls prompt reasoning speed
  temperature tool_choice tools tracing truncation turn_detection type voice`);

export const ERROR_FIELDS = knownFields('code event_id message param type');
