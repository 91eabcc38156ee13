import Type from 'typebox';
import { op } from './op.ts';
import { mayRead } from './permissions.ts';
import { businessParams } from './queues/queue-schemas.ts';
import { nullable, strict, Timestamp, TimeZone } from './types.ts';
import { DURATION_CLASSES, END_TYPE, given, INITIATION_TYPE, STATUS } from './value-sets.ts';

export const BUCKETS = ['Hour', 'Day', 'Week', 'Month'] as const;
export type Bucket = (typeof BUCKETS)[number];
export const MAX_BUCKETS = 750;

const Count = Type.Integer({ minimum: 0 });
const rangeKeys = {
  From: Type.Optional(Timestamp),
  To: Type.Optional(Timestamp),
  Bucket: Type.Optional(
    Type.Enum([...BUCKETS], { default: 'Day', description: 'Weeks begin on Monday' }),
  ),
  TimeZone: Type.Optional(TimeZone),
};
const span = {
  From: Timestamp,
  To: Type.String({ format: 'date-time', description: 'Excluded' }),
  LastInstant: Type.String({
    format: 'date-time',
    description: 'The last one before `To`: the end of a range as the filters of lists have it',
  }),
};
const series = { TimeZone: Type.String(), Bucket: Type.Enum([...BUCKETS]), ...span };

const DESCRIPTION =
  'Exact, also for what came in a moment ago. `From` and `To` are widened to whole buckets of the zone, at most 750; left out, the last 30 days (with `Hour` the last 24 hours). The zone is `TimeZone`, else that of the business, else UTC.';

const figures = {
  Conversations: Count,
  Live: Type.Integer({ minimum: 0, description: 'Those that go on' }),
  Finished: Count,
  Seconds: Type.Number({ minimum: 0, description: 'Of those that are finished, together' }),
  AverageSeconds: nullable(Type.Number({ minimum: 0 })),
  Statuses: Type.Array(Type.Object({ Status: given(STATUS), Count })),
  EndTypes: Type.Array(Type.Object({ EndType: given(END_TYPE), Count })),
  InitiationTypes: Type.Array(Type.Object({ InitiationType: given(INITIATION_TYPE), Count })),
  Durations: Type.Array(Type.Object({ FromSeconds: Count, ToSeconds: nullable(Count), Count }), {
    description: 'How many were how long; `ToSeconds` is excluded, null: without an end',
  }),
};
export const ConversationFigures = Type.Object(figures);

const EXAMPLE_FIGURES = {
  Conversations: 2,
  Live: 0,
  Finished: 2,
  Seconds: 342.5,
  AverageSeconds: 171.25,
  Statuses: [{ Status: 'Completed' as const, Count: 2 }],
  EndTypes: [{ EndType: 'Normal' as const, Count: 2 }],
  InitiationTypes: [{ InitiationType: 'Outbound' as const, Count: 2 }],
  Durations: DURATION_CLASSES.map((FromSeconds, index) => ({
    FromSeconds,
    ToSeconds: DURATION_CLASSES[index + 1] ?? null,
    Count: index === 1 || index === 5 ? 1 : 0,
  })),
};
const EXAMPLE_SPAN = {
  From: '2024-01-14T23:00:00Z',
  To: '2024-01-15T23:00:00Z',
  LastInstant: '2024-01-15T22:59:59.999Z',
};
const EXAMPLE_SERIES = { TimeZone: 'Europe/Berlin', Bucket: 'Day' as const, ...EXAMPLE_SPAN };

const analytics = {
  tag: 'Analytics',
  permission: mayRead,
  params: businessParams,
  body: null,
  bodyLimit: 0,
  statuses: [200],
  errors: [],
  idempotent: true,
} as const;

export const getConversationAnalytics = op({
  ...analytics,
  name: 'GetConversationAnalytics',
  method: 'GET',
  path: '/business/{businessId}/analytics/conversations',
  summary: 'Count conversations over time',
  description: `${DESCRIPTION} A conversation counts where it began. \`GetConversations\` with \`StartStartedDate\` = \`From\` and \`EndStartedDate\` = \`LastInstant\`, and a status, end type, initiation type or \`FromSeconds\` of a class of durations, has that many.`,
  query: strict(rangeKeys),
  output: Type.Object({
    ...series,
    Total: ConversationFigures,
    Buckets: Type.Array(Type.Object({ ...span, ...figures })),
  }),
  examples: {
    output: {
      ...EXAMPLE_SERIES,
      Total: EXAMPLE_FIGURES,
      Buckets: [{ ...EXAMPLE_SPAN, ...EXAMPLE_FIGURES }],
    },
  },
});

const callFigures = {
  Enqueued: Count,
  Completed: Count,
  Failed: Count,
  Canceled: Count,
  Expired: Count,
};
const EXAMPLE_CALLS = { Enqueued: 3, Completed: 1, Failed: 1, Canceled: 0, Expired: 0 };

export const getQueueAnalytics = op({
  ...analytics,
  name: 'GetQueueAnalytics',
  method: 'GET',
  path: '/business/{businessId}/analytics/queues',
  summary: 'Count the calls of a queue over time',
  description: `${DESCRIPTION} A call counts as \`Enqueued\` where it came in, and else where it ended.`,
  query: strict({
    ...rangeKeys,
    Direction: Type.Optional(Type.Enum(['Outbound', 'Inbound'], { default: 'Outbound' })),
  }),
  output: Type.Object({
    ...series,
    Total: Type.Object(callFigures),
    Buckets: Type.Array(Type.Object({ ...span, ...callFigures })),
    Now: Type.Object({
      Queued: Count,
      Processing: Count,
      Due: Type.Integer({
        minimum: 0,
        maximum: 10_000,
        description:
          'Those that wait and could be made at once, as far as their time goes; none of a paused campaign, and none beyond the first 5,000 campaigns and priorities, which is as far as a lease looks. For a key that reads masked numbers also those that are held back for what is known of their number',
      }),
      IsDueExact: Type.Boolean({ description: 'False: there are more than those 10,000' }),
      OldestDueAt: nullable(Timestamp),
    }),
  }),
  examples: {
    output: {
      ...EXAMPLE_SERIES,
      Total: EXAMPLE_CALLS,
      Buckets: [{ ...EXAMPLE_SPAN, ...EXAMPLE_CALLS }],
      Now: {
        Queued: 12,
        Processing: 2,
        Due: 4,
        IsDueExact: true,
        OldestDueAt: '2024-01-15T22:59:00Z',
      },
    },
  },
});
