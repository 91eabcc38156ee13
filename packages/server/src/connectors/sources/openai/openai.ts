import type { Source } from '../source.ts';
import { OPENAI_END_REASONS } from './end-reasons.ts';
import { identifyOpenai, translateOpenai } from './translate.ts';

export const openai: Source = {
  name: 'openai',
  // OpenAI signs no logs.
  verify: null,
  identify: identifyOpenai,
  translate: (delivery) => translateOpenai([{ ...delivery, receivedAt: 0 }]),
  translateTogether: translateOpenai,
  endReasons: OPENAI_END_REASONS,
};
