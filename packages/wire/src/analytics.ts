import Type from 'typebox';
import { op, READS } from './op.ts';
import { businessParams } from './parameters.ts';
import { mayRead } from './permissions.ts';
import { about, count, nullable, optional, strict, Timestamp, TimeZone } from './types.ts';
import { DURATION_CLASSES, END_TYPE, given, INITIATION_TYPE, STATUS } from './value-sets.ts';

export const BUCKETS = ['Hour', 'Day', 'Week', 'Month'] as const;
export type Bucket = (typeof BUCKETS)[number];
export const MAX_BUCKETS = 750;

const DateTime = Type.String({ format: 'date-time' });
const BUCKET = Type.Enum([...BUCKETS], { default: 'Day' });
const rangeKeys = {
  From: optional(Timestamp, 'The start of the range; 30 days ago by default (`Hour`: 24 hours)'),
  To: optional(Timestamp, 'The end of the range; now by default'),
  Bucket: optional(BUCKET, 'The length of an interval; weeks begin on Monday'),
  TimeZone: optional(
    TimeZone,
    'The time zone of the intervals; that of the business by default, or else UTC',
  ),
};
const span = (what: string) => ({
  From: about(Timestamp, `The start of the ${what}`),
  To: about(DateTime, `The end of the ${what}, exclusive`),
  LastInstant: about(
    DateTime,
    `The last millisecond of the ${what}, for the filters of lists, whose end is inclusive`,
  ),
});
const series = {
  TimeZone: Type.String({ description: 'The time zone of the intervals' }),
  Bucket: Type.Enum([...BUCKETS], { description: 'The length of an interval' }),
  ...span('range'),
};

const DESCRIPTION =
  'The numbers are exact, even for what happened a moment ago. `From` and `To` are widened to whole intervals of the time zone, at most 750.';

const figures = {
  Conversations: count('The number of conversations that began in this time'),
  Live: count('The number of these conversations that are in progress'),
  Finished: count('The number of these conversations that have ended'),
  Seconds: Type.Number({
    minimum: 0,
    description: 'The total duration of the ended conversations',
  }),
  AverageSeconds: nullable(
    Type.Number({ minimum: 0 }),
    'The average duration of the ended conversations; null if there are none',
  ),
  Statuses: Type.Array(
    Type.Object({
      Status: about(given(STATUS), 'The state'),
      Count: count('The number of conversations in this state'),
    }),
    { description: 'The number of conversations by state' },
  ),
  EndTypes: Type.Array(
    Type.Object({
      EndType: about(given(END_TYPE), 'The end type'),
      Count: count('The number of conversations with this end type'),
    }),
    { description: 'The number of conversations by end type' },
  ),
  InitiationTypes: Type.Array(
    Type.Object({
      InitiationType: about(given(INITIATION_TYPE), 'The initiation type'),
      Count: count('The number of conversations with this initiation type'),
    }),
    { description: 'The number of conversations by initiation type' },
  ),
  Durations: Type.Array(
    Type.Object({
      FromSeconds: count('The shortest duration of the class'),
      ToSeconds: nullable(
        Type.Integer({ minimum: 0 }),
        'The end of the class, exclusive; null: no upper limit',
      ),
      Count: count('The number of conversations in this class'),
    }),
    { description: 'The number of conversations by duration' },
  ),
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

const analytics = { tag: 'Analytics', permission: mayRead, params: businessParams } as const;

export const getConversationAnalytics = op({
  ...analytics,
  ...READS,
  name: 'GetConversationAnalytics',
  method: 'GET',
  path: '/business/{businessId}/analytics/conversations',
  title: 'Get conversation analytics',
  summary: 'Count conversations over time',
  description: `${DESCRIPTION} A conversation counts in the interval in which it began. \`GetConversations\` returns the same number if it is called with \`StartStartedDate\` = \`From\` and \`EndStartedDate\` = \`LastInstant\`, and a state, end type, initiation type or the \`FromSeconds\` of a class of durations.`,
  query: strict(rangeKeys),
  output: Type.Object({
    ...series,
    Total: about(ConversationFigures, 'The numbers of the whole range'),
    Buckets: Type.Array(Type.Object({ ...span('interval'), ...figures }), {
      description: 'The numbers of each interval, in time order',
    }),
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
  Enqueued: count('The number of calls that were added to the queue'),
  Completed: count('The number of calls that ended as `Completed`'),
  Failed: count('The number of calls that ended as `Failed`'),
  Canceled: count('The number of calls that ended as `Canceled`'),
  Expired: count('The number of calls that ended as `Expired`'),
};
const EXAMPLE_CALLS = { Enqueued: 3, Completed: 1, Failed: 1, Canceled: 0, Expired: 0 };

export const getQueueAnalytics = op({
  ...analytics,
  ...READS,
  name: 'GetQueueAnalytics',
  method: 'GET',
  path: '/business/{businessId}/analytics/queues',
  title: 'Get queue analytics',
  summary: 'Count the calls of a queue over time',
  description: `${DESCRIPTION} A call counts as \`Enqueued\` in the interval in which it was added, and in its final state in the interval in which it ended.`,
  query: strict({
    ...rangeKeys,
    Direction: optional(
      Type.Enum(['Outbound', 'Inbound'], { default: 'Outbound' }),
      'Which queue to count',
    ),
  }),
  output: Type.Object({
    ...series,
    Total: Type.Object(callFigures, { description: 'The numbers of the whole range' }),
    Buckets: Type.Array(Type.Object({ ...span('interval'), ...callFigures }), {
      description: 'The numbers of each interval, in time order',
    }),
    Now: Type.Object(
      {
        Queued: count('The number of calls that are queued'),
        Processing: count('The number of calls that are in progress'),
        Due: Type.Integer({
          minimum: 0,
          maximum: 10_000,
          description:
            'The number of queued calls whose time has come. Calls of paused campaigns are not counted, nor are calls beyond the first 5,000 campaigns and priorities, which is as far as a lease looks. For a key that reads masked data it includes calls that are held back because of their number.',
        }),
        IsDueExact: Type.Boolean({ description: 'False if more than 10,000 calls are due' }),
        OldestDueAt: nullable(Timestamp, 'When the oldest due call became due; null without one'),
      },
      { description: 'The state of the queue now' },
    ),
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
