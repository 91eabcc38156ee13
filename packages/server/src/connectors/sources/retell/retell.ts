import type { Source } from '../source.ts';
import { RETELL_END_REASONS } from './end-reasons.ts';
import { identifyRetell, translateRetell } from './translate.ts';
import { verifyRetell } from './verify.ts';

export const retell: Source = {
  name: 'retell',
  verify: verifyRetell,
  identify: identifyRetell,
  translate: translateRetell,
  endReasons: RETELL_END_REASONS,
};
