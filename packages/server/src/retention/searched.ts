import type { Person } from './person.ts';

/** What an erasure searched and how it compared, as its certificate says it. */
export interface Searched {
  readonly Kinds: readonly ('Participants' | 'OutboundQueue' | 'InboundQueue')[];
  readonly Compared: 'NormalForm' | 'Exact';
}

/** Only numbers have a normal form; queue entries have no client id. */
export function searchedFor({ phoneNumber }: Person): Searched {
  return phoneNumber === null
    ? { Kinds: ['Participants'], Compared: 'Exact' }
    : { Kinds: ['Participants', 'OutboundQueue', 'InboundQueue'], Compared: 'NormalForm' };
}
