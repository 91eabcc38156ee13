import type { Source } from '../source.ts';
import { PIPECAT_END_REASONS } from './end-reasons.ts';
import { identifyPipecat, translatePipecat } from './translate.ts';

export const pipecat: Source = {
  name: 'pipecat',
  verify: null,
  identify: identifyPipecat,
  translate: translatePipecat,
  endReasons: PIPECAT_END_REASONS,
};
