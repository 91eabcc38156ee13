import type { Source } from '../source.ts';
import { OPENAI_END_REASONS } from './end-reasons.ts';
import { identifyOpenai, translateOpenai } from './translate.ts';

/** Not registered yet: OpenAI signs no logs, so the server has to check an API key of ours. */
export const openai = {
  name: 'openai',
  verify: () => 'Logs of OpenAI Realtime have no signature; send them with an API key.',
  identify: identifyOpenai,
  translate: (delivery) => translateOpenai([{ ...delivery, receivedAt: 0 }]),
  translateTogether: translateOpenai,
  endReasons: OPENAI_END_REASONS,
} as const satisfies Omit<Source, 'name'> & { readonly name: string };
