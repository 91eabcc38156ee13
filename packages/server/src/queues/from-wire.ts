import {
  type CountryCode,
  isE164,
  isSupportedCountry,
  readNumberStart,
  readPhoneNumber,
  toE164,
} from '@colloquy/phone-numbers';
import {
  canonicalName,
  canonicalNames,
  DEFAULT_ABANDON_SECONDS,
  END_TYPE,
  type InboundFilter,
  type InitiateCallBody,
  type InitiateCallQuery,
  type NameSet,
  type OutboundFilter,
  type PutCampaignBody,
  QUEUE_STATUS,
  type Schedule,
  type Retry as WireRetry,
  type Windows as WireWindows,
} from '@colloquy/wire';
import { Fault } from '../kernel/fault.ts';
import { parseInstant } from '../kernel/instant.ts';
import { requireTimeZone } from '../kernel/time-zone.ts';
import type { Campaign, Retry } from './calls/call.ts';
import type { NewSchedule } from './calls/call-decisions.ts';
import type { Report } from './calls/report.ts';
import type { Window } from './campaigns/windows.ts';
import type { RowDefaults } from './enqueue/recipient-rows.ts';
import { type Recipient, RecipientBounds } from './enqueue/recipients.ts';
import type { EnqueueRequest } from './enqueue/request.ts';
import type { Filter } from './lists/list-plan.ts';

function instantFromWire(text: string): number {
  const milliseconds = parseInstant(text);
  if (milliseconds === null) throw new Error('the schema accepted an invalid timestamp');
  return milliseconds;
}

type Texts = readonly string[] | null | undefined;

const instant = <K extends string>(key: K, text: string | null | undefined) =>
  text == null ? {} : { [key]: instantFromWire(text) };
const list = <K extends string>(key: K, texts: Texts, each = (text: string) => [text]) =>
  texts?.length ? { [key]: [...new Set(texts.flatMap(each))].sort() } : {};
const names = (set: NameSet) => (text: string) => canonicalNames(set, text);
/** Characters in the index of a caller id that is not a number. */
const MAX_COMPARED_NUMBER = 256;
const indexed = (text: string) => [...text].slice(0, MAX_COMPARED_NUMBER).join('');
/** A caller id that is not a number is compared as received. */
const number = (text: string) => [toE164(text) ?? indexed(text)];

/** INVALID_REQUEST. */
export function numberFromWire(path: string, text: string): string {
  const reading = readPhoneNumber(text, null);
  if ('e164' in reading) return reading.e164;
  // Earlier releases may have stored lengths that a country no longer uses.
  if (isE164(text)) return text;
  throw new Fault('INVALID_REQUEST', `${path}: ${reading.message}`);
}

/** With a `+`; INVALID_REQUEST. */
export function numberStartFromWire(text: string | undefined): string {
  if (text === undefined) return '+';
  const start = readNumberStart(text);
  if (start !== null) return start;
  throw new Fault(
    'INVALID_REQUEST',
    'StartsWith must be the first digits of a number with its country code, such as +4930.',
  );
}

function requireCountry(code: string): CountryCode {
  if (isSupportedCountry(code)) return code;
  throw new Fault(
    'INVALID_REQUEST',
    `DefaultCountry must be an ISO 3166 country code, not ${code}.`,
  );
}

function datesFromWire(filter: OutboundFilter | InboundFilter): Filter {
  return {
    ...instant('createdFrom', filter.StartCreatedDate),
    ...instant('createdTo', filter.EndCreatedDate),
    ...instant('completedFrom', filter.StartCompletedAtDate),
    ...instant('completedTo', filter.EndCompletedAtDate),
    ...list('statuses', filter.QueueStatusTypes, names(QUEUE_STATUS)),
    ...(filter.IsDue && { isDue: true }),
  };
}

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

export function scheduleFromWire(schedule: Schedule | null | undefined): NewSchedule {
  const time = (text: string | null | undefined) => (text == null ? null : instantFromWire(text));
  return { from: time(schedule?.DateTimeUTC), until: time(schedule?.MaxDateTimeUTC) };
}

/** INVALID_REQUEST for an empty window or an unknown time zone. */
function windowsFromWire(windows: WireWindows): Window[] {
  return windows.map(({ Days, From, To, TimeZone }, index) => {
    const [from, to] = [minutesOf(From), minutesOf(To)];
    if (from === to) {
      throw new Fault('INVALID_REQUEST', `Windows[${index}].To must differ from its From.`);
    }
    const timeZone =
      TimeZone == null ? null : requireTimeZone(`Windows[${index}].TimeZone`, TimeZone);
    return { days: [...new Set(Days)], from, to: to === 0 ? DAY_MINUTES : to, timeZone };
  });
}

const DAY_MINUTES = 1440;

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

function retryFromWire(retry: WireRetry): Retry {
  return {
    maxAttempts: retry.MaxAttempts,
    on: [...new Set(retry.On.map((name) => canonicalName(END_TYPE, name)))],
    delaySeconds: retry.DelaySeconds,
    backoff: retry.Backoff === 'Exponential' ? 'Exponential' : 'Constant',
  };
}

export const countryFromWire = (code: string | null | undefined): CountryCode | null =>
  code == null ? null : requireCountry(code);

type Keys = Readonly<Record<string, unknown>> | null | undefined;
/** Spread keeps a key named __proto__. */
const jsonOf = (common: Keys, own?: Keys) => JSON.stringify({ ...common, ...own });
const zoneOf = (path: string, name: string | null | undefined) =>
  name == null ? null : requireTimeZone(path, name);

type Enqueueing = Omit<EnqueueRequest, 'idempotency'>;

type CallKeys = Omit<
  InitiateCallBody,
  'RecipientNumber' | 'Recipients' | 'DynamicVariables' | 'Metadata' | 'TimeZone'
>;

export function initiateFromWire(
  body: CallKeys,
  recipients: readonly Recipient[],
  allOrNothing = false,
): Enqueueing {
  const { from, until } = scheduleFromWire(body.Schedule);
  return {
    campaignId: body.CampaignId ?? null,
    numberId: body.NumberId,
    numberProvider: body.NumberProvider ?? null,
    country: countryFromWire(body.DefaultCountry),
    priority: body.Priority ?? 0,
    scheduledFor: from,
    expiresAt: until,
    windows: body.Windows?.length ? windowsFromWire(body.Windows) : null,
    retry: body.Retry == null ? null : retryFromWire(body.Retry),
    allOrNothing,
    recipients,
  };
}

/** INVALID_REQUEST without exactly one of RecipientNumber and Recipients; PAYLOAD_TOO_LARGE. */
export function recipientsFromWire(body: InitiateCallBody): Recipient[] {
  const { RecipientNumber, Recipients } = body;
  if ((RecipientNumber == null) === (Recipients == null)) {
    throw new Fault('INVALID_REQUEST', 'Give either RecipientNumber or Recipients.');
  }
  const recipients: NonNullable<typeof Recipients> = Recipients ?? [
    { RecipientNumber: RecipientNumber ?? '' },
  ];
  const bounds = new RecipientBounds();
  const shared = sharedFromWire(body);
  return recipients.map(({ DynamicVariables, Metadata, ...recipient }, index) =>
    bounds.take({
      number: recipient.RecipientNumber,
      // Recipients without variables share one string.
      dynamicVariables:
        DynamicVariables == null
          ? shared.dynamicVariables
          : jsonOf(body.DynamicVariables, DynamicVariables),
      metadata: Metadata == null ? shared.metadata : jsonOf(body.Metadata, Metadata),
      timeZone: zoneOf(`Recipients[${index}].TimeZone`, recipient.TimeZone) ?? shared.timeZone,
    }),
  );
}

export function sharedFromWire(
  body: Pick<InitiateCallBody, 'DynamicVariables' | 'Metadata' | 'TimeZone'>,
): Omit<Recipient, 'number'> {
  return {
    dynamicVariables: jsonOf(body.DynamicVariables),
    metadata: jsonOf(body.Metadata),
    timeZone: zoneOf('TimeZone', body.TimeZone),
  };
}

export function initiateFromQuery(
  query: InitiateCallQuery,
  recipients: readonly Recipient[],
): Enqueueing {
  const Schedule = {
    DateTimeUTC: query.ScheduleDateTimeUTC ?? null,
    MaxDateTimeUTC: query.ScheduleMaxDateTimeUTC ?? null,
  };
  const keys = { ...query, Schedule, Retry: retryFromQuery(query) };
  return initiateFromWire(keys, recipients, query.AllOrNothing);
}

export function rowDefaults(query: InitiateCallQuery): RowDefaults {
  return {
    dynamicVariables: query.DynamicVariables ?? {},
    metadata: query.Metadata ?? {},
    timeZone: zoneOf('TimeZone', query.TimeZone),
    country: countryFromWire(query.DefaultCountry),
  };
}

function retryFromQuery(query: InitiateCallQuery): WireRetry | null {
  const { RetryMaxAttempts, RetryOn, RetryDelaySeconds, RetryBackoff } = query;
  if (RetryMaxAttempts === undefined) {
    if ((RetryOn ?? RetryDelaySeconds ?? RetryBackoff) !== undefined) {
      throw new Fault('INVALID_REQUEST', 'RetryMaxAttempts is required with the other Retry keys.');
    }
    return null;
  }
  const On = (RetryOn ?? '').split(',').filter((name) => name !== '');
  for (const name of On) {
    if (!END_TYPE.names.some((known) => known === canonicalName(END_TYPE, name))) {
      throw new Fault(
        'INVALID_REQUEST',
        `RetryOn must contain end types separated by commas, such as ${END_TYPE.names.slice(0, 3).join(', ')}.`,
      );
    }
  }
  return {
    MaxAttempts: RetryMaxAttempts,
    On: On as WireRetry['On'],
    DelaySeconds: RetryDelaySeconds ?? 0,
    Backoff: RetryBackoff ?? null,
  };
}

export function campaignFromWire(id: string, body: PutCampaignBody): Omit<Campaign, 'createdAt'> {
  return {
    id,
    name: body.Name ?? id,
    isPaused: body.IsPaused ?? false,
    maxConcurrent: body.MaxConcurrent ?? null,
    windows: body.Windows == null ? [] : windowsFromWire(body.Windows),
    retry: body.Retry == null ? null : retryFromWire(body.Retry),
    maxAttemptsPerNumberPerDay: body.MaxAttemptsPerNumberPerDay ?? null,
    abandonAfterSeconds: body.AbandonAfterSeconds ?? DEFAULT_ABANDON_SECONDS,
  };
}

const endTypeFromWire = (name: string | null | undefined) =>
  name == null ? null : canonicalName(END_TYPE, name);

interface ReportKeys {
  readonly LeaseSeconds?: number;
  readonly SessionId?: string | null;
  readonly EndType?: string | null;
  readonly Reason?: string | null;
  readonly Retryable?: boolean | null;
}

export function reportFromWire(kind: Report['kind'], keys: ReportKeys): Report {
  const endType = endTypeFromWire(keys.EndType);
  if (kind === 'heartbeat') return { kind, leaseSeconds: keys.LeaseSeconds ?? 0 };
  if (kind === 'complete') return { kind, sessionId: keys.SessionId ?? null, endType };
  if (endType === null) throw new Error('the schema accepted a failure without an end type');
  return { kind, endType, reason: keys.Reason ?? null, retryable: keys.Retryable ?? null };
}
