import type { OutputOf } from '@colloquy/sdk';
import { formatCount, pluralize } from '../../ui/text/count.ts';

export type MentionCounts = NonNullable<OutputOf<'GetErasure'>['Mentions']>;

export function describeMentions({ Changed, Held }: MentionCounts): string {
  const changed = `replaced in ${pluralize(Changed, 'conversation')}`;
  return Held === 0 ? changed : `${changed}; ${formatCount(Held)} unchanged under legal hold`;
}

export const describeCounts = (counts: OutputOf<'GetErasure'>['Counts']): string =>
  [
    pluralize(counts.Conversations, 'conversation'),
    pluralize(counts.Recordings, 'recording'),
    pluralize(counts.QueueEntries, 'queued call'),
  ].join(', ');
