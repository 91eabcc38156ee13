import type { Source } from '../source.ts';
import { TWILIO_END_REASONS } from './end-reasons.ts';
import { identifyTwilio, translateTwilio } from './translate.ts';
import { verifyTwilio } from './verify.ts';

export const twilio: Source = {
  name: 'twilio',
  verify: verifyTwilio,
  identify: identifyTwilio,
  translate: translateTwilio,
  endReasons: TWILIO_END_REASONS,
};
