import type { InputOf } from '@colloquy/sdk';
import { QUEUE_STATUS } from '@colloquy/wire';
import type { Place } from '../app-shell/pager.tsx';
import { instantIn, textIn } from '../ui/browser/address.ts';

/** What an address says of a list of calls; all of it is text that a person can read. */
export interface CallsSearch extends Place {
  /** Statuses, separated by commas. */
  readonly status?: string | undefined;
  /** Only what could be made at once. */
  readonly due?: 'now' | undefined;
  readonly campaign?: string | undefined;
  readonly number?: string | undefined;
  /** Enqueued in this range; RFC 3339. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Ended in this range. */
  readonly endedfrom?: string | undefined;
  readonly endedto?: string | undefined;
}

export const FILTER_KEYS = [
  'status',
  'due',
  'campaign',
  'number',
  'from',
  'to',
  'endedfrom',
  'endedto',
] as const;

export function callsSearch(given: Record<string, unknown>): CallsSearch {
  return {
    status: statusesOf(given.status).join(',') || undefined,
    due: given.due === 'now' ? 'now' : undefined,
    campaign: textIn(given.campaign),
    number: textIn(given.number),
    from: instantIn(given.from),
    to: instantIn(given.to),
    endedfrom: instantIn(given.endedfrom),
    endedto: instantIn(given.endedto),
    next: textIn(given.next),
    previous: textIn(given.previous),
    at: typeof given.at === 'string' && /^\d{1,9}$/.test(given.at) ? given.at : undefined,
  };
}

/** The page of the campaigns that an address names; the first one where it names none. */
export interface CampaignsSearch {
  readonly next?: string | undefined;
}

export const campaignsSearch = ({ next }: Record<string, unknown>): CampaignsSearch => ({
  next: textIn(next),
});

export function statusesOf(text: unknown): string[] {
  if (typeof text !== 'string') return [];
  const names: readonly string[] = QUEUE_STATUS.names;
  return text.split(',').filter((name) => names.includes(name));
}

type OutboundFilter = NonNullable<InputOf<'GetOutboundQueues'>['Filter']>;
type InboundFilter = NonNullable<InputOf<'GetInboundQueues'>['Filter']>;

/** What both queues are filtered by, as the API takes it. */
function commonFilter({ status, due, from, to, endedfrom, endedto }: CallsSearch) {
  const statuses = statusesOf(status) as NonNullable<OutboundFilter['QueueStatusTypes']>;
  return {
    ...(statuses.length > 0 && { QueueStatusTypes: statuses }),
    ...(due !== undefined && { IsDue: true as const }),
    ...(from !== undefined && { StartCreatedDate: from }),
    ...(to !== undefined && { EndCreatedDate: to }),
    ...(endedfrom !== undefined && { StartCompletedAtDate: endedfrom }),
    ...(endedto !== undefined && { EndCompletedAtDate: endedto }),
  };
}

export const outboundFilter = (search: CallsSearch): OutboundFilter => ({
  ...commonFilter(search),
  ...(search.campaign !== undefined && { CampaignIds: [search.campaign] }),
  ...(search.number !== undefined && { RecipientNumbers: [search.number] }),
});

export const inboundFilter = (search: CallsSearch): InboundFilter => ({
  ...commonFilter(search),
  ...(search.number !== undefined && { CallingNumbers: [search.number] }),
});
