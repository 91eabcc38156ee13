import type { EndReasons } from '../source.ts';

/** The final values of `CallStatus`, and those of `AnsweredBy` that are no person. */
export const TWILIO_END_REASONS: EndReasons = [
  ['completed', 'Normal'],
  ['busy', 'UserDeclinedOrBusy'],
  ['no-answer', 'UserNoAnswer'],
  ['failed', 'InitializeError'],
  ['canceled', 'Canceled'],
  ['machine_*', 'VoicemailDetected'],
];
