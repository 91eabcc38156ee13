import type { EndReasons } from '../source.ts';

/**
 * ElevenLabs documents no list of `termination_reason`, which is a free text. `failed: …` is the
 * status `failed` with its reason; the words without a star are the values of `failure_reason`.
 */
export const ELEVENLABS_END_REASONS: EndReasons = [
  ['busy', 'UserDeclinedOrBusy'],
  ['no-answer', 'UserNoAnswer'],
  ['unknown', 'InitializeError'],
  ['unknown: *', 'InitializeError'],
  ['failed', 'MidSessionFailure'],
  ['failed: *', 'MidSessionFailure'],
  ['*voicemail*', 'VoicemailDetected'],
  ['*end_call*', 'AgentEndedCall'],
  ['*transfer*', 'Transferred'],
  ['*silence*', 'UserSilenceTimeoutReached'],
  ['*inactiv*', 'UserSilenceTimeoutReached'],
  ['*idle*', 'UserSilenceTimeoutReached'],
  ['*duration*', 'MaxConversationDurationReached'],
  ['*time limit*', 'MaxConversationDurationReached'],
  ['*cancel*', 'Canceled'],
  ['*error*', 'MidSessionFailure'],
  ['*failure*', 'MidSessionFailure'],
  ['*agent*', 'AgentEndedCall'],
  ['*client*', 'UserEndedCall'],
  ['*user*', 'UserEndedCall'],
  ['*caller*', 'UserEndedCall'],
  ['*remote party*', 'UserEndedCall'],
  ['*hung up*', 'UserEndedCall'],
  ['*hang up*', 'UserEndedCall'],
  ['*hangup*', 'UserEndedCall'],
  // A call with the status `done` went well, whatever the text says.
  ['*', 'Normal'],
];
