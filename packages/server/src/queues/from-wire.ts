import {
  canonicalNames,
  type InboundFilter,
  type NameSet,
  type OutboundFilter,
  QUEUE_STATUS,
} from '@colloquy/wire';
import { parseInstant } from '../base/instant.ts';
import type { Filter } from './list-store.ts';
import { normalizeNumber } from './phone-number.ts';

/** A timestamp that the schema has let through. */
export function instantFromWire(text: string): number {
  const milliseconds = parseInstant(text);
  if (milliseconds === null) throw new Error('the schema let a bad timestamp through');
  return milliseconds;
}

type Texts = readonly string[] | null | undefined;

const instant = <K extends string>(key: K, text: string | null | undefined) =>
  text == null ? {} : { [key]: instantFromWire(text) };
const list = <K extends string>(key: K, texts: Texts, each = (text: string) => [text]) =>
  texts?.length ? { [key]: [...new Set(texts.flatMap(each))].sort() } : {};
const names = (set: NameSet) => (text: string) => canonicalNames(set, text);
/** One that is no number is looked for as it is, and not found. */
const number = (text: string) => [normalizeNumber(text, null) ?? text];

function datesFromWire(filter: OutboundFilter | InboundFilter): Filter {
  return {
    ...instant('createdFrom', filter.StartCreatedDate),
    ...instant('createdTo', filter.EndCreatedDate),
    ...instant('completedFrom', filter.StartCompletedAtDate),
    ...instant('completedTo', filter.EndCompletedAtDate),
    ...list('statuses', filter.QueueStatusTypes, names(QUEUE_STATUS)),
  };
}

/** In the one form that two filters which mean the same share. */
export function outboundFilterFromWire(filter: OutboundFilter): Filter {
  return {
    ...datesFromWire(filter),
    ...instant('scheduledFrom', filter.StartScheduledDate),
    ...instant('scheduledTo', filter.EndScheduledDate),
    ...list('groups', filter.CampaignIds),
    ...list('numberIds', filter.CallingNumberIds),
    ...list('providers', filter.CallingNumberProviders),
    ...list('numbers', filter.RecipientNumbers, number),
  };
}

export function inboundFilterFromWire(filter: InboundFilter): Filter {
  return {
    ...datesFromWire(filter),
    ...list('groups', filter.RouteIds),
    ...list('numberIds', filter.RouteNumberIds),
    ...list('providers', filter.RouteNumberProviders),
    ...list('numbers', filter.CallingNumbers, number),
  };
}
