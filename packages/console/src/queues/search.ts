import type { InputOf } from '@colloquy/sdk';
import { QUEUE_STATUS } from '@colloquy/wire';
import { type Place, readPlace } from '../app-shell/pager.tsx';
import { type Given, type OptionalSearch, readInstant, readText } from '../ui/browser/address.ts';

const readFilters = (given: Given) => ({
  status: parseStatuses(given.status).join(',') || undefined,
  due: given.due === 'now' ? ('now' as const) : undefined,
  campaign: readText(given.campaign),
  number: readText(given.number),
  from: readInstant(given.from),
  to: readInstant(given.to),
  endedfrom: readInstant(given.endedfrom),
  endedto: readInstant(given.endedto),
});
type FilterKey = keyof ReturnType<typeof readFilters>;
export const FILTER_KEYS = Object.keys(readFilters({})) as FilterKey[];

export type CallsSearch = OptionalSearch<typeof readFilters> & Place;

export const parseCallsSearch = (given: Given): CallsSearch => ({
  ...readFilters(given),
  ...readPlace(given),
});

export const parseCampaignsSearch = ({ next }: Given): Pick<Place, 'next'> => ({
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
