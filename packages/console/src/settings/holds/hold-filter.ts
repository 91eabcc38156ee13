import type { InputOf } from '@colloquy/sdk';
import { type ConversationsSearch, LISTS } from '../../conversations/search.ts';
import { formatDateTime } from '../../ui/text/time.tsx';

export type HoldFilter = NonNullable<InputOf<'CreateHold'>['Filter']>;

/** Holds can name only final statuses. */
export const HELD_STATUSES = ['Completed', 'Failed'] as const;

export function toSearch(filter: HoldFilter): ConversationsSearch {
  return {
    status: filter.SessionStates?.join(',') || undefined,
    type: filter.SessionInitiationTypes?.join(',') || undefined,
    outcome: filter.SessionEndTypes?.join(',') || undefined,
    from: filter.StartStartedDate ?? undefined,
    to: filter.EndStartedDate ?? undefined,
  };
}

const list = new Intl.ListFormat('en', { type: 'disjunction' });

export function describeFilter(filter: HoldFilter): string {
  const time = (text: string) => formatDateTime(Date.parse(text));
  const parts = [
    ...[LISTS.status, LISTS.type, LISTS.outcome].flatMap(({ label, key, text }) => {
      const names = filter[key] ?? [];
      return names.length > 0 ? [`${label} ${list.format(names.map(text))}`] : [];
    }),
    ...(filter.StartStartedDate ? [`started at or after ${time(filter.StartStartedDate)}`] : []),
    ...(filter.EndStartedDate ? [`started at or before ${time(filter.EndStartedDate)}`] : []),
  ];
  return parts.length > 0 ? parts.join('; ') : 'Every conversation';
}
