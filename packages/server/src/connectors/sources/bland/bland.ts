import type { Source } from '../source.ts';
import { BLAND_END_REASONS } from './end-reasons.ts';
import { identifyBland, translateBland } from './translate.ts';
import { verifyBland } from './verify.ts';

export const bland: Source = {
  name: 'bland',
  verify: verifyBland,
  identify: identifyBland,
  translate: translateBland,
  endReasons: BLAND_END_REASONS,
};
