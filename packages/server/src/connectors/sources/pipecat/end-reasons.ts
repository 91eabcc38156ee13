import type { EndReasons } from '../source.ts';

/** The frames that end a pipeline, and the events of transports and tasks that lead to them. */
export const PIPECAT_END_REASONS: EndReasons = [
  ['EndFrame', 'Normal'],
  ['EndTaskFrame', 'AgentEndedCall'],
  // Applications cancel the task if the client disconnects, and for other reasons.
  ['CancelFrame', 'Normal'],
  ['CancelTaskFrame', 'Normal'],
  ['StopFrame', 'Normal'],
  ['client_disconnected', 'UserEndedCall'],
  ['participant_left', 'UserEndedCall'],
  ['dialout_stopped', 'UserEndedCall'],
  ['idle_timeout', 'UserSilenceTimeoutReached'],
  ['session_timeout', 'MaxConversationDurationReached'],
  ['voicemail_detected', 'VoicemailDetected'],
  ['dialout_error', 'InitializeError'],
  ['ErrorFrame', 'MidSessionFailure'],
  ['FatalErrorFrame', 'MidSessionFailure'],
];
