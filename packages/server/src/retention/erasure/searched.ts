import type { Person } from './person.ts';

/** Search scope and comparison of an erasure, as in its certificate. */
export interface Searched {
  readonly Kinds: readonly ('Participants' | 'OutboundQueue' | 'InboundQueue' | 'Mentions')[];
  readonly Compared: 'NormalForm' | 'Exact';
}

/** Only numbers have a normal form; queue entries have no client id. */
export function searchedFor({ phoneNumber }: Person, includesMentions: boolean): Searched {
  if (phoneNumber === null) return { Kinds: ['Participants'], Compared: 'Exact' };
  return {
    Kinds: [
      ...(['Participants', 'OutboundQueue', 'InboundQueue'] as const),
      ...(includesMentions ? (['Mentions'] as const) : []),
    ],
    Compared: 'NormalForm',
  };
}
