import type { EndReasons } from '../source.ts';

/**
 * Of several fields, as Bland has none for the reason: `queue_status` or `status` of calls that
 * failed, the names of `transferred_to` and `error_message`, `answered_by`, and `call_ended_by`.
 */
export const BLAND_END_REASONS: EndReasons = [
  ['transferred_to', 'Transferred'],
  ['voicemail', 'VoicemailDetected'],
  ['no-answer', 'UserNoAnswer'],
  ['no_answer', 'UserNoAnswer'],
  ['busy', 'UserDeclinedOrBusy'],
  ['canceled', 'Canceled'],
  ['cancelled', 'Canceled'],
  ['pre_queue_error', 'InitializeError'],
  ['queue_error', 'InitializeError'],
  ['call_error', 'MidSessionFailure'],
  ['complete_error', 'MidSessionFailure'],
  ['failed', 'MidSessionFailure'],
  ['error_message', 'MidSessionFailure'],
  ['USER', 'UserEndedCall'],
  ['ASSISTANT', 'AgentEndedCall'],
];
