import type { Source } from '../source.ts';
import { ELEVENLABS_END_REASONS } from './end-reasons.ts';
import { identifyElevenLabs, translateElevenLabs } from './translate.ts';
import { verifyElevenLabs } from './verify.ts';

export const elevenlabs: Source = {
  name: 'elevenlabs',
  verify: verifyElevenLabs,
  identify: identifyElevenLabs,
  translate: translateElevenLabs,
  endReasons: ELEVENLABS_END_REASONS,
};
