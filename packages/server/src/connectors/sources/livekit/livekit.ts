import type { Source } from '../source.ts';
import { LIVEKIT_END_REASONS } from './end-reasons.ts';
import { identifyLivekit, translateLivekit } from './translate.ts';
import { isSignedByLivekit, verifyLivekit } from './verify.ts';

export const livekit: Source = {
  name: 'livekit',
  verify: verifyLivekit,
  isSigned: isSignedByLivekit,
  identify: identifyLivekit,
  translate: translateLivekit,
  endReasons: LIVEKIT_END_REASONS,
};
