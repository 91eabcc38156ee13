import type { InputOf } from '@colloquy/sdk';
import { DURATION_CLASSES, END_TYPE, INITIATION_TYPE, STATUS } from '@colloquy/wire';
import { FIRST_PAGE, type Place } from '../app-shell/pager.tsx';
import { instantIn, textIn } from '../ui/browser/address.ts';
import { lengthText, outcomeText, statusText, typeText } from './facts.ts';

/** What an address says of a list of conversations; all of it is text that a person can read. */
export interface ConversationsSearch extends Place {
  /** Names separated by commas. */
  readonly status?: string | undefined;
  readonly type?: string | undefined;
  readonly outcome?: string | undefined;
  /** The seconds from which classes of durations are, separated by commas. */
  readonly duration?: string | undefined;
  /** How far back, such as `7d`; or `from` and `to`. */
  readonly started?: string | undefined;
  /** RFC 3339. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** How many to a page. */
  readonly size?: string | undefined;
}

type ConversationFilter = NonNullable<InputOf<'GetConversations'>['Filter']>;

/** The filters with several values, as in the address and as the API names them, and in words. */
export const LISTS = {
  status: { label: 'Status', names: STATUS.names, key: 'SessionStates', text: statusText },
  type: {
    label: 'Type',
    names: INITIATION_TYPE.names,
    key: 'SessionInitiationTypes',
    text: typeText,
  },
  outcome: { label: 'Outcome', names: END_TYPE.names, key: 'SessionEndTypes', text: outcomeText },
  duration: {
    label: 'Duration',
    names: DURATION_CLASSES.map(String),
    key: 'DurationsFromSeconds',
    text: lengthText,
  },
} as const;
export type ListName = keyof typeof LISTS;

export const AGES = {
  '1h': 'Last hour',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  '90d': 'Last 90 days',
} as const;
const HOURS: Readonly<Record<keyof typeof AGES, number>> = {
  '1h': 1,
  '24h': 24,
  '7d': 7 * 24,
  '30d': 30 * 24,
  '90d': 90 * 24,
};
export const SIZES = ['25', '50', '100'] as const;

/** What the address says, without what nothing can be made of. */
export function conversationsSearch(given: Record<string, unknown>): ConversationsSearch {
  return {
    status: namesOf('status', given.status).join(',') || undefined,
    type: namesOf('type', given.type).join(',') || undefined,
    outcome: namesOf('outcome', given.outcome).join(',') || undefined,
    duration: namesOf('duration', given.duration).join(',') || undefined,
    started: Object.keys(AGES).find((age) => age === given.started),
    from: instantIn(given.from),
    to: instantIn(given.to),
    next: textIn(given.next),
    previous: textIn(given.previous),
    at: typeof given.at === 'string' && /^\d{1,9}$/.test(given.at) ? given.at : undefined,
    size: SIZES.find((size) => size === given.size),
  };
}

export function namesOf(list: ListName, text: unknown): string[] {
  if (typeof text !== 'string') return [];
  const names: readonly string[] = LISTS[list].names;
  return text.split(',').filter((name) => names.includes(name));
}

/** A search with other filters, which begins at its first page again. */
export function withFilter(
  search: ConversationsSearch,
  change: Partial<ConversationsSearch>,
): ConversationsSearch {
  return { ...search, ...FIRST_PAGE, ...change };
}

export const FILTER_KEYS = [
  ...(Object.keys(LISTS) as ListName[]),
  'started',
  'from',
  'to',
] as const;
export const hasFilter = (search: ConversationsSearch): boolean =>
  FILTER_KEYS.some((key) => search[key] !== undefined);

/** The filter as the API takes it. `now` in milliseconds is what an age counts from. */
export function filterOf(search: ConversationsSearch, now: number): ConversationFilter {
  const filter: Record<string, unknown> = {};
  for (const [name, { key }] of Object.entries(LISTS)) {
    const names = namesOf(name as ListName, search[name as ListName]);
    if (names.length > 0) filter[key] = name === 'duration' ? names.map(Number) : names;
  }
  const age = search.started as keyof typeof AGES | undefined;
  if (age) filter.StartStartedDate = new Date(now - HOURS[age] * 3_600_000).toISOString();
  if (search.from) filter.StartStartedDate = new Date(search.from).toISOString();
  if (search.to) filter.EndStartedDate = new Date(search.to).toISOString();
  return filter;
}
