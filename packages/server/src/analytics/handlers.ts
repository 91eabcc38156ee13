import {
  DURATION_BOUNDS,
  END_TYPE,
  FINAL_STATUSES,
  INITIATION_TYPE,
  type OutputOf,
  STATUS,
} from '@colloquy/wire';
import type { Handlers } from '../access/handler.ts';
import type { Scope } from '../access/scope.ts';
import { getBusiness } from '../access/store.ts';
import type { Context } from '../base/context.ts';
import { Fault } from '../base/fault.ts';
import { formatInstant, parseInstant } from '../base/instant.ts';
import { requireTimeZone } from '../base/time-zone.ts';
import { readQueueNow } from '../queues/due-now-store.ts';
import { type Buckets, bucketsOf } from './buckets.ts';
import { type Figure, sumFigures } from './store.ts';

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
      const figures = await sumFigures(ctx.db, scope, 'conversation', buckets);
      return { data: seriesToWire(buckets, figures, conversationFigures) };
    },
    async GetQueueAnalytics({ scope, query }) {
      const buckets = await bucketsFor(scope, query);
      const direction = query.Direction === 'Inbound' ? 'inbound' : 'outbound';
      const figures = await sumFigures(ctx.db, scope, direction, buckets);
      const now = await readQueueNow(ctx.db, scope, direction, ctx.clock.now());
      const data: OutputOf<'GetQueueAnalytics'> = {
        ...seriesToWire(buckets, figures, callFigures),
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

function instantOf(name: string, text: string): number {
  const instant = parseInstant(text);
  if (instant !== null) return instant;
  throw new Fault(
    'INVALID_REQUEST',
    `${name} must be an RFC 3339 timestamp with an offset, such as 2024-01-15T14:30:00Z.`,
  );
}

function seriesToWire<T>(
  { timeZone, bucket, starts, end }: Buckets,
  figures: readonly Figure[],
  toWire: (figures: readonly Figure[]) => T,
) {
  const byBucket = Map.groupBy(figures, ({ at }) => at);
  return {
    TimeZone: timeZone,
    Bucket: bucket,
    ...spanToWire(starts[0] ?? end, end),
    Total: toWire(figures),
    Buckets: starts.map((start, at) => ({
      ...spanToWire(start, starts[at + 1] ?? end),
      ...toWire(byBucket.get(at) ?? []),
    })),
  };
}

const spanToWire = (from: number, to: number) => ({
  From: formatInstant(from),
  To: formatInstant(to),
  LastInstant: formatInstant(to - 1),
});

/** How many have which value in a dimension. */
function countsOf(figures: readonly Figure[], dimension: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { value, n } of figures.filter((figure) => figure.dimension === dimension)) {
    counts.set(value, (counts.get(value) ?? 0) + n);
  }
  return counts;
}

function conversationFigures(figures: readonly Figure[]): ConversationFigures {
  const statuses = countsOf(figures, 'Status');
  const endTypes = countsOf(figures, 'EndType');
  const initiationTypes = countsOf(figures, 'InitiationType');
  const durations = countsOf(figures, 'Duration');
  const all = total(statuses.values());
  const finished = total(FINAL_STATUSES.map((status) => statuses.get(status) ?? 0));
  const milliseconds = total(figures.map((figure) => figure.milliseconds));
  return {
    Conversations: all,
    Live: all - finished,
    Finished: finished,
    Seconds: milliseconds / 1000,
    AverageSeconds: finished === 0 ? null : Math.round(milliseconds / finished) / 1000,
    Statuses: ofSet(STATUS.names, statuses).map(([Status, Count]) => ({ Status, Count })),
    EndTypes: ofSet(END_TYPE.names, endTypes).map(([EndType, Count]) => ({ EndType, Count })),
    InitiationTypes: ofSet(INITIATION_TYPE.names, initiationTypes).map(
      ([InitiationType, Count]) => ({ InitiationType, Count }),
    ),
    Durations: [0, ...DURATION_BOUNDS].map((FromSeconds, index) => ({
      FromSeconds,
      ToSeconds: DURATION_BOUNDS[index] ?? null,
      Count: durations.get(String(index)) ?? 0,
    })),
  };
}

function callFigures(figures: readonly Figure[]): CallFigures {
  const ended = countsOf(figures, 'completed');
  return {
    Enqueued: total(countsOf(figures, 'enqueued').values()),
    Completed: ended.get('Completed') ?? 0,
    Failed: ended.get('Failed') ?? 0,
    Canceled: ended.get('Canceled') ?? 0,
    Expired: ended.get('Expired') ?? 0,
  };
}

/** What is not zero, in the order of the set. */
const ofSet = <Name extends string>(names: readonly Name[], counts: ReadonlyMap<string, number>) =>
  names.flatMap((name): [Name, number][] => {
    const count = counts.get(name) ?? 0;
    return count === 0 ? [] : [[name, count]];
  });

const total = (numbers: Iterable<number>) => [...numbers].reduce((sum, one) => sum + one, 0);
