import { knownFields } from '../fields.ts';

// What a helper in the process of the pipeline posts: Pipecat itself has no webhook.

export const SESSION_FIELDS = knownFields(`
  agentId audio callSid endReason endedAt error metadata metrics phoneNumber queueId sessionId
  source startedAt turns`);

export const TURN_FIELDS = knownFields('content interrupted role timestamp user_id');

export const AUDIO_FIELDS = knownFields(`
  channels durationMs format left right sampleRate startedAt url`);
