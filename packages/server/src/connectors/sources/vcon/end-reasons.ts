import type { EndReasons } from '../source.ts';

/** A dialog of type `transfer` whose target was reached. */
export const TRANSFER = 'transfer';

/** The values of `disposition` (draft-ietf-vcon-vcon-core-04), and `transfer`. */
export const VCON_END_REASONS: EndReasons = [
  ['no-answer', 'UserNoAnswer'],
  ['busy', 'UserDeclinedOrBusy'],
  ['hung-up', 'UserEndedCall'],
  ['voicemail-no-message', 'VoicemailDetected'],
  ['congestion', 'InitializeError'],
  ['failed', 'InitializeError'],
  [TRANSFER, 'Transferred'],
];
