import { FINAL_STATUSES, type OutputOf } from '@colloquy/wire';
import type { Handlers } from '../access/authorization/call.ts';
import type { Scope } from '../access/authorization/scope.ts';
import { instantOf } from '../access/from-wire.ts';
import { getBusiness } from '../access/store.ts';
import type { Context } from '../context.ts';
import { CONVERSATION_FIGURES } from '../conversations/model/counts.ts';
import type { Sums } from '../counters/figures.ts';
import { Breather } from '../kernel/fair-share/breather.ts';
import { formatInstant } from '../kernel/instant.ts';
import { requireTimeZone } from '../kernel/time-zone.ts';
import { CALL_FIGURES } from '../queues/calls/counts.ts';
import { type Buckets, bucketsOf } from './buckets.ts';
import { readConversationFigures, readQueueFigures } from './store.ts';

type Names = 'GetConversationAnalytics' | 'GetQueueAnalytics';
type ConversationFigures = OutputOf<'GetConversationAnalytics'>['Total'];
type CallFigures = OutputOf<'GetQueueAnalytics'>['Total'];

const DAY = 86_400_000;

interface RangeQuery {
  readonly From?: string;
  readonly To?: string;
  readonly Bucket?: Buckets['bucket'];
  readonly TimeZone?: string;
}

export function analyticsHandlers(ctx: Pick<Context, 'db' | 'clock'>): Handlers<Names> {
  const bucketsFor = async (scope: Scope, query: RangeQuery): Promise<Buckets> => {
    const bucket = query.Bucket ?? 'Day';
    const timeZone = query.TimeZone
      ? requireTimeZone('TimeZone', query.TimeZone)
      : ((await getBusiness(ctx.db, scope.businessId))?.timeZone ?? 'UTC');
    const to = query.To === undefined ? ctx.clock.now() : instantOf('To', query.To);
    const length = bucket === 'Hour' ? DAY : 30 * DAY;
    const from = query.From === undefined ? to - length : instantOf('From', query.From);
    return bucketsOf(bucket, timeZone, from, to);
  };

  return {
    async GetConversationAnalytics({ scope, query }) {
      const buckets = await bucketsFor(scope, query);
      const figures = await readConversationFigures(ctx.db.patient, scope, buckets);
      return { data: await seriesToWire(buckets, figures, conversationFigures) };
    },
    async GetQueueAnalytics({ scope, query }) {
      const buckets = await bucketsFor(scope, query);
      const direction = query.Direction === 'Inbound' ? 'inbound' : 'outbound';
      const times = { buckets, now: ctx.clock.now() };
      const now = await readQueueFigures(ctx.db.patient, scope, direction, times);
      const data: OutputOf<'GetQueueAnalytics'> = {
        ...(await seriesToWire(buckets, now.figures, callFigures)),
        Now: {
          Queued: now.queued,
          Processing: now.processing,
          Due: now.due,
          IsDueExact: now.isDueExact,
          OldestDueAt: now.oldestDueAt === null ? null : formatInstant(now.oldestDueAt),
        },
      };
      return { data };
    },
  };
}

/** Yields between buckets: a thousand buckets with thirty values take as long as ten requests. */
async function seriesToWire<T>(
  { timeZone, bucket, starts, end }: Buckets,
  figures: readonly Sums[],
  toWire: (sums: Sums) => T,
) {
  const breather = new Breather();
  const ofEach: (ReturnType<typeof spanToWire> & T)[] = [];
  for (const [at, start] of starts.entries()) {
    const span = spanToWire(start, starts[at + 1] ?? end);
    ofEach.push({ ...span, ...toWire(figures[at] ?? {}) });
    if (breather.isDue()) await breather.breathe();
  }
  return {
    TimeZone: timeZone,
    Bucket: bucket,
    ...spanToWire(starts[0] ?? end, end),
    Total: toWire(totalOf(figures)),
    Buckets: ofEach,
  };
}

const spanToWire = (from: number, to: number) => ({
  From: formatInstant(from),
  To: formatInstant(to),
  LastInstant: formatInstant(to - 1),
});

function totalOf(figures: readonly Sums[]): Sums {
  const total: Record<string, number> = {};
  for (const sums of figures) {
    for (const [name, sum] of Object.entries(sums)) total[name] = (total[name] ?? 0) + sum;
  }
  return total;
}

function conversationFigures(sums: Sums): ConversationFigures {
  const { statuses, initiationTypes, endTypes, durations } = CONVERSATION_FIGURES;
  const all = countOf(sums, statuses);
  const finished = countOf(sums, FINISHED);
  const milliseconds = sums[CONVERSATION_FIGURES.milliseconds.name] ?? 0;
  return {
    Conversations: all,
    Live: all - finished,
    Finished: finished,
    Seconds: milliseconds / 1000,
    AverageSeconds: finished === 0 ? null : Math.round(milliseconds / finished) / 1000,
    Statuses: nonZeroEntries(sums, statuses).map(([Status, Count]) => ({ Status, Count })),
    EndTypes: nonZeroEntries(sums, endTypes).map(([EndType, Count]) => ({ EndType, Count })),
    InitiationTypes: nonZeroEntries(sums, initiationTypes).map(([InitiationType, Count]) => ({
      InitiationType,
      Count,
    })),
    Durations: durations.map(({ value, name }, index) => ({
      FromSeconds: value,
      ToSeconds: durations[index + 1]?.value ?? null,
      Count: sums[name] ?? 0,
    })),
  };
}

const FINISHED = CONVERSATION_FIGURES.statuses.filter(({ value }) =>
  FINAL_STATUSES.some((final) => final === value),
);

const callFigures = (sums: Sums) =>
  Object.fromEntries(
    CALL_FIGURES.map(({ value, name }) => [value, sums[name] ?? 0]),
  ) as CallFigures;

const countOf = (sums: Sums, columns: readonly { readonly name: string }[]) =>
  columns.reduce((sum, { name }) => sum + (sums[name] ?? 0), 0);

function nonZeroEntries<Value>(
  sums: Sums,
  columns: readonly { readonly value: Value; readonly name: string }[],
) {
  return columns.flatMap(({ value, name }): [Value, number][] => {
    const count = sums[name] ?? 0;
    return count === 0 ? [] : [[value, count]];
  });
}
