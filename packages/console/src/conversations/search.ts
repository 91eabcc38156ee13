import type { InputOf } from '@colloquy/sdk';
import { DURATION_CLASSES, END_TYPE, INITIATION_TYPE, STATUS } from '@colloquy/wire';
import { FIRST_PAGE, type Place } from '../app-shell/pager.tsx';
import { readInstant, readText } from '../ui/browser/address.ts';
import { formatDurationClass, outcomeText, statusText, typeText } from './facts.ts';

/** The search parameters of a list of conversations. */
export interface ConversationsSearch extends Place {
  /** Names separated by commas. */
  readonly status?: string | undefined;
  readonly type?: string | undefined;
  readonly outcome?: string | undefined;
  /** Lower bounds of classes of durations in seconds, separated by commas. */
  readonly duration?: string | undefined;
  /** An age such as `7d`; or `from` and `to`. */
  readonly started?: string | undefined;
  /** RFC 3339. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly size?: string | undefined;
}

type ConversationFilter = NonNullable<InputOf<'GetConversations'>['Filter']>;

/** Filters with several values: names in the address and in the API, and labels. */
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
    text: formatDurationClass,
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

export function parseConversationsSearch(given: Record<string, unknown>): ConversationsSearch {
  return {
    status: namesOf('status', given.status).join(',') || undefined,
    type: namesOf('type', given.type).join(',') || undefined,
    outcome: namesOf('outcome', given.outcome).join(',') || undefined,
    duration: namesOf('duration', given.duration).join(',') || undefined,
    started: Object.keys(AGES).find((age) => age === given.started),
    from: readInstant(given.from),
    to: readInstant(given.to),
    next: readText(given.next),
    previous: readText(given.previous),
    at: typeof given.at === 'string' && /^\d{1,9}$/.test(given.at) ? given.at : undefined,
    size: SIZES.find((size) => size === given.size),
  };
}

export function namesOf(list: ListName, text: unknown): string[] {
  if (typeof text !== 'string') return [];
  const names: readonly string[] = LISTS[list].names;
  return text.split(',').filter((name) => names.includes(name));
}

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

/** The filter for the API; ages count back from `now`, in milliseconds. */
export function toFilter(search: ConversationsSearch, now: number): ConversationFilter {
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
