import Type, { type Static } from 'typebox';
import { MEBIBYTE, op } from '../op.ts';
import { mayChangeSettings, maySeeSettings } from '../permissions.ts';
import { businessParams } from '../queues/queue-schemas.ts';
import {
  Id,
  Metadata,
  maybe,
  Name,
  nullable,
  ShownId,
  ShownJson,
  ShownText,
  strict,
} from '../types.ts';
import { END_TYPE, given, INITIATION_TYPE, INITIATION_TYPE_FILTER, taken } from '../value-sets.ts';

export const MAX_RETENTION_RULES = 50;

const Days = nullable(
  Type.Integer({
    minimum: 0,
    maximum: 36_500,
    description: 'Days since the EndTime; null: kept',
  }),
);
const days = { RecordingDays: Days, TranscriptDays: Days, LogDays: Days, RecordDays: Days };

const RuleInput = strict({
  Name,
  Match: maybe(
    strict({
      CampaignIds: maybe(Type.Array(Id, { maxItems: 100 })),
      SessionInitiationTypes: maybe(Type.Array(taken(INITIATION_TYPE_FILTER), { maxItems: 100 })),
      SessionEndTypes: maybe(Type.Array(taken(END_TYPE), { maxItems: 100 })),
      Metadata: maybe(Metadata),
    }),
  ),
  RecordingDays: maybe(Days),
  TranscriptDays: maybe(Days),
  LogDays: maybe(Days),
  RecordDays: maybe(Days),
});
export const Rule = Type.Object(
  {
    Name: ShownText,
    Match: Type.Object({
      CampaignIds: Type.Optional(Type.Array(ShownId)),
      SessionInitiationTypes: Type.Optional(Type.Array(given(INITIATION_TYPE))),
      SessionEndTypes: Type.Optional(Type.Array(given(END_TYPE))),
      Metadata: Type.Optional(ShownJson),
    }),
    ...days,
  },
  { title: 'RetentionRule' },
);
export const Retention = Type.Object(
  { Rules: Type.Array(Rule), IsPaused: Type.Boolean() },
  { title: 'Retention' },
);
const RetentionInput = strict({
  Rules: Type.Array(RuleInput, { maxItems: MAX_RETENTION_RULES }),
  IsPaused: maybe(Type.Boolean({ description: 'As it was, where it is left out' })),
});
export type RetentionInput = Static<typeof RetentionInput>;

const Counts = Type.Object({
  Recordings: Type.Integer(),
  Transcripts: Type.Integer(),
  Logs: Type.Integer({ description: 'Conversations whose logs go' }),
  Records: Type.Integer({ description: 'Conversations that go with all they have' }),
});

const EXAMPLE_RULES = {
  Rules: [
    {
      Name: 'Surveys',
      Match: { CampaignIds: ['survey-2026'], Metadata: { consent: 'no' } },
      RecordingDays: 0,
      TranscriptDays: 30,
      LogDays: 30,
      RecordDays: 365,
    },
    {
      Name: 'All others',
      Match: {},
      RecordingDays: 90,
      TranscriptDays: 365,
      LogDays: 30,
      RecordDays: null,
    },
  ],
};
const EXAMPLE_RETENTION = { ...EXAMPLE_RULES, IsPaused: false };
const NOTHING = { Recordings: 0, Transcripts: 0, Logs: 0, Records: 0 };

const retention = {
  tag: 'Keeping',
  params: businessParams,
  query: Type.Object({}),
  statuses: [200],
  errors: [],
  idempotent: true,
} as const;

export const getRetention = op({
  ...retention,
  name: 'GetRetention',
  method: 'GET',
  path: '/business/{businessId}/retention',
  summary: 'Get how long conversations are kept',
  description: 'Without a rule everything is kept.',
  permission: maySeeSettings,
  body: null,
  bodyLimit: 0,
  output: Retention,
  examples: { output: EXAMPLE_RETENTION },
});

export const putRetention = op({
  ...retention,
  name: 'PutRetention',
  method: 'PUT',
  path: '/business/{businessId}/retention',
  summary: 'Say how long conversations are kept',
  description:
    'The first rule that matches a conversation counts; what none matches is kept. Days count from the `EndTime` of a conversation, once it is sealed; null keeps. `Metadata` matches where the metadata of a conversation contains it. What runs out goes within minutes, and does not come back: look at `PreviewRetention` first.',
  permission: mayChangeSettings,
  body: RetentionInput,
  bodyLimit: MEBIBYTE,
  output: Retention,
  examples: { body: EXAMPLE_RULES, output: EXAMPLE_RETENTION },
});

export const previewRetention = op({
  ...retention,
  name: 'PreviewRetention',
  method: 'POST',
  path: '/business/{businessId}/retention/preview',
  summary: 'Count what rules would let go of, before they are switched on',
  description:
    '`Now` is what would go at once, `Next30Days` what would follow. `Held` counts the conversations that would lose something now and are under legal hold; `Now` leaves them out. A conversation that goes whole counts with its recordings, transcript and logs too.',
  permission: maySeeSettings,
  body: RetentionInput,
  bodyLimit: MEBIBYTE,
  output: Type.Object({ Now: Counts, Next30Days: Counts, Held: Type.Integer() }),
  examples: {
    body: EXAMPLE_RULES,
    output: {
      Now: { Recordings: 1204, Transcripts: 377, Logs: 377, Records: 12 },
      Next30Days: { ...NOTHING, Recordings: 310, Transcripts: 96 },
      Held: 3,
    },
  },
});

export const runRetention = op({
  ...retention,
  name: 'RunRetention',
  method: 'POST',
  path: '/business/{businessId}/retention/run',
  summary: 'Let go of what has run out, now',
  description:
    'What happens every minute anyhow. Works for up to `MaxSeconds`; `IsComplete` is false where something is left, which the next minute goes on with.',
  permission: mayChangeSettings,
  body: strict({ MaxSeconds: maybe(Type.Integer({ minimum: 1, maximum: 60, default: 10 })) }),
  bodyOptional: true,
  bodyLimit: MEBIBYTE,
  output: Type.Object({ Purged: Counts, IsComplete: Type.Boolean() }),
  errors: ['CONFLICT'],
  examples: { body: {}, output: { Purged: { ...NOTHING, Recordings: 2 }, IsComplete: true } },
});
