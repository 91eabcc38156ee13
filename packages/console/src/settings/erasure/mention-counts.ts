import type { OutputOf } from '@colloquy/sdk';
import { countOf, countText } from '../../ui/text/count.ts';

export type MentionCounts = NonNullable<OutputOf<'GetErasure'>['Mentions']>;

/** In how many conversations a number was replaced, and which were held. */
export function mentionsText({ Changed, Held }: MentionCounts): string {
  const changed = `replaced in ${countOf(Changed, 'conversation', 'conversations')}`;
  return Held === 0 ? changed : `${changed}; ${countText(Held)} under legal hold left as it was`;
}
