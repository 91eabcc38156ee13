import { MAX_USAGE_MONTHS, type OutputOf } from '@colloquy/wire';
import type { Handlers } from '../access/authorization/call.ts';
import { isMasked } from '../access/authorization/scope.ts';
import { quotasJson } from '../access/businesses/quotas.ts';
import { type Business, getBusiness, listBusinesses } from '../access/store.ts';
import type { Context } from '../context.ts';
import { monthStart } from '../conversations/usage/usage-counts.ts';
import { type MonthUsage, readUsage } from '../conversations/usage/usage-store.ts';
import { Fault } from '../kernel/fault.ts';
import { MIN_INSTANT } from '../kernel/instant.ts';
import { readAscending } from '../kernel/page.ts';

type UsageContext = Pick<Context, 'db' | 'clock' | 'secrets'>;
type Usage = OutputOf<'GetUsage'>;

interface RangeQuery {
  readonly From?: string;
  readonly To?: string;
}

const DEFAULT_MONTHS = 12;
/** Statements of a page that run at a time. Each is one business's, which a cluster sends to one node. */
const AT_ONCE = 8;

export function usageHandlers(ctx: UsageContext): Handlers<'ListUsage' | 'GetUsage'> {
  return {
    async ListUsage({ query }) {
      const range = rangeOf(ctx, query);
      const businessId = query.BusinessId;
      const list = {
        first: 0,
        read: (after: number, limit: number) => listWanted(ctx, businessId, after, limit),
        keyOf: (business: Business) => business.businessId,
        toWire: (business: Business) => business,
      };
      const { data } = await readAscending(ctx, 'ListUsage', query, list);
      const items: Usage[] = [];
      for (let at = 0; at < data.Items.length; at += AT_ONCE) {
        const some = data.Items.slice(at, at + AT_ONCE);
        items.push(...(await Promise.all(some.map((one) => readUsageOf(ctx, one, range)))));
      }
      return { data: { ...data, Items: items } };
    },
    async GetUsage({ scope, query }) {
      const range = rangeOf(ctx, query);
      const business = await getBusiness(ctx.db, scope.businessId);
      if (!business) throw new Fault('NOT_FOUND', `There is no business ${scope.businessId}.`);
      const usage = await readUsageOf(ctx, business, range);
      return { data: isMasked(scope) ? withoutTranscripts(usage) : usage };
    },
  };
}

async function listWanted(
  { db }: UsageContext,
  businessId: number | undefined,
  after: number,
  limit: number,
): Promise<Business[]> {
  if (businessId === undefined) return listBusinesses(db, after, limit);
  const business = after < businessId ? await getBusiness(db, businessId) : undefined;
  return business ? [business] : [];
}

type Range = Readonly<Record<'from' | 'to', number>>;

const instantOf = (month: string) => Date.parse(`${month}-01T00:00:00Z`);

/** Fault: INVALID_REQUEST if the range is empty or too long. */
function rangeOf({ clock }: UsageContext, { From, To }: RangeQuery): Range {
  const to = To === undefined ? monthStart(clock.now()) : instantOf(To);
  const from =
    From === undefined
      ? Math.max(monthStart(to, 1 - DEFAULT_MONTHS), MIN_INSTANT)
      : instantOf(From);
  if (from > to) {
    throw new Fault('INVALID_REQUEST', 'From must not be after To; leave both out for a year.');
  }
  if (monthStart(from, MAX_USAGE_MONTHS) <= to) {
    const message = `From and To must be at most ${MAX_USAGE_MONTHS} months; choose a shorter range.`;
    throw new Fault('INVALID_REQUEST', message);
  }
  return { from, to };
}

async function readUsageOf({ db }: UsageContext, business: Business, range: Range): Promise<Usage> {
  const { businessId, name, quotas } = business;
  const months = await readUsage(db.patient, businessId, range);
  return {
    BusinessId: businessId,
    Name: name,
    Quotas: quotasJson(quotas),
    Months: months.map(monthToWire),
  };
}

const monthToWire = (usage: MonthUsage): Usage['Months'][number] => ({
  Month: usage.month,
  Conversations: usage.conversations,
  Seconds: usage.milliseconds / 1000,
  Minutes: Math.round(usage.milliseconds / 600) / 100,
  TranscriptBytesAdded: usage.transcriptBytesAdded,
  RecordingBytesAdded: usage.recordingBytesAdded,
  TranscriptBytesStored: usage.transcriptBytesStored,
  RecordingBytesStored: usage.recordingBytesStored,
});

/** Sizes reveal the length of masked texts, also if they are rounded: a reader can add and compare. */
const withoutTranscripts = (usage: Usage): Usage => ({
  ...usage,
  Months: usage.Months.map((month) => ({
    ...month,
    TranscriptBytesAdded: null,
    TranscriptBytesStored: null,
  })),
});
