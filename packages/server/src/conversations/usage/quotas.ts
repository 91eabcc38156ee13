import { LRUCache } from 'lru-cache';
import { isMasked, type Scope } from '../../access/authorization/scope.ts';
import { NO_QUOTAS, type Quotas } from '../../access/businesses/quotas.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Database } from '../../kernel/postgres/database.ts';
import { monthName } from './usage-counts.ts';
import { readUsage } from './usage-store.ts';

/** What a quota limits; minutes are not rounded. */
type Used = Readonly<Record<keyof Quotas, number>>;

/** The usage of a business in a month. */
interface MonthOfBusiness {
  readonly month: string;
  readonly readAt: number;
  readonly used: Promise<Used>;
  /** Admitted since `readAt`. */
  readonly admitted: { conversations: number; bytes: number };
}

const MAX_AGE_MILLISECONDS = 2_000;
const MAX_CACHED = 10_000;

interface QuotaContext {
  readonly db: Database;
  readonly clock: Clock;
  /** True if a call of a queue was handed out to a worker and has no conversation yet. */
  readonly isCallUnderWay: (scope: Scope, queueId: string) => Promise<boolean>;
}

interface Begun {
  readonly startTime: number;
  readonly queueId: string | null;
}

export interface Admission {
  /** QUOTA_EXCEEDED; null if it was admitted. */
  readonly refusal: Fault | null;
  /** To call if nothing new was stored. */
  cancel(): void;
}

const withoutCount = (refusal: Fault | null): Admission => ({ refusal, cancel: () => undefined });

/**
 * Admits new conversations, calls and recordings. A business without quotas takes no statement. Usage is read at most
 * every two seconds by one statement, for which all requests wait. What was admitted since then counts too.
 */
export class QuotaGuard {
  readonly #ctx: QuotaContext;
  readonly #months = new LRUCache<string, MonthOfBusiness>({ max: MAX_CACHED });

  constructor(ctx: QuotaContext) {
    this.#ctx = ctx;
  }

  /** The current month is checked too, so an earlier StartTime does not avoid its quotas. */
  async admitConversation(scope: Scope, { startTime, queueId }: Begun): Promise<Admission> {
    const { quotas } = scope;
    if (quotas === null) return withoutCount(null);
    const current = this.#monthOf(scope, this.#ctx.clock.now());
    const own = this.#monthOf(scope, startTime);
    const used = [await current.used, await own.used] as const;
    // Without waiting between the decision and its count, so concurrent requests see each other.
    const refusal =
      refusalOf(scope, quotas, sumOf(used[0], current)) ??
      refusalOf(scope, { ...quotas, bytes: null }, sumOf(used[1], own));
    if (refusal) {
      const mayBegin = queueId !== null && (await this.#ctx.isCallUnderWay(scope, queueId));
      if (!mayBegin) return withoutCount(refusal);
    }
    own.admitted.conversations += 1;
    return {
      refusal: null,
      cancel: () => {
        own.admitted.conversations -= 1;
      },
    };
  }

  /** A refusal of a conversation that would begin now. */
  async refuseCall(scope: Scope): Promise<Fault | null> {
    if (scope.quotas === null) return null;
    const current = this.#monthOf(scope, this.#ctx.clock.now());
    return refusalOf(scope, scope.quotas, sumOf(await current.used, current));
  }

  /** A refusal of a recording that is not uploaded yet; its bytes are not counted. */
  async refuseRecording(scope: Scope, bytes: number): Promise<Fault | null> {
    const limit = scope.quotas?.bytes ?? null;
    if (limit === null) return null;
    const current = this.#monthOf(scope, this.#ctx.clock.now());
    return recordingRefusalOf(scope, bytes, limit, sumOf(await current.used, current));
  }

  async admitRecording(scope: Scope, bytes: number): Promise<Admission> {
    const limit = scope.quotas?.bytes ?? null;
    if (limit === null) return withoutCount(null);
    const current = this.#monthOf(scope, this.#ctx.clock.now());
    const sum = sumOf(await current.used, current);
    // Without waiting between the decision and its count, as above.
    const refusal = recordingRefusalOf(scope, bytes, limit, sum);
    if (refusal) return withoutCount(refusal);
    current.admitted.bytes += bytes;
    return {
      refusal: null,
      cancel: () => {
        current.admitted.bytes -= bytes;
      },
    };
  }

  #monthOf({ businessId }: Scope, at: number): MonthOfBusiness {
    const month = monthName(at);
    const key = `${businessId} ${month}`;
    const cached = this.#months.get(key);
    const readAt = performance.now();
    if (cached && readAt - cached.readAt < MAX_AGE_MILLISECONDS) return cached;
    const used = this.#read(businessId, at);
    const read = { month, readAt, used, admitted: { conversations: 0, bytes: 0 } };
    this.#months.set(key, read);
    used.catch(() => this.#months.get(key) === read && this.#months.delete(key));
    return read;
  }

  async #read(businessId: number, at: number): Promise<Used> {
    const [usage] = await readUsage(this.#ctx.db, businessId, { from: at, to: at });
    if (!usage) throw new Error('there is no usage of a month');
    return {
      conversations: usage.conversations,
      minutes: usage.milliseconds / 60_000,
      bytes: usage.transcriptBytesStored + usage.recordingBytesStored,
    };
  }
}

interface Sum {
  readonly month: string;
  readonly used: Used;
}

const sumOf = (used: Used, { month, admitted }: MonthOfBusiness): Sum => ({
  month,
  used: {
    conversations: used.conversations + admitted.conversations,
    minutes: used.minutes,
    bytes: used.bytes + admitted.bytes,
  },
});

type Limit = keyof Quotas;

const LIMITS = ['conversations', 'minutes', 'bytes'] as const satisfies readonly Limit[];

const format = (n: number) => n.toLocaleString('en-US', { maximumFractionDigits: 2 });

function refusalOf({ businessId }: Scope, quotas: Quotas, { month, used }: Sum): Fault | null {
  const limit = LIMITS.find((name) => {
    const quota = quotas[name];
    return quota !== null && used[name] >= quota;
  });
  if (limit === undefined) return null;
  const quota = format(quotas[limit] ?? 0);
  const has = format(used[limit]);
  const business = `Business ${businessId}`;
  // Without the stored bytes: the exact size of transcripts reveals the length of masked texts.
  const problem = {
    conversations: `${business} began ${has} conversations in ${month} (UTC) and its quota is ${quota} a month`,
    minutes: `${business} used ${has} minutes in ${month} (UTC) and its quota is ${quota} a month`,
    bytes: `${business} has reached its quota of ${quota} bytes of stored transcripts and recordings`,
  }[limit];
  return exceeded(problem, limit === 'bytes' ? DELETE : 'wait for the next month');
}

const DELETE = 'delete some of them';

/**
 * The size is ignored for keys that read masked data, which could otherwise find the exact size of transcripts by trying
 * sizes.
 */
function recordingRefusalOf(scope: Scope, bytes: number, limit: number, sum: Sum): Fault | null {
  const refusal = refusalOf(scope, { ...NO_QUOTAS, bytes: limit }, sum);
  if (refusal || isMasked(scope) || sum.used.bytes + bytes <= limit) return refusal;
  const problem = `This recording has ${format(bytes)} bytes, which do not fit into the quota of business ${scope.businessId}, ${format(limit)} bytes of stored transcripts and recordings`;
  return exceeded(problem, DELETE);
}

const exceeded = (problem: string, fix: string): Fault =>
  new Fault('QUOTA_EXCEEDED', `${problem}; ask an admin of the server to raise it, or ${fix}.`);
