import { knownFields } from '../fields.ts';

// Webhooks: the messages of livekit/protocol. Reports: `SessionReport` and `ChatContext` of
// livekit/agents.

export const EVENT_FIELDS = knownFields(`
  createdAt egressInfo event id ingressInfo job numDropped participant room track`);

export const EVENTS = knownFields(`
  agent_job_ended agent_job_started egress_ended egress_started egress_updated ingress_ended
  ingress_started participant_connection_aborted participant_joined participant_left room_finished
  room_started track_published track_unpublished`);

export const ROOM_FIELDS = knownFields(`
  activeRecording creationTime creationTimeMs departureTimeout emptyTimeout enabledCodecs
  maxParticipants metadata name numParticipants numPublishers sid turnPassword version`);

export const PARTICIPANT_FIELDS = knownFields(`
  attributes capabilities clientProtocol dataTracks disconnectReason identity isPublisher joinedAt
  joinedAtMs kind kindDetails metadata name permission region sid state tracks version`);

export const EGRESS_FIELDS = knownFields(`
  backupStorageUsed details egress egressId endedAt error errorCode file fileResults imageResults
  manifestLocation participant replay retryCount roomComposite roomId roomName segmentResults
  segments sourceType startedAt status stream streamResults track trackComposite updatedAt web`);

export const FILE_FIELDS = knownFields('duration endedAt filename location size startedAt');

export const JOB_FIELDS = knownFields(`
  agentName attributes deployment dispatchId enableRecording enableRedaction id metadata namespace
  participant room state type`);

export const REPORT_FIELDS = knownFields(`
  audio_recording_path audio_recording_started_at chat_history duration events job_id options
  recording_options room room_id sdk_version started_at tags timestamp usage`);

export const ITEM_FIELDS = knownFields(`
  arguments call_id confidence content created_at extra group_id hash id instructions interrupted
  is_error metrics name new_agent_id old_agent_id output role tools_added tools_removed
  transcript_confidence type`);

export const METRIC_FIELDS = knownFields(`
  e2e_latency end_of_turn_delay llm_metadata llm_node_tps llm_node_ttfs llm_node_ttft
  on_user_turn_completed_delay playback_latency provider_request_ids started_speaking_at
  stopped_speaking_at stt_metadata transcription_delay tts_metadata tts_node_ttfb`);
