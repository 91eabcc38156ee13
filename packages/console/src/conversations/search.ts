import type { InputOf } from '@colloquy/sdk';
import { DURATION_CLASSES, END_TYPE, INITIATION_TYPE, STATUS } from '@colloquy/wire';
import { FIRST_PAGE, readPlace } from '../app-shell/pager.tsx';
import { type Given, type OptionalSearch, readInstant } from '../ui/browser/address.ts';
import { formatDurationClass, outcomeText, statusText, typeText } from './facts.ts';

type ConversationFilter = NonNullable<InputOf<'GetConversations'>['Filter']>;

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
const hoursOf = (age: string) => Number.parseInt(age, 10) * (age.endsWith('d') ? 24 : 1);
export const SIZES = ['25', '50', '100'] as const;

const readSearch = (given: Given) => ({
  status: namesOf('status', given.status).join(',') || undefined,
  type: namesOf('type', given.type).join(',') || undefined,
  outcome: namesOf('outcome', given.outcome).join(',') || undefined,
  /** Lower bounds of classes of durations in seconds. */
  duration: namesOf('duration', given.duration).join(',') || undefined,
  /** Or else `from` and `to`. */
  started: Object.keys(AGES).find((age) => age === given.started),
  from: readInstant(given.from),
  to: readInstant(given.to),
  ...readPlace(given),
  size: SIZES.find((size) => size === given.size) as string | undefined,
});

export type ConversationsSearch = OptionalSearch<typeof readSearch>;
export const parseConversationsSearch: (given: Given) => ConversationsSearch = readSearch;

export function namesOf(list: ListName, text: unknown): string[] {
  if (typeof text !== 'string') return [];
  const names: readonly string[] = LISTS[list].names;
  return text.split(',').filter((name) => names.includes(name));
}

export const withFilter = (
  search: ConversationsSearch,
  change: ConversationsSearch,
): ConversationsSearch => ({ ...search, ...FIRST_PAGE, ...change });

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
  const age = search.started;
  if (age) filter.StartStartedDate = new Date(now - hoursOf(age) * 3_600_000).toISOString();
  if (search.from) filter.StartStartedDate = new Date(search.from).toISOString();
  if (search.to) filter.EndStartedDate = new Date(search.to).toISOString();
  return filter;
}
