import type { InputOf } from '@colloquy/sdk';
import { QUEUE_STATUS } from '@colloquy/wire';
import type { Place } from '../app-shell/pager.tsx';
import { readInstant, readText } from '../ui/browser/address.ts';

/** The search parameters of a list of calls. */
export interface CallsSearch extends Place {
  readonly status?: string | undefined;
  readonly due?: 'now' | undefined;
  readonly campaign?: string | undefined;
  readonly number?: string | undefined;
  /** Enqueued in this range; RFC 3339. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
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

export function parseCallsSearch(given: Record<string, unknown>): CallsSearch {
  return {
    status: parseStatuses(given.status).join(',') || undefined,
    due: given.due === 'now' ? 'now' : undefined,
    campaign: readText(given.campaign),
    number: readText(given.number),
    from: readInstant(given.from),
    to: readInstant(given.to),
    endedfrom: readInstant(given.endedfrom),
    endedto: readInstant(given.endedto),
    next: readText(given.next),
    previous: readText(given.previous),
    at: typeof given.at === 'string' && /^\d{1,9}$/.test(given.at) ? given.at : undefined,
  };
}

export interface CampaignsSearch {
  readonly next?: string | undefined;
}

export const parseCampaignsSearch = ({ next }: Record<string, unknown>): CampaignsSearch => ({
  next: readText(next),
});

export function parseStatuses(text: unknown): string[] {
  if (typeof text !== 'string') return [];
  const names: readonly string[] = QUEUE_STATUS.names;
  return text.split(',').filter((name) => names.includes(name));
}

type OutboundFilter = NonNullable<InputOf<'GetOutboundQueues'>['Filter']>;
type InboundFilter = NonNullable<InputOf<'GetInboundQueues'>['Filter']>;

function commonFilter({ status, due, from, to, endedfrom, endedto }: CallsSearch) {
  const statuses = parseStatuses(status) as NonNullable<OutboundFilter['QueueStatusTypes']>;
  return {
    ...(statuses.length > 0 && { QueueStatusTypes: statuses }),
    ...(due !== undefined && { IsDue: true as const }),
    ...(from !== undefined && { StartCreatedDate: from }),
    ...(to !== undefined && { EndCreatedDate: to }),
    ...(endedfrom !== undefined && { StartCompletedAtDate: endedfrom }),
    ...(endedto !== undefined && { EndCompletedAtDate: endedto }),
  };
}

export const toOutboundFilter = (search: CallsSearch): OutboundFilter => ({
  ...commonFilter(search),
  ...(search.campaign !== undefined && { CampaignIds: [search.campaign] }),
  ...(search.number !== undefined && { RecipientNumbers: [search.number] }),
});

export const toInboundFilter = (search: CallsSearch): InboundFilter => ({
  ...commonFilter(search),
  ...(search.number !== undefined && { CallingNumbers: [search.number] }),
});
