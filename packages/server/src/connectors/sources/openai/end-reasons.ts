import type { EndReasons } from '../source.ts';

/**
 * OpenAI sends no event with the end of a call. The words are the `reason` of the line
 * `session.closed`, which the process of the session writes, and codes of `error` events that end a
 * session.
 */
export const OPENAI_END_REASONS: EndReasons = [
  ['user_hangup', 'UserEndedCall'],
  ['agent_hangup', 'AgentEndedCall'],
  ['completed', 'Normal'],
  // The calls of https://platform.openai.com/docs/api-reference/realtime-calls
  ['hangup', 'AgentEndedCall'],
  ['refer', 'Transferred'],
  ['reject', 'Canceled'],
  ['transferred', 'Transferred'],
  ['voicemail', 'VoicemailDetected'],
  ['no_answer', 'UserNoAnswer'],
  ['busy', 'UserDeclinedOrBusy'],
  ['declined', 'UserDeclinedOrBusy'],
  ['idle_timeout', 'UserSilenceTimeoutReached'],
  ['session_expired', 'MaxConversationDurationReached'],
  ['max_duration', 'MaxConversationDurationReached'],
  ['canceled', 'Canceled'],
  ['connect_failed', 'InitializeError'],
  ['error', 'MidSessionFailure'],
];
