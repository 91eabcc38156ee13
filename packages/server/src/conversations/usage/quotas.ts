import { LRUCache } from 'lru-cache';
import type { Scope } from '../../access/authorization/scope.ts';
import { NO_QUOTAS, type Quotas } from '../../access/businesses/quotas.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Database } from '../../kernel/postgres/database.ts';
import { monthName, monthStart } from './usage-counts.ts';
import { readUsage } from './usage-store.ts';

/** What a quota limits; minutes are not rounded. */
interface Used {
  readonly conversations: number;
  readonly minutes: number;
  readonly bytes: number;
}

interface Cached {
  readonly readAt: number;
  readonly used: Used;
  /** Conversations that were admitted since. */
  admitted: number;
}

const MAX_AGE_MILLISECONDS = 2_000;
const MAX_CACHED = 10_000;

interface QuotaContext {
  readonly db: Database;
  readonly clock: Clock;
  /** True if a call of a queue was handed out to a worker. */
  readonly isCallUnderWay: (scope: Scope, queueId: string) => Promise<boolean>;
}

type New = 'conversation' | 'call' | 'recording';

interface Begun {
  readonly startTime: number;
  readonly queueId: string | null;
}

/**
 * Admits new conversations, calls and recordings. A business without quotas takes no statement. Usage is read if the
 * cached one is older than two seconds, and before each refusal, so concurrent writers may exceed a quota.
 */
export class QuotaGuard {
  readonly #ctx: QuotaContext;
  readonly #cache = new LRUCache<string, Cached>({ max: MAX_CACHED });

  constructor(ctx: QuotaContext) {
    this.#ctx = ctx;
  }

  /** A refusal of a new conversation; null if it may begin. A call that was handed out may. */
  async refuseConversation(scope: Scope, { startTime, queueId }: Begun): Promise<Fault | null> {
    const refusal = await this.#refuse(scope, startTime, 'conversation');
    if (!refusal || queueId === null) return refusal;
    return (await this.#ctx.isCallUnderWay(scope, queueId)) ? null : refusal;
  }

  /** A refusal of a conversation that would begin now. */
  refuseCall(scope: Scope): Promise<Fault | null> {
    return this.#refuse(scope, this.#ctx.clock.now(), 'call');
  }

  refuseRecording(scope: Scope): Promise<Fault | null> {
    return this.#refuse(scope, this.#ctx.clock.now(), 'recording');
  }

  async #refuse(scope: Scope, at: number, kind: New): Promise<Fault | null> {
    const { businessId, quotas } = scope;
    if (quotas === null) return null;
    const limits = kind === 'recording' ? { ...NO_QUOTAS, bytes: quotas.bytes } : quotas;
    const admits = kind === 'conversation' ? 1 : 0;
    const key = `${businessId} ${monthName(at)}`;
    const cached = this.#cache.get(key);
    if (cached && performance.now() - cached.readAt < MAX_AGE_MILLISECONDS) {
      const { used, admitted } = cached;
      const sum = { ...used, conversations: used.conversations + admitted };
      if (exceededOf(limits, sum) === null) {
        cached.admitted += admits;
        return null;
      }
    }
    const readAt = performance.now();
    const used = await this.#read(businessId, at);
    const exceeded = exceededOf(limits, used);
    this.#cache.set(key, { readAt, used, admitted: exceeded === null ? admits : 0 });
    return exceeded && refusalOf(exceeded, { scope, used, quotas, month: monthName(at) });
  }

  async #read(businessId: number, at: number): Promise<Used> {
    const now = this.#ctx.clock.now();
    const [ofMonth] = await readUsage(this.#ctx.db, businessId, { from: at, to: at });
    // Bytes are those of now, also if the conversation began earlier.
    const isPast = monthStart(at) < monthStart(now);
    const [current = ofMonth] = isPast
      ? await readUsage(this.#ctx.db, businessId, { from: now, to: now })
      : [];
    if (!ofMonth || !current) throw new Error('there is no usage of a month');
    return {
      conversations: ofMonth.conversations,
      minutes: ofMonth.milliseconds / 60_000,
      bytes: current.transcriptBytesStored + current.recordingBytesStored,
    };
  }
}

type Limit = keyof Quotas;

const LIMITS = ['conversations', 'minutes', 'bytes'] as const satisfies readonly Limit[];

const exceededOf = (limits: Quotas, used: Used): Limit | null =>
  LIMITS.find((limit) => limits[limit] !== null && used[limit] >= limits[limit]) ?? null;

interface Refused {
  readonly scope: Scope;
  readonly used: Used;
  readonly quotas: Quotas;
  readonly month: string;
}

const format = (n: number) => n.toLocaleString('en-US', { maximumFractionDigits: 2 });

function refusalOf(limit: Limit, { scope, used, quotas, month }: Refused): Fault {
  const quota = format(quotas[limit] ?? 0);
  const has = format(used[limit]);
  const business = `Business ${scope.businessId}`;
  const problem = {
    conversations: `${business} began ${has} conversations in ${month} (UTC) and its quota is ${quota} a month`,
    minutes: `${business} used ${has} minutes in ${month} (UTC) and its quota is ${quota} a month`,
    bytes: `${business} stores ${has} bytes of transcripts and recordings and its quota is ${quota}`,
  }[limit];
  const fix = limit === 'bytes' ? 'delete some of them' : 'wait for the next month';
  const message = `${problem}; ask an admin of the server to raise it, or ${fix}.`;
  return new Fault('QUOTA_EXCEEDED', message);
}
